"""What many promises need: a clock that moves when it is told to, an invented bank, a book."""

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
import stamina

from primanota import profiles
from primanota.app import flow
from primanota.app.review import Finding
from primanota.app.sync import Synced
from primanota.app.workspace import Workspace
from primanota.banks.qonto.bank import Bank
from primanota.banks.qonto.client import Client
from primanota.book import Batches, Book
from primanota.cli import main
from primanota.core.model import Account
from primanota.core.period import microseconds
from primanota.core.secret import Credentials, Secret
from primanota.core.selection import Selection
from primanota.export.destinations import Destinations
from primanota.export.exported import Exported
from primanota.profiles import Profile
from primanota.simulator import Simulator
from tests.support.simulator_server import served

BERLIN = ZoneInfo("Europe/Berlin")
_TOOL = """
title = "A tool that looks for no duplicates"
format = "csv"
source = "invented"
[options]
columns = [
  ["Id", "{id}"], ["Day", "{booked:%Y-%m-%d}"], ["Amount", "{amount}"], ["Text", "{reference}"], ["By", "{member}"],
]
"""
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


class Office(NamedTuple):
    """Somebody who keeps the books of an invented company without a past: its bank, its book, a folder for files."""

    world: World
    folder: Path
    tool: Profile

    @property
    def book(self) -> Book:
        """The company's book."""
        return self.world.book

    @property
    def batches(self) -> Batches:
        """What left it."""
        return Batches(self.book)

    @property
    def accounts(self) -> list[Account]:
        """Its accounts: the main one, savings, a closed one, one of another bank."""
        return flow.accounts(self.book)

    def arrive(self, rows: int = 1, account: int = 0) -> list[str]:
        """Rows come and settle, a minute apart, and the book hears of them; their ids."""
        found = []
        for _ in range(rows):
            self.world.clock.advance(minutes=1)
            found += self.world.simulator.bank.arrive(1, self.world.simulator.bank.account_ids()[account])
        self.sync()
        return found

    def edit(self, key: str, **fields: object) -> None:
        """A row changes at the bank, by the bank's names of fields, and the book hears of it."""
        self.world.clock.advance(minutes=1)
        self.world.simulator.bank.edit(key, **fields)
        self.sync()

    def reverse(self, key: str) -> None:
        """The bank takes a row back, so that no list shows it any more, and the book misses it."""
        self.world.simulator.bank.reverse(key)
        self.sync()

    def sync(self) -> None:
        """The book is brought up to date, and proven."""
        self.world.clock.advance(minutes=1)
        assert all(account.proven for account in self.world.sync())

    def export(
        self,
        selection: Selection,
        *,
        tool: Profile | None = None,
        chosen: list[Account] | None = None,
        to: Path | None = None,
        strict: bool = False,
    ) -> list[Exported]:
        """Write files of all accounts, or of chosen ones; those that became batches."""
        chosen = self.accounts if chosen is None else chosen
        words = (self.book, tool or self.tool, selection, BERLIN)
        done, _ = flow.export(*words, chosen=chosen, to=Destinations(to or self.folder), strict=strict)
        return [one for one in done if one.batch]

    def changed(self) -> list[Finding]:
        """What is reviewed as changed."""
        found = flow.review(self.book, BERLIN, self.world.clock.now.date())
        return [one for one in found if one.kind == "changed"]


def rows_of(*files: Path | None) -> list[dict[str, str]]:
    """The rows of CSV files, as an accounting tool reads them."""
    found: list[dict[str, str]] = []
    for file in filter(None, files):
        with file.open(encoding="utf-8", newline="") as lines:
            found += csv.DictReader(lines)
    return found


class Said(NamedTuple):
    """A command's exit code and what it printed."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """What ``--json`` printed: one document."""
        return json.loads(self.out)


class Terminal(NamedTuple):
    """Somebody at a shell, with an invented bank."""

    simulator: Simulator
    clock: Clock
    home: Path
    capsys: pytest.CaptureFixture[str]

    def type(self, *words: str) -> Said:
        """Run a command."""
        code = main(list(words), partial(Workspace, clock=self.clock))
        return Said(code, *self.capsys.readouterr())

    @property
    def exports(self) -> Path:
        """Where files go when nobody says where."""
        return self.home / "exports"

    @property
    def book(self) -> Path:
        """Where the book is."""
        return self.home / "books" / f"{self.simulator.login}.book"

    def sync(self) -> None:
        """The book is brought up to date."""
        self.clock.advance(minutes=1)
        assert self.type("sync").code == 0

    def arrive(self, rows: int = 1) -> list[str]:
        """Rows come and settle, a minute apart, and the book hears of them; their ids."""
        found = []
        for _ in range(rows):
            self.clock.advance(minutes=1)
            found += self.simulator.bank.arrive(1)
        self.sync()
        return found

    def edit(self, key: str, **fields: object) -> None:
        """A row changes at the bank, by the bank's names of fields, and the book hears of it."""
        self.simulator.bank.edit(key, **fields)
        self.sync()


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
    for name in [name for name in os.environ if name.startswith("PRIMANOTA_")]:
        monkeypatch.delenv(name)
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


@pytest.fixture
def office(world: Callable[..., World], tmp_path: Path) -> Office:
    """An office whose book knows its accounts, and no row."""
    made = Office(world(size=0), tmp_path / "files", profiles.parse("tool", _TOOL, "tool"))
    made.sync()
    return made


@pytest.fixture
def terminal(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Terminal]]:
    """Makes terminals whose environment names an invented bank on a real socket."""
    with ExitStack() as stack:

        def make(*, size: int = 250, **how: Any) -> Terminal:  # noqa: ANN401 - the simulator's words
            simulator = stack.enter_context(Simulator(size=size, clock=clock, **how))
            monkeypatch.setenv("PRIMANOTA_API_URL", stack.enter_context(served(simulator)))
            monkeypatch.setenv("PRIMANOTA_LOGIN", simulator.login)
            monkeypatch.setenv("PRIMANOTA_SECRET_KEY", simulator.secret)
            return Terminal(simulator, clock, tmp_path / "home", capsys)

        yield make


@pytest.fixture
def desk(terminal: Callable[..., Terminal]) -> Terminal:
    """A terminal of a company without a past, whose book knows its accounts, and no row."""
    made = terminal(size=0)
    made.sync()
    return made


def connect(simulator: Simulator) -> Client:
    """A client of the invented bank, without a socket."""
    return Client(
        Credentials(simulator.login, Secret(simulator.secret)),
        api_url=LOOPBACK,
        staging_token=simulator.staging_token,
        transport=simulator.transport(),
    )
