"""CODA files: they follow Febelfin's rules, and Tryton's library reads them."""

from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota import formats
from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Statement, Transaction
from primanota.core.text import clean
from primanota.formats import NoOptions
from primanota.formats.charsets import transliterate
from primanota.formats.writers.coda import render, shows
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.national_statements import ROWS, days_and_cents, expected, one_row, statement_of, written
from tests.support.readers import coda

# The reader checks the balances of fifty thousand rows, and is quicker than the checks here.
_SMALL = sorted(statements.CASES.keys() - {"many"})


def _bytes(statement: Statement) -> bytes:
    return b"".join(render(statement, NoOptions()))


def _lines(statement: Statement) -> list[str]:
    *lines, end = _bytes(statement).decode("latin-1").split("\r\n")
    assert end == ""
    return lines


def _amount(line: str, place: int) -> int:
    """Return the signed thousandths of a sign at a place, counted from 1, and the 15 digits after it."""
    return {"1": -1, "0": 1}[line[place - 1]] * int(line[place : place + 15])


def _kinds(lines: list[str], kind: str) -> list[str]:
    return [line for line in lines if line.startswith(kind)]


@pytest.mark.parametrize("case", _SMALL)
def test_tryton_reads_it(case: str, tmp_path: Path) -> None:
    """Tryton's library finds the same number of rows, sum and balances."""
    statement = statements.CASES[case]("BE")
    assert coda.febelfin(written(tmp_path, _bytes(statement))) == expected(statement)


@quick
@given(rows=ROWS)
def test_any_texts_keep_money_and_days(rows: list[Transaction], tmp_path: Path) -> None:
    """For any texts, an independent reader finds each row's day and cents, and complete texts where they fit."""
    statement = statement_of(rows, "BE")
    file = written(tmp_path, _bytes(statement))
    assert coda.febelfin(file) == expected(statement)
    assert coda.movements(file) == days_and_cents(statement)
    for row, move in zip(statement.rows, coda.moves(file), strict=True):
        text = transliterate(clean(f"{row.purpose} {row.details}"), "latin-1")
        assert len(text) > 149 or move.communication == text.rstrip()


