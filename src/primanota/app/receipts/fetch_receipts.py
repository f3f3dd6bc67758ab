"""Fetch receipts and statements: side by side, each file first, then its record in the book."""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import msgspec

from primanota import banks
from primanota.adapters.storage.file_store import FileStore
from primanota.app.receipts.downloads import Downloads, FetchedReceipt
from primanota.book import Book
from primanota.book.receipts import Receipts, WantedReceipts
from primanota.core.errors import BookConflict, BookLocked, BookUnusable, PrimanotaError
from primanota.core.kept_files import AVAILABLE_COPY, PENDING_COPY, Receipt

# Rows whose receipts are asked for and downloaded at the same time, and how many may wait for the book.
_SIDE_BY_SIDE = 8
_AHEAD = 2 * _SIDE_BY_SIDE
# Receipts of one transaction of the book: a killed run has lost the records of so many, and not their files.
_AT_ONCE = 20

_Wanted = TypeVar("_Wanted")
_Got = TypeVar("_Got")


class FetchedFiles(msgspec.Struct):
    """What was fetched: numbers of receipts, of sealed copies and of statements that are new, and all of their bytes.

    ``problems`` counts the receipts and statements of which something could not be had, by the reason; ``waiting``
    those whose sealed copy the bank has not made yet; ``error`` ended it early.
    """

    receipts: int = 0
    sealed: int = 0
    statements: int = 0
    size: int = 0
    waiting: int = 0
    problems: Counter[str] = msgspec.field(default_factory=Counter)
    error: PrimanotaError | None = None

    def and_then(self, other: "FetchedFiles") -> "FetchedFiles":
        """Return what both have fetched."""
        names = ("receipts", "sealed", "statements", "size", "waiting")
        sums = {name: getattr(self, name) + getattr(other, name) for name in names}
        return FetchedFiles(**sums, problems=self.problems + other.problems, error=self.error or other.error)


def fetch_receipts(
    bank: banks.Bank,
    book: Book,
    receipts: Receipts,
    store: FileStore,
    wanted: Iterable[WantedReceipts],
    progress: banks.Progress,
) -> FetchedFiles:
    """Fetch what is wanted of some rows' receipts, and store what was fetched, also after an error.

    A failure of one receipt is counted, and it stays wanted; whatever ends the whole is in the result.

    Raises:
        BookConflict, BookLocked, BookUnusable: nothing can be stored in this book.
    """
    rows, done = list(wanted), FetchedFiles()
    if not rows:
        return done
    downloads, found = Downloads(bank.files, store), list[Receipt]()
    progress.expect(len(rows))
    with book.run("receipts"):
        try:
            for row, fetched in side_by_side(rows, downloads.receipts, done):
                progress.page(len(fetched))
                found += [one.receipt for one in fetched if _is_news(row, one)]
                for one in fetched:
                    _count(done, row.known.get(one.receipt.id), one)
                if len(found) >= _AT_ONCE:
                    _keep(book, receipts, found)
        finally:
            _keep(book, receipts, found)
    return done


def _keep(book: Book, receipts: Receipts, found: list[Receipt]) -> None:
    if found:
        with book.writing():
            receipts.keep(found)
        found.clear()


def _is_news(row: WantedReceipts, one: FetchedReceipt) -> bool:
    known = row.known.get(one.receipt.id)
    return one.receipt != known and (known is not None or bool(one.receipt.files))


def _count(done: FetchedFiles, known: Receipt | None, one: FetchedReceipt) -> None:
    before = dict(known.files) if known else {}
    for kind, file in one.receipt.files:
        if kind not in before:
            done.size += file.size
            done.receipts += kind == "original"
            done.sealed += kind == "sealed"
    if one.problem:
        done.problems[one.problem] += 1
    elif one.receipt.sealed_status == PENDING_COPY or (
        one.receipt.sealed_status == AVAILABLE_COPY and one.receipt.sealed is None
    ):
        done.waiting += 1


def side_by_side(
    wanted: Iterable[_Wanted], fetch: Callable[[_Wanted], _Got], done: FetchedFiles
) -> Iterator[tuple[_Wanted, _Got]]:
    """Fetch several things at the same time, and yield them in their order; an error for the user ends it early.

    Args:
        wanted: what to fetch.
        fetch: fetches one of them.
        done: gets the error that ended it.
    """
    waiting: deque[tuple[_Wanted, Future[_Got]]] = deque()
    with _threads() as threads, _ended_by_errors(done):
        for one in wanted:
            waiting.append((one, threads.submit(fetch, one)))
            if len(waiting) >= _AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


@contextmanager
def _threads() -> Iterator[ThreadPoolExecutor]:
    """Yield threads; at the end what has not begun is dropped, and what has begun is waited for."""
    threads = ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="files")
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


@contextmanager
def _ended_by_errors(done: FetchedFiles) -> Iterator[None]:
    try:
        yield
    except (BookConflict, BookLocked, BookUnusable):
        raise
    except PrimanotaError as error:
        done.error = error
