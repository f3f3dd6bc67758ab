"""The columns of a sample: what their headings may mean, and what stands below them. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from primanota.core.errors import InvalidInput
from primanota.profiles.learning import contents
from primanota.profiles.learning.doubts import Answer, Open
from primanota.profiles.learning.headings import understand

DAYS = ("booked", "emitted", "updated")
MONEY = ("amount", "money_in", "money_out", "balance", "vat_amount")
_SHOWN = 3


class Column(NamedTuple):
    """A column of a sample.

    ``number`` counts from 1. ``filled`` are those of its cells that say something. ``fields`` are what its heading
    may mean, best first; ``whole`` where the heading says nothing else. ``forms`` are those of its days, and
    ``marks`` the decimal marks of its amounts.
    """

    number: int
    heading: str
    cells: list[str]
    filled: list[str]
    fields: list[str]
    whole: bool
    forms: list[tuple[str, str]]
    marks: list[str]

    @property
    def values(self) -> list[str]:
        """What it says, each once."""
        return list(dict.fromkeys(self.filled))

    @property
    def is_constant(self) -> bool:
        """Whether every one of several rows says the same."""
        return len(self.cells) > 1 and len(self.filled) == len(self.cells) and len(self.values) == 1

    @property
    def shown(self) -> str:
        """What a person knows it by: its number, its heading, what it says."""
        said = ", ".join(f"“{value[:30]}”" for value in self.values[:_SHOWN])
        heading = f", “{self.heading}”" if self.heading else ""
        return f"{self.topic}{heading}" + (f" ({said})" if said else "")

    @property
    def topic(self) -> str:
        """What it is called in a question."""
        return f"Column {self.number}"

    def means(self, fields: Iterable[str]) -> str:
        """Which of these fields its heading means most likely; empty where none."""
        wanted = set(fields)
        return next((field for field in self.fields if field in wanted), "")


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> tuple[list[Column], str]:
    """A sample's columns, and the language of its headings.

    Args:
        headings: as they stand; empty ones where the sample has none.
        rows: all of one width.
        empty: what stands in cells that say nothing.
    """
    meant = understand(headings)
    made = []
    for place, heading in enumerate(headings):
        cells = [row[place].strip() for row in rows]
        filled = [cell for cell in cells if cell not in {"", empty}]
        meaning = (meant.fields[place], meant.whole[place])
        made.append(
            Column(place + 1, heading, cells, filled, *meaning, contents.day_forms(filled), contents.marks(filled))
        )
    return made, meant.language


def days(known: Sequence[Column], still: Open) -> dict[int, str]:
    """Which columns are days, by their numbers: by what stands in them, else by their headings, else as answered."""
    found = {column.number: column.means(DAYS) or DAYS[0] for column in known if _is_day(column)}
    if not found:
        found = {column.number: column.means(DAYS) for column in known if column.fields[:1] == [column.means(DAYS)]}
    if not found:
        question = "Which column has the day on which money moved?"
        number = ask_which("Day", question, known, [], still)
        found = {number: DAYS[0]} if number else {}
    return found


def ask_which(topic: str, question: str, known: Sequence[Column], likely: Sequence[Column], still: Open) -> int:
    """The number of the column that is asked for; 0 where nobody knows.

    Raises:
        InvalidInput: no column is left that it could be.
    """
    if not known:
        raise InvalidInput(
            f"{question} The sample has none left.", "Take a file that the tool accepts, or its template."
        )

    def read(word: str) -> str:
        for column in known:
            if word and word in {str(column.number), column.heading}:
                return str(column.number)
        raise ValueError(f"There are: {'; '.join(column.shown for column in known)}.")

    answers, choices = ([Answer(str(one.number), one.shown) for one in some] for some in (likely, known))
    return int(still.decide(topic, question, answers, read, choices) or 0)


def _is_day(column: Column) -> bool:
    """Whether days stand in it; digits alone are days only below a heading that says so, or below none.

    What stands below a heading tells more than a word for amounts does: “Wert” is a value, and the day of one.
    """
    if not column.forms:
        return False
    return bool(column.means(DAYS)) or (set(column.fields) <= set(MONEY) and not (column.heading and column.marks))
