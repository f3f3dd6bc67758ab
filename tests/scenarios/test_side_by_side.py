"""The same book, whether accounts are read side by side or one after the other, from a doubtful bank as well."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.app.progress import Silent
from primanota.app.syncing.sync import sync
from primanota.banks.qonto.bank import QontoBank
from primanota.book import TRANSACTION, Book
from primanota.book.records.verification import first_inconsistency
from primanota.simulator import Simulator
from tests.support.banks.simulator_client import connect
from tests.support.books.book_world import CONNECTOR, journal_of
from tests.support.clock import Clock
from tests.torture.answers.serial import serial

_SWITCHES = st.sampled_from(
    (
        *((), ("reversed-refused",), ("reversed-ignored",), ("status-one-only",), ("created-at-refused",)),
        *(("created-at-ignored",), ("created-at-sort-refused",), ("sort-refused",), ("unstable-ties",)),
        *(("per-page-50",), ("to-exclusive", "nulls-first"), ("beyond-last-empty", "empty-zero-pages")),
        *(("status-one-only", "reversed-ignored"), ("date-filters-ignored",)),
        *(("accounts-include-external", "accounts-no-meta"), ("pending-released",), ("fraction-none",)),
    )
)


class _Week(NamedTuple):
    """What happens before a sync: hours pass, rows arrive on an account, perhaps while it is read."""

    hours: int
    rows: int
    account: int
    request: int
    full: bool


_WEEKS = st.lists(
    st.builds(
        _Week,
        hours=st.sampled_from((1, 3, 19, 25, 200)),
        rows=st.integers(0, 4),
        account=st.integers(0, 3),
        request=st.integers(0, 40),
        full=st.booleans(),
    ),
    max_size=3,
)


class _Found(NamedTuple):
    bodies: dict[str, bytes]
    states: dict[str, str]
    marks: dict[str, int | None]


@settings(max_examples=12)
@given(size=st.sampled_from((0, 30, 300, 700)), seed=st.integers(1, 3), switches=_SWITCHES, weeks=_WEEKS)
def test_the_same_book_side_by_side(size: int, seed: int, switches: tuple[str, ...], weeks: list[_Week]) -> None:
    """After some weeks, and a sync in which nothing arrives, both books have every row of the bank as it is."""
    with serial():
        alone = _synced(size, seed, switches, weeks)
    together = _synced(size, seed, switches, weeks)
    assert together.bodies == alone.bodies
    assert together.states == alone.states
    assert set(together.states.values()) <= {"proven", "counts only"}


def _synced(size: int, seed: int, switches: tuple[str, ...], weeks: list[_Week]) -> _Found:
    clock = Clock()
    with (
        tempfile.TemporaryDirectory() as folder,
        Simulator(size=size, seed=seed, clock=clock, switches=switches) as simulator,
        connect(simulator) as client,
        Book(Path(folder, "a.book"), clock.micros) as book,
    ):
        for week in (_Week(0, 0, 0, 0, full=False), *weeks):
            clock.advance(hours=week.hours)
            with _arriving(simulator, week):
                sync(QontoBank(client, clock), book, CONNECTOR, Silent(), full=week.full)
        clock.advance(hours=30)
        simulator.bank.advance()
        sync(QontoBank(client, clock), book, CONNECTOR, Silent())
        assert first_inconsistency(book, CONNECTOR.record, CONNECTOR.lacks_rule) is None
        accounts = [account.id for account in journal_of(book).accounts()]
        return _Found(
            book.bodies(TRANSACTION),
            {key: book.proof_state(key).state for key in accounts},
            {key: book.watermark(key) for key in accounts},
        )


@contextmanager
def _arriving(simulator: Simulator, week: _Week) -> Iterator[None]:
    """Let rows arrive at a request of the sync in the block, or after it."""
    left = [week.request]
    account = simulator.bank.account_ids()[week.account]

    def before(*_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            simulator.bank.arrive(week.rows, account)

    with patch.object(simulator, "before_request", before):
        yield
    if left[0] > 0:
        simulator.bank.arrive(week.rows, account)
