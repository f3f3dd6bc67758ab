"""A client of the simulator's API for tests, and a clock that tests set."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx2

from primanota.simulator import Simulator

OPENING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
EVERY_STATUS = ("completed", "pending", "declined")
Params = Mapping[str, str | int | Sequence[str]]
Row = dict[str, Any]


class ManualClock:
    """A clock that stands still until a test advances it."""

    def __init__(self) -> None:
        self.now = OPENING

    def __call__(self) -> datetime:
        """Return the present time."""
        return self.now

    def advance(self, **span: float) -> None:
        """Advance the clock by a `timedelta` of these units."""
        self.now += timedelta(**span)


class ApiClient:
    """A client with a valid key, and the bank that it reads."""

    def __init__(self, simulator: Simulator, clock: ManualClock) -> None:
        self.simulator = simulator
        self.bank = simulator.bank
        self.clock = clock
        self.main = simulator.bank.account_ids()[0]
        self.key = f"{simulator.login}:{simulator.secret}"
        self.http = httpx2.Client(
            transport=simulator.transport(), base_url="https://bank.example", headers={"Authorization": self.key}
        )

    def get(
        self, path: str, params: Params | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """Return the response of any endpoint."""
        return self.http.get(path, params=dict(params or {}), headers=dict(headers or {}))

    def list_transactions(self, params: Params | None = None, account: str | None = None) -> httpx2.Response:
        """Return the response of /v2/transactions, for the main account by default."""
        return self.get("/v2/transactions", {"bank_account_id": account or self.main, **(params or {})})

    def rows(self, params: Params | None = None, account: str | None = None) -> list[Row]:
        """Return the rows of one page."""
        response = self.list_transactions(params, account)
        assert response.status_code == 200, response.text
        found: list[Row] = response.json()["transactions"]
        return found

    def pages(self, params: Params | None = None, account: str | None = None) -> Iterator[Any]:
        """Yield the JSON of every page of a list."""
        page = 1
        while page:
            response = self.list_transactions({**(params or {}), "page": page}, account)
            assert response.status_code == 200, response.text
            yield response.json()
            page = response.json()["meta"]["next_page"]

    def all_rows(self, params: Params | None = None, account: str | None = None) -> list[Row]:
        """Return the rows of every page, with every status by default."""
        with_status: Params = {"status[]": EVERY_STATUS, **(params or {})}
        return [row for page in self.pages(with_status, account) for row in page["transactions"]]

    def row(self, transaction_id: str) -> Row:
        """Return one row by its id."""
        found: Row = self.get(f"/v2/transactions/{transaction_id}").json()["transaction"]
        return found

    def error(self, params: Params | None = None, account: str | None = None) -> tuple[int, str]:
        """Return status and code of a list that is refused."""
        response = self.list_transactions(params, account)
        return response.status_code, response.json()["errors"][0]["code"]


class OpenClient(Protocol):
    """The fixture `open_client`: starts a simulator with these options and returns a client of it."""

    def __call__(self, **options: Any) -> ApiClient:  # noqa: ANN401 - the simulator's options
        """Start a simulator and return a client of it."""
