"""The keys of a profile's text, and its rules in words."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec

FILE = "{profile}_{account}_{period}"
# The fields that may stand in braces in the name of a file.
FILE_FIELDS = ("profile", "account", "period", "siren", "year_end", "part")
_Maximum = Annotated[int, msgspec.Meta(ge=0)]


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the accounting tool requires of a file.

    ``required``: names of cells that must not be empty. ``currency``: the only one that the tool's file can hold.
    ``zero``: whether rows of 0.00 are written: ``keep``, or ``skip`` if the tool refuses them. ``max_rows`` and
    ``max_bytes`` limit one file, and with ``fiscal_year`` a file holds one fiscal year: what is more is split into
    numbered files. ``accounts``: whether each account has a file of its own (``apart``), or all are in one
    (``together``).
    """

    required: list[str] = []
    currency: str = ""
    zero: Literal["keep", "skip"] = "keep"
    max_rows: _Maximum = 0
    max_bytes: _Maximum = 0
    fiscal_year: bool = False
    accounts: Literal["apart", "together"] = "apart"

    def in_words(self) -> Iterator[str]:
        """Yield each rule as a sentence."""
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
        if self.accounts == "together":
            yield "All accounts in one file."


class ProfileText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a profile's text; ``Profile`` explains them."""

    title: str
    format: str
    source: str
    options: dict[str, Any] = {}
    rules: Rules = Rules()
    country: str = ""
    verified: str = "rules only"
    file: str = FILE
    suffix: str = ""
    purpose_language: Literal["", "de", "en", "es", "fr", "it"] = ""
