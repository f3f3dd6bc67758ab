"""The receipts of a book: found by versions of rows, kept in the hash chain, derived as a look at all would."""

from pathlib import Path
from random import Random

import msgspec
import pytest

from primanota.banks.qonto.decoding.attachments import ids_of
from primanota.book import Book
from primanota.book.receipts import Receipts
from primanota.core.kept_files import KeptFile, KeptStatement, Receipt, StatedBalances
from tests.support.books.book_world import journal_of
from tests.support.clock import Clock
from tests.support.factories import keep, raw, raw_record

FILE = KeptFile("ab" * 32, 10, "application/pdf", "a.pdf")
SEALED = KeptFile("cd" * 32, 11, "application/pdf", "b.pdf")


@pytest.fixture
def book(tmp_path: Path, clock: Clock) -> Book:
    """Return an empty book."""
    return Book(tmp_path / "a.book", clock.micros)


def wanted(receipts: Receipts) -> dict[str, tuple[str, ...]]:
    """Return the attachments that are to be fetched, by their rows."""
    return {one.row: one.attachments for one in receipts.wanted()}


def stored(receipts: Receipts, book: Book, *found: Receipt) -> None:
    """Store receipts in a run."""
    with book.run("receipts"), book.writing():
        receipts.keep(found)


def test_what_is_wanted(book: Book) -> None:
    """An attachment is wanted from the version that lists it until its original and its sealed copy are kept."""
    receipts = journal_of(book).receipts()
    keep(book, [raw_record("t1", attachment_ids=["a1", "a2"]), raw_record("t2")])
    assert wanted(receipts) == {}
    receipts.bring_up_to_date()
    assert wanted(receipts) == {"t1": ("a1", "a2")}
    stored(receipts, book, Receipt("a1", "t1", original=FILE, sealed_status="pending"))
    assert wanted(receipts) == {"t1": ("a1", "a2")}
    stored(receipts, book, Receipt("a1", "t1", original=FILE, sealed_status="available", sealed=SEALED))
    assert wanted(receipts) == {"t1": ("a2",)}
    stored(receipts, book, Receipt("a2", "t1", original=FILE, sealed_status="corrupted"))
    assert wanted(receipts) == {}
    assert [one.id for one in receipts.of("t1").kept] == ["a1", "a2"]


def test_a_late_and_a_withdrawn_receipt(book: Book) -> None:
    """A newer version of a row brings a late receipt, and one that it no longer lists stays, as withdrawn."""
    receipts = journal_of(book).receipts()
    keep(book, [raw_record("t1", attachment_ids=["a1"])])
    receipts.bring_up_to_date()
    stored(receipts, book, Receipt("a1", "t1", original=FILE))
    keep(book, [raw_record("t1", attachment_ids=["a2"], updated_at="2026-11-20T10:00:00.000Z")])
    receipts.bring_up_to_date()
    found = receipts.of("t1")
    assert (found.kept, [one.id for one in found.withdrawn], found.waiting) == ((), ["a1"], ("a2",))
    assert receipts.withdrawn_count() == 1
    assert [file.sha256 for file in receipts.files()] == [FILE.sha256]


def test_one_receipt_of_two_rows(book: Book) -> None:
    """A receipt that hangs on two rows is fetched once, and belongs to both."""
    receipts = journal_of(book).receipts()
    keep(book, [raw_record("t1", attachment_ids=["a1"]), raw_record("t2", attachment_ids=["a1"])])
    receipts.bring_up_to_date()
    stored(receipts, book, Receipt("a1", "t1", original=FILE))
    assert wanted(receipts) == {}
    assert receipts.of("t1").kept == receipts.of("t2").kept
    keep(book, [raw_record("t3", attachment_ids=["a1"])])
    receipts.bring_up_to_date()
    assert wanted(receipts) == {}


def test_strange_lists() -> None:
    """A list of receipts of another shape has those ids that are ids, each once."""
    strange = ['["a", "a", 5, null, "", {"id": "b"}, "c"]', "null", '"a"', "{}"]
    found = [ids_of(b'{"attachment_ids": %s}' % words.encode()) for words in strange]
    assert found == [("a", "c"), (), (), ()]
    assert ids_of(raw()) == ()


