"""Amounts in another currency are stated exactly, or not at all."""

from decimal import Decimal

import pytest

from primanota.core.model import Money, Original
from primanota.formats.exchange_rate import hundredths, rate
from tests.support.factories import transaction


@pytest.mark.parametrize(("original", "cents"), [("-99.00", -9900), ("4900", 490000), ("12.345", None), ("0", 0)])
def test_original_amounts_are_exact_or_left_out(original: str, cents: int | None) -> None:
    """An amount with a third decimal has no value in cents, instead of a rounded one."""
    assert hundredths(Original(Decimal(original), "USD")) == cents


@pytest.mark.parametrize(
    ("cents", "original", "stated"),
    [
        (-89_90, "-99.00", "0.9080808081"),
        (-30_42, "-4900", "0.0062081633"),
        (1_00, "1.00", "1"),
        (-3, "0", ""),
        (0, "7.00", ""),
        (-(10**12), "0.001", ""),
        (10**12, "0.000001", ""),
        (1, "100000000000.00", ""),
    ],
)
def test_a_rate_that_does_not_fit_is_left_out(cents: int, original: str, stated: str) -> None:
    """A rate has eleven digits, ten of them after the point; a rate outside of these limits is left out."""
    row = transaction(amount=Money(cents), original=Original(Decimal(original), "USD"))
    assert rate(row) == stated
