"""The connector of a bank: found by name, reads as much of a row as is needed, and tolerates unknown details."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from primanota.banks.base import Bank, Connector, Names, TransactionSource, connector
from primanota.banks.qonto.bank import QontoBank
from primanota.banks.qonto.decoding import normalise
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.banks.qonto.reading.paging import AccountReader
from primanota.core.errors import InvalidInput
from primanota.core.model import Transaction, Vat
from primanota.formats.templates import DETAILS, FIELDS
from tests.support.factories import STAMP, raw
from tests.support.files.golden_company import BERLIN, LABELS, MEMBERS, bodies

_NAMES = Names(MEMBERS, LABELS)
_BRIEF = frozenset(FIELDS) - normalise.NOT_BRIEF - normalise.DETAILS
_DETAILED = normalise.DETAILS & set(Transaction.__struct_fields__)
# Details of a shape that is unknown, and the fields of the transaction that are left out therefore.
_UNKNOWN: list[tuple[dict[str, Any], set[str]]] = [
    ({"label_ids": "l1"}, {"labels", "label_ids"}),
    ({"label_ids": [1]}, {"labels", "label_ids"}),
    ({"attachment_ids": 3}, {"receipts", "attachment_ids"}),
    ({"card_last_digits": 4242}, {"card"}),
    ({"category": {"name": "Travel"}, "cashflow_category": "Travel"}, {"category"}),
    ({"cashflow_subcategory": "Trains"}, {"subcategory"}),
    ({"subject_type": 7}, {"subject_type"}),
    ({"vat_rate": [19]}, {"vat"}),
    ({"vat_rate": "NaN"}, {"vat"}),
    ({"vat_amount_cents": "a lot"}, {"vat"}),
    ({"transfer": {"counterparty_account_number": "DE02", "counterparty_bank_identifier": 5}}, {"bic"}),
    ({"transfer": {"counterparty_account_number": "DE02", "unique_mandate_reference": []}}, {"mandate"}),
]
_KNOWN = {
    "label_ids": ["l-bank"],
    "attachment_ids": ["a1"],
    "card_last_digits": "4242",
    "category": "travel",
    "cashflow_subcategory": {"id": "c1", "name": "Trains"},
    "subject_type": "Transfer",
    "vat_rate": 19.0,
    "vat_amount_cents": 197,
    "transfer": {
        "counterparty_account_number": "DE02",
        "counterparty_bank_identifier": "BYLADEM1001",
        "unique_mandate_reference": "M-1",
    },
}


def _shown(row: Transaction, fields: frozenset[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in Transaction.__struct_fields__ if name in fields}


def test_a_bank_is_found_by_its_name() -> None:
    """The registry has the connector of each bank; an unknown name is an error with the nearest one."""
    known: Connector = connector("qonto")
    assert known.member_name(b'{"id": "m1", "first_name": "Ada"}') == "Ada"
    with pytest.raises(InvalidInput, match="“konto” is not a known bank"):
        connector("konto")


def test_the_protocols_are_implemented() -> None:
    """Qonto's classes implement the protocols of a bank: the type checker compares them here."""
    kinds: tuple[type[Bank], type[TransactionSource], type[Connector]] = (QontoBank, AccountReader, QontoConnector)
    assert all(kinds)


def test_a_label_may_lack_a_name() -> None:
    """The name of a label without a name is empty."""
    assert connector().label_name(b'{"id": "l1", "name": "Travel"}') == "Travel"
    assert connector().label_name(b'{"id": "l1", "name": null}') == ""


@pytest.mark.parametrize("body", bodies())
@pytest.mark.parametrize("fields", [_BRIEF, _BRIEF | normalise.NOT_BRIEF], ids=["brief", "without details"])
def test_a_shorter_reading_has_the_same_values(body: bytes, fields: frozenset[str]) -> None:
    """A reader that leaves fields out has the same values as the full one in all others."""
    whole, part = (connector().reader(_NAMES, BERLIN, wanted)(body) for wanted in (None, fields))
    assert _shown(part, fields) == _shown(whole, fields)


@pytest.mark.parametrize("body", bodies())
def test_a_reading_with_vat_has_the_same_values(body: bytes) -> None:
    """A reader that needs no other detail than the VAT has that, and all that one without details has."""
    fields = _BRIEF | normalise.VAT
    whole, part = (connector().reader(_NAMES, BERLIN, wanted)(body) for wanted in (None, fields))
    assert _shown(part, fields) == _shown(whole, fields)


@pytest.mark.parametrize("field", sorted(normalise.VAT))
def test_vat_is_read_beside_other_fields(field: str) -> None:
    """A reader that needs the VAT and the counterparty's account has both."""
    fields = frozenset({field, "counterparty_account"})
    assert connector().reader(_NAMES, BERLIN, fields)(raw(**_KNOWN)).counterparty_account == "DE02"
    assert connector().reader(_NAMES, BERLIN, fields)(raw(**_KNOWN)).vat == (Vat(Decimal(19), -1234, -197),)


@pytest.mark.parametrize("field", sorted((DETAILS | _DETAILED) - normalise.VAT))
def test_a_field_of_the_details_is_read(field: str) -> None:
    """A reader that needs another field of the details than the VAT has all of them."""
    body = raw(**_KNOWN)
    whole, part = (connector().reader(_NAMES, BERLIN, wanted)(body) for wanted in (None, frozenset({field})))
    assert part == whole
    assert whole.vat == (Vat(Decimal(19), -1234, -197),)
    assert (whole.bic, whole.mandate, whole.card, whole.labels) == ("BYLADEM1001", "M-1", "4242", ("Bank",))
    assert (whole.subcategory, whole.subject_type) == ("Trains", "Transfer")
    assert (whole.label_ids, whole.attachment_ids) == (("l-bank",), ("a1",))
    assert whole.created == datetime.fromisoformat(STAMP)


@pytest.mark.parametrize(("changes", "lost"), _UNKNOWN)
def test_an_unknown_shape_loses_its_field_only(changes: dict[str, Any], lost: set[str]) -> None:
    """A row with a detail of an unknown shape can be stored and read: all fields but that one have their values."""
    known = raw(**_KNOWN)
    body = raw(**{**_KNOWN, **changes})
    connector().record(body)
    read = connector().reader(_NAMES, BERLIN)
    right, found = read(known), read(body)
    wrong = {name for name in Transaction.__struct_fields__ if getattr(found, name) != getattr(right, name)}
    assert wrong >= lost
    assert not any(getattr(found, name) for name in lost)
    assert wrong - lost <= {"bic", "mandate"}
