"""Find the columns of amounts in a sample, and their notation. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations
from typing import NamedTuple

from primanota.profiles.learning import cell_values, directions
from primanota.profiles.learning.columns import MONEY, Column, ask_which
from primanota.profiles.learning.questions import Answer, Questions

_SIDES = ("money_in", "money_out")
_MARKS = {",": Answer(",", "-1234,50"), ".": Answer(".", "-1234.50")}
_MINUS = Answer("minus", "money out has a minus, as -12.50 has")
_NO_SIGN = Answer("none", "no amount has a sign")
# Fewer balances may fit by chance.
_ENOUGH = 3
_FEW = 5


class Amounts(NamedTuple):
    """The fields of the columns of amounts, by number; the decimal mark; the words for money in and money out."""

    fields: dict[int, str]
    mark: str
    direction: tuple[str, str] | None
    notes: list[str]


def amounts(known: Sequence[Column], language: str, delimiter: str, questions: Questions) -> Amounts:
    """Find the columns with the amount of money, and the column that tells money in from money out."""
    fields = {column.number: field for column in known if (field := _by_heading(column))}
    notes = []
    if not {"amount", *_SIDES} & set(fields.values()):
        fields |= _by_content([column for column in known if column.number not in fields], questions)
    elif swapped := _swapped(known, fields):
        fields |= swapped
        notes.append(
            "The balances say that the headings of money in and money out are swapped; the profile corrects it."
        )
    words = None
    if column := _direction(known, fields):
        fields[column.number] = "direction"
        words = _words(column, known, fields, questions)
    money = [column for column in known if fields.get(column.number) in MONEY]
    fields |= _unsigned(money, fields, questions)
    mark = _mark(money, language, delimiter, questions)
    return Amounts(fields, mark, words, [*notes, *_remarks(money, fields)])


def _by_heading(column: Column) -> str:
    field = column.means(MONEY)
    sure = column.marks or (not column.filled and column.fields[:1] == [field])
    return field if sure else ""


def _by_content(known: Sequence[Column], questions: Questions) -> dict[int, str]:
    """Find amounts below unknown headings: by balances and empty cells, else by an answer."""
    strange = [column for column in known if column.marks and not column.fields]
    likely = [column for column in strange if cell_values.has_decimals(column.filled)] or strange
    if len(likely) == 1:
        return {likely[0].number: "amount"}
    for move, balance in permutations(likely, 2):
        if _explains(_cents(move), _cents(balance)):
            return {move.number: "amount", balance.number: "balance"}
    for one, other in permutations(likely, 2):
        for balance in likely:
            if _are_sides(one, other) and _explains(_difference(one, other), _cents(balance)):
                return {one.number: "money_in", other.number: "money_out", balance.number: "balance"}
    sides = [pair for pair in permutations(likely, 2) if _are_sides(*pair)]
    if len(likely) == len(sides) == 2:  # noqa: PLR2004 - one pair, either way round
        came = ask_which("Money in", "Which column has money in?", known, likely, questions)
        return {column.number: _SIDES[column.number != came] for column in likely}
    number = ask_which("Amount", "Which column has the amount?", known, likely, questions)
    return {number: "amount"} if number else {}


def _swapped(known: Sequence[Column], fields: dict[int, str]) -> dict[int, str]:
    """Return money in and money out the other way round, if the balances show that the headings are wrong."""
    by_field = {fields[column.number]: column for column in known if column.number in fields}
    if not {*_SIDES, "balance"} <= by_field.keys():
        return {}
    came, went, balances = by_field["money_in"], by_field["money_out"], _cents(by_field["balance"])
    if _explains(_difference(came, went), balances) or not _explains(_difference(went, came), balances):
        return {}
    return {came.number: "money_out", went.number: "money_in"}


def _direction(known: Sequence[Column], fields: dict[int, str]) -> Column | None:
    """Return the column that tells money in from money out."""
    rest = [column for column in known if column.number not in fields]
    named = [column for column in rest if column.means(["direction"])]
    candidates = [column for column in rest if len(column.values) == 2 and directions.pairs(column.values)]  # noqa: PLR2004 - came, went
    return next(iter(named or [column for column in candidates if column.fields[:1] in ([], ["operation"])]), None)


def _words(column: Column, known: Sequence[Column], fields: dict[int, str], questions: Questions) -> tuple[str, str]:
    """Return a column's words for money in and money out."""
    signed = [one for one in known if fields.get(one.number) == "amount"]
    found = directions.by_signs(column.cells, _cents(signed[0])) if signed else []
    found = found or directions.pairs(column.values) or list(permutations(column.values, 2))
    question = f"{column.shown}: which word stands for money in, and which for money out?"
    answers = [Answer(f"{came}, {went}") for came, went in found[:_FEW]]
    came, _, went = questions.decide("Direction", question, answers, _two_words).partition(", ")
    return (came, went) if went else ("in", "out")


