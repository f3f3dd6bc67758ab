"""When a person last looked at the findings, by the log of runs."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from primanota.book import Book
from primanota.book.file.last_look import last_look
from tests.support.clock import Clock
from tests.support.factories import keep, raw_record


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    """Yield an empty book."""
    with Book(tmp_path / "acme.book", clock.micros) as made:
        yield made


def _run(book: Book, clock: Clock, command: str, *, fails: bool = False) -> int:
    """Execute a run that stores a version; return the number of that version."""
    clock.advance(minutes=1)
    with suppress(ValueError), book.run(command):
        keep(book, [raw_record(f"row-{book.newest_version}")])
        if fails:
            raise ValueError(command)
    return book.newest_version


@pytest.mark.parametrize(
    ("commands", "seen"),
    [
        ([], None),
        (["sync"], None),
        (["sync", "export generic (new)"], None),
        (["sync", "sync"], 0),
        (["sync", "sync", "sync"], 1),
        (["sync", "export generic (new)", "sync --full"], 1),
        (["sync", "export generic (new)", "sync", "export lexware (new)"], 1),
        (["sync", "export generic (new)", "sync", "sync", "sync"], 1),
        (["sync", "review accept", "sync", "review accept"], 1),
        (["sync", "batches undo 1", "export", "sync"], 0),
        (["sync", "export generic (new)", "sync", "!export generic (new)", "sync"], 1),
        (["sync", "export generic (new)", "sync", "export generic (new)", "!sync"], 3),
        (["!sync", "sync"], None),
    ],
)
def test_the_last_look(book: Book, clock: Clock, commands: list[str], seen: int | None) -> None:
    """It is the last export, or word on a finding, that ended well before the newest sync; else the sync before."""
    ends = [_run(book, clock, one.removeprefix("!"), fails=one.startswith("!")) for one in commands]
    assert last_look(book) == (0 if seen is None else ends[seen])


def test_a_first_sync_that_failed_was_no_look(book: Book, clock: Clock) -> None:
    """Where the only look stored nothing, everything is new."""
    with book.run("sync"):
        pass
    clock.advance(minutes=1)
    _run(book, clock, "sync")
    assert last_look(book) == 0