@pytest.mark.parametrize("case", _SMALL)
def test_every_line_is_a_record(case: str) -> None:
    """Lines have 128 characters, begin with their record, and movements are numbered without a gap."""
    lines = _lines(statements.CASES[case]("BE"))
    assert {len(line) for line in lines} == {128}
    assert [kind for kind, _ in groupby(line[0] for line in lines)] in (["0", "1", "2", "8", "9"], [*"0189"])
    numbers = [int(line[2:6]) for line in _kinds(lines, "21")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert lines[0][:5] == "00000"
    assert lines[0][127] == lines[-1][127] == "2"


@pytest.mark.parametrize("case", _SMALL)
def test_a_record_states_whether_another_follows(case: str) -> None:
    """The code at place 126 is 1 exactly where another record of the same movement follows."""
    lines = _lines(statements.CASES[case]("BE"))
    for line, following in pairwise(lines):
        if line.startswith("2"):
            assert line[125] == str(int(following[:2] in {"22", "23"}))
            assert following[:2] not in {"22", "23"} or following[2:6] == line[2:6]


@pytest.mark.parametrize("case", _SMALL)
def test_totals_are_those_of_the_movements(case: str) -> None:
    """Both balances, both sums and the number of records agree with the lines."""
    lines = _lines(statements.CASES[case]("BE"))
    old, new, trailer = _kinds(lines, "1")[0], _kinds(lines, "8")[0], lines[-1]
    amounts = [_amount(line, 32) for line in _kinds(lines, "21")]
    assert _amount(old, 43) + sum(amounts) == _amount(new, 42)
    assert int(trailer[22:37]) == -sum(one for one in amounts if one < 0)
    assert int(trailer[37:52]) == sum(one for one in amounts if one > 0)
    assert int(trailer[16:22]) == len(lines) - 2


def test_the_records_of_a_row() -> None:
    """The records of a statement with one transfer have the expected text, character by character."""
    head, old, movement, counterparty, new, trailer = _lines(one_row("BE", -12_34))
    account = f"{'BE68539007547034':34}EUR"
    name = "Erfundene Räder GmbH"
    assert head == f"{'0000031012653905':24}{'1':10}{name:37}{'0' * 11} 00000{'2':>40}"
    assert old == f"12001{account}0000000001000000311225{name:61}001"
    key, text = "040008000000000000000", f"{'RE-2026-00000 Beratung':53}"
    assert movement == f"2100010000{key}1000000000012340010126001010000{text}01012600101 0"
    assert counterparty == f"2300010000{'DE02120300000000202051':34}EUR{'Müller GmbH':78}0 0"
    assert new == f"8001{account}0000000000987660310126{'0':>65}"
    assert trailer == f"{'9':16}000004{12340:015}{0:015}{'2':>76}"


def test_more_movements_need_another_file() -> None:
    """A statement numbers 9,999 movements, and the format says so; more of them are refused, never renumbered."""
    assert formats.load("coda").max_rows == 9_999
    with pytest.raises(FormatRuleViolated, match="The sequence 10000 does not fit"):
        _bytes(statements.make([1] * 10_000, country="BE"))


def test_a_full_statement_is_the_only_one(tmp_path: Path) -> None:
    """Exactly 9,999 movements are one statement, not one and an empty one."""
    assert len(coda.statements(written(tmp_path, _bytes(statements.make([1] * 9_999, country="BE"))))) == 1


@pytest.mark.parametrize(
    ("operation", "cents", "code"),
    [
        ("income", 1, "00150000"),
        ("transfer", -1, "00101000"),
        ("card", -1, "00402000"),
        ("card", 1, "00499000"),
        ("direct_debit", -1, "00501000"),
        ("direct_debit", 1, "00554000"),
        ("swift_income", 1, "04150000"),
        ("qonto_fee", -1, "08035000"),
        ("fee", -1, "08035000"),
        ("future_kind", 1, "03089000"),
        ("future_kind", -1, "03039000"),
    ],
)
def test_operations_have_codes(operation: str, cents: int, code: str) -> None:
    """Each operation type has Febelfin's code; an unknown one is an undefined transaction."""
    assert _lines(one_row("BE", cents, operation=operation))[2][53:61] == code


@pytest.mark.parametrize("reference", ["+++090/9337/55493+++", " ***090/9337/55493*** "])
def test_a_structured_communication(reference: str, tmp_path: Path) -> None:
    """A Belgian structured reference is written as one; the texts that it replaces are reported."""
    statement = one_row("BE", 1_00, reference=reference, purpose=reference.strip(), details="a note")
    [move] = coda.moves(written(tmp_path, _bytes(statement)))
    assert (move.communication_type, move.communication) == ("101", "090933755493")
    assert [(text.field, text.before, text.after) for text in statement.text_changes] == [("details", "a note", "")]


@given(base=st.integers(0, 10**10 - 1), check=st.integers(0, 99))
def test_the_check_number_of_a_structured_communication(base: int, check: int) -> None:
    """A structured reference is ten digits and their remainder modulo 97, or 97 for zero; others are plain text."""
    digits = f"{base:010}{check:02}"
    reference = f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"
    movement = _lines(one_row("BE", reference=reference, purpose=reference))[2]
    right = check == (base % 97 or 97)
    assert movement[61:115].rstrip() == (f"1101{digits}" if right else f"0{reference}")


def test_long_texts_are_continued(tmp_path: Path) -> None:
    """A text that is too long for the first record continues in the second and third, and reads back as one text."""
    text = " ".join(f"word{number}" for number in range(20))
    file = written(tmp_path, _bytes(one_row("BE", purpose=text, bic="QNTOFRP1XXX")))
    [move] = coda.moves(file)
    assert (move.communication, move.counterparty_bic) == (text, "QNTOFRP1XXX")
    assert (move.counterparty_name, move.counterparty_account) == (
        "Müller GmbH",
        "DE02120300000000202051            EUR",
    )


def test_an_unproven_statement_has_a_message(tmp_path: Path) -> None:
    """The file of an unproven statement has a free message; that of a proven one has none."""
    statement = msgspec.structs.replace(statements.make([1], country="BE"), proven=False)
    [found] = coda.statements(written(tmp_path, _bytes(statement)))
    [message] = found.free_communications
    assert message.text.startswith("Not proven")
    assert not _kinds(_lines(statements.make([1], country="BE")), "4")


def test_every_changed_text_is_reported() -> None:
    """A text that latin-1 cannot hold, or that is too long, is reported with its replacement."""
    statement = one_row("BE", counterparty="Łódź", purpose="x" * 150, details="")
    _bytes(statement)
    assert [(text.field, text.after) for text in statement.text_changes] == [
        ("purpose", "x" * 149),
        ("counterparty", "Lódz"),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": statements.account("FR")}, "IBAN of FR; this format is for accounts of BE only"),
        ({"closing": None}, "balances at both ends"),
    ],
)
def test_an_unsuitable_statement_is_refused(changes: dict[str, Any], message: str) -> None:
    """A foreign account and an unknown balance are refused with an error sentence."""
    with pytest.raises(FormatRuleViolated, match=message):
        _bytes(msgspec.structs.replace(statements.make([1], country="BE"), **changes))


def test_an_amount_that_does_not_fit_is_refused() -> None:
    """An amount of more than fifteen digits of thousandths is refused."""
    assert _amount(_lines(one_row("BE", 1 - 10**14))[2], 32) == -999_999_999_999_990
    with pytest.raises(FormatRuleViolated, match="The amount 1000000000000000 does not fit into the 15 places"):
        _bytes(one_row("BE", 10**14))


def test_the_reader_checks_totals(tmp_path: Path) -> None:
    """The reader refuses a total that differs by one cent."""
    tampered = _bytes(one_row("BE", -12_34)).replace(b"00000000001234000", b"00000000001235000")
    with pytest.raises(AssertionError):
        coda.febelfin(written(tmp_path, tampered))


def test_the_shown_values() -> None:
    """The values that the file shows include these fields, so that their changes are reported."""
    assert {"day", "amount", "counterparty", "account", "purpose", "note", "bank"} <= {
        name for name, _ in shows(NoOptions())
    }


def test_a_sort_code_is_not_a_bic() -> None:
    """A national bank number is left out of the BIC's field, and reported."""
    statement = one_row("BE", bic="60-16-13")
    assert b"60-16-13" not in _bytes(statement)
    assert [change.before for change in statement.text_changes if change.field == "bank"] == ["60-16-13"]
