"""MT 940 files: they follow SWIFT's and the German banks' rules, and two programs read them."""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Original, Statement, Transaction
from primanota.core.text import one_blank
from primanota.formats.writers.mt940 import FORMAT, Options, render, shows
from tests.support.factories import quick, transaction
from tests.support.files import golden_company, statements
from tests.support.files.national_statements import expected
from tests.support.readers import mt940

_SWIFT = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")
_MOVEMENT = re.compile(r":61:(\d{6})(\d{4})([CD])(\d+,\d\d)N([A-Z]{3})NONREF//([0-9a-z]{1,16})")
_BALANCE = re.compile(r":6([02])F:([CD])(\d{6})([A-Z]{3})(\d+,\d\d)")
_STRUCTURED, _PLAIN = Options(), Options(structured=False)
_BOTH = pytest.mark.parametrize("options", [_STRUCTURED, _PLAIN], ids=["structured", "plain"])
# The library reads many; for aqbanking-cli they are too slow.
_SMALL = sorted(statements.CASES.keys() - {"many"})


def _bytes(statement: Statement, options: Options = _STRUCTURED) -> bytes:
    return b"".join(render(statement, options))


def _lines(statement: Statement, options: Options = _STRUCTURED) -> list[str]:
    return _bytes(statement, options).decode("ascii").split("\r\n")


def _written(folder: Path, statement: Statement, options: Options = _STRUCTURED) -> Path:
    file = folder / f"statement{FORMAT.suffix}"
    file.write_bytes(_bytes(statement, options))
    return file


def _details(lines: list[str]) -> Iterator[list[str]]:
    """Return the lines of each field 86, without its tag."""
    for field in "\n".join(lines).split("\n:86:")[1:]:
        yield re.split(r"\n(?=:6|-$)", field)[0].split("\n")


def _row(**changes: Any) -> Statement:  # noqa: ANN401 - the fields have different types
    plain = statements.make([-1_00])
    return msgspec.structs.replace(plain, rows=[msgspec.structs.replace(row, **changes) for row in plain.rows])


@_BOTH
@pytest.mark.parametrize("case", statements.CASES)
def test_mt_940_reads_the_file(case: str, options: Options, tmp_path: Path) -> None:
    """The library mt-940 finds the same number of rows, sum and balances."""
    statement = statements.CASES[case]("FR")
    if case == "many" and options == _PLAIN:
        pytest.skip("as many rows were read in the other form")
    assert mt940.mt_940(_written(tmp_path, statement, options)) == expected(statement)


@_BOTH
@pytest.mark.parametrize("case", _SMALL)
def test_aqbanking_reads_the_file(case: str, options: Options, tmp_path: Path) -> None:
    """AqBanking finds the same number of rows, sum and closing balance."""
    statement = statements.CASES[case]("DE")
    seen = mt940.aqbanking(_written(tmp_path, statement, options))
    assert seen == expected(statement)._replace(opening=None)


@_BOTH
@pytest.mark.parametrize("case", _SMALL)
def test_the_balances_add_up(case: str, options: Options) -> None:
    """The opening balance and the movements add up to the closing balance; each movement has a comma and details.

    Readers do not check that: with a point, one reader loses the row, another the cents.
    """
    statement = statements.CASES[case]("FR")
    lines = _lines(statement, options)
    movements = [_MOVEMENT.fullmatch(line) for line in lines if line.startswith(":61:")]
    total = sum(_cents(found[3], found[4]) for found in movements if found)
    opening, closing = (found for line in lines if (found := _BALANCE.fullmatch(line)))
    assert _cents(opening[2], opening[5]) + total == _cents(closing[2], closing[5])
    assert all(movements)
    assert len(movements) == len(statements.rows_of(statement)) == sum(line.startswith(":86:") for line in lines)
    assert len({found[6] for found in movements if found}) == len(movements)


@_BOTH
@pytest.mark.parametrize("case", _SMALL)
def test_lines_follow_swifts_rules(case: str, options: Options) -> None:
    """Lines have at most 65 characters of SWIFT's set, details six lines; only fields begin with a colon."""
    statement = statements.CASES[case]("FR")
    written = _bytes(statement, options)
    *lines, end, nothing = written.decode("ascii").split("\r\n")
    assert (end, nothing) == ("-", "")
    assert written.count(b"\r") == written.count(b"\n") == len(lines) + 1
    for line in lines:
        assert _SWIFT.fullmatch(line)
        assert len(line) <= 65
        assert line == line.rstrip()
        assert not line.startswith("-")
        assert not line.startswith(":") or re.match(r":(20|25|28C|60F|61|86|62F):", line)
    assert all(len(field) <= 6 for field in _details(lines))


