"""Find the columns of amounts in a sample, and their notation. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations
from typing import NamedTuple

from primanota.profiles.learning import cell_values, directions
from primanota.profiles.learning.amount_columns import amount_columns, cents_of, direction_column
from primanota.profiles.learning.columns import MONEY, Column, ask_which
from primanota.profiles.learning.questions import Answer, Questions

_SIDES = ("money_in", "money_out")
_MARKS = {",": Answer(",", "-1234,50"), ".": Answer(".", "-1234.50")}
_MINUS = Answer("minus", "money out has a minus, as -12.50 has")
_NO_SIGN = Answer("none", "no amount has a sign")
# Fewer balances may fit by chance.
_ENOUGH = 3
_FEW = 5
# So many columns are compared with each other.
_COMPARED = 12


class Amounts(NamedTuple):
    """The fields of the columns of amounts, by number; the decimal mark; the words for money in and money out."""

    fields: dict[int, str]
    mark: str
    direction: tuple[str, str] | None
    notes: list[str]


def amounts(known: Sequence[Column], language: str, delimiter: str, questions: Questions) -> Amounts:
    """Find the columns with the amount of money, and the column that tells money in from money out."""
    fields = amount_columns(known, questions)
    notes = []
    if not {"amount", *_SIDES} & set(fields.values()):
        fields |= _by_content(_strange(known, fields), known, questions)
    elif swapped := _swapped(known, fields):
        fields |= swapped
        notes.append(
            "The balances say that the headings of money in and money out are swapped; the profile corrects it."
        )
    else:
        fields |= _other_side(known, fields, questions)
    words = None
    if column := direction_column(known, fields, questions):
        fields[column.number] = "direction"
        words = _words(column, known, fields, questions)
    money = [column for column in known if fields.get(column.number) in MONEY]
    fields |= _unsigned(money, fields, questions) | _signed_side(money, fields)
    mark = _mark(money, language, delimiter, questions)
    return Amounts(fields, mark, words, [*notes, *_remarks(money, fields)])


def _strange(known: Sequence[Column], fields: dict[int, str]) -> list[Column]:
    """Return the columns that may be amounts by their cells, and whose headings mean nothing."""
    return [column for column in known if column.marks and not column.fields and column.number not in fields]


def _by_content(strange: Sequence[Column], known: Sequence[Column], questions: Questions) -> dict[int, str]:
    """Find amounts below unknown headings: by balances and empty cells, else by an answer."""
    strange = [column for column in strange if questions.settled(column.topic) is None][:_COMPARED]
    likely = [column for column in strange if cell_values.has_decimals(column.filled)] or strange
    if len(likely) == 1 and cell_values.has_decimals(likely[0].filled):
        return {likely[0].number: "amount"}
    for move, balance in permutations(likely, 2):
        if _explains(cents_of(move), cents_of(balance)):
            return {move.number: "amount", balance.number: "balance"}
    for one, other in permutations(likely, 2):
        for balance in likely if _are_sides(one, other) else ():
            if _explains(_difference(one, other), cents_of(balance)):
                return {one.number: "money_in", other.number: "money_out", balance.number: "balance"}
    sides = [pair for pair in permutations(likely, 2) if _are_sides(*pair)]
    if len(likely) == len(sides) == 2:  # noqa: PLR2004 - one pair, either way round
        came = ask_which("Money in", "Which column has money in?", known, likely, questions)
        return {column.number: _SIDES[column.number != came] for column in likely}
    number = ask_which("Amount", "Which column has the amount?", known, likely, questions, doubt=True)
    return {number: "amount"} if number else {}


def _other_side(known: Sequence[Column], fields: dict[int, str], questions: Questions) -> dict[int, str]:
    """Return the column of the other side if only one of money in and money out was found, and no amount."""
    sides = {*_SIDES} & set(fields.values())
    if "amount" in fields.values() or len(sides) != 1:
        return {}
    field = _SIDES[_SIDES[0] in sides]
    likely = [column for column in _strange(known, fields) if cell_values.has_decimals(column.filled)]
    if not likely:
        return {}
    name = field.replace("_", " ")
    number = ask_which(name.capitalize(), f"Which column has {name}?", known, likely, questions, doubt=True)
    return {number: field}


def _swapped(known: Sequence[Column], fields: dict[int, str]) -> dict[int, str]:
    """Return money in and money out the other way round, if the balances show that the headings are wrong."""
    by_field = {fields[column.number]: column for column in known if column.number in fields}
    if not {*_SIDES, "balance"} <= by_field.keys():
        return {}
    came, went, balances = by_field["money_in"], by_field["money_out"], cents_of(by_field["balance"])
    if _explains(_difference(came, went), balances) or not _explains(_difference(went, came), balances):
        return {}
    return {came.number: "money_out", went.number: "money_in"}


def _words(column: Column, known: Sequence[Column], fields: dict[int, str], questions: Questions) -> tuple[str, str]:
    """Return a column's words for money in and money out."""
    signed = [one for one in known if fields.get(one.number) == "amount"]
    found = directions.by_signs(column.cells, cents_of(signed[0])) if signed else []
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
    if column is None or any(cents < 0 for cents in cents_of(column)) or not (column.filled or has_direction):
        return {}
    if column.filled and has_direction:
        return {column.number: "unsigned"}
    question = f"{column.shown}: is money out written with a minus? The sample does not show it."
    sign = questions.decide("Sign", question, [_NO_SIGN, _MINUS] if has_direction else [_MINUS, _NO_SIGN])
    return {column.number: "unsigned"} if sign == _NO_SIGN.value else {}


def _signed_side(money: Sequence[Column], fields: dict[int, str]) -> dict[int, str]:
    """Return the columns of money out in which every amount has a minus, which the profile keeps."""
    return {
        column.number: "money_out_signed"
        for column in money
        if fields[column.number] == "money_out"
        and column.filled
        and max(cents_of(column)) <= 0 > min(cents_of(column))
    }


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
    sides = [column for column in money if fields[column.number] in {*_SIDES, "money_out_signed"}]
    for column in sides:
        if fields[column.number] in _SIDES and any(cents < 0 for cents in cents_of(column)):
            name = fields[column.number].replace("_", " ").capitalize()
            yield f"{name} has a minus in some rows of its own column; the profile writes it without."
    if len({*_SIDES, "money_out_signed"} & set(fields.values())) == 1 and "amount" not in fields.values():
        yield "The sample has a column for one of money in and money out only; the profile does not write the other."
    if any(not cents for column in sides for cell, cents in zip(column.cells, cents_of(column), strict=True) if cell):
        yield "The sample has 0 in cells of money in or money out without an amount; the profile leaves them empty."


def _difference(came: Column, went: Column) -> list[int]:
    return [one - abs(other) for one, other in zip(cents_of(came), cents_of(went), strict=True)]


def _are_sides(one: Column, other: Column) -> bool:
    """Return whether every row has an amount in exactly one of them."""
    return all(bool(first) != bool(second) for first, second in zip(cents_of(one), cents_of(other), strict=True))


def _explains(moves: Sequence[int], balances: Sequence[int]) -> bool:
    """Return whether each amount is the difference to the next balance, downwards or upwards."""
    if len(moves) < _ENOUGH or not any(moves):
        return False
    steps = list(pairwise(zip(moves, balances, strict=True)))
    down = all(after[1] - before[1] == after[0] for before, after in steps)
    return down or all(before[1] - after[1] == before[0] for before, after in steps)