def _two_words(text: str) -> str:
    words = [word.strip() for word in text.split(",")]
    if len(words) != 2 or not all(words):  # noqa: PLR2004 - came, went
        raise ValueError("Write two words with a comma between them: first the one for money in.")
    return ", ".join(words)


def _unsigned(money: Sequence[Column], fields: dict[int, str], questions: Questions) -> dict[int, str]:
    """Return the column of amounts without a sign."""
    column = next((column for column in money if fields[column.number] == "amount"), None)
    has_direction = "direction" in fields.values()
    if column is None or any(cents < 0 for cents in _cents(column)) or not (column.filled or has_direction):
        return {}
    if column.filled and has_direction:
        return {column.number: "unsigned"}
    question = f"{column.shown}: is money out written with a minus? The sample does not show it."
    sign = questions.decide("Sign", question, [_NO_SIGN, _MINUS] if has_direction else [_MINUS, _NO_SIGN])
    return {column.number: "unsigned"} if sign == _NO_SIGN.value else {}


def _mark(money: Sequence[Column], language: str, delimiter: str, questions: Questions) -> str:
    """Return the decimal mark that fits all columns; without one in the sample, that of its language is likelier."""
    english = language == "en" or (not language and delimiter != ";")
    likely = [".", ","] if english else [",", "."]
    found = [mark for mark in likely if all(mark in column.marks for column in money if column.filled)]
    answers = [_MARKS[mark] for mark in found or likely]
    return questions.decide("Decimal mark", "How are amounts written?", answers) if money else likely[0]


def _remarks(money: Sequence[Column], fields: dict[int, str]) -> Iterator[str]:
    """Yield notations of amounts in the sample that a profile does not write."""
    for name in cell_values.unusual_notations([cell for column in money for cell in column.filled]):
        yield f"Amounts of the sample have {name}; the profile writes them without."
    sides = [column for column in money if fields[column.number] in _SIDES]
    if any(cents < 0 for column in sides for cents in _cents(column)):
        yield "Money out has a minus in its own column; the profile writes it without."
    if any(not cents for column in sides for cell, cents in zip(column.cells, _cents(column), strict=True) if cell):
        yield "The sample has 0 in cells of money in or money out without an amount; the profile leaves them empty."


def _cents(column: Column) -> list[int]:
    filled, mark = set(column.filled), next(iter(column.marks), ".")
    return [cell_values.cents(cell, mark) if cell in filled else 0 for cell in column.cells]


def _difference(came: Column, went: Column) -> list[int]:
    return [one - abs(other) for one, other in zip(_cents(came), _cents(went), strict=True)]


def _are_sides(one: Column, other: Column) -> bool:
    """Return whether every row has an amount in exactly one of them."""
    return all(bool(first) != bool(second) for first, second in zip(_cents(one), _cents(other), strict=True))


def _explains(moves: Sequence[int], balances: Sequence[int]) -> bool:
    """Return whether each amount is the difference to the next balance, downwards or upwards."""
    if len(moves) < _ENOUGH or not any(moves):
        return False
    steps = list(pairwise(zip(moves, balances, strict=True)))
    down = all(after[1] - before[1] == after[0] for before, after in steps)
    return down or all(before[1] - after[1] == before[0] for before, after in steps)
