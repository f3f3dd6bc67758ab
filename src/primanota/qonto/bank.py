"""The bank as the story needs it: the company, its accounts, members and labels, and a reader for each account."""

import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from primanota.errors import Forbidden, NotProven
from primanota.model import Entry
from primanota.period import microseconds
from primanota.qonto.counts import count
from primanota.qonto.normalise import OrganisationAnswer, Things, account, thing
from primanota.qonto.pages import AccountReader, Progress
from primanota.qonto.question import Question

if TYPE_CHECKING:  # who only reads the book need not load what speaks HTTP
    from primanota.qonto.client import Client

_ATTEMPTS = 3
_PER_PAGE = 100
_MICROSECOND = 1_000_000


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
        question = Question("/v2/organization", (("include_external_accounts", "true"),))
        return bytes(self._client.get(question, OrganisationAnswer).organization)

    def accounts(self, organisation: bytes) -> list[Entry]:
        """Every bank account, open, closed or external: those the company names, and those only the list has."""
        named = self._named(organisation)
        known = {entry.id for entry in named}
        return named + [entry for entry in self.listed("/v2/bank_accounts") if entry.id not in known]

    def members(self) -> list[Entry]:
        """Every member on every page, without what a book has no business to know."""
        return self.listed("/v2/memberships")

    def labels(self) -> list[Entry]:
        """Every label on every page."""
        return self.listed("/v2/labels")

    def reader(self, account_id: str, progress: Progress) -> AccountReader:
        """Reads one account's transactions."""
        return AccountReader(self._client, account_id, self.now, progress)

    def balance(self, account_id: str) -> int | None:
        """An account's settled balance in cents, as the bank says it now; None where it does not."""
        named = self._named(self.organisation())
        entries = named if any(entry.id == account_id for entry in named) else self.listed("/v2/bank_accounts")
        return next((account(entry.body).balance for entry in entries if entry.id == account_id), None)

    def counts(self, account_id: str) -> dict[str, int]:
        """How many of an account's transactions of each status the bank counts, now."""
        return count(self._client, account_id)

    def listed(self, path: str) -> list[Entry]:
        """Every thing of a paged list.

        Raises:
            NotProven: the list's own count and its rows disagree, again and again.
        """
        for _ in range(_ATTEMPTS):
            found = {entry.id: entry for page in self._pages(path) for entry in page}
            if len(found) == self._total:
                return list(found.values())
        raise NotProven(
            f"{path} says it has {self._total} rows and sends {len(found)}.", "Run the same command again later."
        )

    def _named(self, organisation: bytes) -> list[Entry]:
        return [thing(raw) for raw in msgspec.json.decode(organisation, type=_Accounts).bank_accounts]

    def _pages(self, path: str) -> Iterator[list[Entry]]:
        first = self._client.get(_page(path, 1), Things)
        rows, meta = first.rows, first.meta
        # Documented examples of the account list have no meta: then one page is all there is.
        self._total = meta.total_count if meta else len(rows)
        yield [thing(raw) for raw in rows]
        pages = math.ceil(self._total / max(1, meta.per_page)) if meta else 1
        questions = (_page(path, number) for number in range(2, pages + 1))
        for page in self._client.get_many(questions, Things):
            yield [thing(raw) for raw in page.rows]


class _Accounts(msgspec.Struct):
    bank_accounts: list[msgspec.Raw] = []


def _page(path: str, number: int) -> Question:
    return Question(path, (("page", str(number)), ("per_page", str(_PER_PAGE))))


def allowed(read: Callable[[], list[Entry]]) -> list[Entry] | None:
    """What a list says, or None where the key's plan or role may not read it."""
    try:
        return read()
    except Forbidden:
        return None
