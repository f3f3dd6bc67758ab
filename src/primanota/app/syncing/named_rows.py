"""Find the rows that a sync or a check names by their ids, to name them by day, counterparty and amount."""

import re
from collections.abc import Iterable

from primanota.book.journal import Journal
from primanota.book.records.index import TRANSACTION
from primanota.book.rows.row_ids import RowIds
from primanota.core.model import Transaction
from primanota.core.results import SyncedAccount

# Rows with the shortest clear beginnings of their ids, by the ids.
NamedRows = dict[str, tuple[str, Transaction]]
_WORD = re.compile(r"[^\s:;,“”]{4,}")


def name_vanished(journal: Journal, done: Iterable[SyncedAccount]) -> None:
    """Fill in the rows that vanished, and those that are named where an account is not proven."""
    for one in done:
        one.gone = _named(journal, (*one.vanished, *one.released))
        one.named = rows_in(journal, one.reasons)


def rows_in(journal: Journal, reasons: Iterable[str]) -> NamedRows:
    """Return the rows of the book that are named in the reasons why accounts are not proven."""
    words = dict.fromkeys(word for reason in reasons for word in _WORD.findall(reason))
    return _named(journal, [word for word in words if any(journal.book.versions(TRANSACTION, word))])


def _named(journal: Journal, keys: Iterable[str]) -> NamedRows:
    ids = RowIds(journal.book)
    return {key: (ids.short(key), journal.row(key)) for key in keys}
