"""Which rows were selected, in the words of a language. Pure."""

from collections.abc import Callable
from datetime import date

from primanota.core.language.bookkeeping import SelectionTexts
from primanota.core.period import Period
from primanota.core.selection import Changed, New, Selection, parse_selection


def selection_text(selection: Selection | str, words: SelectionTexts, day: Callable[[date], str]) -> str:
    """Return which rows were selected; the text of a batch of another version as the book has it.

    Args:
        selection: the selection, or its text in a batch.
        words: the words of the language.
        day: writes a day.
    """
    known = parse_selection(selection) if isinstance(selection, str) else selection
    match known:
        case None:
            return f"{selection}"
        case Changed():
            return words.changed
        case New(since=since, end=end) if end:
            return words.new_before.format(day=day(since), end=day(end))
        case New(since=since):
            return words.new.format(day=day(since))
        case Period(first=first, last=last) if first == last:
            return day(first)
        case Period(first=first, last=last):
            return words.period.format(first=day(first), last=day(last))
