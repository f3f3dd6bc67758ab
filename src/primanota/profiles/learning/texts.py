"""Find the columns of texts in a sample, and their templates. Pure."""

from collections.abc import Iterable, Sequence

from primanota.formats.templates import FIELDS
from primanota.profiles.learning import cell_values
from primanota.profiles.learning.columns import DAYS, FIGURES, MONEY, Column
from primanota.profiles.learning.headings import names_both_sides
from primanota.profiles.learning.meanings import NOTHING, TEXT, ask_meaning, literal
from primanota.profiles.learning.questions import Questions

_NAMES = ("counterparty", "payer", "payee")
# The same in every row of a file, since it is the account's.
_OWN = ("currency", "iban", "account")
_NO_TEXTS = {*DAYS, *MONEY, "direction"}
_PURPOSE = "purpose"
# What a text below an unknown heading may be, the likeliest first.
_MEANINGS = (_PURPOSE, "counterparty", NOTHING, "reference", "details")
# Texts that a person reads; if the cells are codes, the heading is not enough.
_WORDED = {*_NAMES, _PURPOSE, "details", "operation", "category", "label", "member", "account"}
# With another word beside them they are of something else: a creditor's id, a customer's number.
_IDS = {"id", "number", "reference", "mandate", "bic", "card"}
# Repeating themselves in a short sample says nothing of them.
_MAY_REPEAT = {"counterparty", _PURPOSE}


def texts(known: Sequence[Column], mark: str, questions: Questions) -> dict[int, str]:
    """Return the templates of these columns, by number; ``mark`` is the format of amounts if one is answered.

    No two columns show the same field: a heading that may mean several means one that no other column has.
    """
    answers = {column.number: answer for column in known if (answer := questions.settled(column.topic)) is not None}
    rest = [column for column in known if column.number not in answers]
    found = _payer_and_payee(rest)
    taken = {*found.values(), *answers.values()} & {*FIELDS}
    for column in sorted(rest, key=lambda one: len(one.fields)):
        if column.number not in found and (field := _sure_field(column, taken)):
            found[column.number] = field
            taken.add(field)
    unknown = [column for column in rest if column.number not in found]
    asked = [column for column in unknown if not column.is_empty]
    worded = [column for column in asked if _has_words(column) and not column.is_constant]
    for column in asked:
        everything = worded == [column] and not column.fields and not taken & {*_MEANINGS, *_NAMES}
        answers[column.number] = _PURPOSE if everything else _ask(column, taken, questions)
        taken |= {answers[column.number]} & {*FIELDS}
    found |= {number: answer for number, answer in answers.items() if answer in FIELDS}
    templates = {column.number: "" for column in unknown if column.is_empty}
    templates |= {number: literal(answer) for number, answer in answers.items() if answer not in FIELDS}
    return templates | {number: _template(field, set(found.values()), mark) for number, field in found.items()}


def _template(field: str, fields: set[str], mark: str) -> str:
    """Return a field's template; that of a purpose includes what no other column shows."""
    details = "{note}" if "original" in fields else "{details}"
    if field == "details":
        return details
    if field != _PURPOSE:
        return f"{{{field}{mark if field in FIGURES else ''}}}"
    name = "" if fields & set(_NAMES) else "{counterparty} "
    more = "" if "details" in fields else f" {details}"
    return f"{name}{{purpose}}{more}"


def _payer_and_payee(known: Sequence[Column]) -> dict[int, str]:
    """Find payer and payee if there are columns for both; one of them alone may be the counterparty, or not."""
    named = [column for column in known if column.whole and not column.is_empty and set(column.fields) & set(_NAMES)]
    named = [column for column in named if not _are_codes(column)]
    pairs = [(one, other) for one in named for other in named if one is not other]
    for payer, payee in pairs:
        if payer.fields[0] == "payer" and "payee" in payee.fields:
            return {payer.number: "payer", payee.number: "payee"}
    return {}


def _sure_field(column: Column, taken: set[str]) -> str:
    """Return the field that a column has for certain, by its whole heading and its cells; empty if it is a doubt."""
    if column.is_constant and not set(column.fields[:1]) & _MAY_REPEAT:
        return ""
    if cell_values.are_ibans(column.values) and not column.fields and "counterparty_account" not in taken:
        return "counterparty_account"
    wanted = [field for field in column.fields if field not in {*_NO_TEXTS, *taken}] if column.whole else []
    if cell_values.are_currencies(column.values):
        wanted = ["currency"] if "currency" not in taken else []
    elif len(column.values) > 1:
        wanted = [field for field in wanted if field not in _OWN]
    field = next(iter(wanted), "")
    if field in _NAMES and set(column.fields) & {"payer", "payee"} and not names_both_sides(column.heading):
        return ""
    if field == "bic" and column.filled and not cell_values.are_bics(column.values):
        return ""
    return "" if field in _WORDED and _are_codes(column) else field


def _are_codes(column: Column) -> bool:
    return cell_values.are_codes(column.values, names=bool(set(column.fields[:1]) & set(_NAMES)))


def _has_words(column: Column) -> bool:
    """Return whether it may be a name or a purpose: a time, a rate or a cost centre number has no letter."""
    return any(char.isalpha() for cell in column.values for char in cell)


def _ask(column: Column, taken: set[str], questions: Questions) -> str:
    meant = [field for field in column.fields if field not in _NO_TEXTS]
    if column.is_constant:
        asked = "every row has the same. What does it contain?"
        return ask_meaning(column, _constant_guesses(column, meant), questions, asked)
    if _are_codes(column) and column.cells:
        unknown = [] if meant else [field for field in ("reference", "details") if field not in taken]
        return ask_meaning(
            column, [NOTHING, *meant, *unknown], questions, "these look like codes. What do they mean?"
        )
    if set(meant) & {"payer", "payee"} and column.whole:
        return ask_meaning(column, [*_free(["counterparty"], taken), *meant, NOTHING], questions)
    if meant:
        likely = (_has_words(column) or not column.cells) and not _IDS & set(meant)
        first = [field for field in _free(meant, taken) if field in {_PURPOSE, "details"} and likely]
        return ask_meaning(column, [*first, NOTHING, *meant], questions)
    free = [one for one in _MEANINGS if one == NOTHING or one not in taken]
    if not _has_words(column):
        free = [NOTHING, *_free(free, {_PURPOSE, "counterparty"})]
    elif column.heading and _PURPOSE in taken:  # a text beside the purpose, of which its heading says nothing
        free = [NOTHING, *free]
    return ask_meaning(column, free, questions)


def _constant_guesses(column: Column, meant: Sequence[str]) -> list[str]:
    """Return the likely answers for a column with one value: the account's own, the text itself, or nothing."""
    text = f"{TEXT}{column.values[0]}"
    if cell_values.are_currencies(column.values):
        return ["currency", text, NOTHING]
    own = [field for field in meant if field in _OWN and field != "currency" and column.whole]
    if cell_values.are_ibans(column.values):
        own = own or ["iban"]
    if own:
        return [*own, text, NOTHING, *(field for field in meant if field not in own)]
    return [NOTHING, *meant, text] if meant else [text, NOTHING]


def _free(fields: Iterable[str], taken: set[str]) -> list[str]:
    return [field for field in fields if field not in taken]
