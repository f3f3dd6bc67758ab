"""Which rule takes which of a book's rows."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import NamedTuple

from primanota.book import Book
from primanota.book.journal import reader
from primanota.core.model import Account, Transaction
from primanota.core.period import Period
from primanota.core.posting_rules import Rule, matching_rule

_FOREVER = 1 << 62


class Assigned(NamedTuple):
    """A completed row of an account, and the place of the rule that takes it; None where it falls through."""

    account: Account
    row: Transaction
    rule: int | None


def assigned(
    book: Book, zone: tzinfo, rules: Sequence[Rule], chosen: Iterable[Account], period: Period | None = None
) -> Iterator[Assigned]:
    """An account's rows after the other's, in order of settlement.

    Args:
        book: where the rows are.
        zone: the organisation's time zone.
        rules: the first that fits takes a row.
        chosen: the accounts.
        period: the local days on which the rows settled; None for all.
    """
    since, until = period.span(zone) if period else (0, _FOREVER)
    read = reader(book, zone)
    for account in chosen:
        for row in map(read, book.settled(account.id, since, until)):
            yield Assigned(account, row, matching_rule(rules, row))
