"""The book of first entry: one SQLite file per organisation, append-only, hash-chained.

It stores records byte for byte, with the fields by which they are found; only ``journal.py`` decodes them, with the
connector of their bank.
"""

from primanota.book.batches import Batches, BatchRow, ChangedRow
from primanota.book.index import ACCOUNT, LABEL, MEMBER, ORGANISATION, TRANSACTION
from primanota.book.outbox import Letter, Letters
from primanota.book.records import Book
from primanota.book.row_order import BookedRow
from primanota.book.seen_transactions import SeenTransactions
from primanota.book.selected_rows import SelectedRows

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
