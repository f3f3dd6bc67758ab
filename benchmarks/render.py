"""Measure a format over rows in memory, alternately with a loop over the same rows written by hand.

Usage: python render.py FORMAT ROWS. Prints JSON: the size of the file in bytes and, for each round, both times in
seconds.
"""

import csv
import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from primanota import formats
from primanota.core.model import Account, Ledger, Money, Organisation, Original, Posting, Statement, Transaction

_ROUNDS = 3
_ZONE = ZoneInfo("Europe/Berlin")
_FIRST = datetime(2026, 1, 1, 9, 0, tzinfo=_ZONE)
_NAMES = ("Müller & Söhne GmbH", "Café Crème", "OpenAI, LLC", "Łódź Części s.r.o.", "Stadtwerke", "Bahn AG", "GitHub")
_KINDS = ("card", "card", "transfer", "income", "direct_debit", "qonto_fee")
_IBANS = {
    "cfonb120": "FR7616958000014321785632116",
    "coda": "BE68539007547034",
    "fec": "FR7616958000014321785632116",
    "norma43": "ES9121000418450200051332",
}
_COLUMNS = [
    ("Buchungsdatum", "{booked:%Y-%m-%d %H:%M:%S}"),
    ("Auftraggeber/Empfänger", "{counterparty}"),
    ("Verwendungszweck", "{purpose}"),
    ("Betrag", "{amount}"),
    ("Zusatzinfo", "{details}"),
]
_OPTIONS: dict[str, dict[str, Any]] = {"csv": {"columns": _COLUMNS}, "xlsx": {"columns": _COLUMNS}}
_MOST = {"coda": 9_999, "datev": 50_000}  # DATEV allows 99,999 entries in a file
_NUMBERED, _NAMED = ("512000", "471000"), ("Assets:Qonto", "Expenses:Unsorted")
_BOOKS = {"datev": ("1800", "1370"), "fec": _NUMBERED, "beancount": _NAMED, "hledger": _NAMED, "ledger": _NAMED}


def main(name: str, count: str) -> None:
    """Measure a format and print the result."""
    kind = formats.load(name)
    options = msgspec.convert(_OPTIONS.get(name, {}), kind.options)
    rows = [_row(place) for place in range(int(count))]
    most = _MOST.get(name, len(rows))
    files = [_statement(name, rows[first : first + most]) for first in range(0, len(rows), most)]
    size = sum(len(piece) for file in files for piece in kind.render(file, options))
    rounds = []
    for _ in range(_ROUNDS):
        files = [msgspec.structs.replace(file, text_changes=[]) for file in files]
        ours = _seconds(partial(_render, kind, options, files))
        rounds.append((ours, _seconds(lambda: _loop(rows))))
    print(json.dumps({"size": size, "rounds": rounds}))


def _render(kind: formats.Format, options: object, files: list[Statement]) -> None:
    for file in files:
        deque(kind.render(file, options), maxlen=0)


def _loop(rows: Any) -> None:  # noqa: ANN401 - usual in such a script
    """Write five columns in a loop, as a competent programmer does."""
    with open(os.devnull, "w", encoding="utf-8", newline="") as out:  # noqa: PTH123 - usual in such a script
        writer = csv.writer(out)
        writer.writerow([heading for heading, _ in _COLUMNS])
        for row in rows:
            cents = abs(row.amount.cents)
            writer.writerow(
                [
                    row.booked.strftime("%Y-%m-%d %H:%M:%S"),
                    row.counterparty or "_",
                    row.purpose or "_",
                    f"{'-' if row.amount.cents < 0 else ''}{cents // 100}.{cents % 100:02}",
                    row.details or "_",
                ]
            )


def _statement(name: str, rows: list[Transaction]) -> Statement:
    """Return a year of a busy company, or a part of it, without amounts of zero, which some formats refuse."""
    closing = Money(sum(row.amount.cents for row in rows))
    account = Account(
        "11111111-1111-4111-8111-111111111111", "Hauptkonto", _IBANS.get(name, "DE89370400440532013000")
    )
    days = date(2026, 1, 1), date(2026, 12, 31)
    company = Organisation("org-1", "erfunden-1", "Erfundene Räder GmbH", "DE")
    return Statement(account, rows, *days, Money(0), closing, company=company, ledger=_ledger(name))


def _ledger(name: str) -> Ledger | None:
    if name not in _BOOKS:
        return None
    bank, clearing = _BOOKS[name]
    return Ledger(bank, lambda row: (Posting(clearing, row.amount.cents),), consultant=29098, client=55003)


def _row(place: int) -> Transaction:
    cents = (place * 7919) % 200_000 - 100_000 or 1
    booked = _FIRST + timedelta(minutes=place * 5)
    purpose = f"RE-2026-{place:06} Rechnung für Oktober"
    foreign = place % 20 == 0
    return Transaction(
        id=f"00000000-0000-4000-8000-{place:012}",
        number=f"erfunden-1-1-transaction-{place}",
        account_id="11111111-1111-4111-8111-111111111111",
        status="completed",
        operation="income" if cents > 0 else _KINDS[place % len(_KINDS)],
        amount=Money(cents),
        booked=booked,
        emitted=booked,
        updated=booked.astimezone(UTC),
        counterparty=_NAMES[place % len(_NAMES)],
        counterparty_account="DE02120300000000202051",
        reference=purpose,
        purpose=purpose,
        details="99.00 USD, Team" if foreign else "",
        note="Team" if foreign else "",
        member="Ada Lovelace",
        original=Original(Decimal("-99.00"), "USD") if foreign else None,
        balance=Money(place),
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(*sys.argv[1:])
