"""Open a book: bring an older one up to date, and verify one that anything but this program may have changed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from primanota import banks
from primanota.app.progress import ShowSteps, no_steps
from primanota.book import Book
from primanota.book.file.database_errors import RESTORE
from primanota.book.file.file_state import Notes
from primanota.book.file.schema import is_older
from primanota.book.journal import Journal
from primanota.book.records.verification import Inconsistency
from primanota.core.disk_errors import system_error
from primanota.core.errors import BookDamaged, PrimanotaError
from primanota.core.notice import Notice

_INDEX = "Run “primanota book reindex”, or restore the book from a backup."

_LARGE = 50_000_000  # bytes; a smaller book is up to date in a moment


def opened(
    path: Path,
    clock: Callable[[], int],
    notes: Notes,
    notify: Callable[[Notice], None],
    *,
    upload: Callable[[Callable[[], bytes]], object] | None = None,
    show_update: ShowSteps = no_steps,
) -> Book:
    """Open the file of a book; bring one of an older program up to date, and show that.

    Args:
        path: the file.
        clock: returns the present in microseconds UTC.
        notes: keeps the note of the book's state.
        notify: receives notices for the user.
        upload: uploads the file of a remote book.
        show_update: shows the steps by which an older book is brought up to date.
    """
    older = is_older(path)
    if older and path.stat().st_size > _LARGE:
        notify(Notice.of("book_updating"))
    with show_update() if older else no_steps() as count:
        return Book(path, clock, upload=upload, notes=notes, notify=notify, count=count)


@contextmanager
def held_whole(book: Book, connector: banks.Connector, *, may_be_damaged: bool) -> Iterator[None]:
    """Refuse a damaged book before the block; an error of another kind in the block may show that it is damaged.

    Args:
        book: the book. It is verified unless it is as this program left it.
        connector: decodes its records.
        may_be_damaged: verify it only after an error: for commands that report damage, or repair the index.

    Raises:
        BookDamaged: the book was changed from outside.
    """
    if not may_be_damaged and not book.is_whole:
        _require_whole(book, connector)
    try:
        yield
    except PrimanotaError:
        raise
    except Exception as error:
        if system_error(error) is None and may_be_damaged:
            _require_whole(book, connector)
        raise


def _require_whole(book: Book, connector: banks.Connector) -> None:
    with book.reading():
        found = _inconsistency(book, connector)
    if found:
        advice = _INDEX if found.is_derived else RESTORE
        raise BookDamaged(f"The book {book.path} is damaged: {found.sentence}.", advice)
    book.mark_whole()


def _inconsistency(book: Book, connector: banks.Connector) -> Inconsistency | None:
    try:
        if not book.is_sound():
            return Inconsistency("SQLite's integrity check fails")
        return Journal(book, connector).inconsistency()
    except PrimanotaError:
        raise
    except Exception as error:  # noqa: BLE001 - of a value that this program never writes
        return Inconsistency(f"a record in it cannot be read ({type(error).__name__})")
