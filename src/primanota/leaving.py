"""What leaves the book: chosen, rendered, checked, staged beside its place and written down as a batch.

From there ``delivering.py`` takes it.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import date, tzinfo
from pathlib import Path
from typing import NamedTuple

import msgspec

from primanota import places
from primanota.book import ORGANISATION, Batch, Batches, Book
from primanota.errors import LeftAlready, NotProven, RuleBroken
from primanota.model import Account, Fitted, Ledger, Money, Statement, Transaction
from primanota.naming import Names
from primanota.packing import Packed
from primanota.parts import by_rows, by_year, fiscal_year
from primanota.period import Period, moment
from primanota.profiles import Profile
from primanota.proof import walk
from primanota.qonto import normalise
from primanota.reading import reader
from primanota.reviewing import Review
from primanota.selection import Changed, New, Selection

_FOREVER = 1 << 62
Ledgers = Callable[[Account], Ledger | None]


class Exported(msgspec.Struct):
    """A file: how many rows, what came in and went out, the balances at both ends. Cents.

    ``path`` and ``batch`` are None where there was nothing to write. ``proven`` says whether the chain within the
    selection is whole; None where the bank states no running balance for the account. The balances are None also
    where rows between the first and the last one are not part of the file. ``before`` tells how many of the
    account's rows had left already, in which batch; ``fitted`` which texts the file could not hold as they were;
    ``left_out`` how many of the account's rows move nothing and stay out.
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
    fitted: list[Fitted] = []
    left_out: int = 0


class Preview(NamedTuple):
    """What would leave: its cells, headings first; how many rows left before, in which batch; texts that change."""

    cells: list[list[str]]
    before: dict[int, int]
    fitted: list[Fitted]


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
    """

    def __init__(
        self,
        book: Book,
        profile: Profile,
        selection: Selection,
        zone: tzinfo,
        ledger: Ledgers = no_ledger,
    ) -> None:
        self._book = book
        self._batches = Batches(book)
        self._profile = profile
        self._selection = selection
        self._zone = zone
        self._ledger = ledger
        self._company = next(map(normalise.organisation, book.bodies(ORGANISATION).values()), None)
        self._read = reader(book, zone, profile.fields)

    def preview(self, account: Account) -> Preview:
        """What would leave, and which batches it is in already."""
        lines, whole = self._choose(account), self._look(account, unproven=True)
        statement = self._statement(whole, lines, self._rows(lines))
        return Preview(list(self._profile.rows(statement)), whole.before, statement.fitted)

    def prepare(
        self, chosen: list[Account], to: Path, *, unproven: bool, strict: bool, here: Collection[Batch] = ()
    ) -> list[Exported]:
        """Decide everything about every account's batches, all or none; inside the book's ``writing``.

        Args:
            chosen: the accounts.
            to: a folder, or a file when one account is chosen.
            unproven: even where the balance chain is broken.
            strict: not if rows have left already.
            here: batches whose files have just got their names, so that nobody can have imported them yet.

        Raises:
            NotProven, RuleBroken, LeftAlready, Undeliverable: nothing is staged then.
        """
        names, done = Names(self._profile, chosen, to, [Path(batch.path) for batch in here]), []
        if isinstance(self._selection, New):
            self._batches.start_on(self._profile.name, f"{self._selection.since}")
        with ExitStack() as unless_all:
            for account in chosen:
                lines, whole = self._choose(account), self._look(account, unproven=unproven)
                if same := self._same(account, lines, here):
                    done.append(same)
                    continue
                if whole.before and strict:
                    raise LeftAlready(told_before(whole), "Leave --strict out, use --new, or undo that batch.")
                for file in self._files(lines, whole, names):
                    done.append(file)
                    if file.path:
                        unless_all.callback(places.discard, file.path, mark_of(file.batch or 0))
            unless_all.pop_all()
        return done

    def _same(self, account: Account, lines: range, here: Collection[Batch]) -> Exported | None:
        """What was asked for, where an interrupted export has just brought exactly that."""
        asked = (account.id, self._profile.digest, str(self._selection))
        for batch in here:
            told = (batch.account, batch.digest, batch.selection)
            if told == asked and batch.rows_sha256 == self._batches.rows_digest(lines):
                sums = (batch.opening, batch.closing, batch.proven, batch.rows, batch.sum_in, batch.sum_out)
                return Exported(account, Path(batch.path), *sums, batch=batch.number)
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
        most, packed = self._profile.rules.max_bytes, Packed()
        file.batch = self._batches.next_number()
        if file.opening is not None and not most and lines.stop < self._batches.chosen_lines().stop:
            file.closing = file.opening + self._batches.chosen_sum(lines)
        rows = packed.at_most(most, self._rows(lines))
        statement = self._statement(file, lines, _counted(rows, file))
        file.path = self._place(names, statement, file.batch, number)
        try:
            places.stage(file.path, mark_of(file.batch), packed.through(self._profile.render(statement), most))
        except RuleBroken:
            if not (fewer := packed.fewer(most)):
                raise
            self._stage(file, lines[:fewer], names, number)
            return
        if file.opening is not None and most:
            file.closing = file.opening + file.sum_in + file.sum_out
        file.fitted = statement.fitted
        self._record(file, packed, lines[: file.rows])

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
        if not isinstance(self._selection, Period):
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

    def _record(self, done: Exported, packed: Packed, lines: range) -> None:
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
            rows_sha256=self._batches.rows_digest(lines),
            sum_in=done.sum_in,
            sum_out=done.sum_out,
            opening=done.opening,
            closing=done.closing,
            proven=done.proven,
        )
        self._batches.record(batch, self._profile.text, packed.compressed, lines)


def told_before(done: Exported) -> str:
    """How many rows of a file left already, in which batches, in a sentence."""
    many = ", ".join(f"{count} in batch {number}" for number, count in done.before.items())
    return f"{done.account.name}: rows of this file left already, {many}. Imported twice, they would be there twice."


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
