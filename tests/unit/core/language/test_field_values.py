"""Fields of a row: their names and values in a language."""

from datetime import UTC, datetime
from decimal import Decimal

from primanota.core.language.field_names import FieldNames, field_name
from primanota.core.language.field_values import written_text, written_value
from primanota.core.model import Money, Original, Transaction, Vat


def test_values_are_written_in_the_language() -> None:
    """Every field of a row has a name, and days, amounts, statuses and rates are written as the language does."""
    assert {*Transaction.__struct_fields__} <= {*FieldNames.__struct_fields__}
    for name, value, said in (
        ("booked", datetime(2026, 11, 3, 8, 30, tzinfo=UTC), "03.11.2026 08:30"),
        ("amount", Money(-123456), "-1.234,56\xa0€"),
        ("original", Original(Decimal("-12.5"), "USD"), "-12,50\xa0USD"),
        ("status", "pending", "vorgemerkt"),
        ("labels", ("Büro", "Messe"), "Büro, Messe"),
        ("vat", (Vat(Decimal("5.50"), 1055, 55),), "5,5\xa0%"),
        ("receipts", 2, "2"),
        ("created", None, ""),
    ):
        assert written_value(name, value, "de") == said, name


def test_what_a_file_showed_is_written_in_the_language() -> None:
    """Fields of a file without columns are written in the language; a column of a tool stays as the tool has it."""
    for name, text, said in (
        ("day", "2026-11-03", "03.11.2026"),
        ("amount", "-1234.50 EUR", "-1.234,50\xa0€"),
        ("status", "vanished", "verschwunden"),
        ("Betrag", "-1234.50", "-1234.50"),
        ("Buchungsdatum", "2026-11-03", "2026-11-03"),
    ):
        assert written_text(name, text, "de") == said, name
    assert [field_name(name, "de") for name in ("original amount", "Betrag")] == ["Ursprünglicher Betrag", "Betrag"]
