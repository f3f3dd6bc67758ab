"""Select the rows of an export, and prove that no row is missing between the first and the last one."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, tzinfo
from typing import NamedTuple

import msgspec

from primanota.adapters.storage import disk
from primanota.book import Batches, SelectedRows
from primanota.book.journal import Journal
from primanota.book.records.exported_rows import Coverage
from primanota.book.rows.selected_rows import Exported, rows_by_id, rows_not_exported, rows_settled, zero_rows
from primanota.core.advice import read_again
from primanota.core.errors import NotProven
from primanota.core.model import Account, Ledger, Transaction, joint_account
from primanota.core.period import END_OF_TIME, moment
from primanota.core.proof_state import verdict, worst
from primanota.core.results import Span
from primanota.core.selection import Changed, New, Selection
from primanota.export.changes import Changes
from primanota.export.destinations import Destinations
from primanota.export.ledgers import Ledgers, no_ledger
from primanota.export.proof import limit_of, reached_state
from primanota.profiles import Profile


class Export(NamedTuple):
    """A requested export: journal, profile, selection of rows, destinations.

    ``ledger_of`` returns an account's ledger accounts, for formats that write journal entries. ``unlimited`` are ids
    of accounts that the user named: if the bank no longer shows one, its rows are not limited to proven ones.
    ``run_key`` is the key of the run, empty if it has no key. ``token`` makes a word that no other process makes.
    ``documents`` are the GUIDs of the documents of rows in a package of receipts, by the ids of the rows.
    ``newest_batch`` is the last batch that numbers of statements follow.
    """

    journal: Journal
    profile: Profile
    selection: Selection
    ledger_of: Ledgers = no_ledger
    destinations: Destinations = Destinations()
    run_key: str = ""
    unlimited: frozenset[str] = frozenset()
    token: Callable[[], str] = disk.new_token
    documents: Mapping[str, str] = {}
    newest_batch: int = END_OF_TIME

    @property
    def reader(self) -> Callable[[bytes], Transaction]:
        """Return the function that decodes the fields of a row that the profile's files need."""
        read, documents = self.journal.reader(self.profile.fields), self.documents
        if not documents:
            return read

        def with_document(body: bytes) -> Transaction:
            row = read(body)
            return msgspec.structs.replace(row, document=documents.get(row.id, ""))

        return with_document

    @property
    def batches(self) -> Batches:
        """Return the batches of the book."""
        return Batches(self.journal.book)

    @property
    def zone(self) -> tzinfo:
        """Return the organisation's time zone."""
        return self.journal.zone

    def limit(self, account: Account) -> int:
        """Return the moment (microseconds UTC) before which rows of an account can be in a file."""
        found = self.journal.book.proof_state(account.id)
        return END_OF_TIME if account.id in self.unlimited else limit_of(found)

    def limits(self, group: "AccountGroup") -> dict[str, int]:
        """Return the limit of each account, by its id."""
        return {account.id: self.limit(account) for account in group.accounts}

    def exported(self, group: "AccountGroup") -> Exported:
        """Return the profile's active batches, and the version up to which they have all that is selected as new."""
        name, moving = self.profile.name, self.profile.rules.zero == "skip"
        up_to = None
        if isinstance(self.selection, New):
            since, _ = self.selection.span(self.zone)
            up_to = self.batches.covered_up_to(name, group.ids, since, moving=moving)
        return Exported(self.batches.active_numbers(name), up_to)

    def day(self, rows: SelectedRows, line: int) -> date:
        """Return the local day on which a row settled."""
        return moment(rows.settled(line)).astimezone(self.zone).date()

    def ledger_settings(self, group: "AccountGroup") -> str:
        """Return the text of the settings that make the entries; empty for files without entries."""
        found = self.ledgers(group).values() if self.profile.shows_postings else ()
        return next((ledger.settings for ledger in found), "")

    def ledgers(self, group: "AccountGroup") -> dict[str, Ledger]:
        """Return the ledger accounts of each account, by its id; empty if the settings have none."""
        found = ((account.id, self.ledger_of(account)) for account in group.accounts)
        return {key: ledger for key, ledger in found if ledger}

    def year_start(self, group: "AccountGroup") -> tuple[int, int]:
        """Return the first day of the fiscal year, as (month, day)."""
        return next((ledger.year_start for ledger in self.ledgers(group).values()), (1, 1))


