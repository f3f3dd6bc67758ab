"""Who reads OFX: ofxtools, which is strict, ofxparse (Odoo), and libofx's ofxdump (GnuCash, KMyMoney, HomeBank)."""

import re
import warnings
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from ofxparse import OfxParser
from ofxtools.Parser import OFXTree

from tests.support import environment
from tests.support.readers import Seen, program

_AMOUNT = re.compile(r"^    Total money amount: (\S+)$", re.MULTILINE)
_BALANCE = re.compile(r"^    Ledger balance: (\S+)$", re.MULTILINE)


class Movement(NamedTuple):
    """What a reader says of a row; the amount in cents."""

    day: str
    cents: int
    key: str
    kind: str
    name: str
    memo: str


def ofxtools(path: Path) -> Seen:
    """What ofxtools reads, by the classes of the specification."""
    read = ofxtools_statement(path)
    amounts = [_cents(row.trnamt) for row in read.transactions]
    return Seen(len(amounts), sum(amounts), closing=_cents(read.ledgerbal.balamt))


def ofxtools_tree(path: Path) -> Seen:
    """What the parser of ofxtools reads, without its classes, which take their time."""
    tree = OFXTree()
    amounts = [_cents(amount.text or "") for amount in tree.parse(path).iter("TRNAMT")]
    return Seen(len(amounts), sum(amounts), closing=_cents(tree.findtext(".//BALAMT") or ""))


def ofxtools_statement(path: Path) -> Any:  # noqa: ANN401 - its attributes are made when it is read
    """The statement as ofxtools reads it. A number that is too long is a mere warning to it, to us a mistake."""
    tree = OFXTree()
    tree.parse(path)
    with warnings.catch_warnings(action="error"):
        [read] = tree.convert().statements
    return read


def ofxtools_movements(path: Path) -> list[Movement]:
    """The rows as ofxtools reads them."""
    return [
        Movement(f"{row.dtposted:%Y-%m-%d}", _cents(row.trnamt), row.fitid, row.trntype, row.name, row.memo or "")
        for row in ofxtools_statement(path).transactions
    ]


def ofxparse(path: Path) -> Seen:
    """What ofxparse reads."""
    read = ofxparse_account(path).statement
    amounts = [_cents(row.amount) for row in read.transactions]
    return Seen(len(amounts), sum(amounts), closing=_cents(read.balance))


def ofxparse_account(path: Path) -> Any:  # noqa: ANN401 - it has no types
    """The account as ofxparse reads it. It still uses words of Beautiful Soup that are going out of use."""
    with path.open("rb") as file, warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return OfxParser.parse(file).account


def ofxdump(path: Path) -> Seen:
    """What libofx reads. It understands all that matters without a complaint of its parser."""
    done = environment.run([program("ofxdump"), path], check=True)
    assert "otherError" not in done.stderr
    amounts = [_cents(amount) for amount in _AMOUNT.findall(done.stdout)]
    [balance] = _BALANCE.findall(done.stdout)
    return Seen(len(amounts), sum(amounts), closing=_cents(balance))


def _cents(amount: Decimal | str) -> int:
    return round(Decimal(amount) * 100)
