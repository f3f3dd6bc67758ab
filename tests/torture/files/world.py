"""A company whose book and files are in some places, and the commands that its people run."""

import csv
import email
import email.policy
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

import httpx2

from primanota.adapters import mail
from primanota.adapters.settings import config
from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.simulator import Simulator
from primanota.simulator.rate_limits import RateLimits
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock
from tests.torture.files.hosts import Mails, Objects
from tests.torture.files.operations import Killed, Process, Trouble, no_trouble
from tests.torture.files.watched import watched

BUCKET = "acme-files"
PLACES = ("local", "shared", "s3")
_SINCE = "2026-01-01"
_TOOL = """
title = "A tool that looks for no duplicates"
format = "{}"
source = "invented"
[options]
columns = [["Id", "{{id}}"], ["Day", "{{booked:%Y-%m-%d}}"], ["Amount", "{{amount}}"], ["Who", "{{counterparty}}"]]
"""
_CLAIM = re.compile(r"/\.firm\.book\.after-[0-9a-f]{24}$")
_UUID = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# What is not ours: it must stay as it is.
_FOREIGN = {
    "files/notes.txt": b"by hand",
    "files/.primanota-0123456789ab-2-feedbeeffeedbeef.part": b"of another book",
    "share/other.txt": b"of another program",
    "share/.firm.book.after-0123": b"of another program",
}
_FOREIGN_OBJECT = "files/by-hand.csv"


class MovingClock(Clock):
    """A clock that moves with each look at it, so that no two runs begin at one moment."""

    def __call__(self) -> datetime:
        """Return the present time in UTC."""
        self.advance(milliseconds=1)
        return self.now


class Ended(NamedTuple):
    """How a command ended: its words, its exit code, None if it was killed, and what it printed."""

    words: tuple[str, ...]
    code: int | None
    text: str
    operations: int


class Company(NamedTuple):
    """A simulated bank, and the book after a first export, before and after the next rows were read."""

    simulator: Simulator
    transport: httpx2.BaseTransport
    truth: frozenset[str]
    first: "State"
    synced: "State"


class State(NamedTuple):
    """The state of a company at a moment: its book, its files, the objects in its bucket, its mails."""

    book: bytes
    files: dict[str, bytes]
    objects: dict[str, Any]
    mails: list[bytes]


@cache
def company() -> Company:
    """Return the company, made once: two rows that were exported, and four more that the bank has."""
    clock = Clock()
    simulator = Simulator(size=0, clock=clock)
    main_account, other, *_ = simulator.bank.account_ids()
    transport = simulator.transport()
    with TemporaryDirectory(prefix="torture-") as folder:
        world = World(Path(folder), "local", simulator=simulator, transport=transport)
        clock.advance(minutes=-10)
        simulator.bank.arrive(3, main_account)
        world.clock.advance(minutes=-5)
        assert world.run(*world.words("run")).code == 0
        first = world.state()
        clock.advance(minutes=7)
        simulator.bank.arrive(3, main_account)
        simulator.bank.arrive(2, other)
        world.clock.advance(minutes=5)
        assert world.run("sync").code == 0
        synced = world.state()
    truth = frozenset(
        row["id"]
        for account in simulator.bank.account_ids()
        for row in simulator.bank.truth(account)
        if row["status"] == "completed"
    )
    return Company(simulator, transport, truth, first, synced)