def test_the_longest_details_fit_into_six_lines() -> None:
    """A full field 86 loses no subfield: seven purposes, bank, account, and two lines of name."""
    statement = _row(
        operation="direct_debit",
        amount=Money(1_00),
        purpose="x" * 500,
        counterparty="y" * 500,
        bic="QNTOFRP1XXX",
        mandate="m" * 35,
        counterparty_account="MT31MALT01100000000000000000123" + "999",
    )
    [field] = _details(_lines(statement))
    subfields = re.findall(r"\?(\d\d)([^?]*)", "".join(field))
    assert len(field) == 6
    assert [number for number, _ in subfields] == [
        *("00", "20", "21", "22", "23", "24", "25", "26", "30", "31", "32", "33")
    ]
    assert all(len(text) <= 34 if number == "31" else len(text) <= 27 for number, text in subfields)
    texts = dict(subfields)
    assert texts["20"] + texts["21"] == "MREF+" + "m" * 35
    assert texts["22"].startswith("SVWZ+x")


def test_no_line_ends_within_a_subfield() -> None:
    """Every line of details begins with a subfield, because programs read a break within one differently."""
    for field in _details(_lines(statements.nasty_texts())):
        assert re.match(r"\d{3}\?00", field[0])
        assert all(re.match(r"\?\d\d", line) for line in field[1:])


def test_two_programs_read_the_same_texts(tmp_path: Path) -> None:
    """Two programs that join pieces in different ways read the same name and purpose, for difficult texts."""
    statement = statements.nasty_texts()
    file = _written(tmp_path, statement)
    library, program = mt940.mt_940_movements(file), mt940.aqbanking_movements(file)
    assert library == program
    for row, seen in zip(statements.rows_of(statement), library, strict=True):
        changed = {one.field: one.after for one in statement.text_changes if one.id == row.id}
        assert seen.name == changed.get("counterparty", one_blank(row.counterparty))
        assert seen.purpose == changed.get("purpose", one_blank(row.purpose))
        assert (seen.account, seen.code) == (row.counterparty_account, "116")
        assert seen.reference == row.id.replace("-", "")[-16:]


def test_a_mandate_has_its_keyword(tmp_path: Path) -> None:
    """A direct debit's mandate is separate from its purpose."""
    statement = _row(mandate="MANDAT-2026-4711", purpose="Miete Oktober", bic="QNTOFRP1XXX", operation="direct_debit")
    [field] = _details(_lines(statement))
    assert "".join(field).startswith(
        "105?00LASTSCHRIFT?20MREF+MANDAT-2026-4711?21SVWZ+Miete Oktober?30QNTOFRP1XXX?31"
    )
    [seen] = mt940.aqbanking_movements(_written(tmp_path, statement))
    assert seen.purpose == "Miete Oktober"


def test_the_fields_of_a_statement() -> None:
    """A statement has its number, account, balances with their days, and movements, in the expected lines."""
    statement = statements.make([-1_000_00, 0], country="FR")
    lines = _lines(statement)
    assert lines[:5] == [
        *(":20:QONTO1", ":25:FR7616958000014321785632116", ":28C:00001/1", ":60F:C260101EUR1000,00"),
        ":61:2601010101D1000,00NTRFNONREF//8000000000000000",
    ]
    assert ":61:2601010101C0,00NTRFNONREF//8000000000000001" in lines
    assert lines[-3:] == [":62F:C260131EUR0,00", "-", ""]


def test_a_balance_below_zero_is_a_debit() -> None:
    """A negative balance has the mark of a debit instead of a sign."""
    assert ":62F:D260131EUR500,00" in _lines(statements.CASES["below zero"]("DE"))


def test_days_are_local_on_both_sides_of_a_year() -> None:
    """The last second of a year and the first of the next are on their own days."""
    movements = [line[:14] for line in _lines(statements.year_change()) if line.startswith(":61:")]
    assert movements == [":61:2512311231", ":61:2601010101"]


@_BOTH
def test_the_original_amount_has_a_line(options: Options) -> None:
    """An amount in another currency is in a line below the movement, with the decimals of its currency."""
    lines = _lines(statements.foreign_currency(), options)
    found = [line for line in lines if line.startswith("/OCMT/")]
    assert found == ["/OCMT/USD99,00/", "/OCMT/JPY4900,/", "/OCMT/KWD12,345/", "/OCMT/USD49,00/"]


def test_an_unproven_statement_is_marked() -> None:
    """The reference of an unproven statement begins with UNPROVEN."""
    statement = msgspec.structs.replace(statements.make([1]), proven=False)
    assert _lines(statement)[0] == ":20:UNPROVEN1"


