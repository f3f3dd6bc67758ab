"""The state of a book at one glance: what is new, what needs a person, what was synced and imported, what runs next.

It reads the book alone, and as little of it as possible: no row is decoded.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from primanota import banks, profiles
from primanota.app.exporting.new_rows import count_new
from primanota.app.exporting.selection import known_first_day
from primanota.app.installation.schedule import RunSchedule
from primanota.app.reviewing.check import NOT_SHOWN
from primanota.app.reviewing.review import Review
from primanota.app.running.views import FindingCountView
from primanota.app.waiting import waiting
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.book.journal import Journal
from primanota.core.balance_chain import prove
from primanota.core.errors import BankRefused, PrimanotaError
from primanota.core.model import Account, account_of
from primanota.core.notice import Notice
from primanota.core.period import moment
from primanota.core.proof_state import State, verdict
from primanota.core.results import Batch, Sum
from primanota.core.selection import New
from primanota.export.select import Export
from primanota.profiles import Profile


class AccountStatusView(msgspec.Struct, frozen=True):
    """An account: when it was synced last, and how far it is proven. Local times.

    ``up_to_date`` says whether the bank has nothing else than the book; None if it was not asked, or does not tell.
    """

    account: str
    iban: str
    synced: datetime | None
    proven: bool | None
    proof: State
    until: datetime | None
    reasons: tuple[str, ...]
    up_to_date: bool | None = None


class NewRowsView(msgspec.Struct, frozen=True):
    """How many rows are in no batch of a profile yet.

    ``since`` is the first day of ``--new``, or else, with ``begun`` false, the day of the last row that was exported
    with the profile; without any of them, ``since`` and ``rows`` are None.
    """

    profile: str
    begun: bool
    since: date | None
    rows: int | None
    first: date | None
    last: date | None
    sums: tuple[Sum, ...]


class NotImportedView(msgspec.Struct, frozen=True):
    """A batch whose file is not marked as imported. ``made`` is local time."""

    batch: int
    made: datetime
    profile: str
    account: str
    rows: int
    name: str


class StatusView(msgspec.Struct, frozen=True):
    """The state of a book. ``next_run`` is local time, None if no run is scheduled or its time is not known.

    ``consent_until`` is when the organisation's consent ends, local time; None if it has an API key.
    """

    organisation: str
    accounts: list[AccountStatusView]
    new: list[NewRowsView]
    finding_counts: list[FindingCountView]
    not_imported: list[NotImportedView]
    waiting: list[Notice]
    scheduled: bool
    next_run: datetime | None
    consent_until: datetime | None = None


def status(
    workspace: Workspace, book: Book, bank: banks.Bank | None = None, review: Review | None = None
) -> StatusView:
    """Return the state of a book; with a bank, each account is compared with the bank's present balance and counts.

    Args:
        workspace: the organisation.
        book: its book.
        bank: the bank to compare it with.
        review: the review of the book, if it was made already.

    Raises:
        BankRefused: the bank refuses the key.
    """
    journal = workspace.journal(book)
    accounts, batches = journal.accounts(), Batches(book).all()
    zone = workspace.time_zone(journal.organisation().country)
    up_to_date = (
        {account.id: _is_up_to_date(bank, journal, account) for account in accounts if not account.from_files}
        if bank
        else {}
    )
    review = review or Review(journal, workspace.today(journal), None, workspace.ledgers())
    scheduled, next_run = _schedule(workspace, zone)
    return StatusView(
        organisation=workspace.login,
        accounts=[_account(journal, account, zone, up_to_date.get(account.id)) for account in accounts],
        new=[_new(workspace, journal, profile, batches) for profile in _profiles(workspace, batches, book)],
        finding_counts=[FindingCountView(kind, rows) for kind, rows in review.counts.items()],
        not_imported=[_not_imported(batch, accounts, zone) for batch in batches if _is_to_import(batch)],
        waiting=waiting(book).notices,
        scheduled=scheduled,
        next_run=next_run,
        consent_until=_consent_end(workspace, zone),
    )


def _consent_end(workspace: Workspace, zone: ZoneInfo) -> datetime | None:
    with suppress(PrimanotaError):  # “primanota run” says what is wrong with it
        return end.astimezone(zone) if (end := workspace.consent_end()) else None
    return None


def _account(journal: Journal, account: Account, zone: ZoneInfo, up_to_date: bool | None) -> AccountStatusView:  # noqa: FBT001 - None as well
    found, synced = journal.book.proof_state(account.id), journal.book.last_synced(account.id)
    return AccountStatusView(
        account=account.name,
        iban=account.iban,
        synced=None if synced is None else moment(synced).astimezone(zone),
        proven=verdict(found.state),
        proof=found.state,
        until=None if found.until is None else moment(found.until).astimezone(zone),
        reasons=found.reasons,
        up_to_date=up_to_date,
    )


def _is_up_to_date(bank: banks.Bank, journal: Journal, account: Account) -> bool | None:
    """Return whether the bank's balance and counts are those of the book; None if it does not show the account."""
    book = journal.book
    try:
        shown = bank.account_status(account.id)
    except BankRefused as refusal:
        if refusal.status not in NOT_SHOWN:
            raise
        return None
    if not shown.listed:
        return None
    chain = book.chain(account.id)
    return not prove(
        account.id, chain, shown.balance, book.status_counts(account.id, chain.rows), shown.counts
    ).reasons


