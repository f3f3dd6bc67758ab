"""Warnings about an export, for the user."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo

from primanota.book.journal import Journal
from primanota.core.model import Account, Money
from primanota.core.notice import Notice
from primanota.core.period import Period, moment
from primanota.core.proof_state import SETTLED
from primanota.core.results import AccountExport
from primanota.core.selection import Changed, New, Selection
from primanota.core.text import clean
from primanota.export.changes import Change, changes_without_file
from primanota.export.ledgers import Ledgers
from primanota.export.select import Export, account_groups
from primanota.export.statement import last_proven_day
from primanota.profiles import Profile

_DAY = 24 * 60 * 60 * 1_000_000  # microseconds
# The statuses of changed rows that have a text of their own.
_STATUSES = {"pending", "declined", "reversed", "vanished"}


def not_read_to_the_end(journal: Journal, selection: Selection, accounts: Iterable[Account]) -> Iterator[Notice]:
    """Yield a warning for each account that was last proven more than a day before the end of the selection.

    An account that the last sync could not read to the end has one, too, if the selection ends later.
    """
    book, zone = journal.book, journal.zone
    end = book.clock() if isinstance(selection, Changed) else min(selection.span(zone)[1], book.clock())
    for account in accounts:
        found = book.proof_state(account.id)
        if found.state == "unread":
            yield Notice.of("never_read", account=account.name)
        elif found.state not in {*SETTLED, "gone"}:
            if not found.until:
                yield Notice.of(found.state, account=account.name)
            elif found.until < end:
                yield Notice.of(f"{found.state}_since", account=account.name, moment=_when(found.until, zone))
        elif found.until is not None and found.until < end - _DAY:
            until = _when(found.until, zone)
            yield (
                Notice.of("statements_end", account=account.name, day=until.date() - timedelta(days=1))
                if account.from_files
                else Notice.of("read_earlier", account=account.name, moment=until)
            )


def gone(journal: Journal, accounts: Iterable[Account]) -> Iterator[Notice]:
    """Yield a note for each account that the bank no longer shows."""
    for account in accounts:
        found = journal.book.proof_state(account.id)
        if found.state == "gone":
            name, day = account.name, _when(found.since, journal.zone).date()
            if found.until:
                yield Notice.of("gone", account=name, day=day, moment=_when(found.until, journal.zone))
            else:
                yield Notice.of("gone_without_rows", account=name, day=day)


def _when(micros: int, zone: tzinfo) -> datetime:
    return moment(micros).astimezone(zone)


def of_files(done: Iterable[AccountExport]) -> Iterator[Notice]:
    """Yield warnings of rows that were exported before, and of rows that the tool refuses."""
    for one in done:
        yield from of_repeats(one.account, one.already_exported)
        if skipped := one.span.skipped_zero_rows:
            nothing = Money(0, one.account.currency)
            yield Notice.of("skipped_zero_rows", skipped, account=one.account.name, amount=nothing)


def of_repeats(account: Account, already_exported: Mapping[int, int]) -> Iterator[Notice]:
    """Yield a warning for each earlier batch that has rows of a file, of their numbers by batch."""
    for batch, rows in already_exported.items():
        yield Notice.of("already_exported", rows, account=account.name, batch=f"{batch}")


def of_statement_ends(request: Export, accounts: Sequence[Account]) -> Iterator[Notice]:
    """Yield for each account whose statement of a period ends before the period does, where it ends."""
    if not isinstance(request.selection, Period) or not request.profile.kind.states_balances:
        return
    for group in account_groups(request, accounts):
        last = last_proven_day(request, group)
        if request.selection.first <= last < request.selection.last:
            yield Notice.of("statement_ends", account=group.account.name, day=last)


def of_selection(
    journal: Journal,
    tool: Profile,
    selection: Selection,
    first_new_day: str,
    accounts: Iterable[Account],
    ledger_of: Ledgers,
) -> Iterator[Notice]:
    """Yield warnings of a changed first day of ``--new``, and of changed rows that cannot be in a file.

    Args:
        journal: the book.
        tool: the profile of the export.
        selection: the exported selection.
        first_new_day: the first day of ``--new`` before this export, empty if there was none.
        accounts: the exported accounts.
        ledger_of: returns an account's present ledger.
    """
    if isinstance(selection, New) and first_new_day not in {"", f"{selection.since}"}:
        before = date.fromisoformat(first_new_day)
        yield Notice.of("first_day_moved", profile=tool.name, since=selection.since, before=before)
    if isinstance(selection, Changed):
        for change in changes_without_file(journal, tool.name, accounts, ledger_of):
            yield without_file(change)


def without_file(change: Change) -> Notice:
    """Return the warning of a changed row that cannot be in a file: it names the row, its batch and its status."""
    row, known = change.row, change.status in _STATUSES
    return Notice.of(
        f"row_{change.status}" if known else "row_of_other_status",
        counterparty=clean(row.counterparty or row.purpose),
        day=row.day,
        amount=row.amount,
        batch=f"{change.batch.number}",
        id=clean(row.id),
        **({} if known else {"status": change.status}),
    )