def test_the_hash_chain_covers_receipts(book: Book) -> None:
    """A receipt's hash that was changed behind the program's back is found, as is a changed list of receipts."""
    receipts, journal = journal_of(book).receipts(), journal_of(book)
    keep(book, [raw_record("t1", attachment_ids=["a1"])])
    receipts.bring_up_to_date()
    stored(receipts, book, Receipt("a1", "t1", original=FILE))
    with book.writing():
        receipts.keep_statements([KeptStatement("s1", "account-1", "2026-10", FILE, StatedBalances(1, 1, 2))])
    assert journal.verify() == ""
    book.execute("UPDATE row_receipt SET wanted = 1")
    assert journal.verify() == "the list of receipts of transaction t1 is wrong"
    with book.writing():
        book.reindex(journal.connector.record, journal.connector.lacks_rule)
    receipts.bring_up_to_date()
    assert journal.verify() == ""
    assert [one.id for one in receipts.of("t1").kept] == ["a1"]
    book.execute("DROP TRIGGER version_is_never_changed")
    changed = "CAST(replace(CAST(body AS TEXT), 'abab', 'acac') AS BLOB)"
    book.execute(f"UPDATE version SET body = {changed} WHERE kind = 'receipt'")  # noqa: S608 - our own words
    assert "was changed" in journal.verify()


@pytest.mark.parametrize("seed", range(5))
def test_a_search_in_pieces_finds_what_a_search_of_all_finds(book: Book, seed: int) -> None:
    """Whatever happens to rows and receipts, and whenever it is searched, the list is that of a search of all."""
    chance, receipts = Random(seed), journal_of(book).receipts()  # noqa: S311 - which events, not which secrets
    listed: dict[str, list[str]] = {}
    for turn in range(40):
        row = f"t{chance.randrange(6)}"
        listed[row] = [f"a{chance.randrange(9)}" for _ in range(chance.randrange(4))]
        stamp = f"2026-11-20T10:{turn:02}:00.000Z"
        keep(book, [raw_record(row, attachment_ids=listed[row], updated_at=stamp)])
        if chance.random() < 0.5:
            receipts.bring_up_to_date()
            assert receipts.first_wrong() == ""
        if chance.random() < 0.4 and (open_rows := list(receipts.wanted())):
            one = chance.choice(open_rows)
            status = chance.choice(["available", "pending", "unavailable"])
            sealed = SEALED if status == "available" else None
            found = Receipt(one.attachments[0], one.row, "", FILE, status, sealed)
            stored(receipts, book, found)
            assert receipts.first_wrong() == ""
    receipts.bring_up_to_date()
    for row, keys in listed.items():
        found_row = receipts.of(row)
        assert {one.id for one in found_row.kept} | {*found_row.waiting} == {*keys}
        assert not {one.id for one in found_row.withdrawn} & {*keys}


def test_a_search_reads_what_is_new(book: Book) -> None:
    """A second search decodes the versions since the first one alone."""
    read: list[bytes] = []

    def watching(body: bytes) -> tuple[str, ...]:
        read.append(body)
        return ids_of(body)

    receipts = Receipts(book, watching)
    keep(book, [raw_record(f"t{number}", attachment_ids=[f"a{number}"]) for number in range(50)])
    receipts.bring_up_to_date()
    assert len(read) == 50
    keep(book, [raw_record("t99", attachment_ids=["a99"])])
    receipts.bring_up_to_date()
    receipts.bring_up_to_date()
    assert len(read) == 51


def test_what_a_book_stores() -> None:
    """A receipt is stored as JSON with its hashes; a hash that is none, or another type, is refused."""
    body = msgspec.json.encode(Receipt("a1", "t1", "2026", FILE, "available", SEALED))
    assert msgspec.json.decode(body, type=Receipt).files == [("original", FILE), ("sealed", SEALED)]
    for right, wrong in ((FILE.sha256.encode(), b"../../x"), (b"application/pdf", b"text/html")):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(body.replace(right, wrong, 1), type=Receipt)
