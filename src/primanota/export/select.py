"""Select the rows of an export, and prove that no row is missing between the first and the last one."""

from collections.abc import Callable
from datetime import date, tzinfo
from typing import NamedTuple

from primanota.book import Batches, SelectedRows
from primanota.book.journal import Journal
from primanota.book.selected_rows import rows_by_id, rows_not_exported, rows_settled
from primanota.core.balance_chain import walk
from primanota.core.errors import NotProven
from primanota.core.model import Account, Ledger
from primanota.core.period import END_OF_TIME, Period, moment
from primanota.core.proof_state import ProofState, verdict
from primanota.core.results import Span
from primanota.core.selection import Changed, New, Selection
from primanota.export.changes import changes
from primanota.export.destinations import Destinations
from primanota.export.proof import limited, reached_state
from primanota.profiles import Profile

Ledgers = Callable[[Account], Ledger | None]


def no_ledger(_: Account) -> None:
    """Return None: the default if the settings have no ledger accounts."""


class Export(NamedTuple):
    """A requested export: journal, profile, selection of rows, destinations.

    ``ledger_of`` returns an account's ledger accounts, for formats that write journal entries. ``unlimited`` are ids
    of accounts that the user named: if the bank no longer shows one, its rows are not limited to proven ones.
    ``run_key`` is the key of the run, empty if it has no key.
    """

    journal: Journal
    profile: Profile
    selection: Selection
    ledger_of: Ledgers = no_ledger
    destinations: Destinations = Destinations()
    run_key: str = ""
    unlimited: frozenset[str] = frozenset()

    @property
    def batches(self) -> Batches:
        """Return the batches of the book."""
        return Batches(self.journal.book)

    @property
    def zone(self) -> tzinfo:
        """Return the organisation's time zone."""
        return self.journal.zone

    def span(self, account: Account, selected: Period | New) -> tuple[int, int]:
        """Return the half-open span of a selection; of an account that has gone, the part in which it is proven."""
        span = selected.span(self.zone)
        return span if account.id in self.unlimited else limited(self.journal.book.proof_state(account.id), span)

    def day(self, rows: SelectedRows, line: int) -> date:
        """Return the local day on which a row settled."""
        return moment(rows.settled(line)).astimezone(self.zone).date()

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
            ids = [change.changed.id for change in changes(journal, profile.name)]
            return rows_by_id(journal.book, account.id, ids)
        case New() as new:
            active, undone = export.batches.numbers(profile.name)
            since, until = export.span(account, new)
            return rows_not_exported(
                journal.book, account.id, since, until, active=active, undone=undone, moving=moving
            )
        case period:
            return rows_settled(journal.book, account.id, *export.span(account, period), moving=moving)


def prove_span(export: Export, account: Account, rows: SelectedRows, *, allow_unproven: bool) -> Span:
    """Return the balances at both ends of the selected rows.

    Raises:
        NotProven: the balance chain has a gap between the two ends, or the account is not proven as far as the
            selection reaches, and ``allow_unproven`` is false.
    """
    book = export.journal.book
    since, until = _ends(export, account, rows)
    chain = walk(book.booked_rows(account.id), since, until)
    gap = chain.first_gap_within(since, until)
    found = book.proof_state(account.id)
    state = reached_state(account, found, _reach(export, found, rows), allow_unproven=allow_unproven)
    if gap and not allow_unproven:
        raise NotProven(f"{account.name}: {gap}.", "Run “primanota sync --full”, or export with --allow-unproven.")
    others = book.booked_rows(account.id) if export.profile.rules.zero == "skip" else iter(())
    skipped = sum(not row.amount and since <= row.settled < until for row in others)
    complete = chain.rows_within == len(rows) + skipped
    opening, closing = (chain.at_since, chain.at_until) if complete else (None, None)
    if gap and verdict(state) is not False:
        state = "doubtful"
    elif state == "proven" and not chain.has_running_balances:
        state = "counts only"
    return Span(opening, closing, verdict(state), skipped, state)


def already_exported(export: Export, rows: SelectedRows) -> dict[int, int]:
    """Return how many of the rows are in each earlier batch of the profile; empty for a selection of changed rows."""
    if isinstance(export.selection, Changed):
        return {}
    active, _ = export.batches.numbers(export.profile.name)
    return rows.exported_in(active)


def _reach(export: Export, found: ProofState, rows: SelectedRows) -> int:
    """Return the end of what an export says to be whole: of its selection, up to the present, or of its rows."""
    if isinstance(export.selection, Changed) or found.state == "gone":
        return rows.settled(rows.lines[-1]) + 1 if rows else 0
    return min(export.selection.span(export.zone)[1], export.journal.book.clock())


def _ends(export: Export, account: Account, rows: SelectedRows) -> tuple[int, int]:
    """Return the half-open span in microseconds UTC: that of the period, or else from the first to the last row."""
    if isinstance(export.selection, Period):
        return export.span(account, export.selection)
    if not rows:
        return END_OF_TIME, END_OF_TIME
    return rows.settled(rows.lines[0]), rows.settled(rows.lines[-1]) + 1
