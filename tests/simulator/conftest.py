"""The fixtures of the simulator's tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from primanota.simulator import Simulator
from tests.simulator.api_client import ApiClient, ManualClock, OpenClient


@pytest.fixture
def clock() -> ManualClock:
    """A clock that the test sets."""
    return ManualClock()


@pytest.fixture
def open_client(clock: ManualClock) -> Iterator[OpenClient]:
    """A function that starts simulators on the test's clock. They are closed after the test."""
    with ExitStack() as opened:

        def open_one(**options: Any) -> ApiClient:  # noqa: ANN401 - the simulator's options
            client = ApiClient(opened.enter_context(Simulator(clock=clock, **options)), clock)
            opened.callback(client.http.close)
            return client

        yield open_one


@pytest.fixture
def client(open_client: OpenClient) -> ApiClient:
    """A client of the default bank of 250 rows."""
    return open_client()
