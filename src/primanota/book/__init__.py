"""The book of first entry: one SQLite file per organisation, append-only, hash-chained.

It stores records byte for byte, with the fields by which they are found; only ``journal.py`` decodes them, with the
connector of their bank.
"""

from primanota.book.batches import Batches, BatchRow, ChangedRow
from primanota.book.outbox import Letter, Letters
from primanota.book.records.index import ACCOUNT, LABEL, MEMBER, ORGANISATION, TRANSACTION
from primanota.book.records.records import Book
from primanota.book.records.row_order import BookedRow
from primanota.book.records.seen_transactions import SeenTransactions
from primanota.book.rows.selected_rows import SelectedRows

__all__ = [
    "ACCOUNT",
    "LABEL",
    "MEMBER",
    "ORGANISATION",
    "TRANSACTION",
    "BatchRow",
    "Batches",
    "Book",
    "BookedRow",
    "ChangedRow",
    "Letter",
    "Letters",
    "SeenTransactions",
    "SelectedRows",
]
