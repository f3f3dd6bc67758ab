"""Published examples of camt.053 are read, whatever their bank: cents, day, sign, counterparty, purpose."""

import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest

from primanota.banks import Names, connector
from primanota.banks.camt.statements import read_statements
from primanota.core.model import Transaction
from tests.support.files.golden_company import BERLIN

_SAMPLES = Path(__file__).parent / "camt_samples"
_NAMES = sorted(path.name for path in _SAMPLES.glob("*.xml"))


def _ids(content: bytes) -> list[tuple[str, bytes]]:
    return [(row.record.id, row.record.body) for one in read_statements(BytesIO(content)) for row in one.rows]


def _transactions(name: str) -> list[Transaction]:
    read = connector("camt").reader(Names({}, {}), BERLIN)
    return [read(body) for _, body in _ids((_SAMPLES / name).read_bytes())]


def _shown(name: str) -> list[tuple[int, str, str, str]]:
    return [(row.amount.cents, row.operation, row.counterparty, row.purpose) for row in _transactions(name)]


def test_the_business_example_of_iso_20022() -> None:
    """Balances, amounts, parties and references of ISO's own example come out as it says; the batch is one row."""
    found = _transactions("iso20022_business_example.xml")
    assert [(row.number, row.amount.cents, row.amount.currency) for row in found] == [
        ("AAAASESS-FP-CN_98765/01", 105_678_50, "SEK"),
        ("AAAASESS-FP-ACCR-01", -200_000_00, "SEK"),
        ("AAAASESS-FP-CONF-FX", 30_000_00, "SEK"),
    ]
    assert {row.day for row in found} == {date(2010, 10, 18)}
    assert (found[0].counterparty, found[0].reference) == ("MUELLER", "MUELL/FINP/RA12345")
    assert found[1].reference == "FINP-0055/001"
    balances = [row.balance.cents if row.balance else None for row in found]
    assert balances == [605_678_50, 405_678_50, 435_678_50]


def test_a_day_at_postfinance() -> None:
    """Collective credits are split, charges beside the amount move nothing, and a faultless reference has no mark."""
    name = "postfinance_day.xml"
    assert _shown(name) == [
        (-12_50, "fee", "", "ÜBRIGE: AUSZUG AUF PAPIER"),
        (-40_18, "fee", "", "ÜBRIGE: EINZAHLUNGEN AM SCHALTER"),
        (120_00, "income", "POSTFINANCE AG", "000000000000000000000010011"),
        (208_87, "income", "Erdacht Anna", "000000000000000000000010027"),
        (208_88, "income", "Erdachte Bank AG", "000000000000000000000010032 ?REJECT?1"),
        (75_00, "income", "", "SAMMELGUTSCHRIFT FÜR KONTO CH4431999123000889012 PAKET 2"),
        (60_00, "recall", "Beispiel Beat", "Lohn Februar"),
        (30_00, "recall", "Muster Maria", "Spesen"),
        (44_80, "direct_debit_collection", "Erdacht Anna", "LS-7-E"),
        (-15_55, "direct_debit_collection", "Muster Maria", "Mitgliedschaft 2026"),
    ]
    found = _transactions(name)
    assert [row.day.day for row in found] == [5, 5, 4, 4, 4, 5, 5, 5, 5, 5]
    assert found[7].note == "SAMMELGUTSCHRIFT RETOUREN PAKET 3, RETOUR: KONTO AUFGEHOBEN"
    assert {row.amount.currency for row in found} == {"CHF"}


def test_pages_and_currencies_of_one_account_with_references_of_qr_bills() -> None:
    """Two pages continue each other, the account in euro is another one, and marks without an error are not texts."""
    name = "postfinance_qr_pages.xml"
    assert _shown(name) == [
        (522_10, "income", "Erdacht Anna", "GUTSCHRIFT AUFTRAGGEBER: Erdacht Anna"),
        (202_20, "income", "Beispiel Beat", "210000000003139471430009017"),
        (38_00, "income", "Muster Maria", "RF18539007547034 Rechnung 19 //S1/10/19/11/260301"),
        (-100_00, "transfer", "Erdachte Lieferungen GmbH", "Bestellung 4711"),
    ]
    found = _transactions(name)
    assert [row.balance.cents for row in found if row.balance] == [1522_10, 1724_30, 1762_30, 1662_30]
    assert str(found[3].original) == "-104.20 EUR"
    content = (_SAMPLES / name).read_bytes()
    spans = [(one.span.account, one.span.opening, one.span.closing) for one in read_statements(BytesIO(content))]
    assert spans == [
        ("CH3908704016075473007-CHF", 1000_00, 1724_30),
        ("CH3908704016075473007-CHF", 1724_30, 1662_30),
        ("CH3908704016075473007", -250_00, -250_00),
    ]


