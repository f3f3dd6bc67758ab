"""The review computed from every record of the book: the slow way, which the review by the index is held against."""

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from primanota import banks
from primanota.book.journal import Journal
from primanota.core.model import PENDING, Account, Transaction
from primanota.core.period import END_OF_TIME, Period
from primanota.core.reasons import Reason
from primanota.core.results import KINDS, Finding
from primanota.export.changes import Changes
from primanota.export.ledgers import Ledgers, no_ledger

_NEWEST = (
    "SELECT l.account, l.absent, v.body FROM latest l JOIN version v ON v.seq = l.seq WHERE l.kind = 'transaction'"
)


def plain(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings without the mark of new ones."""
    return [msgspec.structs.replace(finding, is_new=False) for finding in findings]


def place(finding: Finding) -> tuple[int, date, str]:
    """Return the place of a finding in the order of a review."""
    return KINDS.index(finding.kind), finding.day, finding.transaction.id


def full_review(
    journal: Journal, today: date, period: Period | None = None, ledger_of: Ledgers = no_ledger
) -> list[Finding]:
    """Return all findings in the order of a review, none of them marked or put away; arguments as for ``Review``."""
    accounts = {account.id: account for account in journal.accounts()}
    found = [
        *_unsettled(journal, accounts, today, period),
        *_open_points(journal, accounts, period),
        *_changed(Changes(journal, ledger_of), accounts, period),
    ]
    return sorted(found, key=place)


def _rows(journal: Journal, period: Period | None, *, completed: bool) -> Iterator[tuple[str, int, bytes]]:
    since, until = period.span(journal.zone) if period else (0, END_OF_TIME)
    for account, absent, body in journal.book.rows(_NEWEST):
        record = journal.connector.record(body)
        moment = record.emitted if record.settled is None else record.settled
        if since <= moment < until and (record.status == "completed" and not absent) is completed:
            yield account, absent, body


def _unsettled(
    journal: Journal, accounts: dict[str, Account], today: date, period: Period | None
) -> Iterator[Finding]:
    read = journal.reader()
    for account, vanished, body in _rows(journal, period, completed=False):
        row = read(body)
        known = row.status in {"pending", "declined", "reversed"}
        kind = "vanished" if vanished else row.status if known else "unknown-status"
        reason = _reason(kind, row, today)
        if kind == "reversed" and not row.booked and not journal.was_completed(row.id):
            reason = Reason("released" if row.operation == "card" else "reversed_uncharged")
        yield Finding(account=accounts[account], transaction=row, kind=kind, reason=reason)


def _open_points(journal: Journal, accounts: dict[str, Account], period: Period | None) -> Iterator[Finding]:
    members = {key: journal.connector.member_name(body) for key, body in journal.book.bodies("member").items()}
    labels = {key: journal.connector.label_name(body) for key, body in journal.book.bodies("label").items()}
    for account, _, body in _rows(journal, period, completed=True):
        for point in journal.connector.open_points([body], banks.Names(members, labels), journal.zone):
            row = point.transaction
            yield Finding(account=accounts[account], transaction=row, kind=point.kind, reason=point.reason)


def _changed(changes: Changes, accounts: dict[str, Account], period: Period | None) -> Iterator[Finding]:
    for change in changes.all():
        if period is None or period.first <= change.row.day < period.end:
            yield Finding(
                account=accounts[change.changed.account],
                transaction=change.row,
                kind="changed",
                reason=Reason("changed", change.batch.number),
                batch=change.batch.number,
                profile=change.batch.profile,
                changes=change.differences,
            )


def _reason(kind: str, row: Transaction, today: date) -> Reason:
    if kind == "unknown-status":
        return Reason("unknown_status", word=row.status)
    if kind == "vanished" and row.status == PENDING:
        return Reason("vanished_pending")
    days = (today - row.emitted.date()).days
    if kind == "pending" and days > 0:
        return Reason("pending_for", days)
    return msgspec.convert({"name": kind}, Reason)
