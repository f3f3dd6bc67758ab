"""What leaves the book: chosen, rendered, checked, staged beside its place and written down as a batch.

From there ``delivering.py`` takes it.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import ExitStack
from datetime import date, tzinfo
from pathlib import Path
from typing import NamedTuple

import msgspec

from primanota.adapters.storage import disk
from primanota.app.review import Review
from primanota.banks.qonto import normalise
from primanota.book import ORGANISATION, Batch, Batches, Book, Copy
from primanota.book.journal import reader
from primanota.core.balance_chain import walk
from primanota.core.errors import AlreadyExported, FileLimitReached, NotProven
from primanota.core.model import Account, Ledger, Money, Statement, TextChange, Transaction
from primanota.core.period import Period, fiscal_year, moment
from primanota.core.selection import Changed, New, Selection
from primanota.export.destinations import Destinations
from primanota.export.exported import Exported, of_batch, told_before
from primanota.export.filenames import Names
from primanota.export.payload import PayloadWriter
from primanota.export.split import by_rows, by_year
from primanota.profiles import Profile

_FOREVER = 1 << 62
_NOWHERE = Destinations()
Ledgers = Callable[[Account], Ledger | None]


class Preview(NamedTuple):
    """What would leave: its cells, headings first; how many rows left before, in which batch; texts that change."""

    cells: list[list[str]]
    before: dict[int, int]
    text_changes: list[TextChange]


def no_ledger(_: Account) -> None:
    """For a company that has said nothing of its accounts."""


class Leaving:
    """One export: which rows, for which tool, to where.

    Args:
        book: where the rows are.
        profile: the tool that the files are for.
        selection: which rows.
        zone: the organisation's time zone.
        ledger: what an account's entries are called, for formats that write entries.
        to: where the files are bound for.
    """

    def __init__(
        self,
        book: Book,
        profile: Profile,
        selection: Selection,
        zone: tzinfo,
        ledger: Ledgers = no_ledger,
        to: Destinations = _NOWHERE,
    ) -> None:
        self._book = book
        self._batches = Batches(book)
        self._profile = profile
        self._selection = selection
        self._zone = zone
        self._ledger = ledger
        self._to = to
        self._company = next(map(normalise.organisation, book.bodies(ORGANISATION).values()), None)
        self._read = reader(book, zone, profile.fields)

    def preview(self, account: Account) -> Preview:
        """What would leave, and which batches it is in already."""
        lines, whole = self._choose(account), self._look(account, unproven=True)
        statement = self._statement(whole, lines, self._rows(lines))
        return Preview(list(self._profile.rows(statement)), whole.before, statement.text_changes)

    def prepare(
        self, chosen: list[Account], *, unproven: bool, strict: bool, here: Collection[Batch] = ()
    ) -> list[Exported]:
        """Decide everything about every account's batches, all or none; inside the book's ``writing``.

        Args:
            chosen: the accounts.
            unproven: even where the balance chain is broken.
            strict: not if rows have left already.
            here: batches whose files have just got their names, so that nobody can have imported them yet.

        Raises:
            NotProven, FormatRuleViolated, AlreadyExported, DeliveryFailed: nothing is staged then.
        """
        names, done = Names(self._profile, chosen, self._to.here, [Path(batch.path) for batch in here]), []
        if isinstance(self._selection, New):
            self._batches.start_on(self._profile.name, f"{self._selection.since}")
        with ExitStack() as unless_all:
            for account in chosen:
                lines, whole = self._choose(account), self._look(account, unproven=unproven)
                if same := self._same(account, lines, here):
                    done.append(same)
                    continue
                if whole.before and strict:
                    raise AlreadyExported(told_before(whole), "Leave --strict out, use --new, or undo that batch.")
                for file in self._files(lines, whole, names):
                    done.append(file)
                    if file.path:
                        unless_all.callback(disk.discard, file.path, mark_of(file.batch or 0))
            unless_all.pop_all()
        return done

    def _same(self, account: Account, lines: range, here: Collection[Batch]) -> Exported | None:
        """What was asked for, where an interrupted export, or an earlier try of this run, brought exactly that."""
        asked = (account.id, self._profile.digest, str(self._selection))
        tried = self._batches.of_occasion(self._to.occasion)
        for batch in (*here, *tried):
            told = (batch.account, batch.digest, batch.selection)
            if told == asked and batch.rows_sha256 == self._batches.rows_digest(lines):
                return of_batch(batch, account)
        return None

    def _files(self, lines: range, whole: Exported, names: Names) -> Iterator[Exported]:
        """An account's files, each staged and written down when it is given out."""
        if not lines and not self._would_mislead(whole, names):
            yield whole
            return
        balance, number, moved = whole.opening, 0, 0
        for cut in self._cuts(lines, whole.account):
            while cut or not number:
                number += 1
                file = msgspec.structs.replace(whole, opening=balance)
                self._stage(file, cut, names, number)
                balance, moved = file.closing, moved + file.sum_in + file.sum_out
                cut = cut[file.rows :]  # noqa: PLW2901 - what this file left for the next one
                yield file
        if whole.proven and whole.closing is not None and (whole.opening or 0) + moved != whole.closing:
            raise NotProven(
                f"{whole.account.name}: the rows do not lead to the closing balance.", "Run “primanota check”."
            )

    def _stage(self, file: Exported, lines: range, names: Names, number: int) -> None:
        """Render as many of the rows as one file holds, stage it, and write it down as a batch."""
        most, packed = self._profile.rules.max_bytes, PayloadWriter()
        file.batch = self._batches.next_number()
        if file.opening is not None and not most and lines.stop < self._batches.chosen_lines().stop:
            file.closing = file.opening + self._batches.chosen_sum(lines)
        statement = self._statement(file, lines, _counted(packed.at_most(most, self._rows(lines)), file))
        place = self._place(names, statement, file.batch, number)
        file.path, file.copies = place if self._to.here else None, tuple(self._to.copies(place.name, file.batch))
        try:
            self._lay_down(place, file.batch, packed.through(self._profile.render(statement), most))
        except FileLimitReached as full:
            if not full.fits:
                raise
            self._stage(file, lines[: full.fits], names, number)
            return
        if file.opening is not None and most:
            file.closing = file.opening + file.sum_in + file.sum_out
        file.text_changes = statement.text_changes
        self._record(file, place.name, packed, lines[: file.rows])

    def _lay_down(self, place: Path, batch: int, pieces: Iterable[bytes]) -> None:
        """Stage a file that is for this machine; the book alone keeps one that is not, until its places have it."""
        if self._to.here:
            disk.stage(place, mark_of(batch), pieces)
        else:
            deque(pieces, maxlen=0)

    def _place(self, names: Names, statement: Statement, batch: int, number: int) -> Path:
        if isinstance(self._selection, Period):
            return names.path(statement, self._selection.name, number)
        return names.free_path(statement, batch, number)

    def _cuts(self, lines: range, account: Account) -> Iterator[range]:
        """A file of one fiscal year, and of no more rows than the tool takes."""
        rules, start = self._profile.rules, self._year_start(account)
        for year in by_year(lines, self._day, start) if rules.fiscal_year and lines else [lines]:
            yield from by_rows(year, rules.max_rows) if rules.max_rows and year else [year]

    def _choose(self, account: Account) -> range:
        """Choose an account's rows; their places."""
        moving = self._profile.rules.zero == "skip"
        match self._selection:
            case Changed():
                found = Review(self._book, self._zone).changes(self._profile.name)
                self._batches.choose_these(account.id, [change.moved.id for change in found])
            case New() as new:
                self._batches.choose_new(account.id, *new.span(self._zone), self._profile.name, moving=moving)
            case period:
                self._batches.choose(account.id, *period.span(self._zone), moving=moving)
        return self._batches.chosen_lines()

    def _look(self, account: Account, *, unproven: bool) -> Exported:
        """How the account stands at both ends of what is chosen, and whether anything is missing between them."""
        since, until = self._span()
        lines = self._batches.chosen_lines()
        chain = walk(self._book.links(account.id), since, until)
        doubt = chain.doubt_within(since, until)
        if doubt and not unproven:
            raise NotProven(f"{account.name}: {doubt}.", "Run “primanota sync --full”, or export with --unproven.")
        links = self._book.links(account.id) if self._profile.rules.zero == "skip" else iter(())
        left_out = sum(not link.amount and since <= link.settled < until for link in links)
        whole = chain.rows_within == len(lines) + left_out
        ends = (chain.at_since, chain.at_until) if whole else (None, None)
        proven = not doubt if chain.speaks else None
        return Exported(account, None, *ends, proven=proven, before=self._before(), left_out=left_out)

    def _span(self) -> tuple[int, int]:
        """The half-open span that the rows are of, in microseconds UTC: the period's, or their own."""
        if isinstance(self._selection, Period):
            return self._selection.span(self._zone)
        lines = self._batches.chosen_lines()
        if not lines:
            return _FOREVER, _FOREVER
        return self._batches.chosen_settled(lines[0]), self._batches.chosen_settled(lines[-1]) + 1

    def _before(self) -> dict[int, int]:
        return {} if isinstance(self._selection, Changed) else self._batches.chosen_before(self._profile.name)

    def _would_mislead(self, whole: Exported, names: Names) -> bool:
        """Whether last week's rows stand where this period's empty file belongs."""
        if not isinstance(self._selection, Period) or not self._to.here:
            return False
        statement = self._statement(whole, range(0), iter(()))
        return names.path(statement, self._selection.name).exists()

    def _statement(self, file: Exported, lines: range, rows: Iterator[Transaction]) -> Statement:
        account = file.account
        first, last = self._days(lines, account)
        return Statement(
            account,
            rows,
            first,
            last,
            _money(file.opening, account),
            _money(file.closing, account),
            proven=file.proven is not False,
            company=self._company,
            ledger=self._ledger(account),
        )

    def _days(self, lines: range, account: Account) -> tuple[date, date]:
        """The local days of a file, both included: the selection's, as far as its rows and its fiscal year reach."""
        whole = self._batches.chosen_lines()
        first, last = (self._day(whole[0]), self._day(whole[-1])) if whole else (date.min, date.min)
        if not isinstance(self._selection, Changed):
            first = self._selection.first if isinstance(self._selection, Period) else first
            last = self._selection.last if isinstance(self._selection, Period) else last
        if lines and lines != whole:
            first = first if lines[0] == whole[0] else self._day(lines[0])
            last = last if lines[-1] == whole[-1] else self._day(lines[-1])
        if lines and self._profile.rules.fiscal_year:
            year = fiscal_year(self._day(lines[0]), self._year_start(account))
            return max(first, year[0]), min(last, year[1])
        return first, last

    def _day(self, line: int) -> date:
        return moment(self._batches.chosen_settled(line)).astimezone(self._zone).date()

    def _year_start(self, account: Account) -> tuple[int, int]:
        ledger = self._ledger(account)
        return ledger.year_start if ledger else (1, 1)

    def _rows(self, lines: range) -> Iterator[Transaction]:
        return map(self._read, self._batches.chosen(lines))

    def _record(self, done: Exported, name: str, packed: PayloadWriter, lines: range) -> None:
        batch = Batch(
            number=done.batch or 0,
            made=self._batches.present(),
            profile=self._profile.name,
            origin=self._profile.origin,
            digest=self._profile.digest,
            account=done.account.id,
            selection=str(self._selection),
            path=str(done.path or ""),
            name=name,
            sha256=packed.digest,
            size=packed.size,
            rows=done.rows,
            rows_sha256=self._batches.rows_digest(lines),
            sum_in=done.sum_in,
            sum_out=done.sum_out,
            opening=done.opening,
            closing=done.closing,
            proven=done.proven,
            occasion=self._to.occasion,
            copies=tuple(map(Copy, done.copies)),
        )
        self._batches.record(batch, self._profile.text, packed.compressed, lines)


def _counted(rows: Iterator[Transaction], done: Exported) -> Iterator[Transaction]:
    """Rows on their way into a file, counted."""
    currency, count, came, went = done.account.currency, 0, 0, 0
    for row in rows:
        money = row.amount
        count += 1
        if money.cents > 0:
            came += money.cents
        else:
            went += money.cents
        if money.currency != currency:
            raise NotProven(
                f"Transaction {row.id} is not in {currency}, as its account is.", "Run “primanota check”."
            )
        yield row
    done.rows, done.sum_in, done.sum_out = count, came, went


def mark_of(number: int) -> str:
    """Under which mark a batch's file is staged."""
    return f"batch-{number}"


def _money(cents: int | None, account: Account) -> Money | None:
    return None if cents is None else Money(cents, account.currency)
