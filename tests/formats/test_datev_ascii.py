"""DATEV's ASCII-Weiterverarbeitungsdatei: its 34 fields, and their reading by CSV readers."""

import re
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Account, Money, Original, Statement, Transaction
from primanota.core.text import one_blank
from primanota.formats.writers.datev_ascii import FORMAT, Options, render, shows
from tests.support.factories import quick, transaction
from tests.support.files import golden_company, statements
from tests.support.files.national_statements import expected
from tests.support.readers import datev_ascii

_OPTIONS = Options(bic="QNTOFRP1XXX")
_UTF_8 = Options(bic="QNTOFRP1XXX", encoding="utf-8")
_BANK, _TEXT = '"([0-9]{8}|[A-Z0-9]{8}([A-Z0-9]{3})?)"', r'"[^";]{0,27}"'
_DAY, _AMOUNT = r"\d\d\.\d\d\.\d{4}", r"-?\d{1,11},\d\d"
_NO_AMOUNT = [f"({_AMOUNT})?", '"([A-Z]{3})?"']
# DATEV, document 9226961: the contents that each of the 34 fields may have.
_FIELDS = [
    *(_BANK, '"[A-Z0-9]{1,34}"', r"\d{4}", _DAY, _DAY, _DAY, _AMOUNT, _TEXT, _TEXT),
    *(f'({_BANK}|"")', '"[^";]{0,34}"', *[_TEXT] * 4, r'"\d{3}"', '"[A-Z]{3}"', *[_TEXT] * 7),
    *(_NO_AMOUNT * 3),
    *([_TEXT] * 4),
]
_PURPOSES = [*range(11, 15), *range(18, 24), *range(30, 34)]


def _bytes(statement: Statement, options: Options = _OPTIONS) -> bytes:
    return b"".join(render(statement, options))


def _lines(statement: Statement, options: Options = _OPTIONS) -> list[str]:
    *lines, end = _bytes(statement, options).decode(options.encoding).split("\r\n")
    assert end == ""
    return lines


def _written(folder: Path, statement: Statement, options: Options = _OPTIONS) -> Path:
    file = folder / f"statement{FORMAT.suffix}"
    file.write_bytes(_bytes(statement, options))
    return file


def _made(*rows: Transaction, **changes: Any) -> Statement:  # noqa: ANN401 - the fields have different types
    return msgspec.structs.replace(statements.make([]), rows=rows, **changes)


@pytest.mark.parametrize("options", [_OPTIONS, _UTF_8], ids=["cp1252", "utf-8"])
@pytest.mark.parametrize("case", statements.CASES)
def test_csv_readers_find_the_rows(case: str, options: Options, tmp_path: Path) -> None:
    """Two readers find the same number of rows and the same sum."""
    statement = statements.CASES[case]("FR")
    if case == "many" and options == _UTF_8:
        pytest.skip("as many rows are read in the other encoding")
    file = _written(tmp_path, statement, options)
    assert datev_ascii.arrow(file, options.encoding) == expected(statement, balances=False)
    assert datev_ascii.python(file, options.encoding) == expected(statement, balances=False)


@pytest.mark.parametrize("country", ["DE", "FR"])
@pytest.mark.parametrize("case", sorted(statements.CASES.keys() - {"many"}))
def test_every_field_follows_its_rule(case: str, country: str) -> None:
    """Every line has 34 fields, each of its kind and length, texts in quotation marks; days are in order."""
    lines = [line.split(";") for line in _lines(statements.CASES[case](country))]
    for cells in lines:
        for number, (rule, cell) in enumerate(zip(_FIELDS, cells, strict=True), 1):
            assert re.fullmatch(rule, cell), (number, cell)
        assert len(cells[6]) <= 15
    days = ["".join(reversed(cells[5].split("."))) for cells in lines]
    assert all(before <= after for before, after in pairwise(days))


def test_the_text_of_a_line() -> None:
    """The line of an income has the expected text, with a German posting text."""
    row = transaction(operation="income", amount=Money(1_200_00), purpose="RE-2026-001 Beratung Jänner")
    [line] = _lines(_made(row))
    assert line == (
        '"37040044";"DE89370400440532013000";6031;31.01.2026;05.10.2026;05.10.2026;1200,00;"Müller GmbH";"";"";'
        '"DE02120300000000202051";"RE-2026-001 Beratung Jänner";"";"";"";"166";"EUR";"GUTSCHRIFT";"";"";"";"";"";"";'
        ';"";;"";;"";"";"";"";""'
    )


def test_joined_fields_are_the_texts(tmp_path: Path) -> None:
    """The fields of name and purpose, joined as DATEV does it, are the row's texts or their reported changes."""
    statement = statements.nasty_texts()
    found = datev_ascii.python_rows(_written(tmp_path, statement))
    for row, cells in zip(statements.rows_of(statement), found, strict=True):
        changed = {one.field: one.after for one in statement.text_changes if one.id == row.id}
        assert "".join(cells[7:9]) == changed.get("counterparty", one_blank(row.counterparty))
        assert "".join(cells[place] for place in _PURPOSES) == changed.get("purpose", one_blank(row.purpose))


