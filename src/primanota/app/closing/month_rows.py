"""Gather the rows of a month with their receipts."""

from collections.abc import Iterator

from primanota.book.journal import Journal
from primanota.book.rows.found_rows import RowQuery, found_rows
from primanota.close.rows import FileNaming, MonthRow
from primanota.core.kept_files import RowReceipts
from primanota.core.model import COMPLETED, LACKS, Account
from primanota.core.period import Period


def month_rows(
    journal: Journal, account: Account, period: Period, batches: list[int], naming: FileNaming
) -> Iterator[MonthRow]:
    """Yield the rows of an account that settled in a month, in order of settlement.

    Args:
        journal: the book; what its rows list of receipts was searched.
        account: the account.
        period: the month.
        batches: the numbers of the batches that count.
        naming: names the receipts.
    """
    read, record, receipts = journal.reader(), journal.connector.record, journal.receipts()
    query = RowQuery((account.id,), *period.span(journal.zone), statuses=(COMPLETED,))
    for found in found_rows(journal.book, query, batches):
        row = read(found.body)
        kept = receipts.of(row.id)
        files = [
            naming.of(row, number, kind, file)
            for number, receipt in enumerate(kept.kept, 1)
            for kind, file in receipt.files
        ]
        lacks = bool(record(found.body).lacks & LACKS["receipt"])
        yield MonthRow(row, found.batches, files, lacks, _not_fetched(kept))


def _not_fetched(receipts: RowReceipts) -> int:
    """Return how many receipts the bank lists of which there is no original; a sealed copy may come later."""
    kept = {receipt.id for receipt in receipts.kept if receipt.original}
    return len([key for key in receipts.waiting if key not in kept])
