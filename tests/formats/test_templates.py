"""Templates of cells: clean text in one line, guarded against formulas; mistakes are named."""

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.model import Money, Original
from primanota.core.text import clean
from primanota.formats.option_errors import InvalidOptions
from primanota.formats.templates import FIELDS, OwnNames, check_template, compile_cell
from tests.support.factories import quick, transaction

# Texts of white space, control characters and marks beside ordinary characters.
_TEXTS = st.text(
    st.one_of(st.sampled_from("\r\n\t\0\x0b\x1f\x85\xa0\u2028\u2029\u202e\ufeff =+-@'"), st.characters(codec="utf-8"))
)


@quick
@given(text=_TEXTS)
def test_clean_text_is_one_line(text: str) -> None:
    """For any text, the result is one line, without control characters, without blanks at its ends."""
    cleaned = clean(text)
    assert len(cleaned.splitlines()) <= 1
    assert not {unicodedata.category(sign) for sign in cleaned} & {"Cc", "Zl", "Zp"}
    assert cleaned == cleaned.strip()
    assert clean(cleaned) == cleaned


@quick
@given(text=_TEXTS)
def test_clean_text_keeps_all_letters(text: str) -> None:
    """Clean text keeps all letters, digits and signs, in their order."""

    def letters(text: str) -> list[str]:
        return [sign for sign in text if unicodedata.category(sign)[0] in "LNPS"]

    assert letters(clean(text)) == letters(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Rent\r\nOctober", "Rent October"),
        ("  Rent\t\t7 ", "Rent 7"),
        ("a\x00b", "a b"),
        ("a\x85b\u2028c\u2029d", "a b c d"),
        ("a\u00a0b", "a b"),
        ("\ufeffRent", "Rent"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("Łódź č ő 🧾", "Łódź č ő 🧾"),
        ("two  blanks", "two  blanks"),
        ("\n\t", ""),
    ],
)
def test_line_breaks_become_blanks(text: str, cleaned: str) -> None:
    """Line breaks, tabs and control characters become one blank, invisible marks vanish; other text is unchanged."""
    assert clean(text) == cleaned


@pytest.mark.parametrize("first", list("=+-@\uff1d\uff0b\uff0d\uff20"))
@pytest.mark.parametrize("before", ["", " ", "\t", "\r\n", "\ufeff"])
def test_a_text_is_not_a_formula(first: str, before: str) -> None:
    """A text that a spreadsheet computes as a formula gets the guard, also after blanks and invisible marks."""
    cell = compile_cell("{purpose}", guard="'")
    assert cell(transaction(purpose=f"{before}{first}1+1")) == f"'{first}1+1"


@quick
@given(text=_TEXTS)
def test_the_guard_changes_nothing_else(text: str) -> None:
    """The guard is added to texts that need it: without it, and in all other texts, every character is the same."""
    cell = compile_cell("{note}", guard="\u00ac")(transaction(note=text))
    assert not cell.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))
    assert cell.replace("\u00ac", "") == clean(text).replace("\u00ac", "")
    assert cell == clean(text) or set(text) & set("=+-@\uff1d\uff0b\uff0d\uff20")


def test_a_constant_is_guarded_too() -> None:
    """A constant text at the beginning of a template is guarded, too."""
    assert compile_cell("={note}", guard="'")(transaction(note="1+1")) == "'=1+1"
    assert compile_cell("{counterparty}{amount}", guard="'")(transaction(counterparty="")) == "'-1234.50"


@quick
@given(cents=st.integers(min_value=-(10**12), max_value=10**12), mark=st.sampled_from([".", ","]))
def test_an_amount_is_not_guarded(cents: int, mark: str) -> None:
    """An amount is written unchanged, with its minus sign first."""
    row = transaction(amount=Money(cents), balance=Money(cents))
    for field in ("amount", "balance"):
        cell = compile_cell(f"{{{field}:{mark}}}", guard="'", empty="_")
        assert cell(row) == format(Money(cents), mark)


def test_an_original_amount_is_not_guarded() -> None:
    """An original amount in a column of its own is not guarded."""
    row = transaction(original=Original(Decimal("-12.5"), "USD"))
    assert compile_cell("{original}", guard="'")(row) == "-12.50 USD"


@pytest.mark.parametrize(("cents", "word"), [(1, "+"), (-1, "-"), (0, "+")])
def test_the_words_for_the_side_are_not_guarded(cents: int, word: str) -> None:
    """The profile's words for money in and out are written unchanged, also a plus and a minus."""
    own = OwnNames(direction=("+", "-"))
    assert compile_cell("{direction}", own, guard="'")(transaction(amount=Money(cents))) == word


