"""A statement of a busy company's year as camt.053, with invented rows: the same for the same number of rows.

Entries have the elements of the business example of ISO 20022 (camt.053.001.08) that banks usually fill.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

_FIRST, _DAYS = date(2025, 1, 1), 365
_OPENING = 1_000_000_00
_IBAN = "DE89370400440532013000"
_NAMES = (
    "Müller &amp; Söhne GmbH",
    "Stadtwerke Erfunden AöR",
    "Nordlicht Logistik SE",
    "Café zur Linde",
    "Bäckerei Krümel KG",
    "Atelier Dubois SARL",
    "Ferretería Ejemplo S.L.",
)
_BANKS = ("COBADEFFXXX", "GENODEF1ERF", "BNPAFRPPXXX", "CAIXESBBXXX")
# Family and sub-family of money in, and of money out (ISO 20022 External Code Sets).
_CODES = (("RCDT", "ESCT"), ("ICDT", "ESCT"), ("RDDT", "ESDD"), ("CCRD", "POSD"))
_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M-1</MsgId><CreDtTm>{last}T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S-1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>{last}T20:00:00</CreDtTm>
<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy><Nm>Geschäftskonto</Nm>
<Ownr><Nm>Erfundene Räder GmbH</Nm></Ownr></Acct>
"""
_BALANCE = "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{amount}<Dt><Dt>{day}</Dt></Dt></Bal>\n"
_ENTRY = (
    "<Ntry><NtryRef>{number}</NtryRef>{amount}<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day}</Dt></BookgDt>"
    "<ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{ref}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd>"
    "<SubFmlyCd>{code}</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><AcctSvcrRef>{ref}</AcctSvcrRef>"
    "<EndToEndId>E2E-{number}</EndToEndId></Refs>{amount}<RltdPties><{role}><Pty><Nm>{name} {client}</Nm></Pty>"
    "</{role}><{role}Acct><Id><IBAN>{other}</IBAN></Id></{role}Acct></RltdPties><RltdAgts><{role}Agt><FinInstnId><BICFI>{bank}"
    "</BICFI></FinInstnId></{role}Agt></RltdAgts><RmtInf><Ustrd>Rechnung RE-2025-{number:06} Kundennummer {client}, "
    "wir bitten um Ausgleich bis zum Monatsende</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
)
_END = "</Stmt></BkToCstmrStmt></Document>\n"


class StatementFile(NamedTuple):
    """A file, its number of rows, its closing balance (cents) and its size in bytes."""

    path: Path
    rows: int
    closing: int
    size: int


def statement_file(path: Path, rows: int) -> StatementFile:
    """Write a file of one statement; each row has a reference of the bank."""
    closing = _OPENING + sum(map(_cents, range(rows)))
    last = _FIRST + timedelta(days=_DAYS - 1)
    with path.open("w", encoding="utf-8") as file:
        file.write(_HEAD.format(last=last, iban=_IBAN))
        file.write(_BALANCE.format(kind="OPBD", amount=_amount(_OPENING), day=_FIRST))
        file.write(_BALANCE.format(kind="CLBD", amount=_amount(closing), day=last))
        file.writelines(_entry(number, rows) for number in range(rows))
        file.write(_END)
    return StatementFile(path, rows, closing, path.stat().st_size)


def _cents(number: int) -> int:
    """Return the signed cents of a row: a third is money in."""
    cents = number * 7_919 % 99_991 + 1
    return cents * 2 if number % 3 == 0 else -cents


def _entry(number: int, rows: int) -> str:
    cents, client = _cents(number), number * 31 % 9_973
    family, code = _CODES[0] if cents > 0 else _CODES[1 + number % 3]
    return _ENTRY.format(
        number=number,
        amount=_amount(cents),
        day=_FIRST + timedelta(days=number * _DAYS // rows),
        ref=f"{20250000000000 + number * 13}",
        family=family,
        code=code,
        role="Dbtr" if cents > 0 else "Cdtr",
        name=_NAMES[number % len(_NAMES)],
        client=client,
        other=f"DE{10 + client % 80}1203000000{client:010}",
        bank=_BANKS[number % len(_BANKS)],
    )


def _amount(cents: int) -> str:
    direction, whole = ("CRDT" if cents >= 0 else "DBIT"), abs(cents)
    return f'<Amt Ccy="EUR">{whole // 100}.{whole % 100:02}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
