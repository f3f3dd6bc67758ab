"""Money is exact: the text is the amount, to the cent, with its sign."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.model import Account, Money, Original
from tests.support.factories import quick

_CENTS = st.integers(min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(
    ("cents", "shown"),
    [
        (0, "0.00"),
        (1, "0.01"),
        (-1, "-0.01"),
        (-10, "-0.10"),
        (99, "0.99"),
        (100, "1.00"),
        (-100, "-1.00"),
        (-123450, "-1234.50"),
        (120000, "1200.00"),
        (9007199254740993, "90071992547409.93"),
    ],
)
def test_money_is_shown_to_the_cent(cents: int, shown: str) -> None:
    """An amount has its sign, all its digits, two decimals and no thousands separator."""
    assert format(Money(cents), "") == shown


def test_the_decimal_mark_is_asked_for() -> None:
    """The decimal mark is the requested one, by default a point."""
    assert f"{Money(-123450):,}" == "-1234,50"
    assert f"{Money(-123450):.}" == f"{Money(-123450)}" == "-1234.50"


def test_money_names_its_currency() -> None:
    """As a text for people an amount names its currency, by default the euro."""
    assert str(Money(-5)) == "-0.05 EUR"
    assert str(Money(5, "CHF")) == "0.05 CHF"


@quick
@given(cents=_CENTS, mark=st.sampled_from(["", ".", ","]))
def test_money_reads_back(cents: int, mark: str) -> None:
    """For any amount, its text read as a number is the amount."""
    shown = format(Money(cents), mark)
    assert re.fullmatch(rf"-?\d+{re.escape(mark or '.')}\d\d", shown)
    assert Decimal(shown.replace(",", ".")) * 100 == cents
    assert shown.startswith("-") == (cents < 0)


@quick
@given(cents=_CENTS)
def test_the_opposite_differs_by_its_sign_alone(cents: int) -> None:
    """A payment and its refund are shown with the same digits."""
    assert f"{Money(cents)}".removeprefix("-") == f"{Money(-cents)}".removeprefix("-")


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("-1500", "JPY", "-1500 JPY"),
        ("1.234", "KWD", "1.234 KWD"),
        ("-2.5", "KWD", "-2.500 KWD"),
        ("12.5", "USD", "12.50 USD"),
        ("7", "GBP", "7.00 GBP"),
        ("30000", "XOF", "30000 XOF"),
        ("1E+3", "USD", "1000.00 USD"),
        ("3.10", "XYZ", "3.10 XYZ"),
    ],
)
def test_an_original_amount_has_the_digits_of_its_currency(amount: str, currency: str, shown: str) -> None:
    """Yen have no decimals, Kuwaiti dinars three, and unknown currencies two."""
    assert str(Original(Decimal(amount), currency)) == shown


@quick
@given(minor=_CENTS, kind=st.sampled_from([("JPY", 0), ("USD", 2), ("TND", 3)]))
def test_an_original_amount_reads_back(minor: int, kind: tuple[str, int]) -> None:
    """An amount of whole minor units is shown without loss."""
    currency, digits = kind
    amount = Decimal(minor).scaleb(-digits)
    shown, named = str(Original(amount, currency)).split(" ")
    assert Decimal(shown) == amount
    assert len(shown.partition(".")[2]) == digits
    assert named == currency


def test_an_account_is_shown_by_its_last_characters() -> None:
    """Accounts are told apart by the end of the IBAN, or of the id if there is no IBAN."""
    assert Account("0123-abcd", "Main", iban="FR7630001007941234567890185").tail == "0185"
    assert Account("0123-abcd", "Main").tail == "abcd"