def test_the_bank_of_the_account() -> None:
    """A German account is written with the bank's number in its IBAN, another one with the BIC of the profile."""
    rows = [transaction()]
    german, french = (_lines(_made(*rows, account=statements.account(country)))[0] for country in ("DE", "FR"))
    assert german.startswith('"37040044";"DE89370400440532013000";')
    assert french.startswith('"QNTOFRP1XXX";"FR7616958000014321785632116";')


@pytest.mark.parametrize(
    ("amount", "currency", "shown"), [("-99.0", "USD", '-99,00;"USD"'), ("4900", "JPY", '4900,00;"JPY"')]
)
def test_the_original_amount_has_its_fields(amount: str, currency: str, shown: str) -> None:
    """An amount in another currency has its sign and two decimals, as the amount does."""
    [line] = _lines(_made(transaction(original=Original(Decimal(amount), currency))))
    assert ";".join(line.split(";")[24:26]) == shown


def test_an_original_amount_that_does_not_fit_is_reported() -> None:
    """An original amount of three decimals does not fit: the fields stay empty, and that is reported."""
    statement = _made(transaction(original=Original(Decimal("-12.345"), "KWD")))
    [line] = _lines(statement)
    assert line.split(";")[24:26] == ["", '""']
    assert [(one.field, one.before, one.after) for one in statement.text_changes] == [
        ("original amount", "-12.345 KWD", "")
    ]


def test_separators_in_texts_are_replaced() -> None:
    """Semicolons and quotation marks in texts, also wide ones, are replaced."""
    [line] = _lines(_made(transaction(counterparty='A;"B"', purpose="\uff1b\uff02;")), Options())
    cells = line.split(";")
    assert len(cells) == 34
    assert (cells[7], cells[11]) == ("\"A,'B'\"", '",\',"')


def test_texts_are_in_the_given_encoding() -> None:
    """A character that Windows-1252 lacks is transliterated; in UTF-8 it is written."""
    statement = _made(transaction(counterparty="Łódź Größe"))
    assert '"Lódz Größe"'.encode("cp1252") in _bytes(statement)
    assert '"Łódź Größe"'.encode() in _bytes(statement, _UTF_8)


_NASTY = st.text(st.one_of(st.sampled_from(";\"'?+-/\r\n äß€東🧾"), st.characters(codec="utf-8")), max_size=400)
_ROWS = st.builds(
    transaction,
    counterparty=_NASTY,
    purpose=_NASTY,
    amount=st.builds(Money, st.integers(1 - 10**13, 10**13 - 1)),
    booked=st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(golden_company.BERLIN)),  # noqa: DTZ001 - hypothesis adds the zone
)


@quick
@given(rows=st.lists(_ROWS, max_size=5), options=st.sampled_from([_OPTIONS, _UTF_8]))
def test_money_is_read_with_any_texts(
    rows: list[Transaction],
    options: Options,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A text of a row cannot hide, add or change a row, its day or its amount."""
    statement = _made(*rows)
    file = _written(tmp_path_factory.mktemp("ascii"), statement, options)
    found = datev_ascii.python_rows(file, options.encoding)
    assert (
        datev_ascii.arrow(file, options.encoding)
        == datev_ascii.python(file, options.encoding)
        == expected(statement, balances=False)
    )
    assert [(cells[5], cells[6]) for cells in found] == [(f"{row.day:%d.%m.%Y}", f"{row.amount:,}") for row in rows]


def test_rows_are_read_while_the_file_is_written() -> None:
    """Rows from an iterator are read while the file is written, and once."""
    plain = statements.make([1] * 3000)
    rows = statements.WalkedRows(plain)
    found = render(msgspec.structs.replace(plain, rows=rows), _OPTIONS)
    first = next(found)
    assert rows.count < 2000
    assert first + b"".join(found) == _bytes(plain)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"account": Account("a", "Sparkonto")}, "Sparkonto has no IBAN"),
        ({"account": statements.account("FR")}, "the file needs the BIC of its bank"),
        ({"rows": [transaction(amount=Money(-(10**14)))]}, "15 characters for an amount"),
    ],
)
def test_an_unsuitable_statement_is_refused(changes: dict[str, Any], message: str) -> None:
    """An account without an IBAN or a known bank, or an amount that is too long, is refused."""
    with pytest.raises(FormatRuleViolated, match=message):
        _bytes(msgspec.structs.replace(statements.make([1]), **changes), Options())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bic": "qonto"}, "“qonto” is not a BIC: that has 8 or 11"),
        ({"encoding": "latin-1"}, r"at `\$\.encoding`"),
        ({"BIC": "QNTOFRP1"}, "unknown field `BIC`"),
    ],
)
def test_an_invalid_option_is_refused(options: dict[str, Any], message: str) -> None:
    """An invalid option is refused when the profile is read."""
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.convert(options, Options)


def test_the_shown_values() -> None:
    """The values that the file shows include the counterparty's bank."""
    assert dict(shows(_OPTIONS))["bank"](transaction(bic="QNTOFRP1XXX")) == "QNTOFRP1XXX"
