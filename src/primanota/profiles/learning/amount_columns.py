"""Find the columns of amounts, and that of money in and out, by their headings and cells. Pure."""

from collections.abc import Sequence

from primanota.profiles.learning import cell_values, directions
from primanota.profiles.learning.columns import MONEY, Column
from primanota.profiles.learning.meanings import NOTHING, ask_meaning
from primanota.profiles.learning.questions import Questions

_SIDES = {"money_in", "money_out"}
_MOVES = {"amount", *_SIDES}


def amount_columns(known: Sequence[Column], questions: Questions) -> dict[int, str]:
    """Return the columns of amounts, by number: where the whole heading means one, else as answered.

    A column that is empty in every row is one only below such a heading.
    """
    settled = {column.number: questions.settled(column.topic) for column in known}
    fields = {number: answer for number, answer in settled.items() if answer in MONEY}
    doubts = []
    for column in known:
        if settled[column.number] is not None:
            continue
        field = _clear_field(column)
        if field and not _repeats(column, field, known, fields):
            fields[column.number] = field
        elif not column.is_empty and column.means(MONEY) and (column.marks or not column.filled):
            doubts.append(column)
    for number in _idle_sides(known, fields):
        del fields[number]
    sides = {*fields.values(), *(column.means(MONEY) for column in doubts)}
    for column in doubts:
        answer = ask_meaning(column, _guesses(column, fields, sides), questions)
        fields |= {column.number: answer} if answer in MONEY else {}
    return fields


def direction_column(known: Sequence[Column], fields: dict[int, str], questions: Questions) -> Column | None:
    """Return the column that tells money in from money out."""
    rest = [one for one in known if one.number not in fields and questions.settled(one.topic) in {None, "direction"}]
    signed = [cents_of(column) for column in known if fields.get(column.number) == "amount"]
    amounts = signed[0] if signed and min(signed[0], default=0) < 0 else []
    named = [one for one in rest if one.whole and one.means(["direction"]) and not one.is_empty]
    named = [one for one in named if len(one.values) <= 2]  # noqa: PLR2004 - came, went
    told = [one for one in rest if one.fields[:1] in ([], ["operation"]) and _tells(one, amounts)]
    found = next(iter(named or told), None)
    if found and not named and found.fields and amounts:
        # Credits and debits may be the kinds of the rows as well, and the amounts have their signs without them.
        return found if ask_meaning(found, ["direction", "operation", NOTHING], questions) == "direction" else None
    return found


def cents_of(column: Column) -> list[int]:
    """Return the amounts of a column's rows in cents; an empty cell is 0."""
    filled, mark = set(column.filled), next(iter(column.marks), ".")
    return [cell_values.cents(cell, mark) if cell in filled else 0 for cell in column.cells]


def _clear_field(column: Column) -> str:
    """Return the field that the whole heading means; amounts below “Dare/Avere” are signed amounts."""
    if not column.whole:
        return ""
    field = column.means(MONEY)
    if column.marks:
        both = column.fields[:1] == ["direction"] and cell_values.has_decimals(column.filled)
        return "amount" if both else field
    return field if not column.filled and column.fields[:1] == [field] else ""


def _repeats(column: Column, field: str, known: Sequence[Column], fields: dict[int, str]) -> bool:
    """Return whether another column with other amounts is this field already."""
    others = [one for one in known if fields.get(one.number) == field]
    return any(cents_of(one) != cents_of(column) for one in others if one.filled or column.filled)


def _idle_sides(known: Sequence[Column], fields: dict[int, str]) -> list[int]:
    """Return the column of money in or out that is empty beside a column of amounts, without the other side."""
    sides = [column for column in known if fields.get(column.number) in _SIDES]
    filled = any(column.filled and fields.get(column.number) == "amount" for column in known)
    return [column.number for column in sides if len(sides) == 1 and filled and not column.filled]


def _guesses(column: Column, fields: dict[int, str], named: set[str]) -> list[str]:
    """Return the likely answers: an amount only if there is no other, and the cells have decimals or are missing.

    Money in or out is likely only if the other one is ``named`` by a heading, too: “Guthaben” ends with “Haben”.
    """
    meant = [field for field in column.fields if field in MONEY]
    if set(meant) >= _SIDES:  # both in one column have a sign
        meant = ["amount", *(field for field in meant if field != "amount")]
    free = not (_MOVES if meant[0] in _MOVES else {meant[0]}) & set(fields.values())
    pair = meant[0] not in _SIDES or named >= _SIDES
    likely = free and pair and (not column.cells or cell_values.has_decimals(column.filled))
    return [*meant, NOTHING] if likely else [NOTHING, *meant]


def _tells(column: Column, amounts: Sequence[int]) -> bool:
    """Return whether its two words are known for money in and out, and the signs of the amounts do not deny it."""
    words = directions.pairs(column.values) if len(column.values) == 2 else []  # noqa: PLR2004 - came, went
    if not words:
        return False
    if amounts:
        return bool(directions.by_signs(column.cells, amounts))
    return True
