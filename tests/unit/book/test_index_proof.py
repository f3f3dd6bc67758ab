"""The quickest look at every row finds what a look at each entry, and SQLite's own check of each index, find."""

# ruff: noqa: S608 - the texts of all statements are ours

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from shutil import copyfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.banks.qonto.decoding.checked_rows import record
from primanota.book import Book
from primanota.book.file import database
from primanota.book.journal import Journal
from primanota.core.period import microseconds
from tests.support.books.book_world import CONNECTOR, journal_of
from tests.support.books.stale_index import changing, make_stale
from tests.support.clock import NOON
from tests.unit.book.test_fast_ways import World

_ONE = "id = (SELECT id FROM latest WHERE kind = 'transaction' AND absent = 0 AND status = 'pending' LIMIT 1)"
_TWO = "kind = 'transaction' AND status = 'pending'"
_ENDS = f"(SELECT min(seq) FROM latest WHERE {_TWO} UNION SELECT max(seq) FROM latest WHERE {_TWO})"
_SWAPPED = f"(SELECT sum(seq) FROM latest WHERE seq IN {_ENDS}) - seq WHERE seq IN {_ENDS}"
_SURPLUS = """INSERT INTO latest SELECT kind, 'zz', seq, account, absent, status, created, emitted, updated, settled,
              amount, balance, lacks FROM latest WHERE """


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the path of a book with some history: rows of two accounts, earlier versions, batches."""
    path = tmp_path_factory.mktemp("proof") / "b"
    with _opened(path) as book:
        world = World(book, Random(3))  # noqa: S311 - not a secret
        with book.run("sync"):
            for _ in range(60):
                world.change()
        with book.writing():
            book.reindex(record, CONNECTOR.lacks_rule)
            book.execute("INSERT INTO entry SELECT 'journal', row_number() OVER (), id FROM sent GROUP BY id")
            book.seal_entries("journal")
    return path


@pytest.fixture
def path(template: Path, tmp_path: Path) -> Path:
    """Return the path of a book to damage."""
    return Path(copyfile(template, tmp_path / "b"))


@pytest.fixture(autouse=True)
def _few_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read few rows at once, so that what is wrong lies between two pieces, too."""
    monkeypatch.setattr(database, "_ROWS_AT_ONCE", 7)


def _opened(path: Path) -> Book:
    return Book(path, lambda: microseconds(NOON))


def _is_right(path: Path, proves: Callable[[Journal], bool] = Journal.proves_index) -> bool:
    """Return whether a check finds nothing: as the program makes it, or without the quickest look."""
    with suppress(Exception), _opened(path) as book:  # as a command, that verifies the book after any error
        journal = journal_of(book)
        proven = proves(journal)
        return not journal.verify(is_index_proven=proven) and book.is_sound(is_index_proven=proven)
    return False


def _is_right_slowly(path: Path) -> bool:
    return _is_right(path, lambda _: False)


def test_an_untouched_book_is_proven(path: Path) -> None:
    """A book that only this program wrote is proven by the quickest look."""
    with _opened(path) as book:
        assert journal_of(book).proves_index()
        assert book.is_sound(is_index_proven=True)
    assert _is_right(path)
    assert _is_right_slowly(path)


_CHANGES = (
    f"UPDATE latest SET status = 'q' WHERE {_ONE}",
    f"UPDATE latest SET absent = 1 WHERE {_ONE}",
    f"UPDATE latest SET settled = emitted + 1 WHERE {_ONE}",
    f"UPDATE latest SET id = 'zz' WHERE {_ONE}",
    f"DELETE FROM latest WHERE {_ONE}",
    f"DELETE FROM latest WHERE {_TWO}",
    f"{_SURPLUS}{_ONE}",
)


@pytest.mark.parametrize(
    "change",
    [
        *_CHANGES,
        f"UPDATE latest SET account = 'account-3' WHERE {_ONE}",
        f"UPDATE latest SET amount = amount + 1 WHERE {_ONE}",
        "UPDATE latest SET amount = -3 - amount WHERE amount IN (-1, -2)",
        f"UPDATE latest SET balance = ifnull(balance, 0) + 1 WHERE {_ONE}",
        "UPDATE latest SET balance = NULL WHERE status = 'completed' AND account = 'account-1'",
        f"UPDATE latest SET lacks = lacks + 1 WHERE {_ONE}",
        f"UPDATE latest SET seq = seq + 1 WHERE {_ONE}",
        f"UPDATE latest SET seq = {_SWAPPED}",
        f"UPDATE latest SET seq = -seq WHERE {_ONE}",
        "DELETE FROM latest WHERE kind = 'label'",
        "DELETE FROM latest",
    ],
)
def test_an_index_by_settlement_that_differs_from_its_table(path: Path, change: str) -> None:
    """A missing, a surplus, a changed or a swapped entry is found, though the table agrees with the words."""
    _find_stale(path, "latest_by_settlement", change)


