"""Validate a profile's text: every mistake with its line and what to do about it. Pure."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import msgspec

from primanota import formats
from primanota.core.errors import among
from primanota.core.toml_source import Keys
from primanota.core.toml_validation import Lines, Mistake, field_mistakes, validate
from primanota.formats.option_errors import InvalidOptions
from primanota.profiles.file_name import file_mistakes, suffix_mistakes
from primanota.profiles.schema import ProfileText

_COLUMN = 'Write a heading and a template: ["Amount", "{amount}"].'


def mistakes(text: str) -> list[Mistake]:
    """Return every mistake of a profile's text in the order of its lines; an empty list if there are none."""
    return validate(text, ProfileText, _checks)


def _checks(tables: dict[str, Any], _: Lines) -> Iterator[Mistake]:
    """Yield the mistakes of the file's name, the format, its options, and the columns that the rules require."""
    suffix = tables.get("suffix", "")
    if isinstance(suffix, str):
        yield from suffix_mistakes(suffix)
    if isinstance(file := tables.get("file"), str):
        yield from file_mistakes(file, suffix if isinstance(suffix, str) else "")
    name, options = tables.get("format"), tables.get("options", {})
    if not isinstance(name, str) or not isinstance(options, dict):
        return
    if name not in formats.FORMATS:
        yield Mistake(f"there is no format “{name}”", among(name, formats.FORMATS), ("format",))
        return
    kind = formats.load(name)
    found, headings = _option_mistakes(options, kind)
    yield from found
    match tables.get("rules"):
        case {"accounts": "together"} if kind.states_balances:
            what = f"a file of {name} states the balances of one account"
            yield Mistake(what, "Leave accounts out of the rules.", ("rules", "accounts"))
    if headings is not None:
        yield from _required_mistakes(tables.get("rules"), headings)


def _option_mistakes(options: dict[str, Any], kind: formats.Format) -> tuple[list[Mistake], list[str] | None]:
    """Return the mistakes of the options, and what the file shows of a row; None if the options do not tell it."""
    found = [_with_hint(one) for one in field_mistakes(options, kind.options, ("options",))]
    columns = options.get("columns")
    headings = list(map(_heading, columns)) if isinstance(columns, list) else None
    try:
        valid = msgspec.convert(_valid_part(options, found, kind), kind.options)
    except msgspec.ValidationError as error:
        return [*found, *_refused(error, {one.keys for one in found})], headings
    return found, headings if found else [name for name, _ in kind.shows(valid)]


def _with_hint(mistake: Mistake) -> Mistake:
    return mistake if mistake.hint or mistake.keys[1:2] != ("columns",) else mistake._replace(hint=_COLUMN)


def _valid_part(options: dict[str, Any], found: list[Mistake], kind: formats.Format) -> dict[str, Any]:
    """Return the options without those that have a mistake, so that the rest can be checked; columns become empty."""
    valid = {name: copy(value) for name, value in options.items()}
    for one in found:
        match one.keys[1:]:
            case "columns", int(place), *_:
                valid["columns"][place] = _heading(options["columns"][place]), ""
            case str(name), str(inner), *_:
                valid[name].pop(inner, None)
            case str(name), *_:
                valid.pop(name, None)
    if "columns" not in valid and "columns" in kind.options.__struct_fields__:
        valid["columns"] = [("", "")]
        valid.pop("lengths", None)  # they belong to columns that are not known
    return valid


def _refused(error: msgspec.ValidationError, known: set[Keys]) -> Iterator[Mistake]:
    """Yield the mistakes that ``Options`` itself reports, except for values that already have a mistake."""
    inside = {keys[:end] for keys in known for end in range(len(keys))}
    match error.__cause__:
        case InvalidOptions() as invalid:
            for one in invalid.mistakes:
                keys = ("options", *one.keys)
                if not known & {keys[:end] for end in range(len(keys) + 1)} and keys not in inside:
                    yield Mistake(one.message, one.hint, keys)
        case ValueError() as cause:
            yield Mistake(str(cause), "", ("options",))


def _heading(column: object) -> str:
    match column:
        case [str(heading), *_]:
            return heading
    return ""


def _required_mistakes(rules: object, headings: list[str]) -> Iterator[Mistake]:
    required = rules.get("required") if isinstance(rules, dict) else None
    known = set(headings)
    for place, heading in enumerate(required if isinstance(required, list) else ()):
        if isinstance(heading, str) and heading not in known:
            message = f"rules.required names a column that is not there: “{heading}”"
            yield Mistake(message, among(heading, filter(None, headings)), ("rules", "required", place))
