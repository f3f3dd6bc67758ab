"""Rows of camt.053: every version and shape gives the same transaction, and only what is certain is read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest

from primanota.banks import FiledRow, FiledStatement, Names, connector
from primanota.banks.camt.errors import UnreadableFile
from primanota.banks.camt.statements import read_statements
from primanota.core.model import Money, Original, Transaction
from tests.support.banks.camt_files import (
    IBAN,
    VERSIONS,
    Booked,
    amount,
    balance,
    document,
    entry,
    statement,
)
from tests.support.files.golden_company import BERLIN

_DAY = date(2026, 10, 5)
_ROW = Booked(_DAY, -12_34, ref="REF-1")


def _read(content: bytes) -> list[tuple[FiledStatement, list[FiledRow]]]:
    return [(one, list(one.rows)) for one in read_statements(BytesIO(content))]


def _rows(
    *rows: Booked | str, moved: int | None = None, currency: str = "EUR", version: str = "08"
) -> list[FiledRow]:
    made = statement(rows, 100_00, _DAY, _DAY, moved=moved, currency=currency, version=version)
    return [row for _, found in _read(document(made, version=version)) for row in found]


def _transactions(
    *rows: Booked | str, moved: int | None = None, zone: ZoneInfo = BERLIN, currency: str = "EUR"
) -> list[Transaction]:
    read = connector("camt").reader(Names({}, {}), zone)
    return [read(row.record.body) for row in _rows(*rows, moved=moved, currency=currency)]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_gives_the_same_transaction(version: str) -> None:
    """An entry has the same id and the same fields, whichever version of the message it is in."""
    ((_, (row,)),) = _read(document(statement([_ROW], 100_00, _DAY, _DAY, version=version), version=version))
    (same,) = _rows(_ROW)
    found = connector("camt").reader(Names({}, {}), BERLIN)(row.record.body)
    assert row.record.id == same.record.id
    assert (found.day, found.amount, found.status) == (_DAY, Money(-12_34), "completed")
    assert (found.counterparty, found.counterparty_account) == ("Müller & Söhne GmbH", "DE02120300000000202051")
    assert (found.reference, found.purpose, found.number) == ("Rechnung 1", "Rechnung 1", "REF-1")
    assert (found.balance, found.operation) == (Money(87_66), "transfer")


@pytest.mark.parametrize(("issuer", "operation"), [("Qonto", "f24"), ("Primanota", "f24"), ("Sparkasse", "transfer")])
def test_operations_that_primanota_wrote_come_back(issuer: str, operation: str) -> None:
    """The code of an operation is taken over from files of this program, whichever bank their rows came from."""
    code = f"<BkTxCd><Prtry><Cd>f24</Cd><Issr>{issuer}</Issr></Prtry></BkTxCd>"
    (found,) = _transactions(entry(_ROW).replace("<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>", code), moved=-12_34)
    assert found.operation == operation


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252", "utf-8-sig"])
def test_each_encoding_gives_the_same_rows(encoding: str) -> None:
    """A file in another encoding, or with a byte order mark, has the same rows, byte for byte."""
    named = "UTF-8" if encoding == "utf-8-sig" else encoding
    content = document(statement([_ROW], 100_00, _DAY, _DAY), encoding=named)
    if encoding == "utf-8-sig":
        content = b"\xef\xbb\xbf" + content
    ((_, (row,)),) = _read(content)
    assert row.record == _rows(_ROW)[0].record


def test_prefixes_and_indentation_are_not_words() -> None:
    """The stored row is the same with prefixes of a namespace, comments, and blanks between elements."""
    plain = document(statement([_ROW], 100_00, _DAY, _DAY)).decode()
    prefixed = plain.replace("</", "</ns2:").replace("<", "<ns2:").replace("<ns2:/ns2:", "</ns2:")
    prefixed = prefixed.replace("<ns2:?xml", "<?xml").replace("xmlns=", "xmlns:ns2=")
    spaced = prefixed.replace("><", ">\n  <!-- ours --><")
    assert _read(spaced.encode())[0][1][0].record == _rows(_ROW)[0].record


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "UTC", "Europe/Berlin", "Pacific/Auckland"])
@pytest.mark.parametrize("day", ["<Dt>{0}</Dt>", "<DtTm>{0}T23:59:59+02:00</DtTm>", "<DtTm>{0}T00:00:00Z</DtTm>"])
def test_the_booking_day_is_never_shifted(zone: str, day: str) -> None:
    """The day of a row is the one that the bank wrote, with any time and zone, in any zone of the company."""
    written = entry(_ROW).replace(f"<BookgDt><Dt>{_DAY}</Dt>", f"<BookgDt>{day.format(_DAY)}")
    (found,) = _transactions(written, moved=-12_34, zone=ZoneInfo(zone))
    (row,) = _rows(written, moved=-12_34)
    assert found.day == _DAY
    assert row.record.settled is not None
    noted = datetime.fromtimestamp(row.record.settled / 1_000_000, UTC)
    assert noted.astimezone(ZoneInfo(zone)).date() == _DAY


def test_a_reversal_has_the_direction_of_its_entry_and_the_original_parties() -> None:
    """A returned payment is money in, and its counterparty is the creditor of the payment that came back."""
    paid_back = entry(Booked(_DAY, -50_00, name="Empfänger AG")).replace("DBIT", "CRDT")
    (found,) = _transactions(paid_back.replace("<Sts>", "<RvslInd>true</RvslInd><Sts>"), moved=50_00)
    assert (found.amount, found.counterparty) == (Money(50_00), "Empfänger AG")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"NOTPROVIDED": "E2E-7", "<Ustrd>Rechnung 1</Ustrd>": ""}, "E2E-7"),
        ({"<Ustrd>Rechnung 1</Ustrd>": ""}, ""),
        ({"<Ustrd>Rechnung 1</Ustrd>": "<Ustrd>Rechnung</Ustrd><Ustrd>1 und 2</Ustrd>"}, "Rechnung 1 und 2"),
        (
            {"<Ustrd>Rechnung 1</Ustrd>": "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>"},
            "RF18539007547034",
        ),
    ],
)
def test_the_reference_is_what_the_payer_wrote(change: dict[str, str], expected: str) -> None:
    """The reference is the text in all its lines, else the creditor's reference, else the payer's; never a filler."""
    written = entry(_ROW)
    for before, after in change.items():
        written = written.replace(before, after)
    (found,) = _transactions(written, moved=-12_34)
    assert found.reference == expected
    assert found.purpose == (expected or "transfer")


def test_an_amount_of_another_currency_is_kept_exactly() -> None:
    """The amount in which a payment was made is shown as the bank states it, signed like the row."""
    instructed = '<AmtDtls><InstdAmt><Amt Ccy="JPY">4900</Amt></InstdAmt></AmtDtls><RltdPties>'
    (found,) = _transactions(entry(_ROW).replace("<RltdPties>", instructed), moved=-12_34)
    assert (found.original, found.details) == (Original(Decimal(-4900), "JPY"), "4900 JPY")


def test_a_currency_without_decimals_is_exact() -> None:
    """An account in yen has its amounts in hundredths, which no file shows otherwise than as 4900.00."""
    row = entry(Booked(_DAY, 4900_00), currency="JPY").replace("4900.00", "4900")
    (found,) = _transactions(row, moved=4900_00, currency="JPY")
    assert (str(found.amount), found.account_id) == ("4900.00 JPY", f"{IBAN}-JPY")


def test_a_batch_is_split_only_if_its_payments_add_up() -> None:
    """A collective entry is one row for each payment if these state amounts that make it, else one row."""
    details = "".join(
        f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs>{amount(cents)}"
        f"<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties></TxDtls>"
        for name, cents in (("Anna", 30_00), ("Zoë", 70_00))
    )
    head, _, _ = entry(Booked(_DAY, 100_00, ref="B-1")).partition("<NtryDtls>")
    whole = f"{head}<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>{details}</NtryDtls></Ntry>"
    found = _transactions(whole, moved=100_00)
    assert [(row.counterparty, row.amount.cents) for row in found] == [("Anna", 30_00), ("Zoë", 70_00)]
    assert [row.balance for row in found] == [Money(130_00), Money(200_00)]
    assert len({row.id for row in found}) == 2
    for wrong in (whole.replace("70.00", "69.00"), whole.replace('EUR">70.00', 'CHF">70.00')):
        (one,) = _transactions(wrong, moved=100_00)
        assert (one.amount, one.counterparty) == (Money(100_00), "")


@pytest.mark.parametrize(("status", "stored"), [("PDNG", "pending"), ("FUTR", "pending"), ("INFO", None)])
def test_only_booked_entries_move_the_balance(status: str, stored: str | None) -> None:
    """A pending entry is a pending row without balance; one that is only information is not stored."""
    found = _rows(_ROW, Booked(_DAY, 5_00, status=status))
    assert [row.record.status for row in found] == ["completed", *([stored] if stored else [])]
    assert [row.record.balance for row in found] == [87_66, *([None] if stored else [])]


def test_two_equal_entries_are_two_rows() -> None:
    """Equal entries of a statement have different ids, with and without a reference, and the same ones each time."""
    for row in (_ROW, _ROW._replace(ref="")):
        ids = [[one.record.id for one in _rows(row, row, row)] for _ in range(2)]
        assert ids[0] == ids[1]
        assert len(set(ids[0])) == 3


@pytest.mark.parametrize("number", ["1", "000007", "CH4431999123000889012"])
def test_a_place_or_an_account_is_no_reference(number: str) -> None:
    """A number that only counts the entries of a statement, or a Swiss bank's QR-IBAN, does not identify an entry."""
    bare = entry(_ROW._replace(ref=""))
    counted = bare.replace("<BkTxCd>", f"<NtryRef>{number}</NtryRef><BkTxCd>")
    assert _rows(bare, moved=-12_34)[0].record.id == _rows(counted, moved=-12_34)[0].record.id
    other = bare.replace("<BkTxCd>", "<NtryRef>2026100500017</NtryRef><BkTxCd>")
    assert _rows(bare, moved=-12_34)[0].record.id != _rows(other, moved=-12_34)[0].record.id


