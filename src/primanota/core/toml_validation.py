"""Validate a TOML text against a struct: every mistake with its line and what to do about it. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

import msgspec

from primanota.core.errors import among
from primanota.core.text import shortened
from primanota.core.toml_source import Keys, NotToml, line_of, lines, parsed, quoted

# What people call TOML's types.
_TYPES = {
    "str": "a text in quotes",
    "int": "a whole number",
    "decimal": "a number",
    "bool": "true or false",
    "object": "a table",
    "array": "a list",
}


_LONGEST = 400


class Mistake(NamedTuple):
    """What is wrong, and what to do about it.

    ``keys`` lead to the value; ``line`` is its line, from 1, or 0 as long as the mistake is not located in a text.
    ``message`` is a sentence without its full stop until then.
    """

    message: str
    hint: str = ""
    keys: Keys = ()
    line: int = 0


def dotted(keys: Keys) -> str:
    """Return how a sentence names a value: its keys with dots between them, then its places in lists, from 1."""
    names = ".".join(key for key in keys if isinstance(key, str))
    return names + "".join(f", {key + 1}" for key in keys if isinstance(key, int))


# How sentences name a value, and the line on which a value begins.
Naming = Callable[[Keys], str]
Lines = Callable[[Keys], int]
# Checks beyond the types of the struct's fields.
Checks = Callable[[dict[str, Any], Lines], Iterable[Mistake]]


def validate(text: str, kind: type[msgspec.Struct], checks: Checks, naming: Naming = dotted) -> list[Mistake]:
    """Return every mistake of a TOML text in the order of its lines; an empty list if there are none.

    Args:
        text: the TOML text.
        kind: the struct that the text must fit.
        checks: further checks; they get the text's tables and a function that gives the line of a value.
        naming: how sentences name a value.
    """
    try:
        tables = parsed(text)
    except NotToml as error:
        return [_not_toml(text, str(error))]
    known_lines = cache(lambda: lines(text))

    def line(keys: Keys) -> int:
        return line_of(known_lines(), keys)

    found = [*mistakes_in(tables, kind, (), naming), *checks(tables, line)]
    # A mistake may quote a word of a megabyte, and thousands of mistakes the same one.
    located = {one._replace(message=f"{shortened(one.message, _LONGEST)}.", line=line(one.keys)) for one in found}
    return sorted(located, key=lambda one: (one.line, one.message))


def mistakes_in(value: Any, kind: Any, keys: Keys = (), naming: Naming = dotted) -> Iterator[Mistake]:  # noqa: ANN401 - any TOML value, any type
    """Yield the mistakes of a TOML value that should have a type: all of its parts, and what a struct itself refuses.

    Args:
        value: the value.
        kind: the type of a struct's field.
        keys: the keys that lead to the value.
        naming: how sentences name it.
    """
    kind = _member(kind, value)
    inner = get_args(kind)
    match get_origin(kind), value:
        case None, dict() if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found = list(field_mistakes(value, kind, keys, naming))
            yield from found or _conversion_mistakes(value, kind, keys, naming)
        case origin, list() if origin is list or (origin is tuple and inner[-1] is ...):
            for place, item in enumerate(value):
                yield from mistakes_in(item, inner[0], (*keys, place), naming)
        case origin, dict() if origin is dict:
            for name, item in value.items():
                yield from mistakes_in(item, inner[1], (*keys, name), naming)
        case origin, str() if origin is Literal and value not in inner:
            known = ", ".join(quoted(word) for word in inner if word)
            yield Mistake(_about(keys, f"“{value}” is not a valid value", naming), f"Known: {known}.", keys)
        case _:
            yield from _conversion_mistakes(value, kind, keys, naming)


def field_mistakes(
    table: dict[str, Any], kind: type[msgspec.Struct], keys: Keys, naming: Naming = dotted
) -> Iterator[Mistake]:
    """Yield the mistakes of a table's values, its unknown keys and its missing ones, by the fields of a struct."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    misspelt: set[str] = set()
    for name, value in table.items():
        if name in fields:
            yield from mistakes_in(value, fields[name].type, (*keys, name), naming)
        else:
            misspelt.update(get_close_matches(name, fields, n=1))
            yield Mistake(_about(keys, f"there is no key “{name}”", naming), among(name, fields), (*keys, name))
    for name, field in fields.items():
        if field.required and name not in table and name not in misspelt:
            yield Mistake(_about(keys, f"“{name}” is missing", naming), "Write it.", keys)


def _conversion_mistakes(value: Any, kind: Any, keys: Keys, naming: Naming) -> Iterator[Mistake]:  # noqa: ANN401 - any TOML value, any type
    """Yield the mistake for which msgspec, or the struct's own check, refuses a value."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        sentence, _, way = str(error).partition(" - at `$")
        inner = (int(place) if place else key for key, place in re.findall(r"\.(\w+)|\[(\d+)\]", way))
        keys = (*keys, *inner)
        yield Mistake(_about(keys, _plain(sentence), naming), "", keys)


def _member(kind: Any, value: Any) -> Any:  # noqa: ANN401 - any type, any TOML value
    """Return the member of a union that takes values like this one; the type itself if it is not a union."""
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    members = [member for member in get_args(kind) if member is not NoneType]
    alike = [member for member in members if get_origin(member) is type(value)]
    return members[0] if len(members) == 1 else next(iter(alike), kind)


def _about(keys: Keys, sentence: str, naming: Naming) -> str:
    return f"{naming(keys)}: {sentence}" if keys else sentence


def _plain(sentence: str) -> str:
    """Return msgspec's sentence in words for people."""
    if sentence == "Invalid decimal string":
        return "it is not a number"
    plain = re.sub(r"`([^`]*)`", lambda types: _type_names(types[1]), sentence)
    return plain[0].lower() + plain[1:]


def _type_names(types: str) -> str:
    return " or ".join(_TYPES.get(name, name) for name in types.split(" | ") if name != "null")


def _not_toml(text: str, sentence: str) -> Mistake:
    line = re.search(r" \(at line (\d+)", sentence)
    last = max(1, text.count("\n") + (not text.endswith("\n")))
    hint = "Look for a quote, a bracket or a comma that is missing, there or before it."
    return Mistake(f"{sentence}.", hint, (), int(line[1]) if line else last)
