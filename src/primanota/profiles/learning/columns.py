"""The columns of a sample: the meanings of their headings, and their cells. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from primanota.core.errors import InvalidInput
from primanota.profiles.learning import cell_values
from primanota.profiles.learning.headings import interpret_headings
from primanota.profiles.learning.questions import Answer, Questions

DAYS = ("booked", "emitted", "updated")
MONEY = ("amount", "money_in", "money_out", "balance", "vat_amount")
# What is written as an amount.
FIGURES = {*MONEY, "unsigned", "money_out_signed"}
_SHOWN = 3


class Column(NamedTuple):
    """A column of a sample.

    ``number`` counts from 1. ``filled`` are its cells that are not empty. ``fields`` are the fields that its heading
    may mean, best first; ``whole`` is set if the heading consists of that meaning alone. ``forms`` are the possible
    formats of its days, and ``marks`` the possible decimal marks of its amounts.
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
        """Its different values."""
        return list(dict.fromkeys(self.filled))

    @property
    def is_constant(self) -> bool:
        """Whether there are several rows, and all have the same value."""
        return len(self.cells) > 1 and len(self.filled) == len(self.cells) and len(self.values) == 1

    @property
    def is_empty(self) -> bool:
        """Whether there are rows, and none has a value."""
        return bool(self.cells) and not self.filled

    @property
    def shown(self) -> str:
        """How a question names it: its number, its heading, its first values."""
        values = ", ".join(f"“{value[:30]}”" for value in self.values[:_SHOWN])
        heading = f", “{self.heading}”" if self.heading else ""
        return f"{self.topic}{heading}" + (f" ({values})" if values else "")

    @property
    def topic(self) -> str:
        """The topic of a question about it."""
        return f"Column {self.number}"

    def means(self, fields: Iterable[str]) -> str:
        """Return which of these fields its heading means most likely; empty if it means none of them."""
        wanted = set(fields)
        return next((field for field in self.fields if field in wanted), "")


def columns(headings: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> tuple[list[Column], str]:
    """Return a sample's columns, and the language of its headings.

    Args:
        headings: as they are written; empty ones if the sample has no headings.
        rows: all of one width.
        empty: the filler of cells without a value.
    """
    meant = interpret_headings(headings)
    made = []
    for place, heading in enumerate(headings):
        cells = [row[place].strip() for row in rows]
        filled = [cell for cell in cells if cell not in {"", empty}]
        meaning = (meant.fields[place], meant.whole[place])
        made.append(
            Column(
                place + 1, heading, cells, filled, *meaning, cell_values.day_forms(filled), cell_values.marks(filled)
            )
        )
    return made, meant.language


def ask_which(
    topic: str,
    question: str,
    known: Sequence[Column],
    likely: Sequence[Column],
    questions: Questions,
    *,
    doubt: bool = False,
) -> int:
    """Return the number of the column that a question asks for; 0 if there is no guess. A ``doubt`` is always asked.

    Raises:
        InvalidInput: there is no column left to choose.
    """
    if not known:
        raise InvalidInput(
            f"{question} The sample has no column left.", "Take a file that the tool accepts, or its template."
        )

    def read(word: str) -> str:
        for column in known:
            if word and word in {str(column.number), column.heading}:
                return str(column.number)
        raise ValueError(f"The columns are: {'; '.join(column.shown for column in known)}.")

    answers, choices = ([Answer(str(one.number), one.shown) for one in some] for some in (likely, known))
    return int(questions.decide(topic, question, answers, read, choices, doubt=doubt) or 0)
