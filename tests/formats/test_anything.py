"""Whatever a transaction holds, every format makes a file of it that reads back, or refuses it with a sentence."""

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from beancount.core.data import Transaction as Entry
from hypothesis import given
from hypothesis import strategies as st

from primanota.errors import RuleBroken
from primanota.model import Money, Original, Statement, Transaction, Vat
from tests import statements
from tests.builders import quick
from tests.foreign import beancount, camt053, cfonb120, coda, datev_ascii, fec, mt940, norma43, ofx, qif, xlsx
from tests.formats import fec_books
from tests.formats.offered import OFFERED, Offered

_MARKS = "\\\"';|,:()[]{}<>=*!@#%~^&-+?_/. \t\r\n\0\x1b\x85\u2028\u00a0\ufeff\ufffe\uffff🚲äß€0A"
_SHORT = st.text(st.one_of(st.sampled_from(_MARKS), st.characters(codec="utf-8")), max_size=40)
_TEXT = st.one_of(_SHORT, st.builds(lambda text: text * 30, _SHORT))
_CENTS = st.integers(-(10**12), 10**12)
_DAY = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(statements.BERLIN))  # noqa: DTZ001 - hypothesis adds the zone
_SPENT = st.one_of(st.decimals(-(10**12), 10**12, places=3), st.decimals(-(10**6), 10**6), _CENTS.map(Decimal))
_ORIGINAL = st.builds(Original, _SPENT, st.sampled_from(["USD", "JPY", "KWD", "GBP", "ISK"]))
_VAT = st.builds(Vat, st.decimals(0, 100, places=2), _CENTS, _CENTS)
_ROW = st.builds(
    Transaction,
    id=st.uuids().map(str),
    number=_TEXT,
    account_id=_TEXT,
    status=_TEXT,
    operation=st.one_of(st.sampled_from(["card", "transfer", "income", "direct_debit"]), _TEXT),
    amount=st.builds(Money, _CENTS),
    booked=_DAY,
    emitted=_DAY,
    updated=_DAY,
    counterparty=_TEXT,
    counterparty_account=_TEXT,
    reference=_TEXT,
    purpose=_TEXT,
    details=_TEXT,
    note=_TEXT,
    member=_TEXT,
    original=st.one_of(st.none(), _ORIGINAL),
    balance=st.one_of(st.none(), st.builds(Money, _CENTS)),
    bic=_TEXT,
    mandate=_TEXT,
    card=_TEXT,
    category=_TEXT,
    labels=st.lists(_TEXT, max_size=3).map(tuple),
    vat=st.lists(_VAT, max_size=2).map(tuple),
    receipts=st.integers(0, 3),
)
_ROWS = st.lists(_ROW, max_size=3, unique_by=lambda row: row.id)

Moved = list[tuple[str, int]]


def _beancount(path: Path) -> Moved:
    entries = [one for one in beancount.loaded(path) if isinstance(one, Entry) and "id" in one.meta]
    return [(f"{one.date}", int(str(one.postings[0].units).replace(".", "").split()[0])) for one in entries]


def _csv(encoding: str, delimiter: str) -> Callable[[Path], Moved]:
    def read(path: Path) -> Moved:
        with path.open(encoding=encoding, newline="") as lines:
            _, *rows = csv.reader(lines, delimiter=delimiter, strict=True)
        return [(day, int(amount.replace(".", ""))) for day, amount, *_ in rows]

    return read


def _datev_ascii(path: Path) -> Moved:
    rows = datev_ascii.python_rows(path)
    days = ["-".join(reversed(row[5].split("."))) for row in rows]
    return [(day, int(row[6].replace(",", ""))) for day, row in zip(days, rows, strict=True)]


def _jsonl(path: Path) -> Moved:
    _, *rows = map(json.loads, path.read_bytes().split(b"\n")[:-1])
    return [(row["day"], row["amount_cents"]) for row in rows]


def _mt940(path: Path) -> Moved:
    return [(row.day, row.cents) for row in mt940.mt_940_movements(path)]


def _ofx(path: Path) -> Moved:
    return [(row.day, row.cents) for row in ofx.ofxtools_movements(path)]


def _xlsx(path: Path) -> Moved:
    _, *rows = xlsx.sheet(path)
    return [(f"{day}", round(amount * 100)) for day, amount, *_ in rows]


# Those that read in no time; hledger and ledger, which do not, read much in their own tests.
_READERS: dict[str, Callable[[Path], Moved]] = {
    "beancount": _beancount,
    "camt053": camt053.movements,
    "camt053 of 2009": camt053.movements,
    "cfonb120": cfonb120.movements,
    "coda": coda.movements,
    "csv": _csv("utf-8", ","),
    "csv as Germans write it": _csv("cp1252", ";"),
    "datev_ascii": _datev_ascii,
    "fec": lambda path: fec.movements(path, fec_books.BANK),
    "fec with pipes": lambda path: fec.movements(path, fec_books.BANK),
    "jsonl": _jsonl,
    "mt940": _mt940,
    "mt940 in plain words": _mt940,
    "norma43": norma43.csb43_movements,
    "norma43 in ascii": norma43.csb43_movements,
    "ofx": _ofx,
    "qif": qif.movements,
    "xlsx": _xlsx,
}


def _statement(offered: Offered, rows: list[Transaction], name: str, *, proven: bool) -> Statement:
    """A year's statement of these rows, of an account and a company that may be called anything."""
    empty = statements.make([], country=offered.country)
    assert empty.opening
    return msgspec.structs.replace(
        empty,
        rows=sorted(rows, key=lambda row: row.booked or row.emitted),
        last=date(2026, 12, 31),
        closing=Money(empty.opening.cents + sum(row.amount.cents for row in rows)),
        account=msgspec.structs.replace(empty.account, name=name),
        company=msgspec.structs.replace(statements.COMPANY, name=name),
        proven=proven,
    )


@pytest.mark.parametrize("name", OFFERED)
@quick
@given(rows=_ROWS, called=_TEXT, proven=st.booleans())
def test_anything_is_a_file_or_a_refusal(
    name: str, rows: list[Transaction], called: str, *, proven: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any text anywhere, any money, anything missing: others read the same days and cents, or a sentence says no."""
    offered = OFFERED[name]
    statement = _statement(offered, rows, called, proven=proven)
    file = tmp_path_factory.getbasetemp() / f"anything{offered.module.suffix}"
    try:
        file.write_bytes(offered.rendered(statement))
    except RuleBroken as refused:
        assert refused.do  # noqa: PT017 - whether there is a refusal is not known beforehand
        return
    assert all(isinstance(cell(row), str) for _, cell in offered.shows() for row in rows)
    if reader := _READERS.get(name):
        assert reader(file) == [(f"{row.day}", row.amount.cents) for row in statement.rows]
