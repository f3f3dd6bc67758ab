"""What a completed row lacks is said, in words; what is decided, lost or not needed is left alone."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from primanota.banks.qonto.open_points import lacking
from primanota.simulator.data.operation_kinds import OPERATIONS, OTHER_OPERATIONS
from tests.support.factories import quick, raw

_RECEIPT = ("receipt", "receipt missing")
_VAT = ("vat", "VAT undecided")
_NO_RATE = ("vat", "VAT undecided: no rate")
_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["items", "x"]), inner, max_size=2),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    ["operation_type", "attachment_required", "attachment_lost", "attachment_ids", "vat_rate", "vat_details"]
)


def _lacking(**said: Any) -> list[tuple[str, str]]:
    return list(lacking(raw(**said)))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, []),
        ({"attachment_required": True}, [_RECEIPT]),
        ({"attachment_required": True, "attachment_ids": []}, [_RECEIPT]),
        ({"attachment_required": True, "attachment_ids": None, "attachment_lost": False}, [_RECEIPT]),
        ({"attachment_required": True, "attachment_ids": ["a1"]}, []),
        ({"attachment_required": True, "attachment_lost": True}, []),
        ({"attachment_required": False, "attachment_ids": []}, []),
        ({"attachment_required": None, "attachment_ids": None}, []),
    ],
)
def test_a_receipt(said: dict[str, Any], found: list[tuple[str, str]]) -> None:
    """A receipt is missing where the bank requires one, there is none, and nobody said that it is lost."""
    assert _lacking(**said) == found


@pytest.mark.parametrize(
    ("operation", "said", "found"),
    [
        ("card", {"vat_rate": None}, [_NO_RATE]),
        ("card", {}, [_NO_RATE]),
        ("direct_debit", {"vat_rate": ""}, [_NO_RATE]),
        ("qonto_fee", {"vat_rate": None}, [_NO_RATE]),
        ("transfer", {"vat_rate": None}, []),
        ("income", {"vat_rate": None}, []),
        ("card", {"vat_rate": 0}, []),
        ("card", {"vat_rate": 19.0}, []),
        ("card", {"vat_rate": "5.5"}, []),
        ("card", {"vat_rate": -1}, [_VAT]),
        ("transfer", {"vat_rate": -1}, [_VAT]),
        ("card", {"vat_rate": "-1.0"}, [_VAT]),
        ("card", {"vat_rate": -1, "vat_details": None}, [_VAT]),
        ("card", {"vat_rate": -1, "vat_details": {"items": None}}, [_VAT]),
        ("card", {"vat_rate": -1, "vat_details": {"items": [{"rate": 19.0}]}}, [_VAT]),
        ("card", {"vat_rate": -1, "vat_details": {"items": [{"rate": 19.0}, {"rate": 7}]}}, []),
    ],
)
def test_vat(operation: str, said: dict[str, Any], found: list[tuple[str, str]]) -> None:
    """VAT is undecided where the rate is -1 and not several, or where a purchase has no rate; 0 is a rate."""
    assert _lacking(operation_type=operation, **said) == found


def test_every_operation_of_the_bank_is_known() -> None:
    """Each type of operation that the bank documents is known; the one of the future is not."""
    known = OPERATIONS | OTHER_OPERATIONS
    unknown = {one for one in known if _lacking(operation_type=one, vat_rate=19.0)}
    assert unknown == {"quantum_settlement"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"operation_type": "barter"}, "unknown operation type “barter”"),
        ({"operation_type": None}, "unknown operation type “”"),
        ({"vat_rate": "a lot"}, "receipt and VAT unreadable ("),
        ({"attachment_ids": "a1"}, "receipt and VAT unreadable ("),
    ],
)
def test_what_nobody_knows_is_said(said: dict[str, Any], why: str) -> None:
    """A kind that this version does not know, or a field in a form that it cannot read, is named."""
    ((kind, words),) = _lacking(**said)
    assert (kind, words[: len(why)]) == ("strange", why)


def test_all_at_once() -> None:
    """A row that lacks everything is said to lack everything."""
    found = _lacking(operation_type="barter", attachment_required=True, vat_rate=-1)
    assert [kind for kind, _ in found] == ["strange", "receipt", "vat"]


@quick
@given(said=st.dictionaries(_KEYS, _ANYTHING))
@example(said={"vat_rate": [19]})
@example(said={"vat_rate": True})
@example(said={"vat_rate": 10**400})
@example(said={"vat_details": {"items": {}}})
def test_no_words_are_too_much(said: dict[str, Any]) -> None:
    """Whatever the bank says, each row is looked at, and no kind is told twice of it."""
    kinds = [kind for kind, _ in _lacking(**said)]
    assert set(kinds) <= {"strange", "receipt", "vat"}
    assert len(set(kinds)) == len(kinds)
