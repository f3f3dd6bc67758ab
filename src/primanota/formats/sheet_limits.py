"""The limits of spreadsheets, in which people open the files of the formats csv and xlsx. Pure.

Source: Microsoft, “Excel specifications and limits”.
"""

from collections.abc import Iterable, Iterator, Sequence

from primanota.core.toml_validation import Mistake

MOST_COLUMNS = 16_384
# Of a cell, in UTF-16 units.
LONGEST_CELL = 32_767


def utf16_units(text: str) -> int:
    """Return the length of a text as Excel counts it: two for a character beyond U+FFFF."""
    return len(text) + sum(char > "\uffff" for char in text)


def beyond_a_sheet(columns: Sequence[tuple[str, str]]) -> Iterator[Mistake]:
    """Yield the mistakes of columns, pairs of heading and template, that no sheet can hold."""
    if len(columns) > MOST_COLUMNS:
        what = f"there are {len(columns):,} columns, and a sheet has {MOST_COLUMNS:,} at most"
        yield Mistake(what, "Leave columns out.", ("columns", MOST_COLUMNS))
    for place, (heading, template) in enumerate(columns):
        if utf16_units(heading) > LONGEST_CELL:
            what = f"the heading of column {place + 1} has {utf16_units(heading):,} characters"
            yield Mistake(f"{what}, and a cell holds {LONGEST_CELL:,} at most", "Shorten it.", ("columns", place))
        elif utf16_units(template) > LONGEST_CELL:
            what = f"the template of column {place + 1} has {utf16_units(template):,} characters"
            yield Mistake(f"{what}, and a cell holds {LONGEST_CELL:,} at most", "Shorten it.", ("columns", place))


def beyond_a_cell(texts: Iterable[tuple[str, str]]) -> Iterator[Mistake]:
    """Yield the mistakes of texts, pairs of an option's name and its text, that no cell can hold."""
    for name, text in texts:
        if utf16_units(text) > LONGEST_CELL:
            what = f"{name} has {utf16_units(text):,} characters, and a cell holds {LONGEST_CELL:,} at most"
            yield Mistake(what, "Shorten it.", (name,))
