"""Ids and account numbers as no bank should state them: files with them are read, or they are refused by name."""

import re
from pathlib import Path

import msgspec
import pytest

from primanota.core.errors import FormatRuleViolated
from primanota.formats.statement_fields import short_id
from tests.support.files import statements
from tests.support.files.datev_ledger import datev_statement, rendered
from tests.support.files.every_format import FORMAT_CASES
from tests.support.files.independent_reading import READERS
from tests.support.readers.camt053 import xmllint

_ODD_IDS = ['\u0142 \u6f22\u5b57; "1"', "x" * 256, "\u00df" * 20]
_ODD_IBANS = ["DE89\u0142370440053201300", "DE893704", "de89370400440532013000", "DE89\n:61:0440532013000", "X" * 60]
# Programs are started for journals, and an entry in another currency does not state the account's cents.
_READ = [name for name in FORMAT_CASES if FORMAT_CASES[name].format in READERS and "foreign" not in name]
_WITH_IBAN = ["camt053", "cfonb120", "coda", "datev_ascii", "mt940", "norma43", "ofx"]


@pytest.mark.parametrize("name", [name for name in _READ if name not in {"hledger", "ledger"}])
def test_rows_with_odd_ids_are_read(name: str, tmp_path: Path) -> None:
    """Rows whose ids have any letters, delimiters or lengths are read with their days and cents."""
    tested = FORMAT_CASES[name]
    plain = statements.make([-1_00, 2_00, -3_00], country=tested.country)
    rows = [msgspec.structs.replace(row, id=odd) for row, odd in zip(plain.rows, _ODD_IDS, strict=True)]
    file = tmp_path / f"odd{tested.writer.suffix}"
    file.write_bytes(tested.rendered(msgspec.structs.replace(plain, rows=rows)))
    assert READERS[tested.format](file) == [(f"{row.day}", row.amount.cents) for row in rows]
    if tested.format == "camt053":
        assert xmllint(file).rows == len(rows)


@pytest.mark.parametrize("iban", _ODD_IBANS)
@pytest.mark.parametrize("name", _WITH_IBAN)
def test_an_odd_iban_is_refused(name: str, iban: str) -> None:
    """An account whose IBAN is not one is refused by the formats that state it, and the error names it."""
    plain = statements.make([-1_00])
    account = msgspec.structs.replace(plain.account, iban=iban)
    with pytest.raises(FormatRuleViolated, match=re.escape(f"Hauptkonto has “{iban}” as its IBAN")) as refused:
        FORMAT_CASES[name].rendered(msgspec.structs.replace(plain, account=account))
    assert refused.value.hint


def test_the_label_of_an_account_without_an_iban() -> None:
    """DATEV's header names an account without an IBAN by its id, in letters of the file and without delimiters."""
    account = msgspec.structs.replace(statements.account(), id='x;"\u6f22', iban="")
    header = rendered(datev_statement(account=account)).decode("cp1252").split("\r\n")[0].split(";")
    assert (len(header), header[16]) == (31, '"Konto x,\'Han"')


def test_short_ids_differ() -> None:
    """A usual id is kept but for its hyphens; others become digests, each another one."""
    assert short_id("0000-abC9") == "0000abC9"
    found = {short_id(odd) for odd in [*_ODD_IDS, "x" * 257]}
    assert len(found) == 4
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in found)
