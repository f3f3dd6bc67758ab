"""The bank as the story needs it: the company, its accounts, members and labels, and a reader for each account."""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from primanota.banks.qonto import normalise
from primanota.banks.qonto.counts import CANNOT, STATUSES, Totals, count, count_everything, request
from primanota.banks.qonto.normalise import CountOrBalance, ListPage, OrganisationAnswer, TransactionsPage, list_item
from primanota.banks.qonto.paging import AccountReader, Progress, everything_until
from primanota.banks.qonto.request import Request
from primanota.core.errors import AccessDenied, BankRefused, NotProven
from primanota.core.model import RawRecord
from primanota.core.period import microseconds

if TYPE_CHECKING:  # who only reads the book need not load what speaks HTTP
    from primanota.banks.qonto.client import Client

_ATTEMPTS = 3
_PER_PAGE = 100
_ORGANISATION = Request("/v2/organization", (("include_external_accounts", "true"),))
_ACCOUNTS = "/v2/bank_accounts"
_MICROSECOND = 1_000_000


class Company(NamedTuple):
    """What the bank says of the company, word for word; None for a list that the key may not read."""

    organisation: bytes
    accounts: list[RawRecord]
    members: list[RawRecord] | None
    labels: list[RawRecord] | None


class AccountStatus(NamedTuple):
    """An account's settled balance (cents, None where the bank is silent), and its rows of each status."""

    balance: int | None
    counts: dict[str, int]


class Bank:
    """What one API key can read.

    Args:
        client: asks the questions.
        clock: our own clock (aware), used where the bank does not say what time it is there.
    """

    def __init__(self, client: "Client", clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock

    @property
    def now(self) -> int:
        """The bank's clock at its last answer, else ours: microseconds UTC, a whole second."""
        present = microseconds(self._client.bank_time or self._clock())
        return present - present % _MICROSECOND

    def organisation(self) -> bytes:
        """The company's own description, external accounts included; the cheapest way to try a key."""
        body = bytes(self._client.get(_ORGANISATION, OrganisationAnswer).organization)
        with _readable(_ORGANISATION.path):
            normalise.organisation(body)
            for record in _named(body):
                normalise.account(record.body)
        return body

    def accounts(self, organisation: bytes) -> list[RawRecord]:
        """Every bank account, open, closed or external: those the company names, and those only the list has."""
        named = _named(organisation)
        known = {record.id for record in named}
        others = [record for record in self.listed(_ACCOUNTS) if record.id not in known]
        with _readable(_ACCOUNTS):
            for record in others:
                normalise.account(record.body)
        return named + others

    def members(self) -> list[RawRecord]:
        """Every member on every page, without what a book has no business to know."""
        return self.listed("/v2/memberships")

    def labels(self) -> list[RawRecord]:
        """Every label on every page."""
        return self.listed("/v2/labels")

    def company(self) -> Company:
        """The organisation, and side by side everything it has a list of."""
        organisation = self.organisation()
        with ThreadPoolExecutor(3) as threads:
            members = threads.submit(_allowed, self.members)
            labels = threads.submit(_allowed, self.labels)
            accounts = self.accounts(organisation)
            return Company(organisation, accounts, members.result(), labels.result())

    def readers(
        self, account_ids: Sequence[str], progress: Progress, unread: Sequence[str] = ()
    ) -> dict[str, AccountReader]:
        """A reader for each account; what all of them begin with is asked side by side.

        Args:
            account_ids: the accounts.
            progress: hears of their pages.
            unread: those of them of which everything will be read.
        """
        totals: dict[str, Totals] = {}
        firsts: dict[str, TransactionsPage] = {}
        with suppress(NotProven, BankRefused):  # then each reader finds out for itself, and only its account suffers
            totals = count_everything(self._client, account_ids)
        now = self.now
        with suppress(NotProven, BankRefused):
            questions = [everything_until(key, now).request(1) for key in unread]
            firsts = dict(zip(unread, self._client.get_many(questions, TransactionsPage), strict=True))
        return {
            key: AccountReader(self._client, key, now, progress, totals.get(key), firsts.get(key))
            for key in account_ids
        }

    def account_status(self, account_id: str) -> AccountStatus:
        """How an account stands, now."""
        questions = [_ORGANISATION, *(request(account_id, (status,)) for status in STATUSES)]
        try:
            company, *counted = self._client.get_many(questions, CountOrBalance)
        except BankRefused as refusal:
            if refusal.status not in CANNOT:
                raise
            return AccountStatus(self._balance(account_id, self.organisation()), count(self._client, account_id))
        counts = {
            status: found.meta.total_count for status, found in zip(STATUSES, counted, strict=True) if found.meta
        }
        return AccountStatus(self._balance(account_id, bytes(company.organization)), counts)

    def _balance(self, account_id: str, organisation: bytes) -> int | None:
        named = _named(organisation)
        entries = named if any(record.id == account_id for record in named) else self.listed(_ACCOUNTS)
        return next((normalise.account(record.body).balance for record in entries if record.id == account_id), None)

    def listed(self, path: str) -> list[RawRecord]:
        """Every thing of a paged list.

        Raises:
            NotProven: the list's own count and its rows disagree, again and again.
        """
        for _ in range(_ATTEMPTS):
            with _readable(path):
                total, entries = self._list(path)
            found = {record.id: record for record in entries}
            if len(found) == total:
                return list(found.values())
        raise NotProven(
            f"{path} says it has {total} rows and sends {len(found)}.", "Run the same command again later."
        )

    def _list(self, path: str) -> tuple[int, list[RawRecord]]:
        first = self._client.get(_page(path, 1), ListPage)
        raws, meta = first.rows, first.meta
        if meta is None:
            # Documented examples of the account list have no meta: then one page is all there is.
            return len(raws), [list_item(raw) for raw in raws]
        pages = math.ceil(meta.total_count / max(1, meta.per_page))
        questions = (_page(path, number) for number in range(2, pages + 1))
        for page in self._client.get_many(questions, ListPage):
            raws += page.rows
        return meta.total_count, [list_item(raw) for raw in raws]


class _Accounts(msgspec.Struct):
    bank_accounts: list[msgspec.Raw] = []


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """What the bank says must be what it documents, or nobody may rely on it."""
    try:
        yield
    except msgspec.DecodeError as error:
        raise NotProven(f"The bank's answer to {path} cannot be read: {error}.", "Please report it.") from None


def _page(path: str, number: int) -> Request:
    return Request(path, (("page", str(number)), ("per_page", str(_PER_PAGE))))


def _named(organisation: bytes) -> list[RawRecord]:
    return [list_item(raw) for raw in msgspec.json.decode(organisation, type=_Accounts).bank_accounts]


def _allowed(read: Callable[[], list[RawRecord]]) -> list[RawRecord] | None:
    """What a list says, or None where the key's plan or role may not read it."""
    try:
        return read()
    except AccessDenied:
        return None
