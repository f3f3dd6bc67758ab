"""Compare a book with the simulator's truth."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.simulator import Simulator

# The fields that are compared. Whole numbers are written in several ways, so they are decoded first.
_FIELDS = ("amount_cents", "side", "status", "label", "reference", "note", "settled_balance_cents", "operation_type")
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def differences(simulator: Simulator, book: Book) -> list[str]:
    """Return the ids of transactions that differ between book and bank; empty if the book is right."""
    found, unlisted = [], {"reversed-refused", "reversed-ignored"} & simulator.switches
    for account in Journal(book, QontoConnector()).accounts():
        rows = simulator.bank.truth(account.id)
        truth = {row["id"]: _facts(row) for row in rows if not unlisted or row["status"] != "reversed"}
        kept = {row["id"]: _facts(row) for row in bodies(book, account.id)}
        found += [key for key in truth.keys() | kept.keys() if truth.get(key) != kept.get(key)]
    return found


def bodies(book: Book, account_id: str) -> Iterator[dict[str, Any]]:
    """Yield the newest body of each of an account's transactions that did not vanish."""
    rows = book._connection.execute(
        """SELECT v.body FROM latest l JOIN version v ON v.seq = l.seq
           WHERE l.kind = 'transaction' AND l.absent = 0 AND l.account = ?""",
        (account_id,),
    )
    return (_decode(body) for (body,) in rows)


def _facts(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in _FIELDS)
