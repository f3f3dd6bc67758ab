"""The fixtures of the simulator's tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from primanota.simulator import Simulator
from tests.simulator.visitor import Clock, Visit, Visitor


@pytest.fixture
def clock() -> Clock:
    """A clock that the test moves."""
    return Clock()


@pytest.fixture
def visit(clock: Clock) -> Iterator[Visit]:
    """Opens simulators on the test's clock, and closes them."""
    with ExitStack() as open_boxes:

        def opened(**options: Any) -> Visitor:  # noqa: ANN401 - whatever the simulator takes
            visitor = Visitor(open_boxes.enter_context(Simulator(clock=clock, **options)), clock)
            open_boxes.callback(visitor.client.close)
            return visitor

        yield opened


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    """A visitor to the default bank of 250 rows."""
    return visit()
