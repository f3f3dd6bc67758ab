"""Read the files and letters of a fleet's clients, and compare them with what the bank has."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from aiosmtpd.smtp import Envelope

from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.simulator import Simulator
from tests.support.books.weekly_world import read


def exported_ids(folder: Path) -> Counter[str]:
    """Return how often each transaction is in the JSON Lines files of a folder."""
    lines = (msgspec.json.decode(line) for file in folder.rglob("*.jsonl") for line in file.read_bytes().splitlines())
    return Counter(line["id"] for line in lines if line["kind"] == "transaction")


def completed_ids(simulator: Simulator, book: Path, until: datetime | None = None) -> Counter[str]:
    """Return each completed transaction of the bank once; the book says which accounts there are.

    Args:
        simulator: the bank.
        book: the client's book.
        until: leave out what settled later.
    """
    with Book(book, lambda: 0) as opened:
        accounts = [one.id for one in Journal(opened, QontoConnector()).accounts()]
    rows = (row for account in accounts for row in simulator.bank.truth(account))
    return Counter(
        row["id"]
        for row in rows
        if row["status"] == "completed" and (until is None or datetime.fromisoformat(row["settled_at"]) <= until)
    )


def wrong_rows(simulator: Simulator, files: Path, book: Path) -> dict[str, int]:
    """Return the completed rows that are not in exactly one file, by how often too many; empty if all is right."""
    truth, found = completed_ids(simulator, book), exported_ids(files)
    return {key: found[key] - truth[key] for key in truth | found if found[key] != truth[key]}


def letters(mails: Sequence[Envelope]) -> Counter[tuple[str, str]]:
    """Return how often each letter arrived, by its recipient and its Message-ID."""
    found = ((one.rcpt_tos[0], read(one.content)) for one in mails)
    return Counter((to, str(message["Message-ID"])) for to, message in found)