@pytest.mark.parametrize("change", [*_CHANGES, f"UPDATE latest SET emitted = emitted + 1 WHERE {_TWO}"])
def test_an_index_of_unsettled_rows_that_differs_from_its_table(path: Path, change: str) -> None:
    """The same of the index of rows that are not settled."""
    _find_stale(path, "latest_unsettled", change)


@pytest.mark.parametrize(
    ("index", "change"),
    [
        ("sent_by_version", "UPDATE sent SET line = 98 WHERE line = 1"),
        ("sent_by_version", "UPDATE sent SET seq = seq + 1 WHERE line = 1"),
        ("sent_by_version", "DELETE FROM sent WHERE line = 1"),
        ("sent_by_version", "INSERT INTO sent SELECT batch, 99, id, seq FROM sent WHERE line = 1"),
        ("entry_by_transaction", "UPDATE entry SET id = 'zz' WHERE number = 1"),
        ("entry_by_transaction", "DELETE FROM entry WHERE number = 1"),
    ],
)
def test_an_index_of_exported_rows_that_differs_from_its_table(path: Path, index: str, change: str) -> None:
    """The same of the indexes of exported rows and of entry numbers."""
    make_stale(path, index, change)
    with _opened(path) as book:
        assert journal_of(book).proves_index()
        assert not book.is_sound(is_index_proven=True)
        assert not book.is_sound()


def _find_stale(path: Path, index: str, change: str) -> None:
    make_stale(path, index, change)
    with _opened(path) as book:
        assert not journal_of(book).proves_index()
        assert not book.is_sound()
    assert not _is_right(path)


# An earlier version under the name of another record.
_OTHERS = """SELECT 'transaction', min(l.id), e.seq FROM earlier_version e JOIN latest l ON l.kind = e.kind
             WHERE e.kind = 'transaction' AND l.seq > e.seq AND l.id < e.id GROUP BY e.seq ORDER BY e.seq LIMIT 1"""
_EARLIER_LABEL = "(SELECT min(seq) FROM earlier_version e WHERE e.kind = 'label' AND e.id = latest.id)"


@pytest.mark.parametrize(
    "changes",
    [
        [f"INSERT INTO earlier_version {_OTHERS}"],
        [
            f"INSERT INTO earlier_version {_OTHERS}",
            """DELETE FROM earlier_version WHERE (id, seq) IN
               (SELECT max(id), seq FROM earlier_version GROUP BY seq HAVING count(*) > 1)""",
        ],
        [
            "CREATE TEMP TABLE was AS SELECT id, seq FROM latest WHERE kind = 'label'",
            f"UPDATE latest SET seq = {_EARLIER_LABEL} WHERE kind = 'label'",
            "DELETE FROM earlier_version WHERE kind = 'label' AND seq IN (SELECT seq FROM latest)",
            "INSERT INTO earlier_version SELECT 'label', id, seq FROM was",
        ],
    ],
    ids=["surplus", "another", "an older version as the newest"],
)
def test_a_changed_list_of_earlier_versions_is_found(path: Path, changes: list[str]) -> None:
    """An earlier version has its own record in the list, once, and the newest one is in the index."""
    with changing(path) as connection:
        for change in changes:
            assert connection.execute(change).rowcount != 0, change
    with _opened(path) as book:
        journal = journal_of(book)
        assert not journal.proves_index()
        assert journal.verify(is_index_proven=False)


_COLUMNS = (
    "account",
    "absent",
    "status",
    "created",
    "emitted",
    "updated",
    "settled",
    "amount",
    "balance",
    "lacks",
    "seq",
)