def _profiles(workspace: Workspace, batches: list[Batch], book: Book) -> Iterator[Profile]:
    """Yield the default profile, and those by which rows were exported, the newest first."""
    default = workspace.config.profile(workspace.login)
    used = {batch.profile: batch for batch in batches if batch.is_active}
    names = dict.fromkeys((default, *(batch.profile for batch in reversed(batches) if batch.profile in used)))
    for name in names:
        if name in used:
            yield _as_used(used[name], book)
        else:
            with suppress(PrimanotaError):  # “primanota run” says what is wrong with it
                yield profiles.load(name)


def _as_used(batch: Batch, book: Book) -> Profile:
    """Return the profile of a batch as it is now, or else as it was when the batch was made."""
    with suppress(PrimanotaError):
        return profiles.load(batch.origin)
    return profiles.parse(batch.profile, Batches(book).profile_text(batch.digest), batch.origin)


def _new(workspace: Workspace, journal: Journal, profile: Profile, batches: list[Batch]) -> NewRowsView:
    book, name = journal.book, profile.name
    begun = known_first_day(book, name, workspace.config)
    used = [batch for batch in batches if batch.profile == name and batch.is_active]
    ends = [end for batch in used if begun is None and (end := Batches(book).last_settled(batch)) is not None]
    since = begun or (moment(max(ends)).astimezone(journal.zone).date() if ends else None)
    if since is None:
        return NewRowsView(name, begun=False, since=None, rows=None, first=None, last=None, sums=())
    found = count_new(Export(journal, profile, New(since)), journal.accounts())
    return NewRowsView(name, begun is not None, since, *found)


def _is_to_import(batch: Batch) -> bool:
    return batch.state == "delivered" and batch.imported is None and batch.rows > 0


def _not_imported(batch: Batch, accounts: list[Account], zone: ZoneInfo) -> NotImportedView:
    name = account_of(batch.account, accounts).name
    return NotImportedView(batch.number, batch.made.astimezone(zone), batch.profile, name, batch.rows, batch.name)


def _schedule(workspace: Workspace, zone: ZoneInfo) -> tuple[bool, datetime | None]:
    """Return whether a run is scheduled on this machine, and when it starts next."""
    with suppress(PrimanotaError):  # a machine without a scheduler
        schedule = RunSchedule(workspace)
        return schedule.installed, schedule.next_run(zone) if schedule.installed else None
    return False, None
