"""The purpose of a row without a reference, in words of a language."""

import msgspec
import pytest

from primanota.banks.qonto.decoding import open_points
from primanota.core.language.catalogue import LANGUAGES
from primanota.core.language.purposes import Purposes, purposes_in
from primanota.core.model import Money
from tests.support.factories import transaction


def test_every_known_operation_type_has_words() -> None:
    """There are words for each operation type of Qonto that does not count as unknown, and for fees of any bank."""
    assert set(Purposes.__struct_fields__) == open_points._OPERATIONS | {"fee"}


@pytest.mark.parametrize(
    ("language", "operation", "cents", "member", "purpose"),
    [
        ("de", "card", -100, "Jane Doe", "Kartenzahlung Jane Doe"),
        ("de", "card", 100, "Jane Doe", "Kartengutschrift Jane Doe"),
        ("de", "card", 0, "", "Kartenzahlung"),
        ("de", "qonto_fee", -100, "", "Kontoführung"),
        ("fr", "card", -100, "Jane Doe", "Paiement par carte Jane Doe"),
        ("it", "qonto_fee", -100, "", "Spese di tenuta conto"),
        ("es", "direct_debit", -100, "", "Adeudo domiciliado"),
        ("en", "income", 100, "", "Payment received"),
    ],
)
def test_the_words(language: str, operation: str, cents: int, member: str, purpose: str) -> None:
    """The operation type is said in the language, for money out or in, with the member if one initiated it."""
    row = transaction(
        reference="", purpose=f"{operation} {member}", operation=operation, amount=Money(cents), member=member
    )
    assert purposes_in(language)(row) == msgspec.structs.replace(row, purpose=purpose)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_that_stay(language: str) -> None:
    """A row with a reference keeps it, and one of an unknown operation type keeps the bank's word."""
    with_reference = transaction(reference="RE-7", purpose="RE-7", operation="card")
    unknown = transaction(reference=" ", purpose="future_kind Jane", operation="future_kind", member="Jane")
    foreign = transaction(reference="", purpose="__class__", operation="__class__")
    for row in (with_reference, unknown, foreign):
        assert purposes_in(language)(row) is row
