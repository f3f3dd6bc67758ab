"""Write values as TOML, and mutate tables of TOML and texts."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import msgspec

Path_ = tuple[str | int, ...]


def written(tables: dict[str, Any]) -> str:
    """Return tables as TOML: each value on a line, tables in braces."""
    return "".join(f"{_key(name)} = {_value(value)}\n" for name, value in tables.items())


def _key(name: str) -> str:
    return _quoted(name)


def _quoted(text: str) -> str:
    plain = text.encode("utf-8", "replace").decode()
    return msgspec.json.encode(plain).decode().replace("\x7f", "\\u007f")


def _value(value: Any) -> str:  # noqa: ANN401 - any TOML value
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case dict():
            inner = ", ".join(f"{_key(name)} = {_value(part)}" for name, part in value.items())
            return f"{{{inner}}}"
    return str(value)


def ways(value: Any, way: Path_ = ()) -> Iterator[Path_]:  # noqa: ANN401 - any TOML value
    """Yield the ways to each value inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield (*way, key)
        yield from ways(part, (*way, key))


def mutated(tables: dict[str, Any], chance: random.Random, values: tuple[Any, ...]) -> dict[str, Any]:
    """Return tables in which one value is replaced, taken out, doubled, or has an unknown neighbour."""
    made = copy.deepcopy(tables)
    known = list(ways(made))
    if not known:
        return made
    *around, key = chance.choice(known)
    inside: Any = made
    for step in around:
        inside = inside[step]
    match chance.randrange(8):
        case 0:
            del inside[key]
        case 1 if isinstance(inside, dict):
            inside[chance.choice(("unknown", "", "a.b", "fiel", f"{key}s", "x" * 5000))] = chance.choice(values)
        case 2 if isinstance(inside, list):
            inside += [copy.deepcopy(inside[int(key)])] * chance.choice((1, 2, 300))
        case _:
            inside[key] = copy.deepcopy(chance.choice(values))
    return made


def mangled(content: bytes, chance: random.Random) -> bytes:  # noqa: C901, PLR0911 - a list of accidents
    """Return a text with one accident: cut, with other bytes in it, or in another encoding."""
    place = chance.randrange(len(content) + 1)
    match chance.randrange(12):
        case 0:
            return content[:place]
        case 1:
            return content[:place] + chance.choice(_BYTES) + content[place:]
        case 2:
            return content[:place] + chance.choice(_BYTES) + content[place + 1 :]
        case 3:
            return b"\xef\xbb\xbf" + content
        case 4:
            return content.decode("utf-8", "replace").encode(chance.choice(("utf-16", "utf-16-le", "utf-32")))
        case 5:
            return content.replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\x0c", b"\x85", b"\xe2\x80\xa8")))
        case 6:
            return content + content
        case 7:
            return content + b"\nx = " + b"[" * 20_000
        case 8:
            return content + b"\nx" + b".x" * chance.choice((50, 3_000)) + b" = 1\n"
        case 9:
            return content + b"\nx = " + chance.choice((b"9" * 6_000, b"1e999999", b"nan", b"inf", b"1979-05-27"))
        case 10:
            return content + b"".join(b"\n[t%d]\na = %d" % (one, one) for one in range(2_000))
        case _:
            return content + b"\nx = " + b"{a=" * 3_000


_BYTES = (
    b"\x00",
    b"\xff",
    b"\xc3\x28",
    b'"',
    b"'",
    b"[",
    b"]",
    b"{",
    b"}",
    b"=",
    b"\n",
    b"#",
    b"\\",
    b"\x1b[2J",
    b'"""',
    b"\r",
    b"\xed\xa0\x80",
    b"=" * 3,
)
