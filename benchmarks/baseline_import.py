"""The baseline of the import: a script that a competent programmer writes with the standard library.

It streams the entries of a statement, and puts their days, amount, references, counterparty and purpose into a table;
the same file again adds nothing. It checks the closing balance. It does not keep the bank's words, check the file
before it stores anything, find a missing statement, compute the balance after a row, note a hash, know other versions
of the message, or split a batch.

Usage: python baseline_import.py FILE DATABASE
"""

import sqlite3
import sys
from collections.abc import Iterator
from functools import cache
from xml.etree.ElementTree import Element, iterparse

_SPACE = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.08}"
_ENTRY, _ACCOUNT, _BALANCE = (f"{_SPACE}{name}" for name in ("Ntry", "Acct", "Bal"))
_TABLE = """
    CREATE TABLE IF NOT EXISTS row (
        account TEXT, ref TEXT, day TEXT, value_day TEXT, cents INTEGER, currency TEXT, code TEXT,
        name TEXT, iban TEXT, bic TEXT, end_to_end TEXT, purpose TEXT, PRIMARY KEY (account, ref)
    ) WITHOUT ROWID
"""
_INSERT = "INSERT OR IGNORE INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_AT_ONCE = 1_000

Row = tuple[str, str, str, str, int, str, str, str, str, str, str, str]


def main(file: str, database: str) -> None:
    """Import the file; print how many rows the table has, and the closing balance (cents)."""
    book = sqlite3.connect(database)
    book.execute(_TABLE)
    balances: dict[str, int] = {}
    moved, rows = 0, list[Row]()
    for row in _rows(file, balances):
        rows.append(row)
        moved += row[4]
        if len(rows) == _AT_ONCE:
            book.executemany(_INSERT, rows)
            rows.clear()
    book.executemany(_INSERT, rows)
    if balances["OPBD"] + moved != balances["CLBD"]:
        sys.exit("the closing balance is not right")
    book.commit()
    (count,) = book.execute("SELECT count(*) FROM row").fetchone()
    print(count, balances["CLBD"])


def _rows(file: str, balances: dict[str, int]) -> Iterator[Row]:
    """Yield the entries of a statement; its balances are put into a dictionary."""
    account = ""
    for _, element in iterparse(file):  # noqa: S314 - the file is our own
        if element.tag == _ENTRY:
            yield _row(element, account)
            element.clear()  # else all entries stay in memory
        elif element.tag == _ACCOUNT:
            account = _text(element, "Id/IBAN")
        elif element.tag == _BALANCE:
            balances[_text(element, "Tp/CdOrPrtry/Cd")] = _cents(element)


def _row(entry: Element, account: str) -> Row:
    details = entry.find(_path("NtryDtls/TxDtls"))
    if details is None:
        sys.exit("an entry has no details")
    cents = _cents(entry)
    role = "Dbtr" if cents > 0 else "Cdtr"
    amount = entry.find(_path("Amt"))
    return (
        account,
        _text(entry, "AcctSvcrRef"),
        _text(entry, "BookgDt/Dt"),
        _text(entry, "ValDt/Dt"),
        cents,
        "" if amount is None else amount.get("Ccy", ""),
        _text(entry, "BkTxCd/Domn/Fmly/Cd"),
        _text(details, f"RltdPties/{role}/Pty/Nm"),
        _text(details, f"RltdPties/{role}Acct/Id/IBAN"),
        _text(details, f"RltdAgts/{role}Agt/FinInstnId/BICFI"),
        _text(details, "Refs/EndToEndId"),
        " ".join(line.text or "" for line in details.iterfind(_path("RmtInf/Ustrd"))),
    )


def _cents(element: Element) -> int:
    whole, _, part = _text(element, "Amt").partition(".")
    cents = int(whole) * 100 + int(part.ljust(2, "0"))
    return cents if _text(element, "CdtDbtInd") == "CRDT" else -cents


def _text(element: Element, path: str) -> str:
    return element.findtext(_path(path), "")


@cache
def _path(path: str) -> str:
    return "/".join(f"{_SPACE}{name}" for name in path.split("/"))


if __name__ == "__main__":
    main(*sys.argv[1:])
