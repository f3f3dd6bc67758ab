"""What leaves the book: chosen, rendered, checked, staged beside its place and written down as a batch.

From there ``delivering.py`` takes it.
"""

import hashlib
import re
import zlib
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack
from datetime import date, tzinfo
from pathlib import Path

import msgspec

from primanota import places
from primanota.book import MEMBER, Batch, Batches, Book
from primanota.errors import LeftAlready, NotProven, Undeliverable, WrongWords
from primanota.model import Account, Money, Statement, Transaction
from primanota.period import Period, midnight
from primanota.period import microseconds as _micros
from primanota.profiles import Profile
from primanota.proof import walk
from primanota.qonto import normalise
from primanota.reviewing import Review

_FOREVER = 1 << 62


class New(msgspec.Struct, frozen=True):
    """What settled since a day, and until before ``end`` where that is said, and is in no batch of the profile."""

    since: date
    end: date | None = None

    def span(self, zone: tzinfo) -> tuple[int, int]:
        """Its two ends as microseconds since 1970, UTC: half-open."""
        return _micros(midnight(self.since, zone)), _micros(midnight(self.end, zone)) if self.end else _FOREVER

    def __str__(self) -> str:
        return f"new since {self.since}" + (f", before {self.end}" if self.end else "")


class Changed(msgspec.Struct, frozen=True):
    """Rows that changed after they left by the profile, as they are now."""

    def __str__(self) -> str:
        return "changed since exported"


Selection = Period | New | Changed


class Exported(msgspec.Struct):
    """One account's file: how many rows, what came in and went out, the balances at both ends. Cents.

    ``path`` and ``batch`` are None where there was nothing to write. ``proven`` says whether the chain within the
    selection is whole; None where the bank states no running balance for the account. The balances are None also
    where rows between the first and the last one are not part of the file. ``before`` tells how many of the rows had
    left already, in which batch.
    """

    account: Account
    path: Path | None = None
    opening: int | None = None
    closing: int | None = None
    proven: bool | None = None
    rows: int = 0
    sum_in: int = 0
    sum_out: int = 0
    batch: int | None = None
    before: dict[int, int] = {}


class Leaving:
    """One export: which rows, for which tool, to where.

    Args:
        book: where the rows are.
        profile: the tool that the files are for.
        selection: which rows.
        zone: the organisation's time zone.
    """

    def __init__(self, book: Book, profile: Profile, selection: Selection, zone: tzinfo) -> None:
        self._book = book
        self._batches = Batches(book)
        self._profile = profile
        self._selection = selection
        self._zone = zone
        self._keep: Container[Path] = ()

    def preview(self, account: Account) -> tuple[list[list[str]], dict[int, int]]:
        """The cells of the rows that would leave, headings first, and which batches they are in already."""
        self._choose(account)
        rows = list(self._profile.rows(Statement(account, self._rows())))
        return rows, self._before()

    def prepare(
        self, chosen: list[Account], to: Path, *, unproven: bool, strict: bool, keep: Container[Path] = ()
    ) -> list[Exported]:
        """Decide everything about every account's batch, all or none; inside the book's ``writing``.

        Args:
            chosen: the accounts.
            to: a folder, or a file when one account is chosen.
            unproven: even where the balance chain is broken.
            strict: not if rows have left already.
            keep: files that nobody can have imported yet.

        Raises:
            NotProven, RuleBroken, LeftAlready, Undeliverable: nothing is staged then.
        """
        place, self._keep = _targets(chosen, self._profile, self._selection, to), keep
        if isinstance(self._selection, New):
            self._batches.start_on(self._profile.name, f"{self._selection.since}")
        with ExitStack() as unless_all:
            done = []
            for account in chosen:
                done.append(self._prepare(account, place, unproven=unproven, strict=strict))
                if done[-1].path:
                    unless_all.callback(places.discard, done[-1].path, mark_of(done[-1].batch or 0))
            unless_all.pop_all()
        return done

    def _prepare(
        self, account: Account, place: Callable[[Account, int], Path], *, unproven: bool, strict: bool
    ) -> Exported:
        self._choose(account)
        count, *span = self._batches.chosen_span()
        done = self._look(account, count, span, unproven=unproven)
        number = self._batches.next_number()
        path = place(account, number)
        if not count and not self._would_mislead(path):
            return done
        if done.before and strict:
            raise LeftAlready(told_before(done), "Leave --strict out, use --new, or undo that batch.")
        if path in self._keep or (not isinstance(self._selection, Period) and path.exists()):
            raise Undeliverable(
                f"{path} is already there, perhaps not imported yet.", "Name another place with --to."
            )
        done.path, done.batch = path, number
        packed = _Packed()
        rows = _counted(self._rows(), done)
        statement = Statement(account, rows, _money(done.opening, account), _money(done.closing, account))
        places.stage(path, mark_of(number), packed.through(self._profile.render(statement)))
        self._record(done, packed)
        return done

    def _choose(self, account: Account) -> None:
        match self._selection:
            case Changed():
                found = Review(self._book, self._zone).changes(self._profile.name)
                self._batches.choose_these(account.id, [change.moved.id for change in found])
            case New() as new:
                self._batches.choose_new(account.id, *new.span(self._zone), self._profile.name)
            case period:
                self._batches.choose(account.id, *period.span(self._zone))

    def _look(self, account: Account, count: int, span: Iterable[int], *, unproven: bool) -> Exported:
        """How the account stands at both ends of what is chosen, and whether anything is missing between them."""
        since, until = self._selection.span(self._zone) if isinstance(self._selection, Period) else span
        chain = walk(self._book.links(account.id), since, until)
        doubt = chain.doubt_within(since, until)
        if doubt and not unproven:
            raise NotProven(f"{account.name}: {doubt}.", "Run “primanota sync --full”, or export with --unproven.")
        ends = (chain.at_since, chain.at_until) if chain.rows_within == count else (None, None)
        proven = not doubt if chain.speaks else None
        return Exported(account, None, *ends, proven=proven, before=self._before())

    def _before(self) -> dict[int, int]:
        return {} if isinstance(self._selection, Changed) else self._batches.chosen_before(self._profile.name)

    def _would_mislead(self, path: Path) -> bool:
        """Whether last week's rows stand where this period's empty file belongs."""
        return isinstance(self._selection, Period) and path.exists()

    def _rows(self) -> Iterator[Transaction]:
        members = {key: normalise.member_name(body) for key, body in self._book.bodies(MEMBER).items()}
        return (normalise.transaction(body, self._zone, members) for body in self._batches.chosen())

    def _record(self, done: Exported, packed: "_Packed") -> None:
        batch = Batch(
            number=done.batch or 0,
            made=self._batches.present(),
            profile=self._profile.name,
            origin=self._profile.origin,
            digest=self._profile.digest,
            account=done.account.id,
            selection=str(self._selection),
            path=str(done.path),
            sha256=packed.digest,
            size=packed.size,
            rows=done.rows,
            rows_sha256=self._batches.rows_digest(),
            sum_in=done.sum_in,
            sum_out=done.sum_out,
            opening=done.opening,
            closing=done.closing,
            proven=done.proven,
        )
        self._batches.record(batch, self._profile.text, packed.compressed)


