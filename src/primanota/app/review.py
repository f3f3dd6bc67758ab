"""Review the book: find rows that are not settled, changed after an export, or incomplete."""

from collections.abc import Iterable, Iterator
from datetime import date

from primanota.book.journal import Journal
from primanota.core.model import PENDING, Account, Transaction
from primanota.core.period import Period
from primanota.core.results import KINDS, Finding
from primanota.export.changes import Change, Changes, accept_changes
from primanota.export.ledgers import Ledgers, no_ledger

_NOT_SETTLED = {"pending", "declined", "reversed"}


def review(
    journal: Journal, today: date, period: Period | None = None, ledger_of: Ledgers = no_ledger
) -> list[Finding]:
    """Return the findings that the user should look at, in the order of ``KINDS``, then of days.

    Args:
        journal: the book.
        today: the local day from which ages are counted.
        period: the local days on which a row settled, or was emitted if it has not settled; None for all.
        ledger_of: returns an account's present ledger, for batches whose ledger settings the book does not have.
    """
    accounts = {account.id: account for account in journal.accounts()}
    found = [
        *_unsettled(journal, accounts, today, period),
        *_open_points(journal, accounts, period),
        *_changed(Changes(journal, ledger_of), accounts, period),
    ]
    return sorted(found, key=lambda finding: (KINDS.index(finding.kind), finding.day, finding.transaction.id))


def of_days(findings: Iterable[Finding], period: Period | None) -> list[Finding]:
    """Return the findings of a period; all findings if it is None."""
    return [one for one in findings if period is None or period.first <= one.day < period.end]


def accept(journal: Journal, ids: Iterable[str], ledger_of: Ledgers = no_ledger) -> list[Change]:
    """Accept changed rows as they are now, for every profile by which they were exported.

    Raises:
        InvalidInput: one of them did not change since it was exported. Then no row is accepted.
    """
    with journal.book.run("review accept"), journal.book.writing():
        return accept_changes(journal, ids, ledger_of)


def _unsettled(
    journal: Journal, accounts: dict[str, Account], today: date, period: Period | None
) -> Iterator[Finding]:
    for account_id, row, vanished in journal.unsettled(period):
        kind = "vanished" if vanished else row.status if row.status in _NOT_SETTLED else "unknown-status"
        reason = _reason(kind, row, today)
        if kind == "reversed" and not row.booked and not journal.was_completed(row.id):
            reason = "released, never charged" if row.operation == "card" else "reversed, never charged"
        yield Finding(account=accounts[account_id], transaction=row, kind=kind, reason=reason)


def _open_points(journal: Journal, accounts: dict[str, Account], period: Period | None) -> Iterator[Finding]:
    for account in accounts.values():
        for point in journal.open_points(account, period):
            yield Finding(account=account, transaction=point.transaction, kind=point.kind, reason=point.reason)


def _changed(changes: Changes, accounts: dict[str, Account], period: Period | None) -> Iterator[Finding]:
    for change in changes.all():
        if period is None or period.first <= change.row.day < period.end:
            yield Finding(
                account=accounts[change.changed.account],
                transaction=change.row,
                kind="changed",
                reason=f"changed since batch {change.batch.number}",
                batch=change.batch.number,
                profile=change.batch.profile,
                changes=change.differences,
            )


def _reason(kind: str, row: Transaction, today: date) -> str:
    if kind == "unknown-status":
        return f"unknown status “{row.status}”"
    if kind == "vanished" and row.status == PENDING:
        return "no longer pending, never charged"
    if kind == "pending" and (days := (today - row.emitted.date()).days) > 0:
        return f"pending for {days} day{'s' if days > 1 else ''}"
    return kind
