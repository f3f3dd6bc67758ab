"""Write a guess as the text of a profile, for a person to read and to edit. Pure."""

from collections.abc import Iterator

from primanota.core.text import clean
from primanota.core.toml_source import quoted
from primanota.formats.writers import csv
from primanota.profiles.learning.guess import Guess
from primanota.profiles.schema import Rules

_LONGEST = 40
# Written even if they have the default, because people look for them first.
_ALWAYS = ("encoding", "delimiter")
_WHY = {
    "header": "the sample has no headings; those below are for you",
    "empty": "stands in cells that would be empty",
    "formula_guard": "stands before texts that a spreadsheet would take for formulas",
    "direction": "money in, money out",
    "required": "a row that lacks one of these stops the file",
    "currency": "the file does not name it, so accounts in other currencies are refused",
    "zero": "a row of 0.00 has neither money in nor money out",
}


def profile_text(guess: Guess, title: str, source: str) -> str:
    """Return the text of a profile with what was guessed.

    Args:
        guess: what was learnt.
        title: the title of the profile.
        source: the source of the guess.
    """
    lines = [
        *map(_comment, guess.notes),
        *(_comment(question.note) for question in guess.questions),
        f"title  = {quoted(clean(title))}",
        'format = "csv"',
        f"source = {quoted(clean(source))}",
        "",
        "[options]",
        *_table(_differences(guess.options, csv.Options(columns=guess.options.columns))),
        "columns = [",
        *_columns(guess),
        "]",
        "",
        "[rules]",
        *_table(_differences(guess.rules, Rules())),
    ]
    return "".join(f"{line}\n" for line in lines)


def _comment(sentence: str) -> str:
    return f"# {clean(sentence)}"


def _differences(struct: csv.Options | Rules, default: csv.Options | Rules) -> dict[str, str]:
    """Return the values that differ from the default, as TOML."""
    values = {name: (getattr(struct, name), getattr(default, name)) for name in struct.__struct_fields__}
    return {name: _value(value) for name, (value, other) in values.items() if value != other or name in _ALWAYS}


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return quoted(value)
        case tuple() | list():
            return f"[{', '.join(map(_value, value))}]"
    return str(value)


def _table(values: dict[str, str]) -> Iterator[str]:
    width = max(map(len, values))
    for name, value in values.items():
        why = f" # {_WHY[name]}" if name in _WHY else ""
        yield f"{name:{width}} = {value}{why}"


def _columns(guess: Guess) -> Iterator[str]:
    columns = [(f"{quoted(heading)},", quoted(template)) for heading, template in guess.options.columns]
    width = max(len(heading) for heading, _ in columns)
    for (heading, template), example in zip(columns, guess.examples, strict=True):
        shown = f" # “{clean(example)[:_LONGEST]}” in the sample" if clean(example) else ""
        yield f"  [{heading:{width}} {template}],{shown}"
