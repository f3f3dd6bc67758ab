"""A command line in an own folder: it keeps what each command said, and says what no command may say."""

import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx2

from primanota.adapters.settings import config
from primanota.app.send_outbox import Mailer
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.cli import main
from tests.support.banks.simulator_client import LOOPBACK
from tests.torture.answers.letters import wrong_letters
from tests.torture.commands import Told, is_forbidden
from tests.torture.tool import csv_tool

_COLUMNS = {
    "Id": "{id}",
    "Day": "{booked:%Y-%m-%d}",
    "Amount": "{amount}",
    "Who": "{counterparty}",
    "What": "{reference}",
    "Note": "{note}",
}
TOOL_COLUMNS = tuple(_COLUMNS)
_TOOL = csv_tool(**_COLUMNS)
_SETTINGS = """
[organisation.LOGIN.ledger]
bank = "1800"
clearing = "1370"
chart = "04"
account_length = 4
consultant = 29098
client = 55003

[[organisation.LOGIN.rule]]
operation = "card"
side = "out"
account = "6815"
tax = { 19 = "9", 7 = "8" }

[[organisation.LOGIN.rule]]
counterparty = "DB *"
account = "6650"
"""
# The joiners and the soft hyphen belong to scripts.
_HARMLESS = {"\n", "\u200c", "\u200d", "\u00ad"}
_ALLOWED = {"home", "tool.toml", "files", "other", "late", "changed", "backup", "again.csv"}


class Desk:
    """A command line with settings, a tool, and a mail server that keeps what it is given.

    Args:
        folder: an empty folder.
        login: the name of the organisation.
        secret: its key.
        clock: the clock of this machine.
        transport: the network to the bank.
    """

    def __init__(
        self, folder: Path, login: str, secret: str, clock: Callable[[], datetime], transport: httpx2.BaseTransport
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.said: list[Told] = []
        self.letters: list[bytes] = []
        self._secret = secret
        self._transport = transport
        home = folder / "home"
        home.mkdir()
        (home / "config.toml").write_text(_SETTINGS.replace("LOGIN", login), encoding="utf-8")
        (folder / "tool.toml").write_text(_TOOL, encoding="utf-8")
        self.tool = str(folder / "tool.toml")
        self._settings = config.load(
            {
                "PRIMANOTA_HOME": str(home),
                "PRIMANOTA_LOGIN": login,
                "PRIMANOTA_SECRET_KEY": secret,
                "PRIMANOTA_API_URL": LOOPBACK,
                "PRIMANOTA_MAIL_FROM": "books@example.com",
                "PRIMANOTA_MAIL_SERVER": "127.0.0.1:9",
            }
        )

    def run(self, *words: str) -> Told:
        """Run a command; FOLDER in a word is the folder, TOOL the tool."""
        given = [word.replace("FOLDER", str(self.folder)).replace("TOOL", self.tool) for word in words]
        out, err = io.StringIO(), io.StringIO()
        letters = self.letters

        class Office(Workspace):
            def mailer(self, recipients: Iterable[str]) -> Mailer:
                super().mailer(recipients)
                return lambda content, *_: letters.append(content)

        factory = partial(Office, settings=self._settings, clock=self.clock, transport=self._transport)
        with redirect_stdout(out), redirect_stderr(err):
            code = main(given, factory)
        self.said.append(Told(words, code, out.getvalue(), err.getvalue()))
        return self.said[-1]

    @contextmanager
    def book(self) -> Iterator[Book]:
        """Open the book."""
        workspace = Workspace(settings=self._settings, clock=self.clock)
        with workspace.book() as book:
            yield book

    def wrong_words(self) -> Iterator[str]:
        """Yield what no command may say: an undocumented exit code, a mistake, characters that a terminal obeys."""
        for told in self.said:
            begin = f"{' '.join(told.words)}: exit {told.code}:"
            if is_forbidden(told.code, told.text):
                yield f"{begin} {told.text[-900:]}"
            if told.words[0] != "get" and any(map(_is_obeyed, set(told.text) - _HARMLESS)):
                yield f"{begin} it shows control characters: {told.text[-600:]!r}"
            if "--json" in told.words and not _is_json(told.out):
                yield f"{begin} no JSON: {told.out[-600:]!r} {told.err[-300:]!r}"
            if told.code and not told.err.strip():
                yield f"{begin} it does not say why"
        if strange := {path.name for path in self.folder.iterdir()} - _ALLOWED:
            yield f"unexpected files: {strange}"
        for letter in self.letters:
            yield from wrong_letters(letter, self._secret)


def _is_obeyed(character: str) -> bool:
    """Return whether a terminal may obey a character, or show others elsewhere because of it."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _is_json(text: str) -> bool:
    try:
        found: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(found, dict | list)
