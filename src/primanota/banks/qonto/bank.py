"""The bank as the story needs it: the company, its accounts, members and labels, and a reader for each account."""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from primanota.banks.qonto import normalise
from primanota.banks.qonto.counts import CANNOT, STATUSES, Totals, count, explore, question
from primanota.banks.qonto.normalise import OrganisationAnswer, Things, Told, TransactionsPage, thing
from primanota.banks.qonto.paging import AccountReader, Progress, all_of
from primanota.banks.qonto.request import Question
from primanota.core.errors import Forbidden, NotProven, Refused
from primanota.core.model import Entry
from primanota.core.period import microseconds

if TYPE_CHECKING:  # who only reads the book need not load what speaks HTTP
    from primanota.banks.qonto.client import Client

_ATTEMPTS = 3
_PER_PAGE = 100
_ORGANISATION = Question("/v2/organization", (("include_external_accounts", "true"),))
_ACCOUNTS = "/v2/bank_accounts"
_MICROSECOND = 1_000_000


class Company(NamedTuple):
    """What the bank says of the company, word for word; None for a list that the key may not read."""

    organisation: bytes
    accounts: list[Entry]
    members: list[Entry] | None
    labels: list[Entry] | None


class Standing(NamedTuple):
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
            for entry in _named(body):
                normalise.account(entry.body)
        return body

    def accounts(self, organisation: bytes) -> list[Entry]:
        """Every bank account, open, closed or external: those the company names, and those only the list has."""
        named = _named(organisation)
        known = {entry.id for entry in named}
        others = [entry for entry in self.listed(_ACCOUNTS) if entry.id not in known]
        with _readable(_ACCOUNTS):
            for entry in others:
                normalise.account(entry.body)
        return named + others

    def members(self) -> list[Entry]:
        """Every member on every page, without what a book has no business to know."""
        return self.listed("/v2/memberships")

    def labels(self) -> list[Entry]:
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
        with suppress(NotProven, Refused):  # then each reader finds out for itself, and only its account suffers
            totals = explore(self._client, account_ids)
        now = self.now
        with suppress(NotProven, Refused):
            questions = [all_of(key, now).question(1) for key in unread]
            firsts = dict(zip(unread, self._client.get_many(questions, TransactionsPage), strict=True))
        return {
            key: AccountReader(self._client, key, now, progress, totals.get(key), firsts.get(key))
            for key in account_ids
        }

    def standing(self, account_id: str) -> Standing:
        """How an account stands, now."""
        questions = [_ORGANISATION, *(question(account_id, (status,)) for status in STATUSES)]
        try:
            company, *counted = self._client.get_many(questions, Told)
        except Refused as refusal:
            if refusal.status not in CANNOT:
                raise
            return Standing(self._balance(account_id, self.organisation()), count(self._client, account_id))
        counts = {
            status: found.meta.total_count for status, found in zip(STATUSES, counted, strict=True) if found.meta
        }
        return Standing(self._balance(account_id, bytes(company.organization)), counts)

    def _balance(self, account_id: str, organisation: bytes) -> int | None:
        named = _named(organisation)
        entries = named if any(entry.id == account_id for entry in named) else self.listed(_ACCOUNTS)
        return next((normalise.account(entry.body).balance for entry in entries if entry.id == account_id), None)

    def listed(self, path: str) -> list[Entry]:
        """Every thing of a paged list.

        Raises:
            NotProven: the list's own count and its rows disagree, again and again.
        """
        for _ in range(_ATTEMPTS):
            with _readable(path):
                total, entries = self._list(path)
            found = {entry.id: entry for entry in entries}
            if len(found) == total:
                return list(found.values())
        raise NotProven(
            f"{path} says it has {total} rows and sends {len(found)}.", "Run the same command again later."
        )

    def _list(self, path: str) -> tuple[int, list[Entry]]:
        first = self._client.get(_page(path, 1), Things)
        raws, meta = first.rows, first.meta
        if meta is None:
            # Documented examples of the account list have no meta: then one page is all there is.
            return len(raws), [thing(raw) for raw in raws]
        pages = math.ceil(meta.total_count / max(1, meta.per_page))
        questions = (_page(path, number) for number in range(2, pages + 1))
        for page in self._client.get_many(questions, Things):
            raws += page.rows
        return meta.total_count, [thing(raw) for raw in raws]


class _Accounts(msgspec.Struct):
    bank_accounts: list[msgspec.Raw] = []


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """What the bank says must be what it documents, or nobody may rely on it."""
    try:
        yield
    except msgspec.DecodeError as error:
        raise NotProven(f"The bank's answer to {path} cannot be read: {error}.", "Please report it.") from None


def _page(path: str, number: int) -> Question:
    return Question(path, (("page", str(number)), ("per_page", str(_PER_PAGE))))


def _named(organisation: bytes) -> list[Entry]:
    return [thing(raw) for raw in msgspec.json.decode(organisation, type=_Accounts).bank_accounts]


def _allowed(read: Callable[[], list[Entry]]) -> list[Entry] | None:
    """What a list says, or None where the key's plan or role may not read it."""
    try:
        return read()
    except Forbidden:
        return None
