"""Readers of OFX: ofxtools, which is strict, ofxparse (Odoo), and libofx's ofxdump (GnuCash, KMyMoney, HomeBank)."""

import re
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from ofxparse import OfxParser
from ofxtools.Parser import OFXTree

from tests.support.readers import ReaderTotals, StatementFacts, run

_AMOUNT = re.compile(r"^    Total money amount: (\S+)$", re.MULTILINE)
_BALANCE = re.compile(r"^    Ledger balance: (\S+)$", re.MULTILINE)


class Movement(NamedTuple):
    """A row as a reader sees it; the amount in cents."""

    day: str
    cents: int
    key: str
    kind: str
    name: str
    memo: str


def ofxtools(path: Path) -> ReaderTotals:
    """Read a file with ofxtools, by the classes of the specification."""
    read = ofxtools_statement(path)
    amounts = [_cents(row.trnamt) for row in read.transactions]
    return ReaderTotals(len(amounts), sum(amounts), closing=_cents(read.ledgerbal.balamt))


def ofxtools_tree(path: Path) -> ReaderTotals:
    """Read a file with the parser of ofxtools, without its slow classes."""
    tree = OFXTree()
    amounts = [_cents(amount.text or "") for amount in tree.parse(path).iter("TRNAMT")]
    return ReaderTotals(len(amounts), sum(amounts), closing=_cents(tree.findtext(".//BALAMT") or ""))


def ofxtools_statement(path: Path) -> Any:  # noqa: ANN401 - its attributes are made when it is read
    """Return the statement as ofxtools reads it. Its warning of a number that is too long is an error here."""
    tree = OFXTree()
    tree.parse(path)
    with warnings.catch_warnings(action="error"):
        [read] = tree.convert().statements
    return read


def ofxtools_movements(path: Path) -> list[Movement]:
    """Return the rows as ofxtools reads them."""
    return [
        Movement(f"{row.dtposted:%Y-%m-%d}", _cents(row.trnamt), row.fitid, row.trntype, row.name, row.memo or "")
        for row in ofxtools_statement(path).transactions
    ]


def facts(path: Path) -> StatementFacts:
    """Return the facts of the statement, as ofxtools reads them. The format has no opening balance."""
    read, totals = ofxtools_statement(path), ofxtools(path)
    closing = totals.closing or 0
    assert read.ledgerbal.dtasof == read.banktranlist.dtend
    return StatementFacts(
        ids=(),
        number=None,
        first=f"{read.banktranlist.dtstart:%Y-%m-%d}",
        last=f"{read.banktranlist.dtend:%Y-%m-%d}",
        opening=closing - totals.total,
        closing=closing,
        total=totals.total,
        keys=tuple(row.key for row in ofxtools_movements(path)),
    )


def ofxparse(path: Path) -> ReaderTotals:
    """Read a file with ofxparse."""
    read = ofxparse_account(path).statement
    amounts = [_cents(row.amount) for row in read.transactions]
    return ReaderTotals(len(amounts), sum(amounts), closing=_cents(read.balance))


def ofxparse_account(path: Path) -> Any:  # noqa: ANN401 - it has no types
    """Return the account as ofxparse reads it. It uses deprecated names of Beautiful Soup."""
    with path.open("rb") as file, warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return OfxParser.parse(file).account


def ofxdump(path: Path) -> ReaderTotals:
    """Read a file with libofx, whose parser must not complain."""
    done = run("ofxdump", str(path))
    assert "otherError" not in done.stderr
    amounts = [_cents(amount) for amount in _AMOUNT.findall(done.stdout)]
    [balance] = _BALANCE.findall(done.stdout)
    return ReaderTotals(len(amounts), sum(amounts), closing=_cents(balance))


def _cents(amount: Decimal | str) -> int:
    return round(Decimal(amount) * 100)
