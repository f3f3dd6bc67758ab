"""The fastest independent reader of each format, and the days and cents that it reads."""

import json
from collections.abc import Callable
from pathlib import Path

from beancount.core.data import Transaction

from tests.support.files import fec_ledger
from tests.support.readers import (
    beancount,
    camt053,
    cfonb120,
    coda,
    datev,
    datev_ascii,
    fec,
    journals,
    mt940,
    norma43,
    ofx,
    qif,
    xlsx,
)

DaysAndCents = list[tuple[str, int]]


def _beancount(path: Path) -> DaysAndCents:
    entries = [one for one in beancount.loaded(path) if isinstance(one, Transaction) and "id" in one.meta]
    return [(f"{one.date}", int(str(one.postings[0].units).replace(".", "").split()[0])) for one in entries]


def _datev_ascii(path: Path) -> DaysAndCents:
    rows = datev_ascii.python_rows(path)
    days = ["-".join(reversed(row[5].split("."))) for row in rows]
    return [(day, int(row[6].replace(",", ""))) for day, row in zip(days, rows, strict=True)]


def _hledger(path: Path) -> DaysAndCents:
    return [(found.day, found.lines[0][1]) for found in journals.hledger_read(path) if "id" in found.metadata]


def _jsonl(path: Path) -> DaysAndCents:
    _, *rows = map(json.loads, path.read_bytes().split(b"\n")[:-1])
    return [(row["day"], row["amount_cents"]) for row in rows]


def _ledger(path: Path) -> DaysAndCents:
    return [(found.day, found.lines[0][1]) for found in journals.ledger_read(path, "id") if found.metadata["id"]]


def _mt940(path: Path) -> DaysAndCents:
    return [(row.day, row.cents) for row in mt940.mt_940_movements(path)]


def _ofx(path: Path) -> DaysAndCents:
    return [(row.day, row.cents) for row in ofx.ofxtools_movements(path)]


def _xlsx(path: Path) -> DaysAndCents:
    headings, *rows = xlsx.sheet(path)
    amount = headings.index("Amount")
    return [(f"{row[0]}", round(row[amount] * 100)) for row in rows]


# CSV is read as each tool documents it (``tests/support/files/documented_csv.py``).
READERS: dict[str, Callable[[Path], DaysAndCents]] = {
    "beancount": _beancount,
    "camt053": camt053.movements,
    "cfonb120": cfonb120.movements,
    "coda": coda.movements,
    "datev": datev.movements,
    "datev_ascii": _datev_ascii,
    "fec": lambda path: fec.movements(path, fec_ledger.BANK),
    "hledger": _hledger,
    "jsonl": _jsonl,
    "ledger": _ledger,
    "mt940": _mt940,
    "norma43": norma43.csb43_movements,
    "ofx": _ofx,
    "qif": qif.movements,
    "xlsx": _xlsx,
}
