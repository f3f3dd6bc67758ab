"""Codes of transaction kinds at German banks, and texts in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, TextChange
from primanota.core.text import one_blank
from primanota.formats.charsets import Fitter
from primanota.formats.german_banking import amount, kind, text_pieces
from tests.support.factories import quick, transaction
from tests.support.files import statements


@pytest.mark.parametrize(
    ("operation", "cents", "code", "swift"),
    [
        ("income", 1, "166", "TRF"),
        ("transfer", -1, "116", "TRF"),
        ("transfer", 1, "166", "TRF"),
        ("card", -1, "106", "MSC"),
        ("card", 0, "106", "MSC"),
        ("card", 1, "182", "MSC"),
        ("direct_debit", -1, "105", "DDT"),
        ("direct_debit", 1, "181", "RTI"),
        ("direct_debit_collection", 1, "171", "COL"),
        ("direct_debit_collection", -1, "109", "RTI"),
        ("qonto_fee", -1, "808", "CHG"),
        ("fee", -1, "808", "CHG"),
        ("swift_income", 1, "202", "TRF"),
        ("account_remuneration", 1, "814", "INT"),
        ("f24", -1, "835", "MSC"),
        ("what_comes_next", 1, "835", "MSC"),
        ("", -1, "835", "MSC"),
    ],
)
def test_a_kind_has_its_code(operation: str, cents: int, code: str, swift: str) -> None:
    """Operation type and direction decide the code, and an unknown operation type is “other”."""
    found = kind(transaction(operation=operation, amount=Money(cents)))
    assert (found.code, found.swift) == (code, swift)


def test_every_code_has_its_form() -> None:
    """Codes have three digits, types three letters, and posting texts fit into their fields."""
    for row in statements.every_kind().rows:
        code, text, swift = kind(row)
        assert code.isdigit()
        assert len(code) == len(swift) == 3
        assert text.isascii()
        assert text.isupper()
        # Longer, and the subfields of MT 940 would need a seventh line.
        assert len(text) <= 25


@pytest.mark.parametrize(("cents", "shown"), [(1, "0,01"), (-123450, "-1234,50"), (10**12 - 1, "9999999999,99")])
def test_amounts_have_a_comma(cents: int, shown: str) -> None:
    """Cents are exact, with a comma and two decimals, without a thousands separator."""
    assert amount(Money(cents), 13) == shown


def test_an_amount_that_does_not_fit_is_refused() -> None:
    """An amount that is too long is refused."""
    with pytest.raises(FormatRuleViolated, match=r"13 characters for an amount, too few for 10000000000\.00 EUR"):
        amount(Money(10**12), 13)


@quick
@given(
    text=st.text(st.sampled_from("abc 1Ä;-?\u2028東"), max_size=700),
    count=st.integers(2, 14),
    keyword=st.sampled_from(["", "SVWZ+"]),
)
def test_pieces_are_the_text(text: str, count: int, keyword: str) -> None:
    """The pieces, joined, are the shortened text; there are at most the given number, of at most 27 characters."""
    text_changes: list[TextChange] = []
    found = text_pieces(Fitter("swift", text_changes), transaction(), "purpose", text, count, keyword)
    assert len(found) <= count
    assert all(0 < len(piece) <= 27 for piece in found)
    whole = "".join(found)
    assert whole == (keyword + whole.removeprefix(keyword) if found else "")
    assert whole.removeprefix(keyword) == (text_changes[-1].after if text_changes else one_blank(text))


def test_a_break_is_at_a_blank() -> None:
    """The blank at a break is the first character of the next piece."""
    fitter = Fitter("swift", [])
    found = text_pieces(fitter, transaction(), "purpose", "Rechnung 4711 vom 3. Oktober, danke", 4)
    assert found == ["Rechnung 4711 vom 3.", " Oktober, danke"]


def test_a_long_word_is_broken() -> None:
    """A word of more than 27 characters is split into full pieces."""
    found = text_pieces(Fitter("swift", []), transaction(), "purpose", "x" * 60, 4, "SVWZ+")
    assert "".join(found) == "SVWZ+" + "x" * 60
    assert [len(piece) for piece in found] == [27, 27, 11]


def test_words_left_out_are_reported() -> None:
    """A text that is too long loses words without digits, and that is reported."""
    text_changes: list[TextChange] = []
    found = text_pieces(Fitter("swift", text_changes), transaction(), "purpose", "lang " * 50 + "RE-2026-17", 2)
    assert "".join(found).endswith(" RE-2026-17")
    assert (text_changes[0].field, text_changes[-1].after) == ("purpose", "".join(found))
