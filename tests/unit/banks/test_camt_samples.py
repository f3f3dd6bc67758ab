"""Published examples of camt.053 are read, and prove out."""

from datetime import date
from pathlib import Path

from primanota.banks import Names, connector
from primanota.banks.camt.statements import read_statements
from tests.support.files.golden_company import BERLIN

_SAMPLES = Path(__file__).parent / "camt_samples"


def test_the_business_example_of_iso_20022() -> None:
    """Balances, amounts, parties and references of ISO's own example come out as it says; the batch is one row."""
    read = connector("camt").reader(Names({}, {}), BERLIN)
    with (_SAMPLES / "iso20022_business_example.xml").open("rb") as file:
        (rows,) = [list(one.rows) for one in read_statements(file)]
    found = [read(row.record.body) for row in rows]
    assert [(row.number, row.amount.cents, row.amount.currency) for row in found] == [
        ("AAAASESS-FP-CN_98765/01", 105_678_50, "SEK"),
        ("AAAASESS-FP-ACCR-01", -200_000_00, "SEK"),
        ("AAAASESS-FP-CONF-FX", 30_000_00, "SEK"),
    ]
    assert {row.day for row in found} == {date(2010, 10, 18)}
    assert (found[0].counterparty, found[0].reference) == ("MUELLER", "MUELL/FINP/RA12345")
    balances = [row.balance.cents if row.balance else None for row in found]
    assert balances == [605_678_50, 405_678_50, 435_678_50]
