"""Source text of TOML: find the line of each value, and set a text without changing anything else. Pure.

A TOML file is a sequence of statements (TOML 1.0.0): the header of a table, a key with its value, a comment, a blank
line. Each statement can be parsed on its own. It ends at the first line end outside of quotes and brackets, and the
items of a list are separated by the commas outside of its items: one walk over the signs of a text finds both.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from itertools import dropwhile
from typing import Any, NamedTuple

import msgspec

# The way to a value: names of keys, and places in lists.
Keys = tuple[str | int, ...]

# What decides where a statement and an item end: comments and texts as a whole, brackets, commas, line ends.
_SIGN = re.compile(
    r"""\#[^\n]*|"{3}(?:[^"\\]|\\.|"(?!""))*"{3,5}|'{3}(?:[^']|'(?!''))*'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[][{},=\n]""",
    re.DOTALL,
)
_DEEPER = {"[": 1, "{": 1, "]": -1, "}": -1}
_BARE = re.compile(r"[A-Za-z0-9_-]+")
# The equals sign with a text in quotes, on one line.
_TEXT_VALUE = re.compile(r"""(=[ \t]*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*')""")
_BLANKS = re.compile(r"(?:\s|#[^\n]*\n)*")
# No settings need more levels, and each of them makes the work of reading longer by the length of its keys.
_DEEPEST = 60
_DEEP_KEY = re.compile(rf"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{_DEEPEST}}}""", re.ASCII)
_TOO_DEEP = "this is not usable: lists or tables are nested too deeply"


class NotToml(ValueError):
    """A text cannot be read as TOML; the message is the beginning of a sentence, with the line where it is known."""


class _Statement(NamedTuple):
    """A statement; ``table`` is the table that it belongs to, or that it opens.

    ``lines`` has the keys of every value in it with their lines, from 1; for a header those of its table and of the
    tables around it.
    """

    text: str
    table: Keys
    lines: dict[Keys, int]


def parsed(text: str, fraction: Callable[[str], Any] = Decimal) -> dict[str, Any]:
    """Return the tables of a TOML text.

    Args:
        text: the TOML text.
        fraction: makes the value of a number with a fraction.

    Raises:
        NotToml: it is not valid, or has what no settings need: many levels, a number of thousands of digits.
    """
    if _DEEP_KEY.search(text):
        raise NotToml(_TOO_DEEP)
    try:
        tables = tomllib.loads(text, parse_float=fraction)
    except RecursionError:
        raise NotToml(_TOO_DEEP) from None
    except tomllib.TOMLDecodeError as error:
        sentence = str(error)
        raise NotToml(f"this is not TOML: {sentence[:1].lower()}{sentence[1:]}") from None
    except (ValueError, ArithmeticError):  # Python reads no whole number of more than 4,300 digits
        raise NotToml("this is not usable: a number has too many digits") from None
    if _depth(tables) > _DEEPEST:
        raise NotToml(_TOO_DEEP)
    return tables


def _depth(value: Any) -> int:  # noqa: ANN401 - any TOML value
    """Return how many tables and lists are within each other."""
    depth, level = 0, [value]
    while level:
        level = [
            part
            for one in level
            if isinstance(one, (dict, list))
            for part in (one.values() if isinstance(one, dict) else one)
        ]
        depth += 1
    return depth


def lines(text: str) -> dict[Keys, int]:
    """Return the line, from 1, on which each value of a TOML text begins."""
    found: dict[Keys, int] = {}
    for statement in _statements(text):
        for keys, line in statement.lines.items():
            found.setdefault(keys, line)
    return found


def line_of(lines: dict[Keys, int], keys: Keys) -> int:
    """Return the line on which a value begins; if the text does not have it, that of the smallest table around it."""
    around = (keys[:end] for end in range(len(keys), 0, -1))
    return next((lines[one] for one in around if one in lines), 1)


