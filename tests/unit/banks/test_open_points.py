"""Open points: a missing receipt, undecided VAT, an unknown operation type; each with its reason."""

from datetime import UTC
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from primanota.banks.base import Names, connector
from primanota.core.language.reasons import reason_text
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


def _points(**said: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    found = connector().open_points([raw(**said)], Names({}, {}), UTC)
    return [(kind, reason_text(reason)) for kind, reason, _ in found]


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
    """A receipt is missing where the bank requires one, lacks it, and has not marked it as lost."""
    assert _points(**said) == found


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
    """VAT is undecided where the rate is -1 without several rates, or where a purchase has no rate; 0 is a rate."""
    assert _points(operation_type=operation, **said) == found


def test_every_operation_of_the_bank_is_known() -> None:
    """Each operation type that the bank documents is known; the simulator's invented one is not."""
    known = OPERATIONS | OTHER_OPERATIONS
    unknown = {one for one in known if _points(operation_type=one, vat_rate=19.0)}
    assert unknown == {"quantum_settlement"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"operation_type": "barter"}, "unknown operation type “barter”"),
        ({"operation_type": None}, "unknown operation type “”"),
        ({"vat_rate": "a lot"}, "receipt and VAT unreadable ("),
        ({"attachment_ids": "a1"}, "receipt and VAT unreadable (attachment_ids: Expected `array"),
        ({"vat_details": {"items": [5]}}, "receipt and VAT unreadable (vat_details: Expected `object"),
        ({"vat_rate": True, "label_ids": 5}, "receipt and VAT unreadable (vat_rate: Expected `int"),
    ],
)
def test_unknown_operations_and_fields_are_named(said: dict[str, Any], why: str) -> None:
    """An operation type that this version does not know, or a field of an unknown shape, is an open point."""
    ((kind, reason),) = _points(**said)
    assert (kind, reason[: len(why)]) == ("unknown-operation", why)


def test_all_at_once() -> None:
    """A row that lacks everything has all open points."""
    found = _points(operation_type="barter", attachment_required=True, vat_rate=-1)
    assert [kind for kind, _ in found] == ["unknown-operation", "receipt", "vat"]


@quick
@given(said=st.dictionaries(_KEYS, _ANYTHING))
@example(said={"vat_rate": [19]})
@example(said={"vat_rate": True})
@example(said={"vat_rate": 10**400})
@example(said={"vat_details": {"items": {}}})
def test_any_json_is_accepted(said: dict[str, Any]) -> None:
    """Open points can be found in any JSON, and each kind occurs once."""
    kinds = [kind for kind, _ in _points(**said)]
    assert set(kinds) <= {"unknown-operation", "receipt", "vat"}
    assert len(set(kinds)) == len(kinds)


def test_an_open_point_has_its_transaction() -> None:
    """An open point has the transaction with all its details; a row without open points yields nothing."""
    bodies = [raw(), raw(id="t2", attachment_required=True, label_ids=["l1"])]
    (point,) = connector().open_points(bodies, Names({"m1": "Ada"}, {"l1": "Travel"}), UTC)
    assert (point.kind, reason_text(point.reason)) == _RECEIPT
    assert (point.transaction.id, point.transaction.member, point.transaction.labels) == ("t2", "Ada", ("Travel",))
