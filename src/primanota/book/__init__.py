"""The book of first entry: one SQLite file per organisation, append-only, hash-chained.

It knows nothing of the bank's fields: it keeps bodies word for word, under the facts that an ``Entry`` states.
"""

from primanota.book.batches import Batch, Batches, ChangedRow, Copy, Sent
from primanota.book.outbox import Letter, Letters
from primanota.book.records import ACCOUNT, LABEL, MEMBER, ORGANISATION, TRANSACTION, AppendCounts, Book, BookedRow

__all__ = [
    "ACCOUNT",
    "LABEL",
    "MEMBER",
    "ORGANISATION",
    "TRANSACTION",
    "AppendCounts",
    "Batch",
    "Batches",
    "Book",
    "BookedRow",
    "ChangedRow",
    "Copy",
    "Letter",
    "Letters",
    "Sent",
]