def test_facts_follow_from_the_stored_words() -> None:
    """The facts of the index are read from the stored words again, and differ where these were changed."""
    (row,) = _rows(_ROW)
    decode = connector("camt")
    assert decode.facts(row.record.body) == decode.record(row.record.body).facts == row.record.facts
    changed = row.record.body.replace(b">12.34<", b">12.35<", 1)
    assert decode.facts(changed) != row.record.facts


def test_interim_balances_are_those_of_pages() -> None:
    """A page of a statement begins or ends with an interim balance; the balance of the previous day is an opening."""
    first = balance("PRCD", 100_00, _DAY) + balance("ITBD", 87_66, _DAY)
    second = balance("ITBD", 87_66, _DAY) + balance("CLBD", 75_32, _DAY)
    pages = [statement([_ROW], 0, _DAY, _DAY, name=f"P{n}", balances=one) for n, one in enumerate((first, second))]
    spans = [one.span for one, _ in _read(document(*pages))]
    assert [(one.opening, one.closing) for one in spans] == [(100_00, 87_66), (87_66, 75_32)]


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('<Amt Ccy="EUR">12.34', '<Amt Ccy="EUR">12.345', "12.345 EUR has more than two decimals"),
        ('<Amt Ccy="EUR">12.34', '<Amt Ccy="CHF">12.34', "an amount is in CHF, and its account in EUR"),
        ('<Amt Ccy="EUR">12.34', '<Amt Ccy="EUR">-12.34', "“-12.34” is not an amount"),
        ('<Amt Ccy="EUR">12.34', "<Amt>12.34", "Amt has no currency"),
        ("<Cd>BOOK</Cd>", "<Cd>LOST</Cd>", "an entry has the unknown status “LOST”"),
        (f"<BookgDt><Dt>{_DAY}", "<BookgDt><Dt>2026-02-30", "“2026-02-30” in BookgDt is not a day"),
        (f"<BookgDt><Dt>{_DAY}", "<BookgDt><Dt>1970-01-01", "“1970-01-01” in BookgDt is not a day"),
        (f"<BookgDt><Dt>{_DAY}", "<BookgDt><Dt>0001-01-01", "“0001-01-01” in BookgDt is not a day"),
        ("DBIT", "MINUS", "Ntry has no CdtDbtInd of CRDT or DBIT"),
        ("CLBD", "CLAV", "states no balance CLBD"),
        ("OPBD", "OPAV", "states no balance OPBD or PRCD"),
        (">87.66<", ">87.67<", "opens with 100.00, its entries lead to 87.66, and it closes with 87.67"),
        (f"<IBAN>{IBAN}</IBAN>", "", "a statement names no account"),
    ],
)
def test_what_cannot_be_right_is_refused_with_its_line(before: str, after: str, sentence: str) -> None:
    """A wrong amount, currency, status, day or balance is an error that says what is wrong, and on which line."""
    content = document(statement([_ROW], 100_00, _DAY, _DAY)).decode()
    assert before in content
    with pytest.raises(UnreadableFile) as refused:
        _read(content.replace(before, after, 1).encode())
    assert sentence in refused.value.what
    assert refused.value.line == 4


