"""Readers of journals: hledger and ledger, each in its strict mode."""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.support.readers import ReaderTotals, attempt, run

BANK = "Assets:Qonto"
_LINE = r'%(quantity(amount))\t%(quantity(total))\t%(meta("id"))\n'


class JournalTransaction(NamedTuple):
    """A transaction: its day, payee or description, metadata, and cents by account."""

    day: str
    head: str
    metadata: dict[str, str]
    lines: list[tuple[str, int]]


def hledger(path: Path) -> ReaderTotals:
    """Read a file with hledger: accounts and commodities declared, entries balanced, assertions right."""
    everything = list(csv.DictReader(_hledger(path, "register", f"acct:^{BANK}$", "-O", "csv")))
    moved = [row for row in everything if row["description"] not in {"Opening balance", "Closing balance"}]
    ends = _cents(everything[0]["total"]), _cents(everything[-1]["total"])
    return ReaderTotals(len(moved), sum(_cents(row["amount"]) for row in moved), *ends)


def hledger_read(path: Path) -> list[JournalTransaction]:
    """Return every transaction, as hledger reads it."""
    (text,) = ["\n".join(_hledger(path, "print", "-O", "json"))]
    return [
        JournalTransaction(
            found["tdate"],
            found["tdescription"],
            dict(found["ttags"]),
            [(line["paccount"], _exactly(line["pamount"][0])) for line in found["tpostings"]],
        )
        for found in msgspec.json.decode(text)
    ]


def ledger(path: Path) -> ReaderTotals:
    """Read a file with ledger: accounts, commodities and tags declared, entries balanced, assertions right."""
    lines = _ledger(path, "register", f"^{BANK}$", "--format", _LINE)
    rows = [line.split("\t") for line in lines]
    moved = [_cents(amount) for amount, _, key in rows if key]
    return ReaderTotals(len(moved), sum(moved), _cents(rows[0][1]), _cents(rows[-1][1]))


def ledger_read(path: Path, *keys: str) -> list[JournalTransaction]:
    """Return the bank's side of every transaction, as ledger reads it, with the metadata of these keys."""
    shown = ['%(format_date(date, "%Y-%m-%d"))', "%(payee)", "%(account)", "%(quantity(amount))"]
    shown += [f'%(meta("{key}"))' for key in keys]
    lines = _ledger(path, "register", f"^{BANK}$", "--format", r"\t".join(shown) + r"\n")
    return [
        JournalTransaction(day, payee, dict(zip(keys, metadata, strict=True)), [(account, _cents(amount))])
        for day, payee, account, amount, *metadata in (line.split("\t") for line in lines)
    ]


def refusal(name: str, path: Path) -> str:
    """Return the error of hledger or ledger about a file."""
    words = ["check", "--strict"] if name == "hledger" else ["--strict", "--pedantic", "balance"]
    done = attempt(name, "-f", str(path), *words)
    assert done.returncode
    return done.stderr


def _hledger(path: Path, *words: str) -> list[str]:
    return run("hledger", "-f", str(path), "--strict", *words).stdout.split("\n")[:-1]


def _ledger(path: Path, *words: str) -> list[str]:
    whole = ["--init-file", "/dev/null", "--strict", "--pedantic", "--empty", *words]
    return run("ledger", "-f", str(path), *whole).stdout.split("\n")[:-1]


def _cents(amount: str) -> int:
    """Return the cents of ``-3.50 EUR``, ``-3.5`` or ``0``."""
    whole, _, part = amount.removesuffix(" EUR").partition(".")
    return int(whole + f"{part:0<2}")


def _exactly(amount: dict[str, Any]) -> int:
    """Return the cents of ``{"decimalMantissa": -350, "decimalPlaces": 2}``, of which hledger leaves zeros out."""
    exact = amount["aquantity"]
    return int(f"{exact['decimalMantissa']}{'':0<{2 - exact['decimalPlaces']}}")
