"""Read amounts as people write them: 117.44, 117,44, 1.234,56 or 1 234.56. Pure."""

import re
from typing import NamedTuple

from primanota.core.errors import InvalidInput

_MARKS = "[.,'\u2019\\s]"
_MINUS = "-\u2212"  # the keyboard's and the typographer's
_AMOUNT = re.compile(
    rf"(?P<sign>[{_MINUS}+])?(?P<whole>\d+|\d{{1,3}}(?P<mark>{_MARKS})\d{{3}}(?:(?P=mark)\d{{3}})*)"
    r"(?:(?P<decimal>[.,])(?P<cents>\d{1,2}))?"
)


class WrittenAmount(NamedTuple):
    """An amount in cents, and whether it was written with a sign; without one, money in and money out is meant."""

    cents: int
    has_sign: bool


def parse_amount(text: str) -> WrittenAmount:
    """Parse an amount with two decimals or less, with a point or a comma, and with or without thousands marks.

    Raises:
        InvalidInput: the text is not an amount.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if not found or found["mark"] == found["decimal"] is not None:
        raise InvalidInput(f"“{text}” is not an amount.", "Write it as 117.44 or 117,44.")
    whole = int("".join(sign for sign in found["whole"] if sign.isdecimal()))
    cents = whole * 100 + int((found["cents"] or "").ljust(2, "0"))
    return WrittenAmount(-cents if found["sign"] in {*_MINUS} else cents, found["sign"] is not None)
