"""Accounting tools as data: which format, which columns, which rules. This reads a profile and names its mistakes."""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from primanota.errors import ConfigMistake, RuleBroken, WrongWords, among
from primanota.formats import FORMATS, Format
from primanota.formats.cells import Cell
from primanota.model import Statement, Transaction


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the tool demands of every row.

    ``required``: headings of cells that must not be empty. ``currency``: the only one that the tool's file can hold.
    """

    required: list[str] = []
    currency: str = ""


class _Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    format: str
    source: str
    options: dict[str, Any]
    rules: Rules = Rules()


class Profile(msgspec.Struct, frozen=True, dict=True):
    """An accounting tool: everything that its file needs to be right.

    ``origin`` is where it was found: its name, or a path. ``text`` is the profile's own text, ``digest`` its SHA-256
    in hex.
    """

    name: str
    origin: str
    title: str
    source: str
    format: str
    options: Any
    rules: Rules
    text: str
    digest: str

    @property
    def suffix(self) -> str:
        """How its files end."""
        return self._format.suffix

    @cached_property
    def _required(self) -> list[int]:
        return [place for place, heading in enumerate(self.options.headings) if heading in self.rules.required]

    @property
    def _format(self) -> Format:
        return FORMATS[self.format]

    @cached_property
    def _cells(self) -> list[tuple[str, Cell]]:
        return self._format.shows(self.options)

    def shown(self, row: Transaction) -> list[tuple[str, str]]:
        """What the file shows of a row: pairs of a column, or whatever the format calls it, and a text."""
        return [(name, cell(row)) for name, cell in self._cells]

    def render(self, statement: Statement) -> Iterator[bytes]:
        """A statement as the tool's file, in pieces, each checked against the rules before it is given out.

        Raises:
            RuleBroken: a row breaks a rule; the sentence names row, column and rule.
        """
        for piece, _ in self._checked(statement):
            yield piece

    def rows(self, statement: Statement) -> Iterator[list[str]]:
        """The same file as cells, its headings first."""
        for _, rows in self._checked(statement):
            yield from rows

    def _checked(self, statement: Statement) -> Iterator[tuple[bytes, list[list[str]]]]:
        line = 0
        self._check_currency(statement)
        for piece in self._format.render(statement, self.options):
            rows = self._format.read_back(piece, self.options)
            self._check(rows, line)
            line += len(rows)
            yield piece, rows

    def _check_currency(self, statement: Statement) -> None:
        account, only = statement.account, self.rules.currency
        if only and account.currency != only:
            raise RuleBroken(
                f"{account.name} is kept in {account.currency}, and this file can hold nothing but {only}.",
                "Export the other accounts with --account.",
            )

    def _check(self, rows: Iterable[list[str]], line: int) -> None:
        columns, required = len(self.options.headings), self._required
        for number, row in enumerate(rows, line + 1):
            if len(row) != columns:
                raise RuleBroken(f"Line {number} would have {len(row)} cells instead of {columns}.", _REPORT)
            for place in () if all(row) else required:
                if not row[place]:
                    heading = self.options.headings[place]
                    raise RuleBroken(f"Line {number}, “{heading}”: this cell must not be empty.", _REPORT)


_REPORT = "No file was written. Look at the profile's options, or report this."


def names() -> list[str]:
    """The profiles that come with the program."""
    files = resources.files(__package__).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def load(name: str) -> Profile:
    """A profile by its name, or by the path of a TOML file.

    Raises:
        WrongWords: there is no such profile.
        ConfigMistake: its text has a mistake; the sentence names file and field.
    """
    if name.endswith(".toml"):
        return parse(Path(name).stem, _read(Path(name)), str(Path(name).absolute()))
    if name not in names():
        raise WrongWords(f"There is no profile “{name}”.", among(name, names()))
    return parse(name, resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"), name)


def parse(name: str, text: str, place: str) -> Profile:
    """A profile from its text; ``place`` is what mistakes are blamed on.

    Raises:
        ConfigMistake: not TOML, an unknown or missing key, a wrong value; the sentence names it.
    """
    try:
        read = msgspec.convert(tomllib.loads(text), _Text)
        options = msgspec.convert(read.options, _format(read.format).options)
        _check_headings(read.rules, options.headings)
    except ValueError as error:  # TOML's mistakes, with their line, and msgspec's, with their field, are ValueErrors
        raise ConfigMistake(f"Profile {place}: {error}.", "Mend the profile.") from None
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Profile(name, place, read.title, read.source, read.format, options, read.rules, text, digest)


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise ValueError(f"format “{name}” is unknown; there are {', '.join(FORMATS)}")
    return FORMATS[name]


def _check_headings(rules: Rules, headings: list[str]) -> None:
    for heading in rules.required:
        if heading not in headings:
            raise ValueError(f"rules.required names a column that is not there: “{heading}”")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongWords(f"The profile {path} cannot be read: {error}.", "Name a TOML file in UTF-8.") from None
