"""Files of camt.053 with invented data, in the shapes that banks give them.

The shapes are those of ISO 20022 (message definition reports), of the Swiss Payment Standards of SIX (collective
entries, references), of Danske Bank's description of camt.053.001.02, and of the samples of the library genkgo/camt;
no data are theirs.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple
from xml.sax.saxutils import escape

IBAN = "DE89370400440532013000"
OTHER_IBAN = "DE02120300000000202051"
VERSIONS = ("02", "04", "06", "08", "10", "12", "13")


class Booked(NamedTuple):
    """An entry: booking day, signed cents, and what it says. ``more`` are further elements behind the codes."""

    day: date
    cents: int
    text: str = "Rechnung 1"
    name: str = "Müller & Söhne GmbH"
    ref: str = ""
    status: str = "BOOK"
    more: str = ""


def money(cents: int) -> str:
    """Return cents without sign as an amount."""
    return f"{abs(cents) // 100}.{abs(cents) % 100:02}"


def direction(cents: int) -> str:
    """Return the direction of signed cents."""
    return "CRDT" if cents >= 0 else "DBIT"


def amount(cents: int, currency: str = "EUR") -> str:
    """Return the elements of an amount and its direction."""
    return f'<Amt Ccy="{currency}">{money(cents)}</Amt><CdtDbtInd>{direction(cents)}</CdtDbtInd>'


def balance(kind: str, cents: int, day: date, currency: str = "EUR") -> str:
    """Return a balance."""
    kinds = f"<Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
    return f"<Bal>{kinds}{amount(cents, currency)}<Dt><Dt>{day}</Dt></Dt></Bal>"


def entry(one: Booked, version: str = "08", currency: str = "EUR") -> str:
    """Return an entry with the details of one payment."""
    late = int(version) >= 4
    status = f"<Cd>{one.status}</Cd>" if int(version) >= 8 else one.status
    name = f"<Nm>{escape(one.name)}</Nm>"
    party = f"<Pty>{name}</Pty>" if int(version) >= 8 else name
    role = "Dbtr" if one.cents >= 0 else "Cdtr"
    ref = f"<AcctSvcrRef>{one.ref}</AcctSvcrRef>" if one.ref else ""
    return (
        f"<Ntry>{amount(one.cents, currency)}<Sts>{status}</Sts>"
        f"<BookgDt><Dt>{one.day}</Dt></BookgDt><ValDt><Dt>{one.day}</Dt></ValDt>{ref}"
        f"<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>{one.more}"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"
        f"{amount(one.cents, currency) if late else ''}"
        f"<RltdPties><{role}>{party}</{role}><{role}Acct><Id><IBAN>{OTHER_IBAN}</IBAN></Id></{role}Acct></RltdPties>"
        f"<RmtInf><Ustrd>{escape(one.text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def statement(  # noqa: PLR0913 - each is a part of the file
    rows: Iterable[Booked | str],
    opening: int,
    first: date,
    last: date,
    *,
    name: str = "",
    number: int | None = None,
    version: str = "08",
    iban: str = IBAN,
    currency: str = "EUR",
    moved: int | None = None,
    summary: str = "",
    balances: str | None = None,
) -> str:
    """Return a statement whose closing balance is right.

    Args:
        rows: entries; XML as it stands, or what is made an entry of.
        opening: the opening balance (cents).
        first: its day.
        last: the day of the closing balance.
        name: the bank's id of the statement.
        number: its number.
        version: the version of the message.
        iban: the account.
        currency: its currency.
        moved: the sum of entries, if some are XML.
        summary: the content of ``TxsSummry``.
        balances: the balances as XML, instead of the right ones.
    """
    rows = list(rows)
    booked = [row.cents for row in rows if isinstance(row, Booked) and row.status == "BOOK"]
    closing = opening + (sum(booked) if moved is None else moved)
    stated = balance("OPBD", opening, first, currency) + balance("CLBD", closing, last, currency)
    inside = "".join(row if isinstance(row, str) else entry(row, version, currency) for row in rows)
    return (
        f"<Stmt><Id>{name or f'S-{first}-{last}'}</Id>{f'<ElctrncSeqNb>{number}</ElctrncSeqNb>' if number else ''}"
        f"<CreDtTm>{last}T20:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>{currency}</Ccy><Nm>Hauptkonto</Nm>"
        f"<Ownr><Nm>Erfundene Räder GmbH</Nm></Ownr></Acct>"
        f"{stated if balances is None else balances}"
        f"{f'<TxsSummry>{summary}</TxsSummry>' if summary else ''}{inside}</Stmt>"
    )


def document(*statements: str, version: str = "08", encoding: str = "UTF-8", kind: str = "camt.053") -> bytes:
    """Return a file of statements."""
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{kind}.001.{version}"><BkToCstmrStmt>\n'
        f"<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-01-01T00:00:00</CreDtTm></GrpHdr>\n"
        + "\n".join(statements)
        + "\n</BkToCstmrStmt></Document>\n"
    )
    return text.encode(encoding)


def slices(rows: Sequence[Booked], cuts: Sequence[tuple[int, int]], opening: int) -> list[str]:
    """Return statements of runs of rows, which may overlap: each of the rows from one place up to another."""
    made = []
    for start, end in cuts:
        some, before = rows[start:end], opening + sum(row.cents for row in rows[:start])
        name = f"S-{start}-{end}"
        made.append(statement(some, before, some[0].day, some[-1].day, name=name))
    return made
