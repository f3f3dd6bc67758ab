"""Readers of MT 940: the most used library for it, and the program behind GnuCash's and KMyMoney's import."""

from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import mt940 as library

from tests.support.readers import ReaderTotals, StatementFacts
from tests.support.readers import aqbanking as read_by_aqbanking


class Movement(NamedTuple):
    """A row as a reader sees it, as text; the amount in cents."""

    day: str
    cents: int
    name: str
    account: str
    purpose: str
    code: str
    reference: str


def mt_940(path: Path) -> ReaderTotals:
    """Read a file with the library mt-940."""
    found = _parsed(path)
    balances = [found.data[f"final_{which}_balance"].amount.amount for which in ("opening", "closing")]
    return ReaderTotals(len(found), sum(_cents(row.data["amount"].amount) for row in found), *map(_cents, balances))


def mt_940_movements(path: Path) -> list[Movement]:
    """Return the rows as the library mt-940 sees them."""
    keys = ("applicant_name", "applicant_iban", "purpose", "transaction_code", "bank_reference")
    return [
        Movement(f"{row.data['date']}", _cents(row.data["amount"].amount), *(row.data.get(key) or "" for key in keys))
        for row in _parsed(path)
    ]


def facts(path: Path) -> StatementFacts:
    """Return the facts of the statement, as the library mt-940 reads them."""
    totals, found = mt_940(path), _parsed(path)
    first, last = (f"{found.data[f'final_{which}_balance'].date}" for which in ("opening", "closing"))
    return StatementFacts(
        ids=(found.data["transaction_reference"],),
        number=int(found.data["statement_number"]),
        first=first,
        last=last,
        opening=totals.opening or 0,
        closing=totals.closing or 0,
        total=totals.total,
        keys=tuple(row.reference for row in mt_940_movements(path)),
    )


def aqbanking(path: Path) -> ReaderTotals:
    """Read a file with aqbanking-cli, which does not keep the opening balance."""
    rows = aqbanking_movements(path)
    [closing] = read_by_aqbanking(path, "listbal", "--balanceType=noted", "--template=$(valueAsString)")
    return ReaderTotals(len(rows), sum(row.cents for row in rows), closing=_cents(Decimal(closing)))


def aqbanking_movements(path: Path) -> list[Movement]:
    """Return the rows as aqbanking-cli sees them."""
    importer = ("--importer=swift", "--profile=SWIFT-MT940")
    read_by_aqbanking(path, "import", *importer, "-f", str(path))
    columns = ("date", "value", "remoteName", "remoteIban", "purposeInOneLine", "transactionCode", "bankReference")
    texts = {"date": "dateAsString", "value": "valueAsString"}
    template = "|".join(f"$({texts.get(column, column)})" for column in columns)
    rows = [line.split("|") for line in read_by_aqbanking(path, "listtrans", f"--template={template}")]
    return [Movement(_iso(day), _cents(Decimal(value)), *texts) for day, value, *texts in rows]


def _parsed(path: Path) -> library.models.Transactions:
    # Without this option the library puts the account and the name into one text.
    return library.parse(str(path), options=library.Options(applicant_iban=True))


def _iso(day: str) -> str:
    return "-".join(reversed(day.split(".")))


def _cents(amount: Decimal) -> int:
    return int(amount * 100)