def test_days_have_the_form_of_the_template() -> None:
    """A moment is written in the form of the template."""
    assert compile_cell("{booked:%d.%m.%Y}", guard="'")(transaction()) == "05.10.2026"
    assert compile_cell("{booked:%Y-%m-%d %H:%M:%S}")(transaction()) == "2026-10-05 08:30:00"


@quick
@given(
    spec=st.lists(
        st.sampled_from(["%Y", "%m", "%d", "%H", "%M", "%S", "%%", "%j", "%y", "-", ".", ":", " ", "Tag "])
    ),
    moment=st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is beside it
)
def test_days_are_written_as_strftime_does(spec: list[str], moment: datetime) -> None:
    """For any form, a moment is written as Python's own strftime writes it."""
    asked = "".join(spec) or "%d"
    assert compile_cell(f"{{emitted:{asked}}}")(transaction(emitted=moment)) == moment.strftime(asked)


@pytest.mark.parametrize(
    ("template", "changes"),
    [
        ("{note}", {"note": ""}),
        ("{note}", {"note": " \n "}),
        ("{balance:,}", {"balance": None}),
        ("{booked:%d.%m.%Y}", {"booked": None}),
        ("{original}", {"original": None}),
        ("{note} {original}", {"original": None}),
    ],
)
def test_an_empty_cell_gets_its_filler(template: str, changes: dict[str, None]) -> None:
    """A field that a transaction does not have is an empty cell, or the profile's filler."""
    row = transaction(**changes)
    assert compile_cell(template)(row) == ""
    assert compile_cell(template, guard="'", empty="_")(row) == "_"


def test_the_filler_is_for_empty_cells_only() -> None:
    """A cell with a value, also zero, does not get the filler."""
    assert compile_cell("{amount}", empty="_")(transaction(amount=Money(0))) == "0.00"
    assert compile_cell("{note}", empty="_")(transaction(note="0")) == "0"


def test_a_template_can_join_fields() -> None:
    """Several fields and constant words are one cell, which is cleaned as a whole."""
    row = transaction(note="two\nlines", original=None)
    assert compile_cell("{counterparty}: {note} {original} ({amount:,})")(row) == (
        "Müller GmbH: two lines (-1234,50)"
    )
    assert compile_cell("EUR")(row) == "EUR"


def test_a_joined_cell_is_a_text() -> None:
    """A cell that begins with an amount or a day and continues with words is cleaned and guarded like any text."""
    row = transaction(note="two\nlines")
    assert compile_cell("{amount} {note}", guard="'")(row) == "'-1234.50 two lines"
    assert compile_cell("{booked:%d.%m.%Y} {note}")(row) == "05.10.2026 two lines"


def test_every_field_can_be_a_cell() -> None:
    """A template may name any field of a transaction."""
    for field in FIELDS:
        check_template(f"{{{field}}}")
        assert isinstance(compile_cell(f"{{{field}}}")(transaction()), str)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{unknown}", "there is no field “unknown”"),
        ("{note} {Amount}", "there is no field “Amount”"),
        ("{}", "there is no field “”"),
        ("{0}", "there is no field “0”"),
        ("{amount.cents}", "there is no field “amount.cents”"),
        ("{note[0]}", "there is no field “note[0]”"),
    ],
)
def test_an_unknown_field_is_refused(template: str, message: str) -> None:
    """A template with an unknown field is refused; the error contains the field and the known ones."""
    with pytest.raises(InvalidOptions) as refused:
        check_template(template)
    assert message in str(refused.value)
    assert refused.value.mistakes[0].hint.startswith(("Known: id, number, ", "Did you mean “"))


@pytest.mark.parametrize("template", ["{amount:.2f}", "{note} {balance:;}", "{amount:,.2f}"])
def test_an_invalid_decimal_mark_is_refused(template: str) -> None:
    """A decimal mark other than a point or a comma is refused."""
    with pytest.raises(InvalidOptions, match="is not a decimal mark") as refused:
        check_template(template)
    assert refused.value.mistakes[0].hint.startswith("Write {")


def test_all_mistakes_of_a_template_are_reported() -> None:
    """All mistakes of a template are reported at once."""
    with pytest.raises(InvalidOptions) as refused:
        check_template("{unknown} {amount:;} {note!r}")
    assert [one.message for one in refused.value.mistakes] == [
        "there is no field “unknown”",
        "“;” is not a decimal mark",
        "“!r” has no meaning here",
    ]


@pytest.mark.parametrize("template", ["{amount", "amount}", "{amount:", "{"])
def test_a_broken_template_is_refused(template: str) -> None:
    """A template whose braces do not match is refused when it is checked."""
    with pytest.raises(ValueError, match=r"[{}]"):
        check_template(template)
