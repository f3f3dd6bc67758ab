"""A company that lives on: started again at any time, it is the same company, further on in its calendar."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.simulator import Simulator, opening_before
from tests.simulator.api_client import ApiClient, ManualClock, Row
from tests.simulator.balance_chain import balance_chain, signed_cents, ties_out_of_order

OPENED = datetime(2026, 1, 1, tzinfo=UTC)
NEVER_CHANGES = ("id", "transaction_id", "created_at", "emitted_at", "label", "reference", "side", "operation_type")
EVERY: tuple[str, ...] = ("completed", "pending", "declined", "reversed")
MINUTES = st.integers(0, 300 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


class Reading(NamedTuple):
    """What a simulator that was started at some time serves."""

    rows: list[dict[str, Row]]
    bytes: list[bytes]
    balances: list[int]


def read(client: ApiClient) -> Reading:
    """Return all rows of all accounts by their ids, the bytes of some endpoints, and the balances."""
    accounts = client.bank.account_ids()
    asked = {"status[]": EVERY, "includes[]": "labels"}
    paths = ("/v2/organization", "/v2/bank_accounts", "/v2/memberships", "/v2/labels", "/v2/statements", "/v2/teams")
    answers = [*(client.list_transactions(asked, one) for one in accounts), *map(client.get, paths)]
    rows = [{row["id"]: row for row in client.bank.truth(one)} for one in accounts]
    return Reading(rows, [one.content for one in answers], [one["balance_cents"] for one in client.bank.accounts()])


def started(moment: datetime, seed: int = 1, size: int = 150) -> Reading:
    """Return what a simulator serves that is started at this moment."""
    clock = ManualClock()
    clock.now = moment
    with Simulator(size=size, seed=seed, clock=clock, opened=OPENED) as simulator:
        return read(ApiClient(simulator, clock))


@settings(max_examples=15)
@given(seed=st.integers(0, 1_000), passed=MINUTES)
def test_the_same_moment_gives_the_same_bytes(seed: int, passed: timedelta) -> None:
    """The same seed and the same moment give the same bytes."""
    assert started(OPENED + passed, seed) == started(OPENED + passed, seed)


@settings(max_examples=25)
@given(seed=st.integers(0, 1_000), passed=MINUTES, more=MINUTES)
def test_a_later_start_adds_rows(seed: int, passed: timedelta, more: timedelta) -> None:
    """A later start adds rows and settles pending ones; a completed row keeps everything but a fee's invoice."""
    before, after = started(OPENED + passed, seed), started(OPENED + passed + more, seed)
    for earlier, later in zip(before.rows, after.rows, strict=True):
        for key, row in earlier.items():
            if key not in later:
                assert row["status"] == "pending"
            elif row["status"] == "pending":
                assert all(later[key][name] == row[name] for name in NEVER_CHANGES)
            elif row["operation_type"] == "qonto_fee" and not row["attachment_ids"]:
                invoice = {"attachment_ids", "updated_at"}
                assert {name: later[key][name] for name in row if name not in invoice} == {
                    name: row[name] for name in row if name not in invoice
                }
            else:
                assert later[key] == row
        new = [row for key, row in later.items() if key not in earlier]
        moment = (OPENED + passed).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        assert all(row["created_at"] > moment for row in new)


@settings(max_examples=15)
@given(seed=st.integers(0, 1_000), hours=st.lists(st.integers(1, 400), min_size=1, max_size=8))
def test_passing_time_equals_a_later_start(seed: int, hours: list[int]) -> None:
    """A simulator for which time passes, in any steps, serves the bytes of one that is started afterwards."""
    clock = ManualClock()
    clock.now = OPENED + timedelta(days=40, hours=7)
    with Simulator(size=150, seed=seed, clock=clock, opened=OPENED) as simulator:
        client = ApiClient(simulator, clock)
        for place, step in enumerate(hours):
            if place % 2:
                clock.advance(hours=step)
            else:
                client.bank.pass_time(hours=step)
            client.list_transactions()
        assert read(client) == started(clock.now + timedelta(hours=sum(hours[::2])), seed)


def test_the_balances_of_a_company_that_lives_on() -> None:
    """After the history the balances follow each other, in the order in which the rows are served."""
    clock = ManualClock()
    with Simulator(clock=clock, opened=OPENED) as simulator:
        client = ApiClient(simulator, clock)
        for account in client.bank.accounts()[:3]:
            rows = client.all_rows({"sort_by": "settled_at:asc", "status[]": "completed"}, account["id"])
            assert [row["id"] for row in balance_chain(rows)] == [row["id"] for row in rows]
            assert not ties_out_of_order(rows, "settled_at")
            assert rows[-1]["settled_balance_cents"] == account["balance_cents"] == sum(map(signed_cents, rows))
            pending = client.all_rows({"status[]": "pending"}, account["id"])
            assert account["authorized_balance_cents"] == account["balance_cents"] + sum(map(signed_cents, pending))


def test_what_a_month_brings() -> None:
    """A month brings rows of each account, a fee, a released authorisation each week, and one that disappears."""
    clock = ManualClock()
    with Simulator(size=800, clock=clock, opened=OPENED) as simulator:
        client = ApiClient(simulator, clock)
        seen: dict[str, Row] = {}
        known = {row["id"] for row in client.bank.truth(client.main)}
        for _ in range(42):
            client.bank.pass_time(days=1)
            seen |= {row["id"]: row for row in client.bank.truth(client.main) if row["id"] not in known}
        last = {row["id"]: row for row in client.bank.truth(client.main)}
        gone = [row for key, row in seen.items() if key not in last]
        assert {row["status"] for row in gone} == {"pending"}
        assert len(gone) in {4, 5}
        states = Counter(row["status"] for key, row in last.items() if key in seen)
        assert states["completed"] > 20
        assert states["reversed"] in {5, 6}
        assert Counter(row["operation_type"] for row in seen.values())["qonto_fee"] == 2
        assert all(client.bank.arrive(1, account) for account in client.bank.account_ids())


def test_rows_that_arrive_between_the_days() -> None:
    """Rows that a test lets arrive have ids of their own, and do not change those of the days after."""
    clock = ManualClock()
    with Simulator(clock=clock, opened=OPENED) as simulator:
        client = ApiClient(simulator, clock)
        arrived = set(client.bank.arrive(5))
        client.bank.pass_time(days=30)
        rows = {row["id"] for row in client.bank.truth(client.main)}
        assert arrived < rows
        assert rows - arrived == set(started(clock.now + timedelta(days=30), size=250).rows[0])


def test_an_empty_company_stays_empty() -> None:
    """Without a history no day brings anything."""
    assert not any(started(OPENED + timedelta(days=400), size=0).rows)


def test_the_history_ends_in_the_past() -> None:
    """A history that would end in the future is an error."""
    clock = ManualClock()
    with pytest.raises(ValueError, match="must not end in the future"):
        Simulator(clock=clock, opened=clock.now + timedelta(seconds=1))


def test_the_opening_stays_for_ten_years() -> None:
    """The end of the history is the same day for ten years, and never in the future."""
    moments = [datetime(year, 1, 1, tzinfo=UTC) for year in range(2000, 2100)]
    assert all(opening_before(moment) <= moment for moment in moments)
    assert {opening_before(moment) for moment in moments[26:36]} == {OPENED}
    assert sum(opening_before(one) != opening_before(other) for one, other in pairwise(moments)) == 10
