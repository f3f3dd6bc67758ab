"""Who reads journals: hledger and ledger, each in its strict mode."""

import csv
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.support import environment
from tests.support.readers import Seen, program

BANK = "Assets:Qonto"
_LINE = r'%(quantity(amount))\t%(quantity(total))\t%(meta("id"))\n'


class Read(NamedTuple):
    """A transaction: its day, payee or description, facts, and cents by account."""

    day: str
    head: str
    facts: dict[str, str]
    lines: list[tuple[str, int]]


def hledger(path: Path) -> Seen:
    """What hledger finds: accounts and commodities declared, entries balanced, assertions right."""
    everything = list(csv.DictReader(_hledger(path, "register", f"acct:^{BANK}$", "-O", "csv")))
    moved = [row for row in everything if row["description"] not in {"Opening balance", "Closing balance"}]
    ends = _cents(everything[0]["total"]), _cents(everything[-1]["total"])
    return Seen(len(moved), sum(_cents(row["amount"]) for row in moved), *ends)


def hledger_read(path: Path) -> list[Read]:
    """Every transaction, as hledger reads it."""
    (text,) = ["\n".join(_hledger(path, "print", "-O", "json"))]
    return [
        Read(
            found["tdate"],
            found["tdescription"],
            dict(found["ttags"]),
            [(line["paccount"], _exactly(line["pamount"][0])) for line in found["tpostings"]],
        )
        for found in msgspec.json.decode(text)
    ]


def ledger(path: Path) -> Seen:
    """What ledger finds: accounts, commodities and tags declared, entries balanced, assertions right."""
    lines = _ledger(path, "register", f"^{BANK}$", "--format", _LINE)
    rows = [line.split("\t") for line in lines]
    moved = [_cents(amount) for amount, _, key in rows if key]
    return Seen(len(moved), sum(moved), _cents(rows[0][1]), _cents(rows[-1][1]))


def ledger_read(path: Path, *keys: str) -> list[Read]:
    """The bank's side of every transaction, as ledger reads it, with the facts of these keys."""
    shown = ['%(format_date(date, "%Y-%m-%d"))', "%(payee)", "%(account)", "%(quantity(amount))"]
    shown += [f'%(meta("{key}"))' for key in keys]
    lines = _ledger(path, "register", f"^{BANK}$", "--format", r"\t".join(shown) + r"\n")
    return [
        Read(day, payee, dict(zip(keys, facts, strict=True)), [(account, _cents(amount))])
        for day, payee, account, amount, *facts in (line.split("\t") for line in lines)
    ]


def refusal(name: str, path: Path) -> str:
    """What hledger or ledger says against a file."""
    words = ["check", "--strict"] if name == "hledger" else ["--strict", "--pedantic", "balance"]
    done = _run([program(name), "-f", str(path), *words], check=False)
    assert done.returncode
    return done.stderr


def _hledger(path: Path, *words: str) -> list[str]:
    return _run([program("hledger"), "-f", str(path), "--strict", *words]).stdout.split("\n")[:-1]


def _ledger(path: Path, *words: str) -> list[str]:
    whole = ["--init-file", "/dev/null", "--strict", "--pedantic", "--empty", *words]
    return _run([program("ledger"), "-f", str(path), *whole]).stdout.split("\n")[:-1]


def _run(words: list[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = environment.run(words)
    assert not check or not done.returncode, done.stderr
    return done


def _cents(amount: str) -> int:
    """Cents of ``-3.50 EUR``, ``-3.5`` or ``0``."""
    whole, _, part = amount.removesuffix(" EUR").partition(".")
    return int(whole + f"{part:0<2}")


def _exactly(amount: dict[str, Any]) -> int:
    """Cents of ``{"decimalMantissa": -350, "decimalPlaces": 2}``, of which hledger leaves zeros out."""
    exact = amount["aquantity"]
    return int(f"{exact['decimalMantissa']}{'':0<{2 - exact['decimalPlaces']}}")