def test_two_days_at_danske_bank() -> None:
    """The bank's posting text is the purpose where nothing else is; the company's own number is no counterparty."""
    name = "danske_days.xml"
    assert _shown(name) == [
        (500_15, "income", "Påhittad AB", "Faktura 901"),
        (528_94, "income", "", "71/0000000000000000017"),
        (572_94, "income", "", "71/0000000000000000025"),
        (151_35, "income", "Fantasi A/S", "Faktura 902 Faktura 903 Faktura 904"),
        (-344_346_01, "transfer", "Verzonnen Handel B.V.", "Order 77"),
        (1320_00, "card_acquirer_payout", "", "DKSSL 0001 0000001ZZ1XXXXX01Y"),
        (-2060_00, "transfer", "", "TELESERVICE 1700000001"),
    ]
    found = _transactions(name)
    assert [row.counterparty_account for row in found[1:3]] == ["", ""]
    assert [row.number for row in found[:2]] == ["012X000000000001", "FISAM.POST"]
    assert found[5].number == ""
    assert [row.day.day for row in found] == [20, 20, 20, 20, 20, 21, 21]
    assert str(found[4].original) == "-46073.62 EUR"


def test_a_day_in_finland() -> None:
    """A batch that is one row has the company's own id of it; structured numbers of invoices are references."""
    assert _shown("finland_day.xml") == [
        (-1000_12, "transfer", "", "PALKAT-5"),
        (-4000_00, "transfer", "", "ERÄ-99"),
        (-2000_02, "transfer", "Keksitty Toimittaja Oy", "3900"),
        (-1000_01, "transfer", "Keksitty Toimittaja Oy", "Laskut 123 ja 321"),
        (-1230_02, "transfer", "Keksitty Toimittaja Oy", "217800000001"),
        (2000_00, "income", "", "VIITE-65"),
        (500_20, "direct_debit_collection", "", "VIITE-99"),
        (2120_00, "income", "Invented Bikes Inc.", "INVOICE US2029"),
        (2455_00, "income", "Made-up Parts Ltd", "RF18539007547034"),
        (10000_00, "income", "Kuviteltu Kauppa Oy", "RF471234567890"),
        (-50_00, "fee", "", "fee"),
        (-50_00, "fee", "", "fee"),
    ]


def test_available_balances_alone() -> None:
    """A statement that states no booked balance is read by its available ones, to which its entries must lead."""
    name = "siauliu_period.xml"
    assert [row[0] for row in _shown(name)] == [-1_64, -2764_74, -1_70]
    content = (_SAMPLES / name).read_bytes()
    (one,) = read_statements(BytesIO(content))
    assert (one.span.opening, one.span.closing, one.span.number) == (2768_08, 0, 44)


@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text.encode(),
        lambda text: text.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16"),
        lambda text: re.sub(r"<(/?)(?=[A-Z])", r"<\1ns2:", text).replace("xmlns=", "xmlns:ns2=").encode(),
        lambda text: re.sub(r">\s+<", "><", text).encode(),
    ],
    ids=["mark", "utf-16", "prefix", "one line"],
)
def test_a_sample_in_another_dress(name: str, change: Callable[[str], bytes]) -> None:
    """Byte order mark, encoding, prefixes and indentation change neither ids nor what is stored."""
    text = (_SAMPLES / name).read_text(encoding="utf-8")
    assert _ids(change(text)) == _ids(text.encode())


@pytest.mark.parametrize("name", _NAMES)
def test_ids_of_a_sample_differ(name: str) -> None:
    """All rows of a sample have different ids."""
    ids = [one for one, _ in _ids((_SAMPLES / name).read_bytes())]
    assert len(set(ids)) == len(ids) > 0
