"""In how many rounds of requests a sync reads the bank, and what it keeps in mind for the next one."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Lock
from typing import Any

import httpx2
import msgspec
import pytest

from primanota.app.progress import Silent
from primanota.app.syncing.sync import sync
from primanota.banks.qonto.bank import QontoBank
from primanota.banks.qonto.http.client import Client
from primanota.book.records.verification import first_inconsistency
from primanota.core.errors import InvalidApiKey
from primanota.core.secret import Credentials, Secret
from primanota.simulator import Simulator
from tests.support.banks.shy_bank import refuse_account
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.books.book_world import CONNECTOR, World

_PATIENCE = 30


class _Gate(httpx2.BaseTransport):
    """Passes requests to a simulator; holds those back that a test wants to wait, until it opens."""

    def __init__(self, simulator: Simulator) -> None:
        self.holds: Callable[[httpx2.Request], bool] = lambda _: False
        self.sees: Callable[[httpx2.Request], bool] = lambda _: False
        self.requests: list[httpx2.Request] = []
        self.opened = Event()
        self._inner = simulator.transport()
        self._lock = Lock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request, perhaps after another one was seen."""
        with self._lock:
            self.requests.append(request)
        if self.sees(request):
            self.opened.set()
        if self.holds(request) and not self.opened.wait(_PATIENCE):
            return httpx2.Response(404)
        return self._inner.handle_request(request)


def _gated(here: World) -> tuple[_Gate, QontoBank, Client]:
    gate = _Gate(here.simulator)
    client = Client(
        Credentials(here.simulator.login, Secret(here.simulator.secret)), api_url=LOOPBACK, transport=gate
    )
    return gate, QontoBank(client, here.clock), client


