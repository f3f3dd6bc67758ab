"""Find the columns of days in a sample. Pure."""

from collections.abc import Sequence

from primanota.profiles.learning.columns import DAYS, MONEY, Column, ask_which
from primanota.profiles.learning.meanings import NOTHING, ask_meaning
from primanota.profiles.learning.questions import Questions

_BOOKED = DAYS[0]


def days(known: Sequence[Column], questions: Questions) -> dict[int, str]:
    """Find the columns of days, by number: by their cells, else by their headings, else by an answer.

    A heading that means a day only in part, such as that of a due date, is a doubt.
    """
    settled = {column.number: questions.settled(column.topic) for column in known}
    found = {number: answer for number, answer in settled.items() if answer in DAYS}
    rest = [column for column in known if settled[column.number] is None]
    dated = [column for column in rest if _is_day(column)] or [column for column in rest if _is_named(column)]
    found |= {column.number: column.means(DAYS) or _BOOKED for column in dated if _is_sure(column)}
    doubtful = [column for column in dated if column.number not in found]
    if not found and len(doubtful) == 1 and not doubtful[0].fields:
        found = {doubtful[0].number: _BOOKED}
    for column in doubtful:
        if column.number not in found:
            answer = ask_meaning(column, _guesses(column, found), questions)
            found |= {column.number: answer} if answer in DAYS else {}
    if not found:
        question = "Which column has the day on which money moved?"
        number = ask_which("Day", question, known, [], questions)
        found = {number: _BOOKED} if number else {}
    return found


def _is_sure(column: Column) -> bool:
    """Return whether the whole heading means a day, or there is no heading; “Wert” is a value, and the day of one."""
    return not column.heading or (column.whole and (bool(column.means(DAYS)) or set(column.fields) <= set(MONEY)))


def _is_named(column: Column) -> bool:
    """Return whether the heading means a day above all, and the cells do not contradict it: there may be none."""
    return column.fields[:1] == [column.means(DAYS)] and not column.is_empty


def _guesses(column: Column, found: dict[int, str]) -> list[str]:
    likely = [column.means(DAYS) or _BOOKED, *DAYS[:2]]
    return [NOTHING, *likely] if found else [*likely, NOTHING]


def _is_day(column: Column) -> bool:
    """Return whether it has days; digits alone are days only below a heading of days, or without a heading.

    Cells tell more than a heading for amounts: “Wert” is a value, and the day of one.
    """
    if not column.forms:
        return False
    return bool(column.means(DAYS)) or (set(column.fields) <= set(MONEY) and not (column.heading and column.marks))
