"""A company whose days pass: the bank is started again and again, and the book follows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from primanota.banks.qonto.bank import QontoBank
from primanota.book import Book
from primanota.simulator import Simulator
from tests.support.banks.simulator_client import connect
from tests.support.books.book_assertions import differences
from tests.support.books.book_world import World
from tests.support.clock import Clock

_OPENED = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def _started(book: Path, clock: Clock, switches: list[str]) -> Iterator[World]:
    """Start the bank anew, with the same book."""
    with (
        Simulator(clock=clock, opened=_OPENED, switches=switches) as simulator,
        connect(simulator) as client,
        Book(book, clock.micros) as opened,
    ):
        yield World(simulator, client, QontoBank(client, clock), opened, clock)


@pytest.mark.parametrize("switch", ["", "pending-released", "pending-disappears", "ties-unlike-balances"])
def test_the_bank_is_started_again(tmp_path: Path, clock: Clock, switch: str) -> None:
    """After a restart nothing has changed; after each of five weeks the book is proven and equal to the bank."""
    switches = [switch] if switch else []
    with _started(tmp_path / "a.book", clock, switches) as world:
        world.sync()
    for _ in range(5):
        with _started(tmp_path / "a.book", clock, switches) as world:
            done = world.sync()
            assert [(one.counts.new, one.counts.changed, one.vanished) for one in done] == [(0, 0, [])] * len(done)
            clock.advance(days=7)
        with _started(tmp_path / "a.book", clock, switches) as world:
            done = world.sync()
            assert [reason for one in done for reason in one.reasons] == []
            assert sum(one.counts.new for one in done) > 0
            assert differences(world.simulator, world.book) == []
