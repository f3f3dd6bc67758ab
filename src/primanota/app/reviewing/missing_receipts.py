"""Rows without a receipt, by the members who can have it, and the text that asks each of them for theirs."""

from collections.abc import Iterable
from typing import NamedTuple

from primanota.app.reviewing.review import Review
from primanota.app.workspace import Workspace
from primanota.book.journal import Journal
from primanota.core.language.catalogue import language_of_country
from primanota.core.language.receipt_letter import receipt_letter
from primanota.core.period import Period
from primanota.core.results import Finding


class MemberWithout(NamedTuple):
    """A member with the rows that lack a receipt, and a text that asks for them; without a name for no member."""

    name: str
    rows: tuple[Finding, ...]
    text: str


def missing_receipts(
    workspace: Workspace, journal: Journal, accounts: Iterable[str], period: Period | None = None
) -> list[MemberWithout]:
    """Return the rows that lack a receipt which the bank requires and nobody has marked as lost, by member.

    What was put away in the review is left out.

    Args:
        workspace: the organisation.
        journal: its book.
        accounts: the ids of the accounts.
        period: the local days on which rows settled; None for all.
    """
    company, ids = journal.organisation(), frozenset(accounts)
    language = workspace.config.language(workspace.login) or language_of_country(company.country)
    rows: dict[str, list[Finding]] = {}
    for finding in Review(journal, workspace.today(journal), period).of_kind("receipt"):
        if finding.account.id in ids:
            rows.setdefault(finding.transaction.member, []).append(finding)
    return [
        MemberWithout(
            name,
            tuple(found),
            receipt_letter(name, [one.transaction for one in found], company.name, language),
        )
        for name, found in sorted(rows.items())
    ]
