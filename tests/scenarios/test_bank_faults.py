"""Under each behaviour and fault of the bank, the book is complete, or an error says that it is not."""

import itertools
import random
from collections.abc import Callable, Iterator
from threading import Lock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primanota.core.errors import PrimanotaError
from primanota.simulator import FAULTS, SWITCHES, TOKEN_FAULTS, TRANSIENT, Simulator
from primanota.simulator.faults.catalogue import FILE_FAULTS
from tests.support.books.book_assertions import differences
from tests.support.books.book_world import World
from tests.support.clock import Clock

# Small enough for the bank's caps on deep pages and large results to apply.
_CAP = 200
_SIZE = 450
# With these faults the bank cannot be read: the exit code of each error.
_REFUSED = {"gateway-403": 4, "html-200": 4, "key-revoked": 4, "down": 5, "account-unlisted": 6}
_HARMLESS = TRANSIENT | TOKEN_FAULTS | FILE_FAULTS | {"cloudflare-1010", "forbidden"}


@pytest.mark.parametrize("switch", sorted(SWITCHES))
def test_every_doubtful_behaviour(world: Callable[..., World], switch: str) -> None:
    """With each doubtful behaviour of the API, every account is proven and equal to the bank's truth."""
    here = world(size=_SIZE, switches=[switch], cap=_CAP)
    assert [reason for account in here.sync() for reason in account.reasons] == []
    assert differences(here.simulator, here.book) == []


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_every_fault(world: Callable[..., World], fault: str) -> None:
    """A temporary fault has no effect; a permanent one is reported; a wrong book is never called proven."""
    here = world(size=_SIZE, faults=[fault], cap=_CAP)
    try:
        done = here.sync()
    except PrimanotaError as error:
        assert error.exit_code == _REFUSED[fault]  # noqa: PT017 - some faults raise and some do not
        return
    proven = all(account.proven for account in done)
    assert proven == (fault in _HARMLESS)
    if proven:
        assert differences(here.simulator, here.book) == []


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    switches=st.sets(st.sampled_from(sorted(SWITCHES)), min_size=2, max_size=4),
    faults=st.sets(st.sampled_from(sorted(TRANSIENT)), max_size=1),
    seed=st.integers(1, 1000),
)
def test_behaviours_together(world: Callable[..., World], switches: set[str], faults: set[str], seed: int) -> None:
    """With several doubtful behaviours and a temporary fault at once, a proven account equals the bank's truth."""
    here = world(size=250, seed=seed, switches=switches, faults=faults, cap=_CAP)
    try:
        done = here.sync()
    except PrimanotaError as error:
        assert error.exit_code in {4, 5, 6}  # noqa: PT017 - both outcomes are right
        return
    if all(account.proven for account in done):
        assert differences(here.simulator, here.book) == []


def _stir(simulator: Simulator, clock: Clock, chance: random.Random) -> None:
    """Change the bank: rows arrive, settle, are declined, edited, edited in numbers, or reversed."""
    clock.advance(seconds=chance.randrange(90))
    main = simulator.bank.account_ids()[0]
    rows = list(itertools.islice(simulator.bank.truth(main), 40))
    pending = [row["id"] for row in rows if row["status"] == "pending"]
    happening = chance.randrange(8)
    if happening < 3:
        simulator.bank.arrive(chance.randrange(1, 4))
    elif happening == 3:
        simulator.bank.mass_edit(chance.randrange(2, 130))
    elif happening == 4 and pending:
        chance.choice([simulator.bank.settle, simulator.bank.decline])(pending[0])
    elif happening == 5:
        completed = [row["id"] for row in rows if row["status"] == "completed"]
        simulator.bank.edit(chance.choice(completed), note=f"changed {chance.random()}")
    elif happening == 6 and chance.random() < 0.3:
        simulator.bank.reverse(next(row["id"] for row in rows if row["status"] == "completed"))


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(
    seed=st.integers(1, 10_000),
    switches=st.sets(st.sampled_from(["status-one-only", "unstable-ties", "per-page-50"])),
)
def test_rows_that_change_while_they_are_read(world: Callable[..., World], seed: int, switches: set[str]) -> None:
    """After changes between two requests, the next sync without changes is complete and proven."""
    here = world(size=300, seed=seed, switches=switches)
    chance, one_at_a_time = random.Random(seed), Lock()  # noqa: S311 - which events, not which secrets
    for _ in range(3):
        left = iter(range(chance.randrange(5, 40)))

        def stir(simulator: Simulator, path: str, left: Iterator[int] = left) -> None:
            with one_at_a_time:
                if path.startswith("/v2/transactions") and next(left, None) is not None:
                    _stir(simulator, here.clock, chance)

        here.simulator.before_request = stir
        here.sync()
        here.simulator.before_request = None
        here.clock.advance(minutes=20)
        assert [reason for account in here.sync() for reason in account.reasons] == []
        assert differences(here.simulator, here.book) == []


