"""Which columns of a sample are amounts, and how they are written. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, permutations
from typing import NamedTuple

from primanota.profiles.learning import contents, directions
from primanota.profiles.learning.columns import MONEY, Column, ask_which
from primanota.profiles.learning.doubts import Answer, Open

_SIDES = ("money_in", "money_out")
_MARKS = {",": Answer(",", "-1234,50"), ".": Answer(".", "-1234.50")}
_MINUS = Answer("minus", "money out has a minus, as -12.50 has")
_NO_SIGN = Answer("none", "no amount has a sign")
# Fewer balances fit by chance.
_ENOUGH = 3
_FEW = 5


class Amounts(NamedTuple):
    """What the columns of amounts are, by their numbers; the decimal mark; the words for money in and money out."""

    fields: dict[int, str]
    mark: str
    direction: tuple[str, str] | None
    notes: list[str]


def amounts(known: Sequence[Column], language: str, delimiter: str, still: Open) -> Amounts:
    """What says of these columns how much money moved, or whether it came or went."""
    fields = {column.number: field for column in known if (field := _by_heading(column))}
    notes = []
    if not {"amount", *_SIDES} & set(fields.values()):
        fields |= _by_content([column for column in known if column.number not in fields], still)
    elif swapped := _swapped(known, fields):
        fields |= swapped
        notes.append(
            "The sample's balances say that money comes in where a heading says out; the profile follows them."
        )
    words = None
    if column := _direction(known, fields):
        fields[column.number] = "direction"
        words = _words(column, known, fields, still)
    money = [column for column in known if fields.get(column.number) in MONEY]
    fields |= _unsigned(money, fields, still)
    mark = _mark(money, language, delimiter, still)
    return Amounts(fields, mark, words, [*notes, *_remarks(money, fields)])


def _by_heading(column: Column) -> str:
    field = column.means(MONEY)
    sure = column.marks or (not column.filled and column.fields[:1] == [field])
    return field if sure else ""


def _by_content(known: Sequence[Column], still: Open) -> dict[int, str]:
    """Amounts below headings that nobody knows: as balances and empty cells tell, else as answered."""
    strange = [column for column in known if column.marks and not column.fields]
    likely = [column for column in strange if contents.has_decimals(column.filled)] or strange
    if len(likely) == 1:
        return {likely[0].number: "amount"}
    for move, balance in permutations(likely, 2):
        if _leads(_cents(move), _cents(balance)):
            return {move.number: "amount", balance.number: "balance"}
    for one, other in permutations(likely, 2):
        for balance in likely:
            if _are_sides(one, other) and _leads(_difference(one, other), _cents(balance)):
                return {one.number: "money_in", other.number: "money_out", balance.number: "balance"}
    sides = [pair for pair in permutations(likely, 2) if _are_sides(*pair)]
    if len(likely) == len(sides) == 2:
        came = ask_which("Money in", "Which column has what comes in?", known, likely, still)
        return {column.number: _SIDES[column.number != came] for column in likely}
    number = ask_which("Amount", "Which column has the amount?", known, likely, still)
    return {number: "amount"} if number else {}


def _swapped(known: Sequence[Column], fields: dict[int, str]) -> dict[int, str]:
    """Money in and money out the other way round, where the balances say so."""
    by_field = {fields[column.number]: column for column in known if column.number in fields}
    if not {*_SIDES, "balance"} <= by_field.keys():
        return {}
    came, went, balances = by_field["money_in"], by_field["money_out"], _cents(by_field["balance"])
    if _leads(_difference(came, went), balances) or not _leads(_difference(went, came), balances):
        return {}
    return {came.number: "money_out", went.number: "money_in"}


def _direction(known: Sequence[Column], fields: dict[int, str]) -> Column | None:
    """The column that says whether money came or went."""
    rest = [column for column in known if column.number not in fields]
    named = [column for column in rest if column.means(["direction"])]
    telling = [column for column in rest if len(column.values) == 2 and directions.pairs(column.values)]
    return next(iter(named or [column for column in telling if column.fields[:1] in ([], ["operation"])]), None)


def _words(column: Column, known: Sequence[Column], fields: dict[int, str], still: Open) -> tuple[str, str]:
    """What a column calls money in and money out."""
    signed = [one for one in known if fields.get(one.number) == "amount"]
    found = directions.by_signs(column.cells, _cents(signed[0])) if signed else []
    found = found or directions.pairs(column.values) or list(permutations(column.values, 2))
    question = f"{column.shown}: which word stands for money in, and which for money out?"
    answers = [Answer(f"{came}, {went}") for came, went in found[:_FEW]]
    came, _, went = still.decide("Direction", question, answers, _two_words).partition(", ")
    return (came, went) if went else ("in", "out")


def _two_words(text: str) -> str:
    words = [word.strip() for word in text.split(",")]
    if len(words) != 2 or not all(words):
        raise ValueError("Write two words with a comma between them: first the one for money in.")
    return ", ".join(words)


def _unsigned(money: Sequence[Column], fields: dict[int, str], still: Open) -> dict[int, str]:
    """The amounts that have no sign."""
    column = next((column for column in money if fields[column.number] == "amount"), None)
    told = "direction" in fields.values()
    if column is None or any(cents < 0 for cents in _cents(column)) or not (column.filled or told):
        return {}
    if column.filled and told:
        return {column.number: "unsigned"}
    question = f"{column.shown}: is money out written with a minus? The sample does not tell."
    sign = still.decide("Sign", question, [_NO_SIGN, _MINUS] if told else [_MINUS, _NO_SIGN])
    return {column.number: "unsigned"} if sign == _NO_SIGN.value else {}


def _mark(money: Sequence[Column], language: str, delimiter: str, still: Open) -> str:
    """The decimal mark that all can have; where the sample has none, that of its language is likelier."""
    english = language == "en" or (not language and delimiter != ";")
    likely = [".", ","] if english else [",", "."]
    found = [mark for mark in likely if all(mark in column.marks for column in money if column.filled)]
    answers = [_MARKS[mark] for mark in found or likely]
    return still.decide("Decimal mark", "How are amounts written?", answers) if money else likely[0]


def _remarks(money: Sequence[Column], fields: dict[int, str]) -> Iterator[str]:
    """How the sample writes amounts as no profile does."""
    for name in contents.peculiarities([cell for column in money for cell in column.filled]):
        yield f"Amounts of the sample have {name}; the profile writes them without."
    sides = [column for column in money if fields[column.number] in _SIDES]
    if any(cents < 0 for column in sides for cents in _cents(column)):
        yield "Money out has a minus in its own column; the profile writes it without."
    if any(not cents for column in sides for cell, cents in zip(column.cells, _cents(column), strict=True) if cell):
        yield "Where nothing came or went, the sample has 0 in the cell; the profile leaves it empty."


def _cents(column: Column) -> list[int]:
    said, mark = set(column.filled), next(iter(column.marks), ".")
    return [contents.cents(cell, mark) if cell in said else 0 for cell in column.cells]


def _difference(came: Column, went: Column) -> list[int]:
    return [one - abs(other) for one, other in zip(_cents(came), _cents(went), strict=True)]


def _are_sides(one: Column, other: Column) -> bool:
    """Whether every row has an amount in just one of them."""
    return all(bool(first) != bool(second) for first, second in zip(_cents(one), _cents(other), strict=True))


def _leads(moves: Sequence[int], balances: Sequence[int]) -> bool:
    """Whether each amount leads from one balance to the next, downwards or upwards."""
    if len(moves) < _ENOUGH or not any(moves):
        return False
    steps = list(pairwise(zip(moves, balances, strict=True)))
    down = all(after[1] - before[1] == after[0] for before, after in steps)
    return down or all(before[1] - after[1] == before[0] for before, after in steps)
