"""The bank of the benchmarks: it answers from prepared rows what the simulator answers."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle, product
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import httpx2
import prepared
import pytest
from bank import Served, served
from replay import ReplayingBank

from primanota.book import Book
from primanota.simulator import Simulator
from primanota.simulator.http.error_answers import ApiError
from tests.support import environment
from tests.support.books.book_assertions import differences
from tests.support.clock import Clock

_SIZE = 600
_USUAL = ("pending", "declined", "completed")
_STATUSES = ((), ("reversed",), ("completed",), _USUAL, (*_USUAL, "reversed"))
_BOUNDS: tuple[dict[str, str], ...] = (
    {},
    {"created_at_to": "2026-11-23T12:01:00.000Z"},
    {"created_at_from": "2026-03-01T00:00:00.000Z", "created_at_to": "2026-06-01T00:00:00.000Z"},
    {"updated_at_from": "2026-11-01T12:00:00.000Z"},
    {"settled_at_from": "2026-04-01", "updated_at_from": "2026-05-01T12:00:00.000Z", "emitted_at_to": "2026-11-01"},
)
_SORTS = (None, *(f"{name}_at:{way}" for name, way in product(prepared.ORDERS, ("asc", "desc"))))
_PAGES: tuple[dict[str, str], ...] = (
    {},
    {"page": "1", "per_page": "1"},
    {"page": "2", "per_page": "87"},
    {"page": "1", "per_page": "500"},
)


class Pair(NamedTuple):
    """A simulator, its API, and a bank with the same rows prepared."""

    simulator: Simulator
    api: httpx2.Client
    bank: ReplayingBank
    clock: Clock

    def grow(self) -> None:
        """Let the same rows arrive at both."""
        self.clock.now += timedelta(minutes=1)
        prepared.grow(self.simulator)
        self.bank.add()

    def differences(self, path: str, *params: tuple[str, str]) -> list[str]:
        """Return the request if both answer it differently."""
        query = urlencode(params)
        theirs = self.api.get(f"{path}?{query}")
        try:
            ours = self.bank.answer(path, query)
        except ApiError as error:
            return [] if error.status == theirs.status_code else [f"{path}?{query}: {error.status}"]
        return [] if ours == theirs.content else [f"{path}?{query}"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a small bank, prepared for this test."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return prepared.prepared(_SIZE)


@pytest.fixture
def pair(place: Path, clock: Clock) -> Iterator[Pair]:
    """Return a simulator and the bank that was prepared from the same rows."""
    with Simulator(size=_SIZE, clock=clock) as simulator:
        prepared.age(simulator)
        headers = {"Authorization": f"{simulator.login}:{simulator.secret}"}
        with httpx2.Client(transport=simulator.transport(), base_url="http://localhost", headers=headers) as api:
            yield Pair(simulator, api, ReplayingBank(place), clock)


@pytest.mark.parametrize("additions", [0, 2])
def test_every_list_of_transactions_is_the_simulators(pair: Pair, additions: int) -> None:
    """The bank of the benchmarks sends the pages of the simulator, byte for byte, also after rows were added."""
    pair.simulator._state.limits.allow = lambda *_: True  # type: ignore[method-assign]
    for _ in range(additions):
        pair.grow()
    found = []
    accounts = pair.simulator.bank.account_ids()
    for (account, statuses, bounds, sort), page in zip(
        product(accounts, _STATUSES, _BOUNDS, _SORTS), cycle(_PAGES), strict=False
    ):
        params = [("bank_account_id", account), *(("status[]", status) for status in statuses)]
        params += [("includes[]", "vat_details"), *bounds.items(), *page.items()]
        found += pair.differences("/v2/transactions", *params, *([("sort_by", sort)] if sort else []))
    assert not found, found[:3]


def test_company_and_its_lists_are_the_simulators(pair: Pair) -> None:
    """The bank of the benchmarks sends the organisation with its balances, and the lists, of the simulator."""
    for _ in range(3):
        found = pair.differences("/v2/organization") + pair.differences("/v2/members")
        found += pair.differences("/v2/organization", ("include_external_accounts", "true"))
        for name in ("bank_accounts", "memberships", "labels"):
            found += pair.differences(f"/v2/{name}", ("page", "1"), ("per_page", "100"))
            found += pair.differences(f"/v2/{name}", ("page", "2"), ("per_page", "2"))
        assert not found
        pair.grow()


def test_unknown_parameters_are_refused(pair: Pair) -> None:
    """The bank of the benchmarks refuses a filter that it would ignore."""
    with pytest.raises(ApiError, match="side is not known"):
        pair.bank.answer("/v2/transactions", f"bank_account_id={pair.simulator.bank.account_ids()[0]}&side=debit")


@pytest.mark.parametrize("options", [(), ("--tls", "--gzip")])
def test_books_of_both_banks_are_equal(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """A first and a later sync from the bank of the benchmarks store what the simulator has."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with Simulator(size=_SIZE, clock=clock) as simulator, served(_SIZE, 0.0, *options) as bank:
        prepared.age(simulator)
        for _ in range(2):
            _sync(bank, tmp_path)
            with Book(tmp_path / "books" / f"{bank.login}.book", clock.micros) as book:
                assert not differences(simulator, book)
            clock.advance(minutes=1)
            prepared.grow(simulator)
            assert bank.add() >= prepared.ADDED


def test_limits_are_kept_and_refusals_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bank of the benchmarks answers 429 to the request after the first 1,000, and counts both."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with served(0) as bank, httpx2.Client(headers={"Authorization": f"{bank.login}:{bank.secret}"}) as client:
        codes = [client.get(f"{bank.url}/v2/labels").status_code for _ in range(1_001)]
        counts = bank.counts()
    assert codes == [200] * 1_000 + [429]
    assert (counts.requests, counts.too_many, counts.connections) == (1_001, 1, 1)


def _sync(bank: Served, home: Path) -> None:
    variables = environment.plain(**bank.environment(home))
    done = environment.run([sys.executable, "-m", "primanota", "sync"], variables)
    assert done.returncode == 0, done.stderr
