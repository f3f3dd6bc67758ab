"""Qonto through its API: the organisation with its lists, a reader for each account, and an account's status."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from primanota.banks.base import AccountStatus, Company, Progress
from primanota.banks.qonto.decoding import normalise
from primanota.banks.qonto.decoding.answers import (
    LIST_PAGES,
    OrganisationAnswer,
    TransactionsPage,
    list_item,
)
from primanota.banks.qonto.files import QontoFiles
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.sent_requests import SentRequests
from primanota.banks.qonto.reading.counts import Group, StatusFilters, count_request, counts, exploring_requests
from primanota.banks.qonto.reading.paging import AccountReader, changed_since, everything_until
from primanota.banks.qonto.reading.slices import is_short, page_count
from primanota.core.errors import AccessDenied, BankRefused, NotProven
from primanota.core.model import RawRecord
from primanota.core.period import microseconds
from primanota.core.proof_state import CLOCK_TOLERANCE

if TYPE_CHECKING:  # an export reads only the book: it need not load an HTTP client
    from primanota.banks.qonto.http.client import Client

_ATTEMPTS = 3
_PER_PAGE = 100
_ORGANISATION = Request("/v2/organization", (("include_external_accounts", "true"),))
_ACCOUNTS, _MEMBERS, _LABELS = "/v2/bank_accounts", "/v2/memberships", "/v2/labels"
_LATER = "Run the same command again later."
_SECOND = 1_000_000
_NO_ACCOUNT: Mapping[str, int] = MappingProxyType({})


class _Asked(NamedTuple):
    """What was asked of one account, at which moment of the bank's clock; ``since`` is None for every row.

    ``accounts`` are those of the organisation that was read in the same round, None if it was not.
    """

    since: int | None
    sent: SentRequests
    moment: int
    accounts: list[RawRecord] | None = None


class QontoBank:
    """What one API key can read.

    Args:
        client: the bank's API.
        clock: this program's own clock (aware), used until the bank has told its time.
        stopwatch: seconds of a clock that is never set back.
    """

    def __init__(
        self, client: "Client", clock: Callable[[], datetime], stopwatch: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._stopwatch = stopwatch
        self._filters = StatusFilters()
        self._sent = SentRequests(client)
        self._changes: dict[str, _Asked] = {}  # by account, in the round in which the organisation was read
        self._statuses: dict[str, _Asked] = {}

    @property
    def statuses(self) -> Group:
        """The statuses that the bank can filter by, as far as it has told."""
        return self._filters.statuses

    @property
    def files(self) -> QontoFiles:
        """The receipts and statements."""
        return QontoFiles(self._client, self.list_items)

    @property
    def tells_time(self) -> bool:
        """Whether the bank has told its clock, so that ``now`` is not only this machine's."""
        return self._client.bank_time is not None

    @property
    def news(self) -> bytes:
        """What was found out about the bank, for :meth:`recall`; empty if it is what was recalled."""
        return self._filters.news

    def recall(self, kept: bytes) -> None:
        """Use what an earlier sync found out about the bank, if it is not too old."""
        self._filters.recall(kept, self.now)

    @property
    def now(self) -> int:
        """The bank's clock at its last answer, else this program's: microseconds UTC, a whole second.

        A clock that runs ahead is believed for a few minutes only: what changes meanwhile would never be read.
        """
        ours = microseconds(self._clock())
        present = min(microseconds(self._client.bank_time or self._clock()), ours + CLOCK_TOLERANCE)
        return present - present % _SECOND

    def organisation(self) -> bytes:
        """Read the organisation, external accounts included. It is the cheapest way to try a key.

        Raises:
            NotProven: a field that is needed cannot be read.
        """
        body = bytes(self._sent.get(_ORGANISATION, OrganisationAnswer).organization)
        with _translated_errors(_ORGANISATION.path):
            normalise.organisation(body)
            for item in _accounts_in(body):
                normalise.account(item.body)
        return body

    def accounts(self, organisation: bytes) -> list[RawRecord]:
        """Return the organisation's accounts, and read those that only the list of accounts has.

        They are open, closed or external.
        """
        named = _accounts_in(organisation)
        known = {item.id for item in named}
        others = [item for item in self.list_items(_ACCOUNTS) if item.id not in known]
        with _translated_errors(_ACCOUNTS):
            for item in others:
                normalise.account(item.body)
        return named + others

    def members(self) -> list[RawRecord]:
        """Read every member on every page, without the private fields that a book does not need."""
        return self.list_items(_MEMBERS)

    def labels(self) -> list[RawRecord]:
        """Read every label on every page."""
        return self.list_items(_LABELS)

    def company(self, changed: Mapping[str, int] = _NO_ACCOUNT) -> Company:
        """Read the organisation and its lists, all side by side.

        Args:
            changed: accounts for which :meth:`sources` will be called with the same moments. What changed in them
                since, their counts and their balances are asked for in the same round of requests.
        """
        started = self._stopwatch()
        self._sent.send([_ORGANISATION], OrganisationAnswer)
        for path in (_ACCOUNTS, _MEMBERS, _LABELS):
            self._sent.send([_page(path, 1)], LIST_PAGES[path])
        asked = self._send_first(changed, self.now)
        for key in [*changed][:1] if self._filters.groups is None else ():
            asked[key].send(exploring_requests(key), TransactionsPage)
        try:
            organisation = self.organisation()
            moment = self._moment(started)
            company = Company(
                organisation, self.accounts(organisation), _allowed(self.members), _allowed(self.labels)
            )
        except BaseException:
            for sent in (self._sent, *asked.values()):
                sent.cancel()
            raise
        for key, since in changed.items():
            self._changes[key] = _Asked(since, asked[key], moment, company.accounts)
        return company

    def sources(self, wanted: Mapping[str, int | None], progress: Progress) -> dict[str, AccountReader]:
        """Return a reader for each account; what all of them need first is asked for here, side by side.

        Args:
            wanted: since when changed rows will be read of each account (microseconds UTC); None for every row.
            progress: receives their pages.
        """
        progress.limited(self._client.seconds_until)
        asked, now = self._changes, self.now
        self._changes = {}
        known = {key: asked[key] for key, since in wanted.items() if key in asked and asked[key].since == since}
        others = {key: since for key, since in wanted.items() if key not in known}
        known |= {key: _Asked(others[key], sent, now) for key, sent in self._send_first(others, now).items()}
        if self._filters.groups is None and known:
            key = next(iter(known))
            with suppress(NotProven, BankRefused):  # then each reader explores its own account
                self._filters.explore(key, known[key].sent, now)
        self._statuses = {key: one for key, one in known.items() if one.since is not None}
        return {
            key: AccountReader(self._client, key, one.moment, progress, self._filters, one.sent)
            for key, one in ((key, known[key]) for key in wanted)
        }

    def ask_status(self, account_id: str) -> int:
        """Ask for an account's present balance and counts, and do not wait; return the bank's clock before that."""
        asked = self._statuses.get(account_id)
        if asked is None:
            asked = self._statuses[account_id] = _Asked(None, SentRequests(self._client), self.now)
            asked.sent.send([_ORGANISATION], OrganisationAnswer)
            asked.sent.send(_count_requests(account_id, self.statuses), TransactionsPage)
        return asked.moment

    def account_status(self, account_id: str) -> AccountStatus:
        """Return an account's balance and counts: what was asked for, else the present ones."""
        if self._filters.groups is None:
            self._filters.explore(account_id, SentRequests(self._client), self.now)
        self.ask_status(account_id)
        asked = self._statuses.pop(account_id)
        asked.sent.send(_count_requests(account_id, self.statuses), TransactionsPage)
        found = counts(account_id, asked.sent, self._filters)
        return self._status(account_id, self._accounts_of(account_id, asked), found)

    def _send_first(self, wanted: Mapping[str, int | None], now: int) -> dict[str, SentRequests]:
        """Send what is needed first of some accounts: a first page, and the counts if only changes are wanted."""
        asked = {key: SentRequests(self._client) for key in wanted}
        statuses = self._filters.first_group
        for key, since in wanted.items():
            query = everything_until(key, now, statuses) if since is None else changed_since(key, since, statuses)
            asked[key].send([query.request(1)], TransactionsPage)
            if since is not None:
                asked[key].send(_count_requests(key, statuses), TransactionsPage)
        return asked

    def _moment(self, started: float) -> int:
        """Return the bank's clock at an earlier moment of the stopwatch, or a little earlier.

        The clock was told by an answer of this round; the bank cannot have stamped it later than it arrived.
        """
        passed = int((self._stopwatch() - started) * _SECOND)
        present = self.now - passed
        return present - present % _SECOND

    def _accounts_of(self, account_id: str, asked: _Asked) -> list[RawRecord]:
        """Return accounts as the bank states them now; if the organisation lacks the account, those of the list."""
        if asked.accounts is not None:
            return asked.accounts
        body = bytes(asked.sent.get(_ORGANISATION, OrganisationAnswer).organization)
        with _translated_errors(_ORGANISATION.path):
            named = _accounts_in(body)
        return named if any(item.id == account_id for item in named) else self.list_items(_ACCOUNTS)

    def _status(self, account_id: str, items: Iterable[RawRecord], counted: dict[str, int]) -> AccountStatus:
        with _translated_errors(_ORGANISATION.path):
            ours = [item.body for item in items if item.id == account_id]
            if any(map(normalise.has_absurd_balance, ours)):
                raise NotProven(
                    f"The bank states a balance of account {account_id} that no account can have.", _LATER
                )
            found = [normalise.account(body).balance for body in ours]
        return AccountStatus(found[0] if found else None, counted, bool(found))

    def list_items(self, path: str) -> list[RawRecord]:
        """Read every item of a paged list.

        Raises:
            NotProven: the list's own count and its items disagree in each attempt.
        """
        for _ in range(_ATTEMPTS):
            with _translated_errors(path):
                total, items = self._list(path)
            found = {item.id: item for item in items}
            if len(found) == total:
                return list(found.values())
        raise NotProven(f"{path} says it has {total} rows and sends {len(found)}.", _LATER)

    def _list(self, path: str) -> tuple[int, list[RawRecord]]:
        kind = LIST_PAGES[path]
        try:
            first = self._sent.get(_page(path, 1), kind)
        except BankRefused as refusal:
            if self._filters.empty.has_refused(refusal, self._sent):  # it has no page at all
                return 0, []
            raise
        raws, meta = first.rows, first.meta
        if meta is None:
            # Documented examples of the account list have no meta: then there is one page only.
            return len(raws), [list_item(raw) for raw in raws]
        pages = 1 if is_short(meta, len(raws), _PER_PAGE) else page_count(meta)
        requests = (_page(path, number) for number in range(2, pages + 1))
        items = [list_item(raw) for raw in raws]
        known = {item.id for item in items}
        for page in self._client.get_many(requests, kind):
            found = [list_item(raw) for raw in page.rows]
            if known.issuperset(item.id for item in found):
                break  # a page without a new item: the further pages that the bank announces will not help
            items += found
            known.update(item.id for item in found)
        return meta.total_count, items


class _Accounts(msgspec.Struct):
    bank_accounts: list[msgspec.Raw]


@contextmanager
def _translated_errors(path: str) -> Iterator[None]:
    """Raise NotProven where an answer does not have the documented shape."""
    try:
        yield
    except msgspec.DecodeError as error:
        raise NotProven(f"The bank's answer to {path} cannot be read: {error}.", "Please report it.") from None


def _page(path: str, number: int) -> Request:
    return Request(path, (("page", str(number)), ("per_page", str(_PER_PAGE))))


def _accounts_in(organisation: bytes) -> list[RawRecord]:
    return [list_item(raw) for raw in msgspec.json.decode(organisation, type=_Accounts).bank_accounts]


def _allowed(read: Callable[[], list[RawRecord]]) -> list[RawRecord] | None:
    """Return a list, or None where the key's plan or role may not read it."""
    try:
        return read()
    except AccessDenied:
        return None


def _count_requests(account_id: str, statuses: Group) -> Iterator[Request]:
    return (count_request(account_id, (status,)) for status in statuses)
