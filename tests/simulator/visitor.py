"""What the tests of the simulator share: a clock that they move, and a visitor with a valid key."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx2

from primanota.simulator import Simulator

OPENING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
EVERY_STATUS = ("completed", "pending", "declined")
Params = Mapping[str, str | int | Sequence[str]]
Row = dict[str, Any]


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = OPENING

    def __call__(self) -> datetime:
        """The present moment."""
        return self.now

    def move(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


class Visitor:
    """A client with the right key, and the bank that it visits."""

    def __init__(self, box: Simulator, clock: Clock) -> None:
        self.box = box
        self.bank = box.bank
        self.clock = clock
        self.main = box.bank.account_ids()[0]
        self.key = f"{box.login}:{box.secret}"
        self.client = httpx2.Client(
            transport=box.transport(), base_url="https://bank.example", headers={"Authorization": self.key}
        )

    def get(
        self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """Any answer."""
        return self.client.get(path, params=dict(params or {}), headers=dict(headers or {}))

    def ask(self, params: Params | None = None, account: str | None = None) -> httpx2.Response:
        """A list of an account's transactions, the main one's unless told."""
        return self.get("/v2/transactions", {"bank_account_id": account or self.main, **(params or {})})

    def rows(self, params: Params | None = None, account: str | None = None) -> list[Row]:
        """The rows of one page."""
        answer = self.ask(params, account)
        assert answer.status_code == 200, answer.text
        found: list[Row] = answer.json()["transactions"]
        return found

    def pages(self, params: Params | None = None, account: str | None = None) -> Iterator[Any]:
        """Every page of a list, as JSON."""
        page = 1
        while page:
            answer = self.ask({**(params or {}), "page": page}, account)
            assert answer.status_code == 200, answer.text
            yield answer.json()
            page = answer.json()["meta"]["next_page"]

    def everything(self, params: Params | None = None, account: str | None = None) -> list[Row]:
        """The rows of every page; of every status unless told."""
        asked: Params = {"status[]": EVERY_STATUS, **(params or {})}
        return [row for page in self.pages(asked, account) for row in page["transactions"]]

    def one(self, transaction_id: str) -> Row:
        """One row by its id."""
        found: Row = self.get(f"/v2/transactions/{transaction_id}").json()["transaction"]
        return found

    def refusal(self, params: Params | None = None, account: str | None = None) -> tuple[int, str]:
        """Status and code of a list that is refused."""
        answer = self.ask(params, account)
        return answer.status_code, answer.json()["errors"][0]["code"]


class Visit(Protocol):
    """Opens a simulator and visits it."""

    def __call__(self, **options: Any) -> Visitor:  # noqa: ANN401 - whatever the simulator takes
        """Visit a simulator with these options."""
