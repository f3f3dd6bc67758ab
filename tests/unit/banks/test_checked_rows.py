"""A quick look at a row of the bank finds what a look at each of its fields finds."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.banks.qonto.decoding.checked_rows import Unreadable, _usual_record, checked_record, facts, record
from primanota.core.model import RawRecord
from tests.support.factories import quick, raw
from tests.torture.answers.values import DATES, IDS, NUMBERS, TEXTS, TYPES

_ODD: tuple[Any, ...] = (
    *(*DATES, *IDS, *NUMBERS, *TEXTS, *TYPES),
    *(
        ...,
        None,
        True,
        0,
        12,
        1234,
        12.3,
        12.0,
        12.345,
        -1,
        "12.34",
        "credit",
        "debit",
        "completed",
        "pending",
        "EUR",
    ),
    *("USD", "card", "2026-10-05T08:30:00.000Z", "2026-10-05T08:30:00.123456+02:00", "1999-01-01T00:00:00Z"),
    *([], [{}], {"items": [{"rate": 19}, {"rate": 7}]}, {"items": None}, [[[1]]] * 40, "ä" * 40_000),
)
_FIELDS = (
    *(
        "id",
        "amount",
        "amount_cents",
        "settled_balance_cents",
        "side",
        "operation_type",
        "currency",
        "local_currency",
    ),
    *("local_amount", "label", "settled_at", "emitted_at", "created_at", "updated_at", "status", "note", "reference"),
    *("initiator_id", "bank_account_id", "clean_counterparty_name", "transaction_id", "transfer", "income"),
    *("attachment_ids", "attachment_required", "attachment_lost", "vat_rate", "vat_details", "label_ids"),
)


def _compare(body: bytes) -> None:
    """Compare the quick ways to read a row, one of them for stored rows, with a look at each of its fields."""
    found = _found(checked_record, body)
    assert _found(record, body) == found
    if isinstance(found, RawRecord):  # else it cannot be stored
        assert facts(body) == found.facts


def _found(read: Any, body: bytes) -> RawRecord | str:  # noqa: ANN401 - one of two functions
    try:
        return read(body)  # type: ignore[no-any-return]
    except Unreadable as error:
        return str(error)


@quick
@given(changes=st.dictionaries(st.sampled_from(_FIELDS), st.sampled_from(_ODD), max_size=4))
def test_odd_fields(changes: dict[str, Any]) -> None:
    """A row with odd values in any fields is read, or refused, as by a look at each field."""
    body = raw(**changes)
    _compare(body)


@quick
@given(cents=st.integers(0, 100_000), form=st.sampled_from(("{:.2f}", "{:.1f}", "{:.0f}", "{:.3f}", "{:e}", "{}")))
def test_amounts_as_they_are_written(cents: int, form: str) -> None:
    """An amount agrees with its cents, or is refused, however it is written."""
    body = raw(amount_cents=cents).replace(b'"amount": 12.34', f'"amount": {form.format(cents / 100)}'.encode())
    _compare(body)


@quick
@given(at=st.integers(0, 2000), byte=st.integers(0, 255), cut=st.booleans())
def test_odd_bytes(at: int, byte: int, cut: bool) -> None:  # noqa: FBT001 - hypothesis calls it
    """A row with a changed byte, or one that is cut off, is read, or refused, as by a look at each field."""
    body = raw(attachment_required=True, vat_rate=-1, vat_details={"items": []})
    place = at % len(body)
    body = body[:place] + (b"" if cut else bytes((byte,)) + body[place + 1 :])
    _compare(body)


@pytest.mark.parametrize("changes", [{}, {"status": "pending", "settled_at": None}, {"created_at": ...}])
def test_a_usual_row_needs_no_closer_look(changes: dict[str, Any]) -> None:
    """Rows as the bank documents them are decoded once."""
    assert _usual_record(raw(**changes)) == checked_record(raw(**changes))


def test_the_bodies_are_kept() -> None:
    """A record has the bank's bytes."""
    body = json.dumps(json.loads(raw()), indent=3).encode()
    assert record(body).body == body
