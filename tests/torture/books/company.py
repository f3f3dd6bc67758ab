"""A company whose book has one of everything, and the commands that read it and let something leave."""

import io
import shutil
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from primanota.adapters.settings import config
from primanota.app.send_outbox import Mailer
from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.core.errors import DeliveryFailed
from primanota.simulator import Simulator
from primanota.simulator.rate_limits import RateLimits
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock
from tests.support.files.killed_export import Killed, killed_when
from tests.torture.tool import csv_tool

_TOOL = csv_tool(
    Id="{id}", Day="{booked:%Y-%m-%d}", Amount="{amount}", Text="{reference}", By="{member}", Labels="{label}"
)
_SETTINGS = """
[organisation.{login}.ledger]
bank = "512000"
clearing = "471000"
siren = "123456782"
banks = {{ "Steuerrücklage" = "512100", "Altes Geschäftskonto" = "512200", "Sparkonto Nordlicht Bank" = "512300" }}
"""
_NEW = ("--new", "--since", "2016-01-01")
_ALL = ("--since", "2016-01-01", "--until", "2026-12-31")
OFFICE = "office@acme.example"
# What is done with the changed book, one after the other. The first word is that of a command.
WEEKS = (
    (("review",), ("export", "TOOL", *_NEW, "--to", "OUT"), ("batches",), ("batches", "show", "1")),
    (("check",), ("run", "TOOL", *_NEW, "--to", "OUT", "--to", f"mailto:{OFFICE}"), ("review",)),
    (
        ("batches", "again", "1", "--to", "OUT/again"),
        ("batches", "redo", "2"),
        ("export", "TOOL", *_NEW, "--to", "OUT"),
    ),
    (("export", "fec-fr", *_ALL, "--to", "OUT/fec"), ("export", "TOOL", *_ALL, "--to", "OUT/all"), ("sync",)),
    (("export", "lexware", "--changed", "--to", "OUT/changed"), ("batches", "undo", "1", "--yes"), ("check",)),
)


class SentMail(NamedTuple):
    """A mail that left: its bytes, sender and recipients."""

    content: bytes
    sender: str
    to: tuple[str, ...]


class Step(NamedTuple):
    """What a command did: its exit code, the files that it wrote or removed, and the mails that it sent."""

    words: tuple[str, ...]
    code: int
    files: dict[str, bytes | None]
    mails: tuple[SentMail, ...]
    text: str


class Company:
    """A company, its bank and its folder, which is made once and copied for each case.

    Args:
        folder: an empty folder; the paths of the files are in the book, so that each case has the same one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Clock()
        self.simulator = Simulator(size=24, seed=3, clock=self.clock)
        self.refuses_mail = False
        self._mails: list[SentMail] = []
        self._template = folder.with_name(f"{folder.name}-template")
        self._variables = {
            "PRIMANOTA_HOME": str(folder / "home"),
            "PRIMANOTA_LOGIN": self.simulator.login,
            "PRIMANOTA_SECRET_KEY": self.simulator.secret,
            "PRIMANOTA_API_URL": LOOPBACK,
            "PRIMANOTA_MAIL_FROM": "books@acme.example",
            "PRIMANOTA_MAIL_SERVER": "127.0.0.1:25",
        }
        self._live()
        shutil.rmtree(self._template, ignore_errors=True)
        self.folder.rename(self._template)
        self.begin()
        self.staged = {name: content for name, content in self._files().items() if ".primanota-" in name}
        self.expected = [self._steps(week) for week in WEEKS]

    @property
    def book(self) -> Path:
        """Return the book."""
        return self.folder / "home" / "books" / f"{self.simulator.login}.book"

    def begin(self) -> None:
        """Put a copy of the folder in its place."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self._template, self.folder)
        self._mails.clear()
        # The clock stands still, so that the bank would count the requests of all cases as those of one moment.
        self.simulator._state.limits = RateLimits()

    def run(self, *words: str) -> Step:
        """Run a command."""
        before, sent = self._files(), len(self._mails)
        placed = tuple(word.replace("OUT", f"{self.folder}/out").replace("TOOL", self._tool) for word in words)
        out, tokens = io.StringIO(), iter(f"token{number}" for number in range(100))
        workspace = partial(
            _Quiet,
            settings=config.load(self._variables),
            clock=self.clock,
            transport=self.simulator.transport(),
            token=lambda: next(tokens),
        )
        with redirect_stdout(out), redirect_stderr(out):
            code = main(list(placed), partial(workspace, self._send))
        after = self._files()
        changed = {
            name: after.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        }
        return Step(words, code, changed, tuple(self._mails[sent:]), out.getvalue())

    def steps(self, number: int) -> list[Step]:
        """Run the commands of a week on the book as it is."""
        return [self.run(*words) for words in WEEKS[number]]

    def _steps(self, week: Sequence[tuple[str, ...]]) -> list[Step]:
        self.begin()
        return [self.run(*words) for words in week]

    @property
    def _tool(self) -> str:
        return str(self.folder / "tool.toml")

    def _files(self) -> dict[str, bytes]:
        out = self.folder / "out"
        return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}

    def _send(self, content: bytes, sender: str, to: Sequence[str]) -> None:
        if self.refuses_mail:
            raise DeliveryFailed("The server refuses the mail.")
        self._mails.append(SentMail(content, sender, tuple(to)))

    def _live(self) -> None:
        """Make a past: batches delivered, undone and interrupted, letters sent and waiting, changed and new rows."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "out").mkdir(parents=True)
        (self.folder / "home").mkdir()
        Path(self._tool).write_text(_TOOL, encoding="utf-8")
        settings = _SETTINGS.format(login=self.simulator.login)
        (self.folder / "home" / "config.toml").write_text(settings, encoding="utf-8")
        mail = ("run", "TOOL", *_NEW, "--to", "OUT", "--to", f"mailto:{OFFICE}")
        self._done("sync")
        self._done("export", "lexware", *_NEW, "--to", "OUT")
        self._done("export", "TOOL", *_NEW, "--to", "OUT")
        self._done("batches", "undo", "2", "--yes")
        self._done("export", "fec-fr", "--since", "2016-01-01", "--until", "2026-10-31", "--to", "OUT/fec")
        self.clock.advance(minutes=5)
        self._done(*mail)
        self._later(2)
        self.refuses_mail = True
        self.run(*mail)
        self.refuses_mail = False
        self._later(2)
        self._done("sync")
        with suppress(Killed), killed_when("finished"):
            self.run("export", "TOOL", *_NEW, "--to", "OUT")
        self._later(3)
        self._done("sync")

    def _later(self, rows: int) -> None:
        bank = self.simulator.bank
        for _ in range(rows):
            self.clock.advance(minutes=7)
            bank.arrive(1)
        self.clock.advance(minutes=7)
        bank.edit(list(bank.truth(bank.account_ids()[0]))[rows]["id"], reference=f"Edited {rows}")

    def _done(self, *words: str) -> None:
        found = self.run(*words)
        if found.code:
            raise AssertionError(f"{words}: {found}")


class _Quiet(Workspace):
    """A workspace whose mails go nowhere."""

    def __init__(self, send: Mailer, *words: str | None, **options: Any) -> None:  # noqa: ANN401 - of Workspace
        super().__init__(*words, **options)
        self._send = send

    def mailer(self, recipients: object) -> Mailer:
        """Return the function that keeps a mail."""
        del recipients
        return self._send