@pytest.mark.parametrize(
    "summary",
    [
        "<TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries>",
        "<TtlNtries><Sum>12.35</Sum></TtlNtries>",
        "<TtlCdtNtries><NbOfNtries>1</NbOfNtries></TtlCdtNtries>",
        "<TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>1.00</Sum></TtlDbtNtries>",
    ],
)
def test_stated_counts_and_sums_must_be_right(summary: str) -> None:
    """A statement that states another number or sum of entries than it has is refused; the right ones pass."""
    paid = "<TtlDbtNtries><Sum>12.34</Sum></TtlDbtNtries>"
    right = f"<TtlNtries><NbOfNtries>1</NbOfNtries><Sum>12.34</Sum></TtlNtries>{paid}"
    _read(document(statement([_ROW], 100_00, _DAY, _DAY, summary=right)))
    with pytest.raises(UnreadableFile, match=r"and has"):
        _read(document(statement([_ROW], 100_00, _DAY, _DAY, summary=summary)))


def test_the_order_of_entries_does_not_matter() -> None:
    """Entries with the newest first have the balances of their days, and the ids that they have in any order."""
    last = date(2026, 10, 7)
    rows = [_ROW, Booked(date(2026, 10, 6), 5_00, ref="B"), Booked(last, -12_34, ref="C")]
    made = [statement(some, 100_00, _DAY, last) for some in (rows, rows[::-1])]
    (_, forwards), (_, backwards) = _read(document(*made))
    assert [row.record.balance for row in forwards] == [87_66, 92_66, 80_32]
    assert [row.record for row in backwards[::-1]] == [row.record for row in forwards]
