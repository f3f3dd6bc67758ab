"""The balance of an account at the ends of days."""

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo
from typing import NamedTuple

from primanota.book import Book
from primanota.book.journal import Journal
from primanota.book.records.row_order import last_rows_before
from primanota.core.chain_order import ChainRow, in_order
from primanota.core.period import microseconds, midnight


class BalanceAtEnd(NamedTuple):
    """The balance of an account at the end of a local day, in cents; None where the bank does not state it."""

    day: date
    cents: int | None


def balances_at_ends(journal: Journal, account: str, days: Sequence[date]) -> list[BalanceAtEnd]:
    """Return an account's balances at the ends of local days; before its first row, what it begins with."""
    return [BalanceAtEnd(day, balance_before(journal.book, account, _end_of(day, journal.zone))) for day in days]


def week_ends(today: date, weeks: int) -> list[date]:
    """Return the last days of so many weeks that end before a day, and that day."""
    return [today - timedelta(7 * back) for back in range(weeks, -1, -1)]


def balance_before(book: Book, account: str, moment: int) -> int | None:
    """Return an account's balance before a moment (microseconds UTC), in cents.

    Before its first row that is 0, or the opening balance of the first statement of an account of files.
    """
    rows: list[ChainRow] = [*last_rows_before(book, account, moment)]
    return in_order(rows, None)[-1].balance if rows else book.brought_forward(account)


def _end_of(day: date, zone: tzinfo) -> int:
    return microseconds(midnight(day + timedelta(1), zone))
