"""A book that version 0.1.0 wrote opens, is proven, and its batches are written again byte for byte."""

import hashlib
import io
import lzma
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from primanota import profiles
from primanota.app.exporting.batches import exported_rows, undo, write_again
from primanota.app.exporting.export import export
from primanota.app.reviewing.check import check_book
from primanota.book import Batches, Book, Letters
from primanota.core.period import between
from primanota.core.selection import New
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from tests.support.books.book_world import journal_of
from tests.support.clock import Clock

# Written by “primanota demo” of version 0.1.0, with seven exports, one of them undone, and a letter that waits.
_BOOK = Path(__file__).parents[1] / "golden" / "book" / "0.1.0.book.xz"


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Iterator[Book]:
    """Open a copy of the older book."""
    path = tmp_path / "older.book"
    path.write_bytes(lzma.decompress(_BOOK.read_bytes()))
    with Book(path, clock.micros) as opened:
        yield opened


def test_it_is_proven(book: Book) -> None:
    """Hash chain, index, batches, letters and balance chains of the older book are whole."""
    found = check_book(journal_of(book))
    assert (found.inconsistency, found.sound, found.ok) == ("", True, True)
    assert [proof.rows for proof in found.proofs] == [344, 28, 10, 9]


def test_its_batches_have_destinations(book: Book) -> None:
    """Path and copies of an older batch are its deliveries, each with its state; run key and reason are kept."""
    first, *_, last = Batches(book).all()
    assert (first.number, first.state, first.reason, first.run_key) == (1, "undone", "by hand", "")
    assert [one.kind for one in first.deliveries] == ["folder"]
    assert (last.number, last.run_key, last.name) == (
        11,
        "2026-11-23T06:00:00Z",
        "lexware_steuerrücklage-0081_batch-11.csv",
    )
    assert [(one.kind, bool(one.delivered), one.reason) for one in last.deliveries] == [
        ("folder", True, ""),
        ("bucket", True, ""),
        ("mail", False, "The mail server did not answer."),
    ]
    (letter,) = Letters(book).all()
    assert (letter.run_key, letter.reason, letter.is_waiting) == (
        last.run_key,
        "The mail server did not answer.",
        True,
    )


def test_its_files_are_written_again(book: Book, tmp_path: Path) -> None:
    """Every batch's file is written again byte for byte, and its rows can be shown."""
    for batch in Batches(book).all():
        _, path, _ = write_again(book, batch.number, tmp_path / f"{batch.number}")
        assert hashlib.sha256(path.read_bytes()).hexdigest() == batch.sha256
        assert len(exported_rows(journal_of(book), batch.number)[1]) == batch.rows


def test_the_same_question_gives_the_same_bytes(book: Book, tmp_path: Path) -> None:
    """The present program makes the same files from the older book as the older program did, but for ids.

    NOTPROVIDED counts as empty now; and a profile's language, which the older program did not know, is left out.
    """
    journal, compared = journal_of(book), []
    for old in Batches(book).all():
        if not old.selection.startswith("2026-"):
            continue  # new rows are not new again
        first, last = map(date.fromisoformat, old.selection.split(" to "))
        (account,) = (one for one in journal.accounts() if one.id == old.account)
        to = Destinations(tmp_path / f"{old.number}")
        profile = msgspec.structs.replace(profiles.load(old.profile), purpose_language="")
        (done,), _ = export(Export(journal, profile, between(first, last), destinations=to), [account])
        (new,) = done.batches
        before, after = (_comparable(Batches(book).content(batch)) for batch in (old, new))
        lost, made = Counter(before) - Counter(after), Counter(after) - Counter(before)
        assert [line for line in lost if b"NOTPROVIDED" not in line] == []
        assert lost.total() == made.total()
        assert (new.rows, new.opening, new.closing) == (old.rows, old.opening, old.closing)
        compared.append(old.profile)
    assert {"lexware", "camt-de", "generic", "firefly", "excel"} <= set(compared)


def test_it_goes_on(book: Book, tmp_path: Path) -> None:
    """What is new in an older book stays new; a batch of the older program is undone, and its rows are new again."""
    journal = journal_of(book)
    lexware, savings = profiles.load("lexware"), journal.accounts()[1]
    new = Export(journal, lexware, New(date(2026, 9, 1)), destinations=Destinations(tmp_path / "out"))
    assert not export(new, [savings])[0][0].batches
    undone, free, _ = undo(book, 11)
    assert (undone.number, free) == (11, 3)
    (done,), _ = export(new, [savings])
    assert [batch.sha256 for batch in done.batches] == [undone.sha256]
    assert check_book(journal).ok


def _comparable(content: bytes) -> list[bytes]:
    """Return the lines of a file without what the present program writes otherwise on purpose.

    It gives a statement another id and number. The book was read in the afternoon of the last day of October, which
    the end of the statement now says. Each CSV file has a guard against formulas, and rows of one moment stand in the
    order of their balances.
    """
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(map(archive.read, archive.namelist())).replace(b"<row", b"\n<row")
    plain = re.sub(rb"<(MsgId|ElctrncSeqNb|CreDtTm|ToDtTm)>[^<]*|(?<=<Stmt>\n)<Id>[^<]*", b"", content)
    return sorted(re.sub(rb"""(?<=[,"])'(?=[=+@-])""", b"", plain).splitlines())
