"""Select the rows of an export, and prove that no row is missing between the first and the last one."""

from datetime import date, tzinfo
from typing import NamedTuple

from primanota.book import Batches, SelectedRows
from primanota.book.journal import Journal
from primanota.book.selected_rows import rows_by_id, rows_not_exported, rows_settled
from primanota.core.balance_chain import walk
from primanota.core.errors import NotProven
from primanota.core.model import Account
from primanota.core.period import END_OF_TIME, Period, moment
from primanota.core.results import Span
from primanota.core.selection import Changed, New, Selection
from primanota.export.changes import Changes
from primanota.export.destinations import Destinations
from primanota.export.ledgers import Ledgers, no_ledger
from primanota.profiles import Profile


class Export(NamedTuple):
    """A requested export: journal, profile, selection of rows, destinations.

    ``ledger_of`` returns an account's ledger accounts, for formats that write journal entries. ``unproven`` are ids
    of accounts that the last sync could not prove. ``run_key`` is the key of the run, empty if it has no key.
    """

    journal: Journal
    profile: Profile
    selection: Selection
    ledger_of: Ledgers = no_ledger
    destinations: Destinations = Destinations()
    run_key: str = ""
    unproven: frozenset[str] = frozenset()

    @property
    def batches(self) -> Batches:
        """Return the batches of the book."""
        return Batches(self.journal.book)

    @property
    def zone(self) -> tzinfo:
        """Return the organisation's time zone."""
        return self.journal.zone

    def day(self, rows: SelectedRows, line: int) -> date:
        """Return the local day on which a row settled."""
        return moment(rows.settled(line)).astimezone(self.zone).date()

    def ledger_settings(self, account: Account) -> str:
        """Return the text of the settings that make the account's entries; empty for files without entries."""
        ledger = self.ledger_of(account) if self.profile.shows_postings else None
        return ledger.settings if ledger else ""

    def year_start(self, account: Account) -> tuple[int, int]:
        """Return the first day of the account's fiscal year, as (month, day)."""
        ledger = self.ledger_of(account)
        return ledger.year_start if ledger else (1, 1)


def select(export: Export, account: Account) -> SelectedRows:
    """Return the account's completed rows of the selection; the caller closes them."""
    journal, profile = export.journal, export.profile
    moving = profile.rules.zero == "skip"
    match export.selection:
        case Changed():
            ids = [change.changed.id for change in Changes(journal, export.ledger_of).of(profile.name)]
            return rows_by_id(journal.book, account.id, ids)
        case New() as new:
            active, undone = export.batches.numbers(profile.name)
            since, until = new.span(export.zone)
            return rows_not_exported(
                journal.book, account.id, since, until, active=active, undone=undone, moving=moving
            )
        case period:
            return rows_settled(journal.book, account.id, *period.span(export.zone), moving=moving)


def prove_span(export: Export, account: Account, rows: SelectedRows, *, allow_unproven: bool) -> Span:
    """Return the balances at both ends of the selected rows.

    Raises:
        NotProven: the balance chain has a gap between the two ends, and ``allow_unproven`` is false.
    """
    book = export.journal.book
    since, until = _ends(export, rows)
    chain = walk(book.booked_rows(account.id), since, until)
    gap = chain.first_gap_within(since, until)
    if gap and not allow_unproven:
        raise NotProven(f"{account.name}: {gap}.", "Run “primanota sync --full”, or export with --allow-unproven.")
    others = book.booked_rows(account.id) if export.profile.rules.zero == "skip" else iter(())
    skipped = sum(not row.amount and since <= row.settled < until for row in others)
    complete = chain.rows_within == len(rows) + skipped
    opening, closing = (chain.at_since, chain.at_until) if complete else (None, None)
    proven = not gap and account.id not in export.unproven if chain.has_running_balances else None
    return Span(opening, closing, False if account.id in export.unproven else proven, skipped)


def already_exported(export: Export, rows: SelectedRows) -> dict[int, int]:
    """Return how many of the rows are in each earlier batch of the profile; empty for a selection of changed rows."""
    if isinstance(export.selection, Changed):
        return {}
    active, _ = export.batches.numbers(export.profile.name)
    return rows.exported_in(active)


def _ends(export: Export, rows: SelectedRows) -> tuple[int, int]:
    """Return the half-open span in microseconds UTC: that of the period, or else from the first to the last row."""
    if isinstance(export.selection, Period):
        return export.selection.span(export.zone)
    if not rows:
        return END_OF_TIME, END_OF_TIME
    return rows.settled(rows.lines[0]), rows.settled(rows.lines[-1]) + 1
