"""Make the statement of a file's rows: its days, balances, number and key."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

import msgspec

from primanota.book import SelectedRows
from primanota.book.rows.selected_rows import balance_moved
from primanota.core.model import Account, Money, Statement, Transaction
from primanota.core.period import Period, fiscal_year, microseconds, midnight, moment
from primanota.core.results import Span
from primanota.export.select import AccountGroup, Export
from primanota.export.text_change_log import TextChangeLog

_DAY = timedelta(days=1)


class RowsOfFile(NamedTuple):
    """Selected rows for one file: some of the selected lines, and the balances before and after them."""

    rows: SelectedRows
    lines: range
    group: AccountGroup
    span: Span


class StatementNumbers:
    """The numbers of an account's statements for a profile: they go on by one; the same statement keeps its number.

    Args:
        export: the export.
        account: the account, or several as one.
    """

    def __init__(self, export: Export, account: Account) -> None:
        batches = (
            batch
            for batch in export.batches.all()
            if (batch.profile, batch.account) == (export.profile.name, account.id)
            and batch.state != "failed"
            and batch.number <= export.newest_batch
        )
        self._known = {batch.statement_key: batch.statement for batch in batches if batch.statement_key}

    def of(self, key: str) -> int:
        """Return the number of a statement by its key."""
        return self._known.get(key) or max(self._known.values(), default=0) + 1

    def take(self, statement: Statement) -> None:
        """Keep the number of a statement, so that the next one gets another."""
        self._known[statement.key] = statement.number


def statement(
    export: Export, part: RowsOfFile, numbers: StatementNumbers, transactions: Iterable[Transaction]
) -> Statement:
    """Return the statement of some of the selected rows."""
    rows, lines, group, span = part
    account, ledgers = group.account, export.ledgers(group)
    first, last = _days(export, part)
    found = Statement(
        account,
        transactions,
        first,
        last,
        _money(span.opening, account),
        _money(span.closing, account),
        *_edges(export, part, first, last),
        *_moments(export, part, last),
        proven=span.proven is not False,
        proof=span.proof,
        company=export.journal.find_organisation(),
        ledger=next(iter(ledgers.values()), None),
        ledgers=ledgers,
        accounts={one.id: one for one in group.accounts} if len(group.accounts) > 1 else {},
        text_changes=TextChangeLog(),
    )
    if export.profile.kind.states_balances:
        key = _key(export, found, rows.digest(lines))
        return msgspec.structs.replace(found, key=key, number=numbers.of(key))
    if export.profile.kind.numbers_entries and found.ledger:
        return msgspec.structs.replace(found, entry_numbers=rows.number_entries(entry_series(export, found), lines))
    return found


def entry_series(export: Export, found: Statement) -> str:
    """Return the series in which a statement's entries are numbered: a journal in a fiscal year."""
    ledger = found.ledger
    _, last = fiscal_year(found.last, ledger.year_start if ledger else (1, 1))
    return f"{ledger.journal if ledger else export.profile.name} {last}"


def day_of(export: Export, rows: SelectedRows) -> Callable[[int], date]:
    """Return the function that gives the local day of a line."""
    return lambda line: export.day(rows, line)


def proven_until(export: Export, group: AccountGroup) -> int:
    """Return the moment up to which all of the accounts are proven; the present for one that never was."""
    book = export.journal.book
    ends = (book.proof_state(key).until for key in group.ids)
    return min(book.clock() if end is None else end for end in ends)


def _days(export: Export, part: RowsOfFile) -> tuple[date, date]:
    """Return the first and last local day of a file: the selection's, limited to what is proven, and to its rows."""
    lines, day, every = part.lines, day_of(export, part.rows), part.rows.lines
    first, last = (day(every[0]), day(every[-1])) if every else (date.min, date.min)
    if isinstance(export.selection, Period):
        first, last = export.selection.first, _last_day(export, export.selection, part.group, last)
    if lines and lines != every:
        first = first if lines[0] == every[0] else day(lines[0])
        last = last if lines[-1] == every[-1] else day(lines[-1])
    if export.profile.rules.fiscal_year:
        year = fiscal_year(day(lines[0]) if lines else last, export.year_start(part.group))
        return max(first, year[0]), min(last, year[1])
    return first, last


def last_proven_day(export: Export, group: AccountGroup) -> date:
    """Return the last local day of which something is proven; it may not be over."""
    return moment(proven_until(export, group) - 1).astimezone(export.zone).date()


def _last_day(export: Export, period: Period, group: AccountGroup, last_row: date) -> date:
    """Return the last day of a period that is proven; not before that of the last row."""
    return max(min(period.last, last_proven_day(export, group)), last_row, period.first)


def _edges(export: Export, part: RowsOfFile, first: date, last: date) -> tuple[bool, bool]:
    """Return whether the balances at both ends are those at the beginning of the first and end of the last day."""
    start, opening, closing = part.span.start, part.span.opening, part.span.closing
    if start is None or opening is None or closing is None:
        return True, True
    book, (key, *_) = export.journal.book, part.group.ids
    begins, ends = (microseconds(midnight(day, export.zone)) for day in (first, last + _DAY))
    over = ends <= proven_until(export, part.group)
    return (
        start + balance_moved(book, key, begins) == opening,
        over and start + balance_moved(book, key, ends) == closing,
    )


def _moments(export: Export, part: RowsOfFile, last: date) -> tuple[datetime | None, datetime | None]:
    """Return the local moments of the first and the last row, where the file does not begin or end with a day."""
    if not part.lines:
        return None, None
    whole = isinstance(export.selection, Period)
    ends = microseconds(midnight(last + _DAY, export.zone)) <= proven_until(export, part.group)
    first, final = part.lines[0], part.lines[-1]
    at = (moment(part.rows.settled(line)).astimezone(export.zone) for line in (first, final))
    starts_at, ends_at = at
    every = part.rows.lines
    return (
        None if whole and first == every[0] else starts_at,
        None if whole and final == every[-1] and ends else ends_at,
    )


def _key(export: Export, found: Statement, rows: str) -> str:
    """Return a key of 32 characters: the same for the same profile, account, days, balances and rows."""
    facts = (
        *(export.profile.name, found.account.id, found.first, found.last, found.starts_at, found.ends_at),
        *(found.opening, found.closing, found.proven, rows),
    )
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:32]


def _money(cents: int | None, account: Account) -> Money | None:
    return None if cents is None else Money(cents, account.currency)
