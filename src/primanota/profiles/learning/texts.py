"""Which columns of a sample are texts, and what they show. Pure."""

from collections.abc import Sequence

from primanota.core.errors import among
from primanota.formats.templates import FIELDS
from primanota.profiles.learning import contents
from primanota.profiles.learning.columns import DAYS, MONEY, Column
from primanota.profiles.learning.doubts import Answer, Open, template

_NAMES = ("counterparty", "payer", "payee")
_OWN = ("iban", "account")
_NO_TEXTS = {*DAYS, *MONEY, "direction"}
_NOTHING = "-"
# What a text below a strange heading may be, the likeliest first.
_MEANINGS = {
    "purpose": "what it was for",
    "counterparty": "the other side's name",
    _NOTHING: "nothing: the cells stay empty",
    "reference": "the reference alone",
    "details": "the amount in a foreign currency, and the note",
}
_PURPOSE = "purpose"


def texts(known: Sequence[Column], mark: str, still: Open) -> dict[int, str]:
    """The templates of these columns, by their numbers; ``mark`` is the form of amounts, should one be answered.

    No two show the same field: a heading that may mean several means one that no other column is.
    """
    found = _names(known)
    rest = [column for column in known if column.number not in found]
    for column in sorted(rest, key=lambda one: len(one.fields)):
        field = next((one for one in _fields(column) if one not in found.values()), "")
        if field:
            found[column.number] = field
    strange = [column for column in known if column.number not in found]
    templates = {column.number: template for column in strange if (template := _as_it_is(column)) is not None}
    asked = [column for column in strange if column.number not in templates]
    worded = [column for column in asked if _has_words(column)]
    for column in asked:
        said = _PURPOSE if worded == [column] and _is_all(found) else _ask(column, found, still)
        if said in FIELDS:
            found[column.number] = said
        else:
            templates[column.number] = said
    return templates | {number: _template(field, set(found.values()), mark) for number, field in found.items()}


def _template(field: str, fields: set[str], mark: str) -> str:
    """Of a purpose, one that says also what no other column of these fields does."""
    details = "{note}" if "original" in fields else "{details}"
    if field == "details":
        return details
    if field != _PURPOSE:
        return f"{{{field}{mark if field in MONEY else ''}}}"
    name = "" if fields & set(_NAMES) else "{counterparty} "
    more = "" if "details" in fields else f" {details}"
    return f"{name}{{purpose}}{more}"


def _names(known: Sequence[Column]) -> dict[int, str]:
    """Of two columns of names the one is who pays, and the other who is paid; of one it is the other side."""
    named = [column for column in known if set(column.fields[:1]) & set(_NAMES)]
    if len(named) == 2:
        for payer, payee in (named, named[::-1]):
            if payer.fields[0] == "payer" and "payee" in payee.fields:
                return {payer.number: "payer", payee.number: "payee"}
    return {named[0].number: "counterparty"} if len(named) == 1 else {}


def _fields(column: Column) -> list[str]:
    """What a column can be, best first, by its heading and by what stands in it."""
    wanted = [field for field in column.fields if field not in _NO_TEXTS]
    if not column.filled:
        # Empty in every row, so that only a heading that says nothing else tells that it may be filled.
        return wanted if column.whole or not column.cells else []
    if contents.are_currencies(column.values):
        return ["currency"]
    if contents.are_ibans(column.values) and not wanted:
        wanted = ["counterparty_account", "iban"]
    if column.is_constant:
        return sorted(wanted, key=lambda field: field not in _OWN)
    return [field for field in wanted if field not in {"currency", *_OWN} or len(column.values) == 1]


def _as_it_is(column: Column) -> str | None:
    """The template of a column that always says the same, or nothing."""
    if column.is_constant:
        return column.values[0].replace("{", "{{").replace("}", "}}")
    return "" if column.cells and not column.filled else None


def _has_words(column: Column) -> bool:
    """Whether it may be a name or a purpose: a time, a rate or the number of a cost centre has no letter."""
    return any(char.isalpha() for cell in column.values for char in cell)


def _is_all(found: dict[int, str]) -> bool:
    """Whether no other column is a text, so that the only one says all."""
    return not set(found.values()) & {*_MEANINGS, *_NAMES}


def _ask(column: Column, found: dict[int, str], still: Open) -> str:
    free = [field for field in _MEANINGS if field not in found.values()]
    guesses = free if _has_words(column) else [_NOTHING, *free]
    answers = [Answer(one, _MEANINGS[one]) for one in dict.fromkeys(guesses)]
    said = still.decide(column.topic, f"{column.shown}: what belongs there?", answers, _read)
    return "" if said == _NOTHING else said


def _read(word: str) -> str:
    """A field, a template, or nothing."""
    if word == _NOTHING or word in FIELDS:
        return word
    if "{" not in word:
        raise ValueError(f"There is no field “{word}”. {among(word, FIELDS)}")
    return template(word)
