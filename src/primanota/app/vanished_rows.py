"""Rows that a sync found vanished: what a person knows them by."""

from collections.abc import Iterable

from primanota.book.journal import Journal
from primanota.book.row_ids import RowIds
from primanota.core.results import SyncedAccount


def name_vanished(journal: Journal, done: Iterable[SyncedAccount]) -> None:
    """Fill in the rows that vanished, with the shortest clear beginnings of their ids."""
    ids = RowIds(journal.book)
    for one in done:
        one.gone = {key: (ids.short(key), journal.row(key)) for key in (*one.vanished, *one.released)}
