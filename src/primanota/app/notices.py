"""What a person should know of an export beside its files, in sentences."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from primanota.app import flow
from primanota.book import Book
from primanota.core.model import Account
from primanota.core.period import moment
from primanota.core.selection import Changed, New, Selection
from primanota.export.exported import Exported, told_before
from primanota.profiles import Profile


def stale(book: Book, selection: Selection, zone: tzinfo, chosen: Iterable[Account]) -> Iterator[str]:
    """Rows that settled after the last sync are not in the book: where the selection reaches beyond it."""
    end = book.clock() if isinstance(selection, Changed) else min(selection.span(zone)[1], book.clock())
    for account in chosen:
        read = book.watermark(account.id)
        if read is None:
            yield f"{account.name} was never read whole; its file may lack rows. Run “primanota sync”."
        elif read < end:
            read_at = f"{moment(read).astimezone(zone):%Y-%m-%d %H:%M}"
            yield f"{account.name} was read on {read_at}; what settled later is not in its file."


def of_files(files: Iterable[Exported]) -> Iterator[str]:
    """Rows that left before, and rows that stay out, once for each account."""
    first = {one.account.id: one for one in reversed(list(files))}
    for one in first.values():
        if one.before:
            yield told_before(one)
        if one.left_out:
            rows = "1 row" if one.left_out == 1 else f"{one.left_out} rows"
            yield f"{one.account.name}: {rows} of 0.00 stay out; this tool takes none."


def of_selection(
    book: Book, tool: Profile, selection: Selection, start: str, zone: tzinfo, chosen: Iterable[Account]
) -> Iterator[str]:
    """That rows are new from another day on than before, and changed rows that no file can hold.

    Args:
        book: where the rows are.
        tool: whose files they are.
        selection: which rows left.
        start: the day from which on rows were new before, empty where nobody had said it.
        zone: the organisation's time zone.
        chosen: the accounts.
    """
    if isinstance(selection, New) and start not in {"", f"{selection.since}"}:
        yield f"--new of {tool.name} begins on {selection.since} from now on; it began on {start} before."
    if isinstance(selection, Changed):
        for change in flow.gone(book, tool, zone, chosen):
            yield f"{change.moved.id} (batch {change.batch.number}) is {change.status}: no file can hold it."
