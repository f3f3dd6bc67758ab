"""TOML as a person wrote it: on which line each thing stands, and a text set without touching anything else. Pure.

Such a file is a row of statements (TOML 1.0.0): the header of a table, a key with its value, a comment, a blank line.
Each can be read on its own, and most are one line. The beginning of a longer one, a text in three quotes or a list,
cannot, which is how its end is found. In the same way the items of a list are told apart: cut before a comma, it can
be closed.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

import msgspec

# The way to a thing: names of keys, and places in lists.
Keys = tuple[str | int, ...]

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NOTHING = re.compile(r"(?:\s|#[^\n]*\n)*")


class _Statement(NamedTuple):
    """``table`` is the one in which it stands, or which it opens.

    ``things`` are the ways to all that it says, each with its line, from 1; those of a header lead to its table and
    to the tables around that.
    """

    text: str
    table: Keys
    things: dict[Keys, int]


def lines(text: str) -> dict[Keys, int]:
    """On which line each thing of a TOML text begins."""
    found: dict[Keys, int] = {}
    for statement in _statements(text):
        for keys, line in statement.things.items():
            found.setdefault(keys, line)
    return found


def line_of(lines: dict[Keys, int], keys: Keys) -> int:
    """On which line a thing begins, or the next greater one that the text has."""
    around = (keys[:end] for end in range(len(keys), 0, -1))
    return next((lines[one] for one in around if one in lines), 1)


def quoted(text: str) -> str:
    """A text as TOML and JSON alike write it; JSON lets the one sign stand that TOML does not."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def with_text(text: str, table: tuple[str, ...], key: str, value: str) -> str:
    """The same TOML text, word for word, but for one key of a table: it says this now.

    Raises:
        ValueError: more than a line would have to change: the table is written in braces, or with dots.
    """
    changed = _changed(text, table, key, value)
    expected = _read(text)
    inside: Any = expected
    for name in table:
        inside = inside.setdefault(name, {})
    inside[key] = value
    if _read(changed) != expected:
        raise ValueError(f"“{key}” of “{'.'.join(table)}” is written so that no program can change it")
    return changed


def _changed(text: str, table: tuple[str, ...], key: str, value: str) -> str:
    """With the key's value replaced; else with a line more at the end of its table; else with a table more."""
    pieces: list[str] = []
    same = end_of_table = None
    for place, statement in enumerate(_statements(text)):
        pieces.append(statement.text)
        if (*table, key) in statement.things:
            same = place
        elif statement.table == table and statement.things:
            end_of_table = place
    end = "\r\n" if "\r\n" in text else "\n"
    setting = f"{key} = {quoted(value)}{end}"
    if same is not None:
        pieces[same] = _replaced(pieces[same], value)
    elif end_of_table is not None:
        pieces[end_of_table] += setting if pieces[end_of_table].endswith("\n") else end + setting
    elif table:
        header = ".".join(name if _BARE.fullmatch(name) else quoted(name) for name in table)
        pieces.append(f"{_gap(text, end)}[{header}]{end}{setting}")
    else:
        pieces.insert(0, setting)
    return "".join(pieces)


def _statements(text: str) -> Iterator[_Statement]:
    table: Keys = ()
    lengths: Counter[Keys] = Counter()
    begun, first = "", 1
    for number, line in enumerate(_LINE.findall(text), 1):
        begun += line
        said = _read(begun)
        if said is None:
            continue
        if begun.lstrip().startswith("["):
            table = _opened(said, lengths)
            things = {table[: place + 1]: first for place in range(len(table))}
        else:
            things = {(*table, *keys): first + breaks for keys, breaks in _within(said, begun)}
        yield _Statement(begun, table, things)
        begun, first = "", number + 1


def _opened(header: dict[str, Any], lengths: Counter[Keys]) -> Keys:
    """The table that a header opens; ``lengths`` counts those of each list of tables so far."""
    keys: Keys = ()
    inside: Any = header
    while inside:
        ((key, inside),) = inside.items()
        keys = (*keys, key)
        if isinstance(inside, list):
            lengths[keys] += 1
            inside = None
        if lengths[keys]:
            keys = (*keys, lengths[keys] - 1)
    return keys


def _within(said: dict[str, Any], text: str) -> Iterator[tuple[Keys, int]]:
    """The ways to everything that a key's statement says, and how many lines below its first one that begins."""
    inner, value = _value(said)
    breaks: dict[str | int, int] = dict(enumerate(_breaks(text))) if isinstance(value, list) else {}
    for way in filter(None, _ways(said)):
        item = way[len(inner) :]
        yield way, breaks.get(item[0], 0) if item else 0


def _value(said: dict[str, Any]) -> tuple[Keys, Any]:
    """What a key's statement gives, and the way to it."""
    keys: Keys = ()
    inside: Any = said
    while isinstance(inside, dict) and len(inside) == 1:
        ((key, inside),) = inside.items()
        keys = (*keys, key)
    return keys, inside


def _breaks(statement: str) -> list[int]:
    """How many lines below the first one of its statement each item of a list begins."""
    begins = [statement.index("[", _value_begin(statement)) + 1]
    for comma in re.finditer(",", statement):
        before = _read(statement[: comma.start()] + "]")
        if before and len(_value(before)[1]) == len(begins):
            begins.append(comma.end())
    return [statement.count("\n", 0, _end_of_nothing(statement, begin)) for begin in begins]


def _end_of_nothing(statement: str, begin: int) -> int:
    """Where the blanks and comments from a place on end."""
    found = _NOTHING.match(statement, begin)
    return found.end() if found else begin


def _ways(said: Any) -> Iterator[Keys]:
    """The ways to everything inside a value, and to itself."""
    yield ()
    inner = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for key, value in inner:
        yield from ((key, *keys) for keys in _ways(value))


def _replaced(statement: str, value: str) -> str:
    """A key's statement with another value: its name, its blanks and its comment stay."""
    said = _read(statement)
    begin = _value_begin(statement)
    end = next(at for at in range(begin, len(statement) + 1) if _read(statement[:at]) == said)
    blanks = len(statement[begin:]) - len(statement[begin:].lstrip(" \t"))
    return statement[: begin + blanks] + quoted(value) + statement[end:]


def _value_begin(statement: str) -> int:
    """The place behind the equals sign."""
    return next(at for at, sign in enumerate(statement, 1) if sign == "=" and _read(statement[:at] + '""'))


def _gap(text: str, end: str) -> str:
    """What parts a new table from what stands before it: the end of its line, and a blank one."""
    there = len(text) - len(text.rstrip("\r\n")) if text else 2
    return end * max(0, 2 - there // len(end))


def _read(text: str) -> dict[str, Any] | None:
    """What a text says; None where it is no TOML. Numbers stay as they are written."""
    with suppress(tomllib.TOMLDecodeError):
        return tomllib.loads(text, parse_float=str)
    return None
