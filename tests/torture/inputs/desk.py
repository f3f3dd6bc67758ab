"""A command line over a prepared book, in a folder that is watched, and the rules that every command keeps."""

import hashlib
import io
import os
import random
import re
import resource
import signal
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache, partial
from pathlib import Path
from types import FrameType
from unittest.mock import patch

import stamina

from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.simulator import Simulator
from tests.support import environment
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock
from tests.torture.canary import CANARY, leaks
from tests.torture.commands import Told, is_forbidden

# What a terminal would obey, and what hides or turns letters; rich draws no colours on a dumb terminal.
_RAW = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
# Generous: six people may share the machine. Work that grows as a square takes minutes.
SECONDS = 40
_MOST_OUTPUT = 8_000_000
_MOST_MEMORY = 700_000  # kB by which a process may grow in a case
SIZE = 40
_LATE = -1


class _Late(BaseException):
    """A command took too long."""


class _Output(io.TextIOWrapper):
    """An output as ``__main__`` makes it of a standard stream; perhaps a terminal."""

    def __init__(self, *, terminal: bool) -> None:
        self._bytes = io.BytesIO()
        self._terminal = terminal
        super().__init__(self._bytes, encoding="utf-8", errors="replace", newline="\n", write_through=True)

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        """Return what was written."""
        self.flush()
        return self._bytes.getvalue().decode("utf-8", "replace")


@contextmanager
def in_memory(most: int = 4 << 30) -> Iterator[None]:
    """Limit the memory of the process, so that a case that fills it fails alone."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def in_time(seconds: float = SECONDS) -> Iterator[None]:
    """End the block with an error that no handler of the program catches, if it takes longer."""

    def late(_: int, __: FrameType | None) -> None:
        raise _Late

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _Late:
        raise TimeoutError(f"it took longer than {seconds} s") from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@cache
def prepared_book() -> tuple[str, bytes]:
    """Return the login of an invented company, and its book: synced, with one file exported."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, Simulator(size=SIZE, seed=1, clock=clock) as simulator:
        desk = Desk(Path(folder), simulator, clock)
        assert desk.run("sync").code == 0
        content = desk.book.read_bytes()
        wal = desk.book.with_name(f"{desk.book.name}-wal")
        assert not wal.exists() or not wal.stat().st_size
    return simulator.login, content


class Desk:
    """The command line of one company in a folder.

    ``home`` has its settings and its book, ``place`` is where files may be written.

    Args:
        folder: an empty folder.
        simulator: its bank.
        clock: its clock.
    """

    def __init__(self, folder: Path, simulator: Simulator | None = None, clock: Clock | None = None) -> None:
        self.folder = folder
        self.home, self.place = folder / "home", folder / "place"
        self.clock = clock or Clock()
        self.clock.advance(minutes=1)
        self.simulator = simulator
        self.login = simulator.login if simulator else prepared_book()[0]
        self.book = self.home / "books" / f"{self.login}.book"
        self.variables = {
            "HOME": str(folder / "user"),
            "PRIMANOTA_HOME": str(self.home),
            "PRIMANOTA_LOGIN": self.login,
            "PRIMANOTA_SECRET_KEY": simulator.secret if simulator else CANARY,
            "PRIMANOTA_API_URL": LOOPBACK,
        }
        self.said: list[Told] = []
        self._memory = _memory()
        self.place.mkdir(parents=True)
        if simulator is None:
            self.book.parent.mkdir(parents=True)
            self.book.write_bytes(prepared_book()[1])

    def run(self, *words: str, terminal: int = 0, variables: Mapping[str, str] | None = None) -> Told:
        """Run a command; ``terminal`` is the width of a terminal."""
        out, err = _Output(terminal=bool(terminal)), _Output(terminal=bool(terminal))
        shown = {"COLUMNS": str(terminal), "TERM": "dumb"} if terminal else {}
        transport = self.simulator.transport() if self.simulator else None
        factory = partial(Workspace, clock=self.clock, transport=transport)
        with (
            patch.dict(os.environ, {**environment.plain(**self.variables), **shown, **(variables or {})}, clear=True),
            redirect_stdout(out),
            redirect_stderr(err),
            stamina.set_testing(testing=True, attempts=3),
        ):
            try:
                with in_memory(), in_time():
                    code = main([*words], factory)
            except TimeoutError as error:
                code = _LATE
                err.write(f"{error}")
        told = Told(words, code, out.text(), err.text())
        self.said.append(told)
        return told

    def broken(self, *, raw: bool = False) -> Iterator[str]:
        """Yield the rules that the commands so far broke; ``raw`` if one of them printed a file."""
        for told in self.said:
            where = f"{' '.join(told.words)[:200]}: exit {told.code}"
            if is_forbidden(told.code, told.text):
                yield f"{where}: {told.text[-600:]}"
            if told.code and told.err.count("Error: ") != 1:
                yield f"{where}: not one error: {told.err[-600:]!r}"
            if len(told.text) > _MOST_OUTPUT:
                yield f"{where}: {len(told.text):,} letters of output"
            if not raw and (found := _RAW.search(told.text)):
                place = found.start()
                yield f"{where}: raw {found[0]!r} in {told.text[max(0, place - 80) : place + 40]!r}"
        if _memory() - self._memory > _MOST_MEMORY:
            yield f"the process grew by {_memory() - self._memory:,} kB"
        text = "".join(told.text for told in self.said)
        yield from leaks(self.folder, text)
        yield from (f"left behind: {name}" for name in snapshot(self.folder) if ".primanota-" in name)


def device(path: Path, chance: random.Random) -> None:
    """Make a device that is empty, endless, or always full; a pipe where the user may make no device.

    Never one of the machine's own: if it were replaced, nothing on the machine would work any more.
    """
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, chance.choice((3, 5, 7, 9))))
    except OSError:
        os.mkfifo(path)


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def snapshot(folder: Path, *without: Path) -> dict[str, str]:
    """Return everything below a folder by its path, with its kind and its bytes; ``without`` is left out whole."""
    found: dict[str, str] = {}
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = [name for name in folders if here / name not in without]
        for name in (*folders, *names):
            path = here / name
            if path not in without:
                found[str(path)] = _fingerprint(path)
    return found


def _fingerprint(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return f"link to {path.readlink()}"
    if stat.S_ISREG(status.st_mode):
        return hashlib.sha256(path.read_bytes()).hexdigest() if status.st_size < 1 << 26 else f"{status.st_size}"
    return f"{stat.S_IFMT(status.st_mode)}"


@contextmanager
def untouched(folder: Path, *without: Path) -> Iterator[list[str]]:
    """Yield a list that afterwards has what was changed in a folder, except for the places that may be written."""
    before, changed = snapshot(folder, *without), list[str]()
    yield changed
    after = snapshot(folder, *without)
    names = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    changed += [f"changed outside of the place: {name!r}" for name in names]


def took(begin: float) -> float:
    """Return the seconds since a moment of the monotonic clock."""
    return time.monotonic() - begin