@pytest.mark.parametrize(("switches", "sizes"), [([], [100, 87, 76, 66]), (["per-page-50"], [100, 43, 37, 32])])
def test_a_repeated_scan_has_other_pages(world: Callable[..., World], switches: list[str], sizes: list[int]) -> None:
    """Each repetition of a scan has smaller pages, so that rows of one moment do not fall between two pages again."""
    here, paths = world(size=250, switches=switches, faults=["total-count-wrong-always"]), list[str]()
    here.simulator.before_request = lambda _simulator, path: paths.append(path)
    here.sync()
    scans = [path for path in paths if "sort_by=created_at" in path]
    assert [*dict.fromkeys(int(path.rpartition("per_page=")[2]) for path in scans)] == sizes


def test_a_row_that_settles_late_is_found(world: Callable[..., World]) -> None:
    """A row that was pending for weeks and then completes is completed in the book after the next sync."""
    here = world(size=_SIZE)
    here.sync()
    before = {account.account.id: here.book.status_counts(account.account.id) for account in here.sync()}
    here.clock.advance(days=30)
    done = here.sync()
    assert all(account.proven for account in done)
    assert differences(here.simulator, here.book) == []
    assert any(here.book.status_counts(key) != counts for key, counts in before.items())


def test_a_row_that_vanishes_is_marked(world: Callable[..., World]) -> None:
    """A completed row that the bank no longer lists, because it was reversed, stays in the book, marked."""
    here = world(size=_SIZE, switches=["reversed-refused"])
    here.sync()
    main = here.simulator.bank.account_ids()[0]
    victim = next(row["id"] for row in here.simulator.bank.truth(main) if row["status"] == "completed")
    here.clock.advance(days=1)
    here.simulator.bank.reverse(victim)
    done = here.sync()
    assert [key for account in done for key in account.vanished] == [victim]
    assert all(account.proven for account in done)
    assert differences(here.simulator, here.book) == []
    assert here.book._connection.execute("SELECT absent FROM latest WHERE id = ?", (victim,)).fetchone() == (1,)


def test_a_second_sync_reads_little_and_changes_nothing(world: Callable[..., World]) -> None:
    """A second sync sends fewer than 50 requests and does not store a new version."""
    here = world(size=2_000)
    here.sync()
    asked = here.simulator.requests.count
    here.clock.advance(hours=1)
    done = here.sync()
    assert [(one.counts.new, one.counts.changed) for one in done] == [(0, 0)] * len(done)
    assert here.simulator.requests.count - asked < 50


@pytest.mark.parametrize("cap", ["result-cap-422", "deep-cap-422", "deep-cap-400"])
@pytest.mark.parametrize("more", [[], ["created-at-refused"]])
def test_more_changes_than_the_bank_lists_at_once(world: Callable[..., World], cap: str, more: list[str]) -> None:
    """Changes of more rows than the bank lists at once, edited in numbers or new, are read without a full sync."""
    here = world(size=150, switches=[cap, *more], cap=100)
    here.sync()
    here.clock.advance(hours=30)
    here.simulator.bank.mass_edit(110)
    for _ in range(50):
        here.clock.advance(minutes=7)
        here.simulator.bank.arrive(1)
    assert [reason for account in here.sync() for reason in account.reasons] == []
    assert differences(here.simulator, here.book) == []


def test_a_full_sync_finds_the_same(world: Callable[..., World]) -> None:
    """A full sync does not change a book that is right."""
    here = world(size=_SIZE)
    here.sync()
    done = here.sync(full=True)
    assert all(account.proven and not account.counts.new and not account.counts.changed for account in done)


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 200])
def test_any_size(world: Callable[..., World], size: int) -> None:
    """Any number of rows is read completely: zero, one, or exactly a page."""
    here = world(size=size)
    assert all(account.proven for account in here.sync())
    assert differences(here.simulator, here.book) == []


@pytest.mark.parametrize("more", [[], ["status-one-only"], ["result-cap-422"]])
@pytest.mark.parametrize("size", [0, 150])
def test_lists_without_rows_that_are_refused(world: Callable[..., World], more: list[str], size: int) -> None:
    """A bank that has no page of a list without rows is read all the same, also where nothing has changed."""
    here = world(size=size, labels=0, switches=["empty-422", *more], cap=100)
    for _ in range(2):
        assert [reason for account in here.sync() for reason in account.reasons] == []
        assert differences(here.simulator, here.book) == []
        here.clock.advance(days=7)
    here.simulator.bank.arrive(1)
    assert [one.counts.new for one in here.sync()] == [1, 0, 0, 0]
    assert differences(here.simulator, here.book) == []


def test_many_members_and_labels(world: Callable[..., World]) -> None:
    """Members and labels beyond the first page are stored, without a member's private fields."""
    here = world(size=120, members=150, labels=130)
    here.sync()
    assert len(here.book.bodies("member")) == len(here.simulator.bank.members()) > 100
    assert len(here.book.bodies("label")) == len(here.simulator.bank.labels()) > 100
    assert not any(b"birthdate" in body for body in here.book.bodies("member").values())
