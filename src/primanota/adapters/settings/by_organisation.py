"""Settings organisation by organisation: a mistake in the tables of one of them concerns that one alone.

Of its tables, what is right is still read, so that its mail can report the mistake.
"""

import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec

from primanota.core.toml_source import NotToml, parsed
from primanota.core.toml_validation import Checks, Mistake, Naming, validate

_T = TypeVar("_T", bound=msgspec.Struct)
_TABLE = "organisation"
# The table of the firm, as a key among those of organisations: it cannot be a login.
FIRM = "[firm]"
# The header of a table of an organisation, whose name may be in quotes.
_HEADER = re.compile(r"\s*\[{1,2}\s*([\"']?)organisation\1\s*\.\s*([\"']?)([\w-]+)\2(?:[\s\].]|$)")
_OTHER_HEADER = re.compile(r"\s*\[")
_MOST_REPAIRS = 20
# A file with more of them is broken as a whole; each is compared with the whole file.
_MOST_BROKEN = 20


class _Section(NamedTuple):
    """The lines of a table, from ``start`` up to ``end``; ``login`` is its organisation's, empty for other tables."""

    login: str
    start: int
    end: int


class Readable(NamedTuple):
    """What can be read of a text: the text without tables that are not TOML, all logins, and each one's mistakes.

    The mistakes under an empty login are those of no organisation. Lines have the same numbers as before.
    """

    text: str
    logins: list[str]
    mistakes: dict[str, list[Mistake]]


def readable(text: str, kind: type[msgspec.Struct], checks: Checks, naming: Naming) -> Readable:
    """Return what can be read of a settings text, and the mistakes by organisation.

    Args:
        text: the text of the settings.
        kind: the struct that it must fit.
        checks: further checks, as for ``validate``.
        naming: how sentences name a value.
    """
    sections, broken = _sections(text), dict[str, list[Mistake]]()
    if not _is_toml(text):
        text, broken = _without_broken(text, sections, lambda piece: validate(piece, kind, checks, naming))
    for mistake in validate(text, kind, checks, naming):
        broken.setdefault(_login(mistake), []).append(mistake)
    return Readable(text, list(dict.fromkeys(one.login for one in sections if one.login)), broken)


def without_mistakes(table: object, kind: type[_T], mistakes: list[Mistake], *, depth: int = 2) -> _T:
    """Return what is right in a table, as a struct; the rest has its defaults. ``depth`` keys lead to the table."""
    wrong = {str(key) for mistake in mistakes for key in mistake.keys[depth : depth + 1]}
    right = {key: value for key, value in table.items() if key not in wrong} if isinstance(table, dict) else {}
    try:
        return msgspec.convert(right, kind)
    except msgspec.ValidationError:
        return kind()


def _login(mistake: Mistake) -> str:
    """Return the login of the organisation whose table has a mistake, ``FIRM``, or an empty text for other tables."""
    if mistake.keys[:1] == ("firm",):
        return FIRM
    return str(mistake.keys[1]) if mistake.keys[:1] == (_TABLE,) and len(mistake.keys) > 1 else ""


def _sections(text: str) -> list[_Section]:
    lines = text.splitlines(keepends=True)
    starts = [0, *(place for place, line in enumerate(lines) if place and _OTHER_HEADER.match(line))]
    return [
        _Section(found[3] if (found := _HEADER.match(lines[start])) else "", start, end)
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True)
        if lines
    ]


def _without_broken(
    text: str, sections: list[_Section], mistakes_in: Callable[[str], list[Mistake]]
) -> tuple[str, dict[str, list[Mistake]]]:
    """Return a text without the lines of organisations' tables that are not TOML, and the mistakes of those tables.

    If the rest is not TOML either, the text stays as it is: then the mistake is of the whole file.
    """
    lines, broken = text.splitlines(keepends=True), dict[str, list[Mistake]]()
    for section in sections:
        if not _stands_alone(lines, section):
            if len(broken) == _MOST_BROKEN:
                return text, {}
            broken.setdefault(section.login, []).extend(mistakes_in(_only(lines, [section])))
            _blank(lines, section)
    if broken and "" not in broken and _is_toml(kept := "".join(lines)):
        return kept, broken
    # Each table alone is TOML, but one is there twice.
    for login in list(dict.fromkeys(one.login for one in sections if one.login))[:_MOST_BROKEN]:
        kept = _only(text.splitlines(keepends=True), [one for one in sections if one.login != login])
        if _is_toml(kept):
            return kept, {login: mistakes_in(text)}
    return text, {}


def _blank(lines: list[str], section: _Section) -> None:
    """Make the lines of a table blank that are not TOML; all of them if its header is not, or it has too many."""
    for _ in range(_MOST_REPAIRS):
        line = section.start + _wrong_line(_own(lines, section))
        if not section.start < line < section.end:
            break
        lines[line] = "\n"
        if _stands_alone(lines, section):
            return
    lines[section.start : section.end] = ["\n"] * (section.end - section.start)


def _wrong_line(text: str) -> int:
    """Return the line, from 0, at which a text stops to be TOML; -1 if the parser does not say."""
    try:
        parsed(text)
    except NotToml as error:
        found = re.search(r"at line (\d+)", str(error))
        return int(found[1]) - 1 if found else -1
    return -1


def _stands_alone(lines: list[str], section: _Section) -> bool:
    return _is_toml(_own(lines, section))


def _own(lines: list[str], section: _Section) -> str:
    return "".join(lines[section.start : section.end])


def _only(lines: list[str], sections: list[_Section]) -> str:
    """Return the lines of some tables; the other lines are blank, so that lines keep their numbers."""
    kept = {place for section in sections for place in range(section.start, section.end)}
    return "".join(line if place in kept else "\n" for place, line in enumerate(lines))


def _is_toml(text: str) -> bool:
    try:
        parsed(text)
    except NotToml:
        return False
    return True


def tables_of(text: str) -> dict[str, Any]:
    """Return the organisations' tables of a text that is TOML."""
    tables = parsed(text).get(_TABLE, {})
    return tables if isinstance(tables, dict) else {}
