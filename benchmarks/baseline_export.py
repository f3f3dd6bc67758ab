"""The baseline of the export: a script that a competent programmer writes with the standard library.

It writes the same rows into the same columns with the same fallbacks. It does not prove that the rows are complete,
clean texts, neutralise formulas, or read its own file back.

Usage: python baseline_export.py BOOK ACCOUNT SINCE END FILE, with the days as 2026-10-05, the last one excluded
"""

import csv
import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Berlin")
_HEADINGS = ["Buchungsdatum", "Auftraggeber/Empfänger", "Verwendungszweck", "Betrag", "Zusatzinfo"]
_DIGITS = {"ISK": 0, "JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "TND": 3}
_MEMBERS = "SELECT l.id, v.body FROM latest l JOIN version v ON v.seq = l.seq WHERE l.kind = 'member'"
_ROWS = """
    SELECT v.body FROM latest l JOIN version v ON v.seq = l.seq
    WHERE l.kind = 'transaction' AND l.account = ? AND l.absent = 0 AND l.status = 'completed'
      AND l.settled >= ? AND l.settled < ?
    ORDER BY l.settled, l.id
"""


def main(file: str, account: str, since: str, end: str, target: str) -> None:
    """Write the file and print its number of rows."""
    book = sqlite3.connect(file)
    members = {key: _name(json.loads(body)) for key, body in book.execute(_MEMBERS)}
    rows = 0
    with open(target, "w", encoding="utf-8", newline="") as out:  # noqa: PTH123 - usual in such a script
        writer = csv.writer(out)
        writer.writerow(_HEADINGS)
        for row in _rows(book, account, _micros(since), _micros(end)):
            writer.writerow(_cells(row, members))
            rows += 1
    print(rows)


def _rows(book: sqlite3.Connection, account: str, since: int, end: int) -> Iterator[dict[str, Any]]:
    for (body,) in book.execute(_ROWS, (account, since, end)):
        yield json.loads(body)


def _cells(row: dict[str, Any], members: dict[str, str]) -> list[str]:
    booked = datetime.fromisoformat(row["settled_at"]).astimezone(_ZONE)
    cents = row["amount_cents"]
    sign = "-" if row["side"] == "debit" and cents else ""
    member = members.get(row["initiator_id"], "")
    return [
        booked.strftime("%Y-%m-%d %H:%M:%S"),
        _stated(row["label"]) or _stated(row["clean_counterparty_name"]) or "_",
        _stated(row["reference"]) or f"{row['operation_type']} {member}".strip() or "_",
        f"{sign}{cents // 100}.{cents % 100:02}",
        _details(row),
    ]


def _details(row: dict[str, Any]) -> str:
    note = row["note"] or ""
    if row["local_currency"] == row["currency"]:
        return note or "_"
    original = f"{row['local_amount']:.{_DIGITS.get(row['local_currency'], 2)}f} {row['local_currency']}"
    return f"{original}, {note}" if note else original


def _stated(text: str | None) -> str:
    """Return the text; nothing for the word that banks write where there is none."""
    return "" if not text or text == "NOTPROVIDED" else text


def _name(member: dict[str, Any]) -> str:
    return f"{member['first_name']} {member['last_name']}"


def _micros(day: str) -> int:
    midnight = datetime.fromisoformat(day).replace(tzinfo=_ZONE)
    return int(midnight.astimezone(UTC).timestamp()) * 1_000_000


if __name__ == "__main__":
    main(*sys.argv[1:])