def test_plain_details_have_no_subfields() -> None:
    """In plain details, a text cannot begin a field or a subfield, or end the statement."""
    statement = _row(counterparty=":61:", purpose="?20 " + "-} " * 60 + "166?00X", counterparty_account="")
    [field] = _details(_lines(statement, _PLAIN))
    assert field[0].startswith(" :61: .20 -. -.")
    assert "?" not in "".join(field)
    assert all(line.startswith(" -") for line in field[1:])


def test_a_wide_question_mark_is_replaced() -> None:
    """A wide question mark in a text is replaced, and does not begin a subfield."""
    [field] = _details(_lines(_row(purpose="Wie\uff1f32Falsch", counterparty="")))
    assert "?20SVWZ+Wie.32Falsch" in "".join(field)


def test_changed_texts_are_reported() -> None:
    """Characters that SWIFT lacks are transliterated and reported."""
    statement = _row(counterparty="Müller & Söhne", purpose="Plan_B; 50 % @home")
    _lines(statement)
    assert [(one.field, one.after) for one in statement.text_changes] == [
        ("purpose", "Plan-B, 50 pct (at)home"),
        ("counterparty", "Mueller + Soehne"),
    ]


def test_rows_are_read_while_the_file_is_written() -> None:
    """Rows from an iterator are read while the file is written, and once."""
    plain = statements.make([1] * 5000)
    rows = statements.WalkedRows(plain)
    found = render(msgspec.structs.replace(plain, rows=rows), _STRUCTURED)
    first = next(found)
    assert rows.count < 1000
    assert first + b"".join(found) == _bytes(plain)


_NASTY = st.text(
    st.one_of(st.sampled_from(";:?+-/\r\n SVWZ EREF äß€東🧾"), st.characters(codec="utf-8")), max_size=300
)
_ROWS = st.builds(
    transaction,
    counterparty=_NASTY,
    purpose=_NASTY,
    amount=st.builds(Money, st.integers(-(10**13), 10**13)),
    booked=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(golden_company.BERLIN)),  # noqa: DTZ001 - hypothesis adds the zone
)


@quick
@given(rows=st.lists(_ROWS, max_size=5), options=st.sampled_from([_STRUCTURED, _PLAIN]))
def test_money_is_read_with_any_texts(
    rows: list[Transaction], options: Options, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A text of a row cannot hide, add or change a movement, its day or its amount."""
    closing = Money(1_000_00 + sum(row.amount.cents for row in rows))
    statement = msgspec.structs.replace(statements.make([]), rows=rows, closing=closing)
    file = _written(tmp_path_factory.mktemp("mt940"), statement, options)
    assert mt940.mt_940(file) == expected(statement)
    seen = [(movement.day, movement.cents) for movement in mt940.mt_940_movements(file)]
    assert seen == [(f"{row.day}", row.amount.cents) for row in rows]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"opening": None}, "states the balances at both ends"),
        ({"closing": None}, "states the balances at both ends"),
        ({"account": msgspec.structs.replace(statements.account(), iban="")}, "has no IBAN"),
        ({"rows": [transaction(amount=Money(10**14))]}, "15 characters for an amount"),
        ({"opening": Money(-(10**14))}, "15 characters for an amount"),
    ],
)
def test_an_unsuitable_statement_is_refused(changes: dict[str, Any], message: str) -> None:
    """A statement without balances or an IBAN, or with an amount that is too long, is refused."""
    with pytest.raises(FormatRuleViolated, match=message):
        _bytes(msgspec.structs.replace(statements.make([1]), **changes))


def test_an_unknown_option_is_refused() -> None:
    """An unknown option is refused when the profile is read."""
    with pytest.raises(msgspec.ValidationError, match="unknown field `structure`"):
        msgspec.convert({"structure": True}, Options)


def test_the_shown_values() -> None:
    """The values that the file shows include bank and mandate in structured details only."""
    row = transaction(mandate="M-1", bic="QNTOFRP1XXX", original=Original(Decimal(-1), "USD"))
    structured = {name: cell(row) for name, cell in shows(_STRUCTURED)}
    plain = {name: cell(row) for name, cell in shows(_PLAIN)}
    assert structured == plain | {"bank": "QNTOFRP1XXX", "mandate": "M-1"}


def _cents(mark: str, text: str) -> int:
    return int(text.replace(",", "")) * (1 if mark == "C" else -1)


@pytest.mark.parametrize(
    ("bank", "subfield"), [("60-16-13", ""), ("12030000", "?3012030000"), ("BYLADEM1001", "?30BYLADEM1001")]
)
def test_the_number_of_the_counterpartys_bank(bank: str, subfield: str) -> None:
    """The bank's subfield has a BIC or a German bank number; any other number is left out and reported."""
    statement = _row(bic=bank)
    found = "".join(_lines(statement))
    assert ("?30" in found) is bool(subfield)
    assert subfield in found
    reported = [change.before for change in statement.text_changes if change.field == "bank"]
    assert reported == ([] if subfield else [bank])
