"""What a person should look at: rows that are not settled, that changed after they left, or that lack something."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, tzinfo
from typing import NamedTuple

import msgspec

from primanota.banks.qonto import normalise
from primanota.banks.qonto.open_points import lacking
from primanota.book import ACCOUNT, Batch, Batches, Book, ChangedRow
from primanota.book.journal import reader
from primanota.core.errors import InvalidInput, PrimanotaError
from primanota.core.model import Account, Transaction
from primanota.core.period import Period
from primanota.formats.statement_fields import SHOWN
from primanota.profiles import load, parse

_FOREVER = 1 << 62
Shown = Callable[[Transaction], list[tuple[str, str]]]
# In the order in which they are shown: what may need doing before an export first.
KINDS = ("pending", "declined", "reversed", "vanished", "changed", "unknown", "strange", "receipt", "vat")


class Difference(msgspec.Struct, frozen=True):
    """Something that a file showed, as it was and as it is now."""

    name: str
    was: str
    now: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A row that a person should look at.

    ``kind`` is one of ``KINDS``, ``why`` says it in words, ``day`` is the local day on which the row settled, or was
    made where it never did. A changed row says in which batch of which profile it left, and what is different since.
    """

    account: Account
    transaction: Transaction
    kind: str
    why: str
    batch: int | None = None
    profile: str = ""
    changes: list[Difference] = []

    @property
    def day(self) -> date:
        """The local day that it belongs to."""
        return self.transaction.day


class Change(NamedTuple):
    """A row that is no more what its file showed: as it left, as it is now, and how they differ."""

    moved: ChangedRow
    batch: Batch
    row: Transaction
    differences: list[Difference]

    @property
    def status(self) -> str:
        """What it is now: the bank's status, or vanished."""
        return _status(self.moved.absent, self.row)


class Review:
    """A look through a book.

    Args:
        book: where the rows are.
        zone: the organisation's time zone.
    """

    def __init__(self, book: Book, zone: tzinfo) -> None:
        self._book = book
        self._batches = Batches(book)
        self._zone = zone
        self._accounts = {key: normalise.account(body) for key, body in book.bodies(ACCOUNT).items()}
        self._row = reader(book, zone)

    def findings(self, today: date, period: Period | None = None) -> list[Finding]:
        """Everything to look at: of a period's days, or of all; ages are counted from ``today``, the local day."""
        since, until = period.span(self._zone) if period else (0, _FOREVER)
        found = [*self._unsettled(since, until, today), *self._lacking(since, until), *self._changed(period)]
        return sorted(found, key=lambda finding: (KINDS.index(finding.kind), finding.day, finding.transaction.id))

    def changes(self, profile: str) -> Iterator[Change]:
        """Rows that changed in something that the profile's files showed, and that nobody has accepted."""
        known: dict[int, tuple[Batch, Shown]] = {}
        for moved in self._batches.moved(profile):
            if moved.batch not in known:
                batch = self._batches.one(moved.batch)
                known[moved.batch] = batch, self._shown(batch)
            batch, shown = known[moved.batch]
            row = self._row(moved.after)
            if differences := list(_differences(shown, moved, self._row(moved.before), row)):
                yield Change(moved, batch, row, differences)

    def _shown(self, batch: Batch) -> Shown:
        """What a batch's file shows of a row: by its profile as it was, as it is now, or what most files show."""
        with suppress(PrimanotaError):
            return parse(batch.profile, self._batches.text(batch.digest), f"of batch {batch.number}").shown
        with suppress(PrimanotaError):
            return load(batch.origin).shown
        return lambda row: [(name, cell(row)) for name, cell in SHOWN]

    def profiles(self) -> list[str]:
        """The profiles by which anything has left."""
        return list(dict.fromkeys(batch.profile for batch in self._batches.all()))

    def _unsettled(self, since: int, until: int, today: date) -> Iterator[Finding]:
        for account, body, absent in self._book.unsettled(since, until):
            row = self._row(body)
            kind = "vanished" if absent else row.status if row.status in _NOT_SETTLED else "unknown"
            yield Finding(account=self._accounts[account], transaction=row, kind=kind, why=_say(kind, row, today))

    def _lacking(self, since: int, until: int) -> Iterator[Finding]:
        for account in self._accounts.values():
            for body in self._book.settled(account.id, since, until):
                for kind, why in lacking(body):
                    yield Finding(account=account, transaction=self._row(body), kind=kind, why=why)

    def _changed(self, period: Period | None) -> Iterator[Finding]:
        for profile in self.profiles():
            for change in self.changes(profile):
                if period is None or period.first <= change.row.day < period.end:
                    yield Finding(
                        account=self._accounts[change.moved.account],
                        transaction=change.row,
                        kind="changed",
                        why=f"changed since batch {change.batch.number}",
                        batch=change.batch.number,
                        profile=profile,
                        changes=change.differences,
                    )


def findings_of(findings: list[Finding], days: Period | None) -> list[Finding]:
    """Those of a period's days; all of them where there is no period."""
    return [one for one in findings if days is None or days.first <= one.day < days.end]


def put_away(book: Book, zone: tzinfo, ids: Iterable[str]) -> list[Change]:
    """Changed rows need no more looking at, as they are now; inside the book's ``writing``.

    Raises:
        InvalidInput: one of them is not changed since it left.
    """
    review, wanted = Review(book, zone), list(dict.fromkeys(ids))
    found = [change for profile in review.profiles() for change in review.changes(profile)]
    for key in wanted:
        if not any(change.moved.id == key for change in found):
            raise InvalidInput(f"{key} did not change since it was exported.", "Look at “primanota review”.")
    accepted = [change for change in found if change.moved.id in wanted]
    for change in accepted:
        Batches(book).accept(change.moved)
    return accepted


_NOT_SETTLED = {"pending", "declined", "reversed"}


def _say(kind: str, row: Transaction, today: date) -> str:
    if kind == "unknown":
        return f"unknown status “{row.status}”"
    if kind == "pending" and (days := (today - row.emitted.date()).days) > 0:
        return f"pending for {days} day{'s' if days > 1 else ''}"
    return kind


def _differences(shown: Shown, moved: ChangedRow, before: Transaction, after: Transaction) -> Iterator[Difference]:
    for (name, was), (_, now) in zip(shown(before), shown(after), strict=True):
        if was != now:
            yield Difference(name, was, now)
    status = _status(moved.was_absent, before)
    if _status(moved.absent, after) != status:
        yield Difference("status", status, _status(moved.absent, after))


def _status(absent: int, row: Transaction) -> str:
    return "vanished" if absent else row.status
