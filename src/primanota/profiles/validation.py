"""Every mistake of a profile's text, each with its line and what to do. Pure."""

import re
import string
import tomllib
from collections.abc import Iterator
from copy import copy
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from primanota import formats
from primanota.core import toml_source
from primanota.core.errors import among
from primanota.formats.option_errors import Impossible, Wrong
from primanota.profiles.schema import FILE, IN_FILE, Written

_COLUMN = 'Write a heading and a template: ["Amount", "{amount}"].'


class Mistake(NamedTuple):
    """On which line of the text it stands, what is wrong, and what to do."""

    line: int
    message: str
    hint: str


def mistakes(text: str) -> list[Mistake]:
    """All that is wrong with a profile's text, in the order of its lines; empty where it is right."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [_no_toml(text, error)]
    found = list(_wrong(said))
    lines = toml_source.lines(text) if found else {}
    return sorted({Mistake(toml_source.line_of(lines, one.keys), f"{one.message}.", one.hint) for one in found})


def _no_toml(text: str, error: tomllib.TOMLDecodeError) -> Mistake:
    sentence, place, where = str(error).partition(" (at ")
    line = re.match(r"line (\d+)", where)
    last = max(1, text.count("\n") + (not text.endswith("\n")))
    do = "Look for a quote, a bracket or a comma that is missing, there or before it."
    return Mistake(
        int(line[1]) if line else last, f"this is no TOML: {sentence[:1].lower()}{sentence[1:]}{place}{where}.", do
    )


def _wrong(said: dict[str, Any]) -> Iterator[Wrong]:
    yield from _misfits(said, Written, ())
    if isinstance(file := said.get("file"), str):
        yield from _wrong_file(file)
    name, options = said.get("format"), said.get("options", {})
    if not isinstance(name, str) or not isinstance(options, dict):
        return
    if name not in formats.FORMATS:
        yield Wrong(f"there is no format “{name}”", among(name, formats.FORMATS), ("format",))
        return
    wrong, headings = _look(options, formats.load(name))
    yield from wrong
    if headings is not None:
        yield from _wrong_required(said.get("rules"), headings)


def _misfits(said: dict[str, Any], kind: type[msgspec.Struct], keys: toml_source.Keys) -> Iterator[Wrong]:
    """What a table says that its struct cannot take, and what it leaves out."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    misspelt: set[str] = set()
    for name, value in said.items():
        if name in fields:
            yield from _misfit(value, fields[name].type, (*keys, name))
        else:
            misspelt.update(get_close_matches(name, fields, n=1))
            yield Wrong(_of(keys, f"there is no key “{name}”"), among(name, fields), (*keys, name))
    for name, field in fields.items():
        if field.required and name not in said and name not in misspelt:
            yield Wrong(_of(keys, f"“{name}” is missing"), "Write it.", keys)


def _misfit(value: Any, kind: Any, keys: toml_source.Keys) -> Iterator[Wrong]:  # noqa: ANN401 - whatever TOML can say
    inner = get_args(kind)
    match get_origin(kind), value:
        case None, dict() if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            yield from _misfits(value, kind, keys)
        case origin, list() if origin is list:
            for place, item in enumerate(value):
                yield from _misfit(item, inner[0], (*keys, place))
        case origin, dict() if origin is dict:
            for name, item in value.items():
                yield from _misfit(item, inner[1], (*keys, name))
        case origin, str() if origin is Literal and value not in inner:
            what = _of(keys, f"it cannot be {toml_source.quoted(value)}")
            yield Wrong(what, f"Known: {', '.join(map(toml_source.quoted, inner))}.", keys)
        case _:
            try:
                msgspec.convert(value, kind)
            except msgspec.ValidationError as error:
                sentence, way = toml_source.misfit(error)
                do = _COLUMN if keys[1:2] == ("columns",) else ""
                yield Wrong(_of((*keys, *way), sentence), do, (*keys, *way))


def _of(keys: toml_source.Keys, sentence: str) -> str:
    """A sentence about something in the text."""
    names = ".".join(key for key in keys if isinstance(key, str))
    places = "".join(f", {key + 1}" for key in keys if isinstance(key, int))
    return f"{names}{places}: {sentence}" if keys else sentence


def _wrong_file(template: str) -> Iterator[Wrong]:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError:  # Python says so in words for programmers
        yield Wrong("file: its braces do not match", f"Write it like {FILE}.", ("file",))
        return
    for _, name, form, conversion in parts:
        if name is not None and name not in IN_FILE:
            yield Wrong(f"file: “{{{name}}}” stands for nothing", among(name, IN_FILE), ("file",))
        elif form or conversion:
            yield Wrong(f"file: “{{{name}}}” has no other forms", f"Write it like {FILE}.", ("file",))


def _look(said: dict[str, Any], kind: formats.Format) -> tuple[list[Wrong], list[str] | None]:
    """What is wrong with the options, and what their file shows of a row; None where nobody can tell."""
    misfits = list(_misfits(said, kind.options, ("options",)))
    columns = said.get("columns")
    headings = list(map(_heading, columns)) if isinstance(columns, list) else None
    try:
        options = msgspec.convert(_fitting(said, misfits, kind), kind.options)
    except msgspec.ValidationError as error:
        return [*misfits, *_impossible(error, {one.keys for one in misfits})], headings
    return misfits, headings if misfits else [name for name, _ in kind.shows(options)]


def _fitting(said: dict[str, Any], misfits: list[Wrong], kind: formats.Format) -> dict[str, Any]:
    """The options without what does not fit, so that the rest can be tried: a column stays as an empty one."""
    fitting = {name: copy(value) for name, value in said.items()}
    for one in misfits:
        match one.keys[1:]:
            case "columns", int(place), *_:
                fitting["columns"][place] = _heading(said["columns"][place]), ""
            case str(name), str(inner), *_:
                fitting[name].pop(inner, None)
            case str(name), *_:
                fitting.pop(name, None)
    if "columns" not in fitting and "columns" in kind.options.__struct_fields__:
        fitting["columns"] = [("", "")]
        fitting.pop("lengths", None)  # nobody knows of which columns they are
    return fitting


def _impossible(error: msgspec.ValidationError, known: set[toml_source.Keys]) -> Iterator[Wrong]:
    match error.__cause__:
        case Impossible() as impossible:
            for one in impossible.wrong:
                keys = ("options", *one.keys)
                if not any(keys[: len(other)] == other or other[: len(keys)] == keys for other in known):
                    yield Wrong(one.message, one.hint, keys)
        case ValueError() as cause:
            yield Wrong(str(cause), "", ("options",))


def _heading(column: object) -> str:
    match column:
        case [str(heading), *_]:
            return heading
    return ""


def _wrong_required(rules: object, headings: list[str]) -> Iterator[Wrong]:
    required = rules.get("required") if isinstance(rules, dict) else None
    for place, heading in enumerate(required if isinstance(required, list) else ()):
        if isinstance(heading, str) and heading not in headings:
            what = f"rules.required names a column that is not there: “{heading}”"
            yield Wrong(what, among(heading, filter(None, headings)), ("rules", "required", place))
