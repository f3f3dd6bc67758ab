"""What many promises need: a clock that moves when it is told to, an invented bank, a book."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import stamina

from primanota import flow
from primanota.book import Book
from primanota.credentials import Credentials, Secret
from primanota.keeping import Synced
from primanota.period import microseconds
from primanota.qonto.bank import Bank
from primanota.qonto.client import Client
from primanota.simulator import Simulator

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LOOPBACK = "http://127.0.0.1"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """The present."""
        return self.now

    def micros(self) -> int:
        """The present in microseconds UTC."""
        return microseconds(self.now)

    def advance(self, **units: float) -> None:
        """Let time pass."""
        self.now += timedelta(**units)


class Quiet:
    """A progress that nobody watches, and that remembers what it heard."""

    def __init__(self) -> None:
        self.pages = 0
        self.rows = 0

    def expect(self, pages: int) -> None:
        """Pages are to come."""
        self.pages += pages

    def page(self, rows: int) -> None:
        """A page came."""
        self.rows += rows


class World(NamedTuple):
    """An invented bank, the client that asks it, and the book that is kept from it."""

    simulator: Simulator
    client: Client
    bank: Bank
    book: Book
    clock: Clock

    def sync(self, *, full: bool = False) -> list[Synced]:
        """Bring the book up to date."""
        done, _ = flow.sync(self.bank, self.book, Quiet(), full=full)
        return done


def pytest_addoption(parser: pytest.Parser) -> None:
    """A flag that writes the golden files anew."""
    parser.addoption("--update-goldens", action="store_true", help="write tests/golden anew, for a human to read")


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    """Retries happen at once."""
    with stamina.set_testing(testing=True, attempts=8):
        yield


@pytest.fixture(autouse=True)
def no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings, the key store or the clock's zone of the machine that it runs on."""
    for name in ("LOGIN", "SECRET_KEY", "API_URL", "STAGING_TOKEN", "TIMEZONE"):
        monkeypatch.delenv(f"PRIMANOTA_{name}", raising=False)
    monkeypatch.setenv("PRIMANOTA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture
def clock() -> Clock:
    """Noon of a Monday in November 2026."""
    return Clock()


@pytest.fixture
def world(clock: Clock, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """Makes worlds: ``world(size=250, switches=[...], faults=[...])``; all closed at the end."""
    with ExitStack() as stack:

        def make(*, size: int = 250, seed: int = 1, **how: Any) -> World:  # noqa: ANN401 - the simulator's words
            simulator = stack.enter_context(Simulator(size=size, seed=seed, clock=clock, **how))
            client = stack.enter_context(connect(simulator))
            book = stack.enter_context(Book(tmp_path / f"{len(list(tmp_path.iterdir()))}.book", clock.micros))
            return World(simulator, client, Bank(client, clock), book, clock)

        yield make


def connect(simulator: Simulator) -> Client:
    """A client of the invented bank, without a socket."""
    return Client(
        Credentials(simulator.login, Secret(simulator.secret)),
        api_url=LOOPBACK,
        staging_token=simulator.staging_token,
        transport=simulator.transport(),
    )
