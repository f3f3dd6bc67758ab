"""What may stand in a profile's text, and what its rules say in words."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

FILE = "{profile}_{account}_{period}"
# What may stand in braces in the name of a file.
IN_FILE = ("profile", "account", "period", "siren", "year_end")
_Most = Annotated[int, msgspec.Meta(ge=0)]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the tool demands.

    ``required``: names of cells that must not be empty. ``currency``: the only one that the tool's file can hold.
    ``zero``: what becomes of rows that move no money: ``keep``, or ``skip`` where the tool takes none. ``max_rows``
    and ``max_bytes`` of one file, and ``fiscal_year``, whether a file is of one fiscal year: what is more is split
    into numbered files.
    """

    required: list[str] = []
    currency: str = ""
    zero: Literal["keep", "skip"] = "keep"
    max_rows: _Most = 0
    max_bytes: _Most = 0
    fiscal_year: bool = False

    def in_words(self) -> Iterator[str]:
        """Each rule as a sentence."""
        if self.required:
            yield f"Never empty: {', '.join(self.required)}."
        if self.currency:
            yield f"Only for accounts in {self.currency}."
        if self.zero == "skip":
            yield "Rows that move no money stay out."
        if self.max_rows:
            yield f"No more than {self.max_rows:,} rows in a file: more are split into numbered ones."
        if self.max_bytes:
            yield f"No more than {self.max_bytes:,} bytes in a file: more are split into numbered ones."
        if self.fiscal_year:
            yield "A file for each fiscal year."


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A profile's keys, as ``Profile`` explains them."""

    title: str
    format: str
    source: str
    options: dict[str, Any] = {}
    rules: Rules = Rules()
    country: str = ""
    verified: str = "rules only"
    file: str = FILE
    suffix: str = ""