def _change_of(chance: Random) -> str:
    """Return a change of one place of a book, as a fault or a person may make it."""
    one = f"(SELECT seq FROM version ORDER BY seq LIMIT 1 OFFSET {chance.randrange(60)})"
    column = chance.choice(_COLUMNS)
    value = chance.choice(
        ("NULL", "0", "1", "-1", "-2", "'completed'", "'account-2'", f"{column} + 1", f"-{column}", "1 << 62")
    )
    other = f"(SELECT {column} FROM latest WHERE kind = 'transaction' LIMIT 1 OFFSET {chance.randrange(20)})"
    return chance.choice(
        (
            f"UPDATE latest SET {column} = {value} WHERE seq = {one} AND kind = 'transaction'",
            f"UPDATE latest SET {column} = {other} WHERE seq = {one} AND kind = 'transaction'",
            f"UPDATE latest SET {chance.choice(('seq = -seq', 'id = id || 0', 'kind = id'))} WHERE seq = {one}",
            f"DELETE FROM latest WHERE seq = {one}",
            f"{_SURPLUS} seq = {one}",
            f"UPDATE earlier_version SET {chance.choice(('seq = seq + 1', 'id = id || 0'))} WHERE seq >= {one}",
            f"DELETE FROM earlier_version WHERE seq >= {one}",
            f"INSERT INTO earlier_version SELECT kind, id, seq + {chance.randrange(2)} FROM latest WHERE seq = {one}",
            f"UPDATE version SET {chance.choice(('run', 'absent', 'seq'))} = seq + 5 WHERE seq = {one}",
            f"UPDATE version SET {chance.choice(('kind', 'id', 'account'))} = id || 0 WHERE seq = {one}",
            f"UPDATE version SET body = body || x'20' WHERE seq = {one}",
            f"UPDATE version SET hash = {chance.choice(('zeroblob(32)', 'hash || hash'))} WHERE seq = {one}",
            f"DELETE FROM version WHERE seq {chance.choice(('=', '>='))} {one}",
            "UPDATE run SET head = randomblob(32)",
            "UPDATE run SET ended = ended + 1",
        )
    )


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 40))
def test_any_change_of_a_table_is_found(template: Path, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """The quickest look finds a change of versions, entries or the run log exactly if a look at each entry does."""
    chance = Random(seed)  # noqa: S311 - not a secret
    path = Path(copyfile(template, tmp_path_factory.mktemp("changed") / "b"))
    with changing(path) as connection:
        for _ in range(chance.choice((1, 1, 2))):
            with suppress(sqlite3.IntegrityError):
                connection.execute(_change_of(chance))
    with _opened(path) as book:
        journal = journal_of(book)
        proven, right = journal.proves_index(), not journal.verify(is_index_proven=False)
        assert proven is (right and book.is_sound())


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 1 << 40))
def test_any_damage_of_a_page_is_found(template: Path, tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    """A check finds the damage of a page if a look at each entry, and SQLite's check of each index, find it."""
    chance = Random(seed)  # noqa: S311 - not a secret
    path = Path(copyfile(template, tmp_path_factory.mktemp("damaged") / "b"))
    content = bytearray(path.read_bytes())
    _damage(content, chance)
    path.write_bytes(content)
    assert _is_right(path) is _is_right_slowly(path)


def test_two_swapped_cells_of_any_page_are_found(template: Path, path: Path) -> None:
    """Entries that are not in order are found in every table and index: a search may miss them."""
    whole = template.read_bytes()
    swapped = 0
    for start in range(_size(whole), len(whole), _size(whole)):
        content = bytearray(whole)
        places = _places(content, start)
        if len(places) > 1:
            one, other = places[:2]
            content[one : one + 2], content[other : other + 2] = content[other : other + 2], content[one : one + 2]
            path.write_bytes(content)
            assert not _is_right(path), start // _size(whole) + 1
            swapped += 1
    assert swapped > 10


def _size(content: bytes | bytearray) -> int:
    return int.from_bytes(content[16:18])


def _places(content: bytes | bytearray, start: int) -> list[int]:
    """Return where a page has the places of its cells: https://www.sqlite.org/fileformat.html."""
    if content[start] not in (*_LEAVES, *_INNER):
        return []
    first = start + (8 if content[start] in _LEAVES else 12)
    return [first + 2 * number for number in range(int.from_bytes(content[start + 3 : start + 5]))]


def _damage(content: bytearray, chance: Random) -> None:
    """Swap two cells of a page, repeat one, or write anything into it, as a failing disk may do."""
    size = _size(content)
    start = size * chance.randrange(1, len(content) // size)
    places = _places(content, start)
    if len(places) < 2:
        return
    one, other = sorted(chance.sample(places, 2))
    match chance.choice(("swap", "repeat", "drop", "write", "write")):
        case "swap":
            content[one : one + 2], content[other : other + 2] = content[other : other + 2], content[one : one + 2]
        case "repeat":
            content[one : one + 2] = content[other : other + 2]
        case "drop":
            content[start + 3 : start + 5] = (len(places) - 1).to_bytes(2)
        case _:
            cell = start + int.from_bytes(content[one : one + 2])
            place = min(cell + chance.randrange(60), start + size - 1)
            content[place] = chance.choice((0, 255, content[place] ^ 1, content[place] ^ 128))


_LEAVES, _INNER = (0x0A, 0x0D), (0x02, 0x05)
