"""Try posting rules: which rule takes which of the book's rows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from primanota.book.journal import Journal
from primanota.core.model import Account, Transaction
from primanota.core.period import Period
from primanota.core.posting_rules import Rule, matching_rule


class RuleMatch(NamedTuple):
    """A completed row of an account, and the place of the rule that takes it; None where no rule does."""

    account: Account
    row: Transaction
    rule: int | None


def match_rules(
    journal: Journal, rules: Sequence[Rule], accounts: Iterable[Account], period: Period | None = None
) -> Iterator[RuleMatch]:
    """Yield each account's rows in order of settlement with the rule that takes them.

    Args:
        journal: the rows.
        rules: the first that fits takes a row.
        accounts: whose rows.
        period: the local days on which the rows settled; None for all.
    """
    for account in accounts:
        for row in journal.transactions(account, period):
            yield RuleMatch(account, row, matching_rule(rules, row))