def quoted(text: str) -> str:
    """Quote a text as TOML and JSON do; DEL, which JSON allows and TOML does not, is escaped."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")


def with_text(text: str, table: tuple[str, ...], key: str, value: str) -> str:
    """Return a TOML text in which one key of a table has a new value; everything else stays word for word.

    Raises:
        ValueError: more than one line would have to change: a new key of a table in braces or with dots, or a present
            value of several lines.
    """
    changed = _changed(text, table, key, value)
    expected = _read(text)
    inside: Any = expected
    for name in table:
        inside = inside.setdefault(name, {})
    inside[key] = value
    if _read(changed) != expected:
        raise ValueError(f"“{key}” of “{'.'.join(table)}” is written in a form that this program cannot change")
    return changed


def _changed(text: str, table: tuple[str, ...], key: str, value: str) -> str:
    """Replace the key's value; without the key add a line at the end of its table; without the table add one."""
    pieces: list[str] = []
    same = end_of_table = None
    for place, statement in enumerate(_statements(text)):
        pieces.append(statement.text)
        if (*table, key) in statement.lines:
            same = place
        elif statement.table == table and statement.lines:
            end_of_table = place
    end = "\r\n" if "\r\n" in text else "\n"
    setting = f"{key} = {quoted(value)}{end}"
    if same is not None:
        pieces[same] = _TEXT_VALUE.sub(lambda found: found[1] + quoted(value), pieces[same], count=1)
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
    first = 1
    for piece in _pieces(text):
        parsed = _read(piece) or {}
        if piece.lstrip().startswith("["):
            table = _opened(parsed, lengths)
            keys_lines = {table[: place + 1]: first for place in range(len(table))}
        else:
            keys_lines = {(*table, *keys): first + breaks for keys, breaks in _within(parsed, piece)}
        yield _Statement(piece, table, keys_lines)
        first += piece.count("\n")


def _pieces(text: str) -> Iterator[str]:
    """Yield the text of each statement: up to a line end outside of quotes and brackets."""
    begin = depth = 0
    for sign in _SIGN.finditer(text):
        depth += _DEEPER.get(sign[0], 0)
        if sign[0] == "\n" and depth <= 0:
            yield text[begin : sign.end()]
            begin, depth = sign.end(), 0
    if text[begin:]:
        yield text[begin:]


def _opened(header: dict[str, Any], lengths: Counter[Keys]) -> Keys:
    """Return the table that a header opens; ``lengths`` counts the tables of each list of tables so far."""
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


def _within(parsed: dict[str, Any], text: str) -> Iterator[tuple[Keys, int]]:
    """Yield the keys of every value in a key's statement, and how many lines below the first one it begins."""
    inner, value = _value(parsed)
    breaks: dict[str | int, int] = dict(enumerate(_breaks(text))) if isinstance(value, list) else {}
    for way in filter(None, _ways(parsed)):
        item = way[len(inner) :]
        yield way, breaks.get(item[0], 0) if item else 0


def _value(parsed: dict[str, Any]) -> tuple[Keys, Any]:
    """Return the value of a key's statement, and the keys that lead to it."""
    keys: Keys = ()
    inside: Any = parsed
    while isinstance(inside, dict) and len(inside) == 1:
        ((key, inside),) = inside.items()
        keys = (*keys, key)
    return keys, inside


def _breaks(statement: str) -> list[int]:
    """Return how many lines below the first line of its statement each item of a list begins."""
    breaks, at, lines = [], 0, 0
    for begin in _items(statement):
        place = _skip_blanks(statement, begin)
        lines += statement.count("\n", at, place)
        at = place
        breaks.append(lines)
    return breaks


def _items(statement: str) -> Iterator[int]:
    """Yield the place behind the bracket that opens a statement's list, and behind each comma between its items."""
    signs = dropwhile(lambda sign: sign[0] != "=", _SIGN.finditer(statement))
    depth = 0
    for sign in dropwhile(lambda sign: sign[0] != "[", signs):
        depth += _DEEPER.get(sign[0], 0)
        if not depth:
            return
        if depth == 1 and (sign[0] == "," or sign[0] == "["):
            yield sign.end()


def _skip_blanks(statement: str, begin: int) -> int:
    """Return the place where blanks and comments end."""
    found = _BLANKS.match(statement, begin)
    return found.end() if found else begin


def _ways(value: Any) -> Iterator[Keys]:  # noqa: ANN401 - any TOML value
    """Yield the keys that lead to each value inside a value, and to the value itself."""
    yield ()
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from ((key, *keys) for keys in _ways(part))


def _gap(text: str, end: str) -> str:
    """Return the line ends that separate a new table from the text before it by a blank line."""
    there = len(text) - len(text.rstrip("\r\n")) if text else 2
    return end * max(0, 2 - there // len(end))


def _read(text: str) -> dict[str, Any] | None:
    """Parse a TOML text, fractions as texts; return None if it is not valid."""
    with suppress(NotToml):
        return parsed(text, str)
    return None
