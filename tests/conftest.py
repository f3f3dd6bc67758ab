"""The fixtures that many tests need: a clock, a simulated bank, a book, a command line."""

import gc
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import stamina
from hypothesis import settings

from primanota import profiles
from primanota.banks.qonto.bank import QontoBank
from primanota.book import Book
from primanota.simulator import Simulator
from tests.support import environment
from tests.support.banks.simulator_client import connect
from tests.support.banks.simulator_server import served
from tests.support.books.book_world import TOOL, Office, World
from tests.support.clock import Clock
from tests.support.screens.command_line import Terminal

# Without a deadline: a shared machine may be slow for a moment.
settings.register_profile("primanota", deadline=None)
settings.load_profile("primanota")
_SLOW = {"scenarios", "deploy"}
# The names that a module imports if its tests listen on a socket.
_SERVERS = {"Terminal", "aws_account", "listening", "s3_server", "served", "smtp_server"}


def pytest_configure() -> None:
    """Accept Ctrl-C again: a shell ignores it in a background job, and every program inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add an option that rewrites the golden files."""
    parser.addoption("--update-goldens", action="store_true", help="rewrite tests/golden, for review")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by the folder that they are in, and by the servers that their module uses."""
    for item in items:
        folders = {*item.path.relative_to(Path(__file__).parent).parts}
        if _SLOW & folders:
            item.add_marker("slow")
        elif isinstance(item, pytest.Function) and _SERVERS & vars(item.module).keys():
            item.add_marker("sockets")
        elif "unit" in folders:
            item.add_marker("quick")


def pytest_collection_finish() -> None:
    """Let the collector of cycles pass over the modules and the thousands of tests, which stay."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Retry without waiting."""
    with stamina.set_testing(testing=True, attempts=8):
        yield


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set the environment to the tests' own, with homes below ``tmp_path`` that do not exist yet."""
    wanted = environment.plain(HOME=str(tmp_path / "user"), PRIMANOTA_HOME=str(tmp_path / "home"))
    for name in os.environ.keys() - wanted.keys():
        monkeypatch.delenv(name)
    for name, value in wanted.items():
        monkeypatch.setenv(name, value)
    time.tzset()


@pytest.fixture
def clock() -> Clock:
    """Return a clock at noon UTC on a Monday in November 2026."""
    return Clock()


@pytest.fixture
def world(clock: Clock, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Return a function that makes worlds: ``world(size=250, switches=[...], faults=[...])``."""
    with ExitStack() as stack:

        def make(*, size: int = 250, seed: int = 1, **how: Any) -> World:  # noqa: ANN401 - the simulator's options
            simulator = stack.enter_context(Simulator(size=size, seed=seed, clock=clock, **how))
            client = stack.enter_context(connect(simulator))
            book = stack.enter_context(Book(tmp_path / f"{len(list(tmp_path.iterdir()))}.book", clock.micros))
            return World(simulator, client, QontoBank(client, clock), book, clock)

        yield make


@pytest.fixture
def office(world: Callable[..., World], tmp_path: Path) -> Office:
    """Return an office with a book that has the accounts and no transactions yet."""
    made = Office(
        world(size=0, switches=["reversed-refused"]), tmp_path / "files", profiles.parse("tool", TOOL, "tool")
    )
    made.sync()
    return made


@pytest.fixture
def terminal(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Terminal]]:
    """Return a function that makes command lines with a simulated bank on a real socket."""
    with ExitStack() as stack:

        def make(*, size: int = 250, **how: Any) -> Terminal:  # noqa: ANN401 - the simulator's options
            simulator = stack.enter_context(Simulator(size=size, clock=clock, **how))
            monkeypatch.setenv("PRIMANOTA_API_URL", stack.enter_context(served(simulator)))
            monkeypatch.setenv("PRIMANOTA_LOGIN", simulator.login)
            monkeypatch.setenv("PRIMANOTA_SECRET_KEY", simulator.secret)
            return Terminal(simulator, clock, tmp_path / "home", capsys)

        yield make


@pytest.fixture
def desk(terminal: Callable[..., Terminal]) -> Terminal:
    """Return a command line with a book that has the accounts and no transactions yet."""
    made = terminal(size=0)
    made.sync()
    return made