class World:
    """The company in a folder of its own.

    Args:
        folder: an empty folder, or the one of the same company in another process.
        place: where the book is: ``local``, ``shared`` or ``s3``.
        to: the kinds of places for files: ``folder``, ``bucket``, ``mail``.
        begin: the state of book and files; None for a company that begins.
        format: that of the files: ``csv`` or ``xlsx``.
    """

    def __init__(
        self,
        folder: Path,
        place: str,
        *,
        to: tuple[str, ...] = ("folder", "bucket", "mail"),
        begin: State | None = None,
        format: str = "csv",  # noqa: A002 - as profiles call it
        simulator: Simulator | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.folder = folder
        self.place = place
        self.to = to
        self.format = format
        self.clock = MovingClock()
        self.objects = Objects(begin.objects if begin else None)
        self.mails = Mails(begin.mails if begin else None)
        self.simulator = simulator or company().simulator
        self._transport = transport or company().transport
        self.files = folder / "files"
        if not (folder / "home").exists():  # else it is the same company, seen by another process
            self._found(begin)
        book = {
            "local": f"{folder}/books/firm.book",
            "shared": f"shared:{folder}/share/firm.book",
            "s3": f"s3://{BUCKET}/books/firm.book",
        }[place]
        self._settings = config.load(
            {
                "PRIMANOTA_HOME": f"{folder}/home",
                "PRIMANOTA_LOGIN": self.simulator.login,
                "PRIMANOTA_SECRET_KEY": self.simulator.secret,
                "PRIMANOTA_API_URL": LOOPBACK,
                "PRIMANOTA_BOOK": book,
                "PRIMANOTA_MAIL_FROM": "books@example.com",
                "PRIMANOTA_MAIL_SERVER": "127.0.0.1:2525",
            }
        )

    def _found(self, begin: State | None) -> None:
        for name in ("files", "share", "books", "tmp", "home"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "home" / "tool.toml").write_text(_TOOL.format(self.format), encoding="utf-8")
        for name, content in _FOREIGN.items():
            (self.folder / name).write_bytes(content)
        foreign = {"content": b"by hand", "etag": '"0"', "sha256": "", "metadata": {}}
        self.objects.held[_FOREIGN_OBJECT] = foreign
        if begin is None:
            return
        for name, content in begin.files.items():
            (self.files / name).write_bytes(content)
        if self.place == "s3":
            self.objects.client("s3").put_object(Bucket=BUCKET, Key="books/firm.book", Body=begin.book)
        else:
            (self.folder / ("share" if self.place == "shared" else "books") / "firm.book").write_bytes(begin.book)

    def words(self, command: str) -> tuple[str, ...]:
        """Return the words of the weekly command: ``run``, or ``export`` of a book that was read before."""
        places = {"folder": f"{self.files}", "bucket": f"s3://{BUCKET}/files/", "mail": "mailto:ada@example.com"}
        to = (word for kind in self.to for word in ("--to", places[kind]))
        return command, f"{self.folder}/home/tool.toml", "--new", "--since", _SINCE, *to

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let the program's calls within the block be operations, and its hosts be those of the company."""
        with watched(self.folder / "tmp", self.objects.client), patch.object(mail, "send", self.mails.send):
            yield

    def process(self, trouble: Trouble = no_trouble, wait: Callable[[], None] = lambda: None) -> Process:
        """Return a new process in the company's folder."""
        return Process(self.folder, self.clock, trouble, wait)

    def run(self, *words: str, process: Process | None = None) -> Ended:
        """Run a command in a process, undisturbed if none is given."""
        if process is None:
            with self.open():
                return self.run(*words, process=self.process())
        workspaces = partial(Workspace, settings=self._settings, clock=self.clock, transport=self._transport)
        code: int | None = None
        self.simulator._state.limits = RateLimits()  # of all cases together there would be too many requests
        with process.running():
            try:
                code = main(list(words), workspaces)
            except Killed:
                code = None
        return Ended(words, code, process.printed.getvalue(), len(process.operations))

    # --- what is there ------------------------------------------------------------------------------------------

    def state(self) -> State:
        """Return the present state; the book is complete in its file."""
        objects = {key: held for key, held in self.objects.held.items() if key != _FOREIGN_OBJECT}
        names = {name.removeprefix("files/") for name in _FOREIGN}
        files = {path.name: path.read_bytes() for path in self.files.iterdir() if path.name not in names}
        return State((self.folder / "books" / "firm.book").read_bytes(), files, objects, list(self.mails.accepted))

    def delivered(self, kind: str) -> list[str]:
        """Return the row ids in all files of a kind of place; mails with one Message-ID count once."""
        if kind == "folder":
            paths = (path for path in self.files.iterdir() if not path.name.startswith(".") and path.suffix != ".txt")
            contents = [path.read_bytes() for path in paths]
        elif kind == "bucket":
            keys = sorted(self.objects.held.keys() - {_FOREIGN_OBJECT})
            contents = [self.objects.content(key) for key in keys if key.startswith("files/")]
        else:
            letters = {one["Message-ID"]: one for one in map(_parsed, self.mails.accepted)}
            parts = [part for letter in letters.values() for part in letter.iter_attachments()]
            contents = [part.get_payload(decode=True) for part in parts]
        return [row for content in contents for row in _ids(content)]

    def open_batches(self) -> list[int]:
        """Return the numbers of the batches of which it is not known whether their files arrived."""
        told = self.run("batches", "--json")
        if told.code:  # while another process has the book
            return []
        return [one["batch"] for one in json.loads(told.text)["batches"] if one["state"] == "prepared"]

    def foreign_changes(self) -> Iterator[str]:
        """Yield what was changed that is not ours."""
        for name, content in _FOREIGN.items():
            path = self.folder / name
            if not path.is_file() or path.read_bytes() != content:
                yield f"{name} is not ours, and was changed"
        if self.objects.held.get(_FOREIGN_OBJECT, {}).get("content") != b"by hand":
            yield f"{_FOREIGN_OBJECT} is not ours, and was changed"

    def left_over(self) -> list[str]:
        """Return the hidden and private files that are left."""
        found = [path for name in ("files", "share", "tmp") for path in (self.folder / name).iterdir()]
        names = (f"{path.relative_to(self.folder)}" for path in found)
        return sorted(name for name in names if name not in _FOREIGN and _is_internal(name))


def _is_internal(name: str) -> bool:
    if _CLAIM.search(name):  # it stays for a day
        return False
    return name.startswith("tmp/") or name.partition("/")[2].startswith(".") or ".lock" in name


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - email has no type for it
    return email.message_from_bytes(content, policy=email.policy.default)


def _ids(content: Any) -> list[str]:  # noqa: ANN401 - bytes; email has no type for it
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return [found.decode() for name in book.namelist() for found in _UUID.findall(book.read(name))]
    return [row["Id"] for row in csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""))]
