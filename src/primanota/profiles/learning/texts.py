"""Find the columns of texts in a sample, and their templates. Pure."""

from collections.abc import Sequence

from primanota.core.errors import among
from primanota.formats.templates import FIELDS
from primanota.profiles.learning import cell_values
from primanota.profiles.learning.columns import DAYS, MONEY, Column
from primanota.profiles.learning.questions import Answer, Questions, read_template

_NAMES = ("counterparty", "payer", "payee")
_OWN = ("iban", "account")
_NO_TEXTS = {*DAYS, *MONEY, "direction"}
_NOTHING = "-"
# What a text below an unknown heading may be, the likeliest first.
_MEANINGS = {
    "purpose": "the purpose",
    "counterparty": "the name of the counterparty",
    _NOTHING: "nothing: the cells stay empty",
    "reference": "the reference alone",
    "details": "the amount in a foreign currency, and the note",
}
_PURPOSE = "purpose"


def texts(known: Sequence[Column], mark: str, questions: Questions) -> dict[int, str]:
    """Return the templates of these columns, by number; ``mark`` is the format of amounts if one is answered.

    No two columns show the same field: a heading that may mean several means one that no other column has.
    """
    found = _names(known)
    rest = [column for column in known if column.number not in found]
    for column in sorted(rest, key=lambda one: len(one.fields)):
        field = next((one for one in _fields(column) if one not in found.values()), "")
        if field:
            found[column.number] = field
    unknown = [column for column in known if column.number not in found]
    templates = {column.number: template for column in unknown if (template := _as_it_is(column)) is not None}
    asked = [column for column in unknown if column.number not in templates]
    worded = [column for column in asked if _has_words(column)]
    for column in asked:
        meaning = _PURPOSE if worded == [column] and _is_all(found) else _ask(column, found, questions)
        if meaning in FIELDS:
            found[column.number] = meaning
        else:
            templates[column.number] = meaning
    return templates | {number: _template(field, set(found.values()), mark) for number, field in found.items()}


def _template(field: str, fields: set[str], mark: str) -> str:
    """Return a field's template; that of a purpose includes what no other column shows."""
    details = "{note}" if "original" in fields else "{details}"
    if field == "details":
        return details
    if field != _PURPOSE:
        return f"{{{field}{mark if field in MONEY else ''}}}"
    name = "" if fields & set(_NAMES) else "{counterparty} "
    more = "" if "details" in fields else f" {details}"
    return f"{name}{{purpose}}{more}"


def _names(known: Sequence[Column]) -> dict[int, str]:
    """Find payer and payee among two columns of names; a single one is the counterparty."""
    named = [column for column in known if set(column.fields[:1]) & set(_NAMES)]
    if len(named) == 2:  # noqa: PLR2004 - who pays, who is paid
        for payer, payee in (named, named[::-1]):
            if payer.fields[0] == "payer" and "payee" in payee.fields:
                return {payer.number: "payer", payee.number: "payee"}
    return {named[0].number: "counterparty"} if len(named) == 1 else {}


def _fields(column: Column) -> list[str]:
    """Return the fields that a column can be, best first, by its heading and its cells."""
    wanted = [field for field in column.fields if field not in _NO_TEXTS]
    if not column.filled:
        # Empty in every row, so only a heading that wholly means a field shows that it may be filled.
        return wanted if column.whole or not column.cells else []
    if cell_values.are_currencies(column.values):
        return ["currency"]
    if cell_values.are_ibans(column.values) and not wanted:
        wanted = ["counterparty_account", "iban"]
    if column.is_constant:
        return sorted(wanted, key=lambda field: field not in _OWN)
    return [field for field in wanted if field not in {"currency", *_OWN} or len(column.values) == 1]


def _as_it_is(column: Column) -> str | None:
    """Return the template of a column that is always the same, or empty; None for other columns."""
    if column.is_constant:
        return column.values[0].replace("{", "{{").replace("}", "}}")
    return "" if column.cells and not column.filled else None


def _has_words(column: Column) -> bool:
    """Return whether it may be a name or a purpose: a time, a rate or a cost centre number has no letter."""
    return any(char.isalpha() for cell in column.values for char in cell)


def _is_all(found: dict[int, str]) -> bool:
    """Return whether no other column is a text, so that this one has everything."""
    return not set(found.values()) & {*_MEANINGS, *_NAMES}


def _ask(column: Column, found: dict[int, str], questions: Questions) -> str:
    free = [field for field in _MEANINGS if field not in found.values()]
    guesses = free if _has_words(column) else [_NOTHING, *free]
    answers = [Answer(one, _MEANINGS[one]) for one in dict.fromkeys(guesses)]
    answer = questions.decide(column.topic, f"{column.shown}: what does it contain?", answers, _read)
    return "" if answer == _NOTHING else answer


def _read(word: str) -> str:
    """Return a field, a template, or the word for nothing."""
    if word == _NOTHING or word in FIELDS:
        return word
    if "{" not in word:
        raise ValueError(f"There is no field “{word}”. {among(word, FIELDS)}")
    return read_template(word)