class AccountGroup(NamedTuple):
    """Accounts whose rows are in the same files: one, or several that the tool wants together.

    ``every`` says whether several are all accounts of the organisation.
    """

    accounts: tuple[Account, ...]
    every: bool = False

    @property
    def ids(self) -> list[str]:
        """Return the ids of the accounts."""
        return [account.id for account in self.accounts]

    @property
    def account(self) -> Account:
        """Return the account, or all of them as one."""
        return joint_account(self.accounts)


def account_groups(export: Export, accounts: Sequence[Account]) -> list[AccountGroup]:
    """Return the accounts by the files that they have: each by itself, or all together if the tool wants that."""
    if export.profile.rules.accounts == "together" and accounts:
        every = {account.id for account in export.journal.accounts()} <= {account.id for account in accounts}
        return [AccountGroup(tuple(accounts), every=every)]
    return [AccountGroup((account,)) for account in accounts]


def select(export: Export, group: AccountGroup) -> SelectedRows:
    """Return the completed rows of the selection; the caller closes them."""
    journal, profile = export.journal, export.profile
    moving = profile.rules.zero == "skip"
    match export.selection:
        case Changed():
            ids = [change.changed.id for change in Changes(journal, export.ledger_of).of(profile.name)]
            return rows_by_id(journal.book, group.ids, ids)
        case New() as new:
            limits, span = export.limits(group), new.span(export.zone)
            return rows_not_exported(journal.book, limits, *span, export.exported(group), moving=moving)
        case period:
            return rows_settled(journal.book, export.limits(group), *period.span(export.zone), moving=moving)


def cover(export: Export, group: AccountGroup, newest: int) -> None:
    """Record that every new row of a group is in a batch now, up to a version; inside the book's ``writing``.

    The next export of new rows then looks at later versions alone. Nothing is recorded of a selection with an end.
    """
    selection = export.selection
    if not isinstance(selection, New) or selection.end:
        return
    since, _ = selection.span(export.zone)
    covered = Coverage(since, export.profile.rules.zero == "skip", newest)
    for account in group.accounts:
        if export.limit(account) == END_OF_TIME:
            export.batches.cover(export.profile.name, account.id, covered)


def prove_span(export: Export, group: AccountGroup, rows: SelectedRows, *, allow_unproven: bool) -> Span:
    """Return the balances at both ends of the selected rows; without balances for the rows of several accounts.

    Raises:
        NotProven: the balance chain has a gap between the two ends, or the account is not proven as far as the
            selection reaches, and ``allow_unproven`` is false.
    """
    spans = [_prove(export, account, rows, allow_unproven=allow_unproven) for account in group.accounts]
    if len(spans) == 1:
        return spans[0]
    state = worst(span.proof for span in spans)
    return Span(None, None, verdict(state), sum(span.skipped_zero_rows for span in spans), None, state)


def _prove(export: Export, account: Account, rows: SelectedRows, *, allow_unproven: bool) -> Span:
    book, chain, (since, until) = export.journal.book, rows.chains[account.id], rows.spans[account.id]
    gap = chain.first_gap_within(since, until)
    found = book.proof_state(account.id)
    state = reached_state(account, found, _reach(export, account, rows), allow_unproven=allow_unproven)
    if gap and not allow_unproven:
        raise NotProven(f"{account.name}: {gap}.", f"{read_again(account)}, or export with --allow-unproven.")
    skipped = zero_rows(book, account.id, since, until) if export.profile.rules.zero == "skip" else 0
    complete = chain.rows_within == len(rows) + skipped
    opening, closing = (chain.at_since, chain.at_until) if complete else (None, None)
    if gap and verdict(state) is not False:
        state = "doubtful"
    elif state == "proven" and not chain.has_running_balances:
        state = "counts only"
    start = chain.opening if chain.has_running_balances else None
    return Span(opening, closing, verdict(state), skipped, start, state)


def already_exported(export: Export, rows: SelectedRows) -> dict[int, int]:
    """Return how many of the rows are in each earlier batch of the profile; empty for a selection of changed rows."""
    if isinstance(export.selection, Changed):
        return {}
    return rows.exported_in(export.batches.active_numbers(export.profile.name))


def _reach(export: Export, account: Account, rows: SelectedRows) -> int:
    """Return the end of what an export says to be whole: of its selection, up to the present, or of its rows."""
    gone = export.journal.book.proof_state(account.id).state == "gone"
    if isinstance(export.selection, Changed) or gone:
        last = rows.settled(rows.lines[-1]) + 1 if rows else 0
        return min(last, export.limit(account))
    return min(export.selection.span(export.zone)[1], export.journal.book.clock())
