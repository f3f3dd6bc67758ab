"""Try posting rules: find the rule that matches each row of the book."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from primanota.book.journal import Journal
from primanota.core.model import Account, Transaction
from primanota.core.period import Period
from primanota.core.posting_rules import Rule, matching_rule


class RuleMatch(NamedTuple):
    """A completed row of an account, and the index of the rule that matches it, from 0; None if no rule matches."""

    account: Account
    row: Transaction
    rule: int | None


def match_rules(
    journal: Journal, rules: Sequence[Rule], accounts: Iterable[Account], period: Period | None = None
) -> Iterator[RuleMatch]:
    """Yield each account's rows in order of settlement with the rule that matches them.

    Args:
        journal: the book.
        rules: the rules; the first that matches a row applies.
        accounts: the accounts of the rows.
        period: the local days on which the rows settled; None for all.
    """
    for account in accounts:
        for row in journal.transactions(account, period):
            yield RuleMatch(account, row, matching_rule(rules, row))
