"""The invented company as the bank knows it at two moments, with all true answers kept: a case needs no simulator."""

import json
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import httpx2

from primanota.simulator import Simulator
from primanota.simulator.data.company import organization_json
from primanota.simulator.rate_limits import RateLimits
from tests.support.clock import NOON, Clock

_SIZE = 12
_MOST_KEPT = 2_000
_ACCOUNTS = 2  # main and savings; the closed one and that of another bank are shown in some cases only
# How long after the first moment the second one is: what was pending has settled.
LATER = timedelta(hours=30)

Json = dict[str, Any]


class Answer(NamedTuple):
    """An answer: its status, headers and body; ``endless`` if the body never ends."""

    status: int
    headers: list[tuple[bytes, bytes]]
    content: bytes
    endless: bool = False


class BankState:
    """The bank at a moment. It stands still, so that each request has one true answer.

    Args:
        seed: the company.
        later: the second moment: rows have settled, arrived, and were edited.
        all_accounts: show four accounts, else two.
    """

    def __init__(self, seed: int, *, later: bool, all_accounts: bool) -> None:
        self._seed = seed
        clock = Clock(NOON - timedelta(minutes=30))
        self._simulator = Simulator(size=_SIZE, seed=seed, clock=clock)
        bank = self._simulator.bank
        shown = bank.account_ids() if all_accounts else bank.account_ids()[:_ACCOUNTS]
        self.accounts = frozenset(shown)
        arrived = [key for account in shown[:_ACCOUNTS] for key in bank.arrive(3, account)]
        clock.now = NOON
        if later:
            clock.now = NOON + LATER - timedelta(hours=1)
            older = [row["id"] for row in bank.truth(shown[0]) if row["status"] == "completed"]
            bank.edit(older[0], note="later", label="A later name")
            bank.edit(arrived[0], reference="later")
            bank.arrive(4)
            bank.arrive(1, shown[1])
            clock.now = NOON + LATER
        bank.advance()
        self.login, self.secret = self._simulator.login, self._simulator.secret
        self._transport = self._simulator.transport()
        self._kept: dict[bytes, Answer] = {}

    def answer(self, request: httpx2.Request) -> Answer:
        """Return the true answer to a request."""
        path = request.url.raw_path
        found = self._kept.get(path)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._simulator._state.limits = RateLimits()  # all cases are one client in one second
            response = self._transport.handle_request(request)
            content = response.read()
            if response.is_success:
                content = self._shown(request.url.path, content)
            headers = [(key, value) for key, value in response.headers.raw if key.lower() != b"content-length"]
            found = self._kept[path] = Answer(response.status_code, headers, content)
        return found

    @cached_property
    def organisation_id(self) -> str:
        """The id of the organisation."""
        return str(organization_json(self._seed)["id"])

    @cached_property
    def rows(self) -> dict[str, Json]:
        """The rows of the shown accounts, by their ids."""
        return {row["id"]: row for account in self.accounts for row in self._simulator.bank.truth(account)}

    @cached_property
    def completed(self) -> dict[str, Json]:
        """The completed rows of the shown accounts, by their ids."""
        return {key: row for key, row in self.rows.items() if row["status"] == "completed"}

    @cached_property
    def lists(self) -> dict[str, dict[str, Json]]:
        """The accounts, members and labels by their ids, as far as the book keeps them."""
        bank = self._simulator.bank
        accounts = {one["id"]: one for one in bank.accounts() if one["id"] in self.accounts}
        members = {one["id"]: {key: one[key] for key in ("id", "first_name", "last_name")} for one in bank.members()}
        return {"account": accounts, "member": members, "label": {one["id"]: one for one in bank.labels()}}

    def _shown(self, path: str, content: bytes) -> bytes:
        """Return an answer without the accounts that are not shown."""
        if path not in {"/v2/organization", "/v2/bank_accounts"}:
            return content
        data = json.loads(content)
        holder = data.get("organization", data)
        before = len(holder["bank_accounts"])
        holder["bank_accounts"] = [one for one in holder["bank_accounts"] if one["id"] in self.accounts]
        if "meta" in data:
            data["meta"]["total_count"] -= before - len(holder["bank_accounts"])
        return json.dumps(data, ensure_ascii=False).encode()


@lru_cache(maxsize=64)
def bank_state(seed: int, *, later: bool, all_accounts: bool) -> BankState:
    """Return the bank at a moment, made once in a process."""
    return BankState(seed, later=later, all_accounts=all_accounts)


def cents(row: Json) -> int:
    """Return the signed cents of a row."""
    return int(row["amount_cents"]) if row["side"] == "credit" else -int(row["amount_cents"])


def differences(row: Json, other: Json) -> Iterator[str]:
    """Yield the names of the fields of a true row that another row lacks or has otherwise."""
    yield from (name for name, value in row.items() if name not in other or other[name] != value)