def told_before(done: Exported) -> str:
    """How many rows of a file left already, in which batches, in a sentence."""
    many = ", ".join(f"{count} in batch {number}" for number, count in done.before.items())
    return f"{done.account.name}: rows of this file left already, {many}. Imported twice, they would be there twice."


class _Packed:
    """A file on its way to its place: its digest and size, and its bytes compressed for the book."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()
        self._deflate = zlib.compressobj(1)
        self._packed: list[bytes] = []

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.size += len(piece)
            self._hash.update(piece)
            self._packed.append(self._deflate.compress(piece))
            yield piece

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    @property
    def compressed(self) -> bytes:
        return b"".join((*self._packed, self._deflate.copy().flush()))


def _counted(rows: Iterator[Transaction], done: Exported) -> Iterator[Transaction]:
    """Rows on their way into a file, counted; after the last one they must lead from opening to closing balance."""
    currency = done.account.currency
    for row in rows:
        cents = row.amount.cents
        done.rows += 1
        if cents > 0:
            done.sum_in += cents
        else:
            done.sum_out += cents
        if row.amount.currency != currency:
            raise NotProven(
                f"Transaction {row.id} is not in {currency}, as its account is.", "Run “primanota check”."
            )
        yield row
    moved = done.sum_in + done.sum_out
    if done.proven and done.closing is not None and (done.opening or 0) + moved != done.closing:
        raise NotProven(
            f"{done.account.name}: the rows do not lead to the closing balance.", "Run “primanota check”."
        )


def _targets(
    chosen: list[Account], profile: Profile, selection: Selection, to: Path
) -> Callable[[Account, int], Path]:
    """Where each account's batch goes: into a folder under a name of its own, or to the one file that was named."""
    if re.match(r"mailto:|[a-z][a-z0-9+.-]+:/", str(to)):  # pathlib makes one slash of two
        raise WrongWords(f"{to} is not a folder.", "This version writes to folders and files of this machine.")
    whole = to.absolute()
    if (to.suffix or to.is_file()) and not to.is_dir():
        if len(chosen) != 1:
            raise WrongWords(
                f"{to} is one file, and there are {len(chosen)} accounts.", "Name a folder, or --account."
            )
        return lambda _account, _number: whole
    slugs = [_slug(account) for account in chosen]

    def place(account: Account, number: int) -> Path:
        slug = _slug(account)
        name = selection.name if isinstance(selection, Period) else f"batch-{number}"
        return whole / f"{profile.name}_{slug if slugs.count(slug) == 1 else account.id}_{name}{profile.suffix}"

    return place


def _slug(account: Account) -> str:
    plain = re.sub(r"[^\w]+", "-", account.name).strip("-").lower()
    return f"{plain}-{account.tail}" if plain else account.tail


def mark_of(number: int) -> str:
    """Under which mark a batch's file is staged."""
    return f"batch-{number}"


def _money(cents: int | None, account: Account) -> Money | None:
    return None if cents is None else Money(cents, account.currency)