def _open_after(gate: _Gate, client: Client, sent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every answer back until so many requests were sent beside each other."""
    _count_begun(client, monkeypatch, lambda begun: gate.opened.set() if begun >= sent else None)
    gate.holds = lambda _: True


def _count_begun(
    client: Client, monkeypatch: pytest.MonkeyPatch, tell: Callable[[int], None] = lambda _: None
) -> list[object]:
    """Return a list that receives each request that is sent beside others."""
    begin, begun = client.begin, list[object]()

    def counted(request: Any, kind: Any) -> Any:  # noqa: ANN401 - as the client
        begun.append(request)
        tell(len(begun))
        return begin(request, kind)

    monkeypatch.setattr(client, "begin", counted)
    return begun


# --- later syncs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("switches", "most"), [([], 24), (["reversed-refused"], 20)])
@pytest.mark.parametrize("size", [0, 450, 2_000])
def test_a_sync_without_changes_is_one_round(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, size: int, switches: list[str], most: int
) -> None:
    """Four accounts in which nothing changed take at most 24 requests, all sent before one of them is answered."""
    here = world(size=size, switches=switches)
    here.sync()
    here.clock.advance(hours=1)
    before = here.book.head
    gate, bank, client = _gated(here)
    _open_after(gate, client, most, monkeypatch)
    with client:
        done, _ = sync(bank, here.book, CONNECTOR, Silent())
    assert all(one.proven for one in done)
    assert len(gate.requests) == most
    assert before != here.book.head  # the new watermarks


def test_what_a_bank_can_do_is_explored_again_after_a_month(world: Callable[..., World]) -> None:
    """What was found out about the bank is a record of the book, and is found out again after 30 days."""
    here = world()

    def requests() -> int:
        gate, bank, client = _gated(here)
        with client:
            sync(bank, here.book, CONNECTOR, Silent())
        return len(gate.requests)

    requests()
    first = here.book.bodies("bank")["filters"]
    assert msgspec.json.decode(first)["statuses"] == ["pending", "declined", "completed", "reversed"]
    here.clock.advance(days=29)
    assert (requests(), here.book.bodies("bank")["filters"]) == (24, first)
    here.clock.advance(days=2)
    assert requests() > 24
    assert here.book.bodies("bank")["filters"] != first
    assert requests() == 24
    assert first_inconsistency(here.book, CONNECTOR.record, CONNECTOR.lacks_rule) is None


@pytest.mark.parametrize("switches", [[], ["status-one-only"]])
def test_a_bank_that_does_not_count_many_rows(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, switches: list[str]
) -> None:
    """Where the bank refuses to count all rows, those that changed lately show what it can do."""
    for module in ("window", "paging", "slices"):
        monkeypatch.setattr(f"primanota.banks.qonto.reading.{module}.SLICE", 100)
    here = world(size=450, switches=["result-cap-422", *switches], cap=300)
    assert all(one.proven for one in here.sync())
    here.clock.advance(hours=1)
    gate, bank, client = _gated(here)
    with client:
        done, _ = sync(bank, here.book, CONNECTOR, Silent())
    assert all(one.proven for one in done)
    assert (len(gate.requests) == 24) is not bool(switches)


@pytest.mark.parametrize("switch", ["reversed-refused", "reversed-ignored", "status-one-only"])
def test_a_bank_that_changes_what_it_can_do(world: Callable[..., World], switch: str) -> None:
    """A bank that no longer does what an earlier sync found out is read rightly all the same."""
    here = world(size=450)
    here.sync()
    here.clock.advance(hours=1)
    key, *_ = here.simulator.bank.arrive(3)
    here.simulator.bank.edit(key, note="seen")
    here.simulator._state.switches |= {switch}
    fresh = here._replace(bank=QontoBank(here.client, here.clock))
    assert all(one.proven for one in fresh.sync())
    assert b"seen" in here.book.bodies("transaction")[key]
    here.clock.advance(days=1)
    assert all(one.proven for one in here._replace(bank=QontoBank(here.client, here.clock)).sync())
    kept = msgspec.json.decode(here.book.bodies("bank")["filters"])["statuses"]
    assert kept == ([] if switch == "status-one-only" else ["pending", "declined", "completed"])


def test_a_refused_key_is_tried_with_few_requests(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a refused key the next sync asks for the organisation and its lists alone."""
    here = world()
    here.sync()
    here.simulator.choose_faults(["key-revoked"])
    counts = []
    for _ in range(3):
        _, bank, client = _gated(here)
        begun = _count_begun(client, monkeypatch)
        with client, pytest.raises(InvalidApiKey):
            sync(bank, here.book, CONNECTOR, Silent())
        counts.append(len(begun))
    assert counts == [24, 4, 4]


# --- moments --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [-90_000, -90, 0, 90, 90_000])
def test_a_watermark_is_never_later_than_the_reading_began(world: Callable[..., World], ahead: int) -> None:
    """However slow the bank is, and whatever this machine's clock says: changes after the first request are kept."""
    here = world()
    here.sync()
    here.clock.advance(days=2)
    began = here.clock.micros()
    passed = [0.0]

    def slow(*_: object) -> None:
        here.clock.advance(seconds=7)
        passed[0] += 7

    here.simulator.before_request = slow
    bank = QontoBank(here.client, lambda: here.clock.now + timedelta(seconds=ahead), lambda: passed[0])
    sync(bank, here.book, CONNECTOR, Silent())
    for account in here.journal.accounts():
        mark = here.book.watermark(account.id)
        assert mark is not None
        assert mark <= began


def test_late_changes_are_found_within_a_day(world: Callable[..., World]) -> None:
    """A change that the bank shows ten hours late is found by the next daily sync, at the latest."""
    here = world()
    here.sync()
    main = here.simulator.bank.account_ids()[0]
    row = next(row for row in here.simulator.bank.truth(main) if row["status"] == "completed")
    stamp = here.clock.now
    here.clock.advance(hours=10)
    here.sync()
    found = here.simulator.bank.find(row["id"])
    assert found
    here.simulator.bank.edit(row["id"], note="late")
    here.simulator.bank.table.update(found.number, updated=int(stamp.timestamp() * 1000) + 1)
    here.clock.advance(hours=1)
    here.sync()
    for _ in range(2):
        here.clock.advance(hours=10)
        here.sync()
    assert b"late" in here.book.bodies("transaction")[row["id"]]


def test_a_late_row_is_found_at_once(world: Callable[..., World]) -> None:
    """A completed row that the bank shows hours late moves its balance, and is read without a complete reading."""
    here = world(size=2_000)
    here.sync()
    here.clock.advance(hours=4)
    stamp = int(here.clock.now.timestamp() * 1000)
    here.clock.advance(minutes=20)
    here.sync()
    (key,) = here.simulator.bank.arrive(1)
    row = here.simulator.bank.find(key)
    assert row
    here.simulator.bank.table.update(row.number, created=stamp, emitted=stamp, updated=stamp, settled=stamp)
    here.clock.advance(hours=1)
    gate, bank, client = _gated(here)
    with client:
        done, _ = sync(bank, here.book, CONNECTOR, Silent())
    assert (done[0].reasons, done[0].counts.new) == ([], 1)
    main = [request.url.params for request in gate.requests if done[0].account.id in str(request.url)]
    begins = [given["updated_at_from"][:16] for given in main if "updated_at_from" in given]
    assert begins == ["2026-11-23T16:04", "2026-11-22T12:00"]


# --- first syncs ----------------------------------------------------------------------------------------------------


def _is_page(request: httpx2.Request, account: str, number: str) -> bool:
    given = request.url.params
    return given.get("bank_account_id") == account and (given.get("page"), given.get("per_page")) == (number, "100")


def test_accounts_are_read_side_by_side(world: Callable[..., World]) -> None:
    """While a page of the first account is outstanding, the others are read to the end."""
    here = world(size=2_000)
    ids = here.simulator.bank.account_ids()
    gate, bank, client = _gated(here)
    closed = set[str]()

    def sees(request: httpx2.Request) -> bool:
        given = request.url.params
        if "updated_at_from" in given:
            closed.add(given["bank_account_id"])
        return closed == set(ids[1:])

    gate.sees = sees
    gate.holds = lambda request: _is_page(request, ids[0], "2")
    with client:
        done, _ = sync(bank, here.book, CONNECTOR, Silent())
    assert all(one.proven for one in done)
    assert closed == set(ids)


@pytest.mark.parametrize("place", [0, 1, 3])
def test_an_error_of_one_account_concerns_it_alone(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """An account that the bank refuses in a first sync is not read; the others are, and are proven."""
    here = world(size=450)
    refuse_account(monkeypatch, here.simulator, place, 403)
    done = here.sync()
    assert [number for number, one in enumerate(done) if not one.proven] == [place]
    assert here.book.watermark(done[place].account.id) is None
    monkeypatch.undo()
    assert all(one.proven for one in here.sync())


def test_pages_of_the_next_slice_do_not_wait(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """While further pages of a slice are outstanding, first pages of the next ones come, once; no row is missing."""
    for module in ("window", "paging", "slices"):
        monkeypatch.setattr(f"primanota.banks.qonto.reading.{module}.SLICE", 150)
    here = world(size=4_000)
    main = here.simulator.bank.account_ids()[0]
    gate, bank, client = _gated(here)
    firsts = set[str]()

    def sees(request: httpx2.Request) -> bool:
        if _is_slice(request, main) and request.url.params["page"] == "1":
            firsts.add(request.url.params["created_at_from"])
        return len(firsts) > 3

    gate.sees = sees
    gate.holds = lambda request: _is_slice(request, main) and request.url.params["page"] != "1"
    with client:
        done, _ = sync(bank, here.book, CONNECTOR, Silent())
    assert all(one.proven for one in done)
    urls = [request.url for request in gate.requests]
    asked = [str(url) for url in urls if "created_at_from" in url.params]
    assert len(asked) == len(set(asked))
    assert len(firsts) > 10
    assert len({row["id"] for row in here.simulator.bank.truth(main)}) == done[0].counts.new


def _is_slice(request: httpx2.Request, account: str) -> bool:
    given = request.url.params
    return given.get("bank_account_id") == account and "created_at_from" in given


def test_the_total_is_known_early(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """All pages of an account with many slices are expected with its first page, and not many more are read."""
    for module in ("window", "paging", "slices"):
        monkeypatch.setattr(f"primanota.banks.qonto.reading.{module}.SLICE", 150)
    here = world(size=4_000)
    seen = _Expectations()
    assert all(one.proven for one in sync(here.bank, here.book, CONNECTOR, seen)[0])
    assert seen.read_when_half_was_expected < seen.read // 10
    assert seen.read <= seen.expected <= 1.5 * seen.read


class _Expectations(Silent):
    """Progress that remembers how many pages were read when most of the final total was expected."""

    def __init__(self) -> None:
        self.expected = self.read = 0
        self._history = [(0, 0)]

    @property
    def read_when_half_was_expected(self) -> int:
        return next(read for expected, read in self._history if 2 * expected >= self.expected)

    def expect(self, pages: int) -> None:
        """Count the expected pages."""
        self.expected += pages
        self._history.append((self.expected, self.read))

    def page(self, rows: int) -> None:  # noqa: ARG002 - the protocol's signature
        """Count a page."""
        self.read += 1
