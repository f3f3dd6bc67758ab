"""Qonto through its API: the organisation with its lists, a reader for each account, and an account's status."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from primanota.banks.base import AccountStatus, Company, Progress
from primanota.banks.qonto import normalise
from primanota.banks.qonto.answers import CountOrBalance, ListPage, OrganisationAnswer, TransactionsPage, list_item
from primanota.banks.qonto.counts import (
    CANNOT,
    REVERSED,
    STATUSES,
    Totals,
    count,
    count_everything,
    count_request,
    knows_reversed,
)
from primanota.banks.qonto.paging import AccountReader, everything_until, is_short, page_count
from primanota.banks.qonto.request import Request
from primanota.core.errors import AccessDenied, BankRefused, NotProven
from primanota.core.model import RawRecord
from primanota.core.period import microseconds
from primanota.core.proof_state import CLOCK_TOLERANCE

if TYPE_CHECKING:  # an export reads only the book: it need not load an HTTP client
    from primanota.banks.qonto.client import Client

_ATTEMPTS = 3
_PER_PAGE = 100
_ORGANISATION = Request("/v2/organization", (("include_external_accounts", "true"),))
_ACCOUNTS = "/v2/bank_accounts"
_LATER = "Run the same command again later."
_MICROSECOND = 1_000_000


class QontoBank:
    """What one API key can read.

    Args:
        client: the bank's API.
        clock: this program's own clock (aware), used until the bank has told its time.
    """

    def __init__(self, client: "Client", clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._knows_reversed: bool | None = None

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses that the bank can filter by, as far as it has told."""
        return (*STATUSES, REVERSED) if self._knows_reversed else STATUSES

    @property
    def now(self) -> int:
        """The bank's clock at its last answer, else this program's: microseconds UTC, a whole second.

        A clock that runs ahead is believed for a few minutes only: what changes meanwhile would never be read.
        """
        ours = microseconds(self._clock())
        present = min(microseconds(self._client.bank_time or self._clock()), ours + CLOCK_TOLERANCE)
        return present - present % _MICROSECOND

    def organisation(self) -> bytes:
        """Read the organisation, external accounts included. It is the cheapest way to try a key.

        Raises:
            NotProven: a field that is needed cannot be read.
        """
        body = bytes(self._client.get(_ORGANISATION, OrganisationAnswer).organization)
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
        return self.list_items("/v2/memberships")

    def labels(self) -> list[RawRecord]:
        """Read every label on every page."""
        return self.list_items("/v2/labels")

    def company(self) -> Company:
        """Read the organisation and, side by side, its lists."""
        organisation = self.organisation()
        with ThreadPoolExecutor(3) as threads:
            members = threads.submit(_allowed, self.members)
            labels = threads.submit(_allowed, self.labels)
            accounts = self.accounts(organisation)
            return Company(organisation, accounts, members.result(), labels.result())

    def sources(
        self, account_ids: Sequence[str], progress: Progress, unread: Sequence[str] = ()
    ) -> dict[str, AccountReader]:
        """Return a reader for each account, whose counts and first pages are read side by side here.

        Args:
            account_ids: the accounts.
            progress: receives their pages.
            unread: the accounts of which everything will be read.
        """
        totals: dict[str, Totals] = {}
        firsts: dict[str, TransactionsPage] = {}
        with suppress(NotProven, BankRefused):  # then each reader repeats it, and the error concerns its account only
            self._ask_for_reversed(account_ids)
            totals = count_everything(self._client, account_ids, self.statuses)
        now = self.now
        with suppress(NotProven, BankRefused):
            requests = [everything_until(key, now).request(1) for key in unread]
            firsts = dict(zip(unread, self._client.get_many(requests, TransactionsPage), strict=True))
        return {
            key: AccountReader(self._client, key, now, progress, totals.get(key), firsts.get(key), self.statuses)
            for key in account_ids
        }

    def account_status(self, account_id: str) -> AccountStatus:
        """Read an account's present balance and counts."""
        self._ask_for_reversed([account_id])
        requests = [_ORGANISATION, *(count_request(account_id, (status,)) for status in self.statuses)]
        try:
            company, *counted = self._client.get_many(requests, CountOrBalance)
        except BankRefused as refusal:
            if refusal.status not in CANNOT:
                raise
            return self._status(account_id, self.organisation(), count(self._client, account_id, self.statuses))
        pairs = zip(self.statuses, counted, strict=True)
        counts = {status: found.meta.total_count for status, found in pairs if found.meta}
        return self._status(account_id, bytes(company.organization), counts)

    def _ask_for_reversed(self, account_ids: Sequence[str]) -> None:
        """Find out once whether the bank can filter by the status ``reversed``."""
        if self._knows_reversed is None and account_ids:
            self._knows_reversed = False  # also if its answer cannot be read
            with suppress(NotProven):
                self._knows_reversed = knows_reversed(self._client, account_ids)

    def _status(self, account_id: str, organisation: bytes, counts: dict[str, int]) -> AccountStatus:
        with _translated_errors(_ORGANISATION.path):
            named = _accounts_in(organisation)
            items = named if any(item.id == account_id for item in named) else self.list_items(_ACCOUNTS)
            ours = [item.body for item in items if item.id == account_id]
            if any(map(normalise.has_absurd_balance, ours)):
                raise NotProven(
                    f"The bank states a balance of account {account_id} that no account can have.", _LATER
                )
            found = [normalise.account(body).balance for body in ours]
        return AccountStatus(found[0] if found else None, counts, bool(found))

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
        first = self._client.get(_page(path, 1), ListPage)
        raws, meta = first.rows, first.meta
        if meta is None:
            # Documented examples of the account list have no meta: then there is one page only.
            return len(raws), [list_item(raw) for raw in raws]
        pages = 1 if is_short(meta, len(raws), _PER_PAGE) else page_count(meta)
        requests = (_page(path, number) for number in range(2, pages + 1))
        items = [list_item(raw) for raw in raws]
        known = {item.id for item in items}
        for page in self._client.get_many(requests, ListPage):
            found = [list_item(raw) for raw in page.rows]
            if known.issuperset(item.id for item in found):
                break  # a page without a new item: the further pages that the bank announces will not help
            items += found
            known.update(item.id for item in found)
        return meta.total_count, items


class _Accounts(msgspec.Struct):
    bank_accounts: list[msgspec.Raw] = []


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
