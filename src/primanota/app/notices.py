"""Warnings about an export, as sentences for the user."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from primanota.book.journal import Journal
from primanota.core.model import Account
from primanota.core.period import Period, moment
from primanota.core.proof_state import SETTLED
from primanota.core.results import AccountExport
from primanota.core.selection import Changed, New, Selection
from primanota.export.changes import changes_without_file
from primanota.export.ledgers import Ledgers
from primanota.export.select import Export, account_groups
from primanota.export.statement import last_proven_day
from primanota.profiles import Profile

_DAY = 24 * 60 * 60 * 1_000_000  # microseconds


def not_read_to_the_end(journal: Journal, selection: Selection, accounts: Iterable[Account]) -> Iterator[str]:
    """Yield a warning for each account that was last proven more than a day before the end of the selection.

    An account that the last sync could not read to the end has one, too, if the selection ends later.
    """
    book, zone = journal.book, journal.zone
    end = book.clock() if isinstance(selection, Changed) else min(selection.span(zone)[1], book.clock())
    for account in accounts:
        found = book.proof_state(account.id)
        if found.state == "unread":
            yield f"{account.name} was never read whole; its file may lack rows. Run “primanota sync”."
        elif found.state not in {*SETTLED, "gone"}:
            if found.until is None or found.until < end:
                after = f"after {_when(found.until, zone)}" if found.until else "before it"
                settled = f"what settled {after} may not be in its file"
                yield f"{account.name} could not be proven at the last sync ({found.state}); {settled}."
        elif found.until is not None and found.until < end - _DAY:
            yield f"{account.name} was read on {_when(found.until, zone)}; what settled later is not in its file."


def gone(journal: Journal, accounts: Iterable[Account]) -> Iterator[str]:
    """Yield a note for each account that the bank no longer shows."""
    for account in accounts:
        found = journal.book.proof_state(account.id)
        if found.state == "gone":
            last = (
                f"its rows up to {_when(found.until, journal.zone)} are proven" if found.until else "it has no rows"
            )
            day = moment(found.since).astimezone(journal.zone).date()
            yield f"{account.name} is no longer shown by the bank since {day}; {last}."


def _when(micros: int, zone: tzinfo) -> str:
    return f"{moment(micros).astimezone(zone):%Y-%m-%d %H:%M}"


def of_files(done: Iterable[AccountExport]) -> Iterator[str]:
    """Yield warnings of rows that were exported before, and of rows that the tool refuses."""
    for one in done:
        if one.already_exported:
            yield one.already_exported_note
        if skipped := one.span.skipped_zero_rows:
            rows = "1 row" if skipped == 1 else f"{skipped} rows"
            yield f"{one.account.name}: {rows} of 0.00 not exported, since the tool refuses them."


def of_statement_ends(request: Export, accounts: Sequence[Account]) -> Iterator[str]:
    """Yield for each account whose statement of a period ends before the period does, where it ends."""
    if not isinstance(request.selection, Period) or not request.profile.kind.states_balances:
        return
    for group in account_groups(request, accounts):
        last = last_proven_day(request, group)
        if request.selection.first <= last < request.selection.last:
            yield f"{group.account.name}: the statement ends on {last}, the last day that was read."


def of_selection(
    journal: Journal,
    tool: Profile,
    selection: Selection,
    first_new_day: str,
    accounts: Iterable[Account],
    ledger_of: Ledgers,
) -> Iterator[str]:
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
        yield f"--new of {tool.name} begins on {selection.since} from now on; it began on {first_new_day} before."
    if isinstance(selection, Changed):
        for change in changes_without_file(journal, tool.name, accounts, ledger_of):
            yield f"{change.changed.id} (batch {change.batch.number}) is {change.status}: it cannot be in a file."
