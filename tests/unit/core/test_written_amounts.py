"""Amounts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import InvalidInput
from primanota.core.written_amounts import WrittenAmount, parse_amount
from tests.support.factories import quick


@pytest.mark.parametrize(
    ("text", "cents", "has_sign"),
    [
        ("117.44", 11744, False),
        ("117,44", 11744, False),
        ("-117,44", -11744, True),
        ("\u2212117,44", -11744, True),
        ("+5", 500, True),
        ("117", 11700, False),
        ("0,5", 50, False),
        ("1.234,56", 123456, False),
        ("1,234.56", 123456, False),
        ("1 234,56", 123456, False),
        ("1\u00a0234,56", 123456, False),
        ("1'234.56", 123456, False),
        ("1.234", 123400, False),
        ("1.234.567,89", 123456789, False),
    ],
)
def test_an_amount_has_a_point_or_a_comma(text: str, cents: int, has_sign: bool) -> None:  # noqa: FBT001 - a case
    """An amount may have either decimal mark, thousands marks, and a sign."""
    assert parse_amount(text) == WrittenAmount(cents, has_sign)


@pytest.mark.parametrize(
    "text", ["", "x", "1,2,3", "1.234.56", "117.", "1.23.4", "12.345.6", "1,234,5", "--5", "1e3"]
)
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    """What can be read in no way, or in two, is refused in a sentence."""
    with pytest.raises(InvalidInput, match=f"“{text}” is not an amount"):
        parse_amount(text)


@quick
@given(cents=st.integers(0, 10**12))
def test_every_amount_in_every_form(cents: int) -> None:
    """Each form of an amount means that amount."""
    english = f"{cents // 100:,}.{cents % 100:02}"
    german = english.translate(str.maketrans(".,", ",."))
    assert {parse_amount(text).cents for text in (english, german, english.replace(",", ""))} == {cents}
