"""``import``: statements of any bank become a book without a key; nothing twice, nothing half, nothing guessed."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest

from primanota.app.workspace import Workspace
from primanota.banks import connector
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.cli import main
from tests.support.banks.camt_files import IBAN, OTHER_IBAN, Booked, balance, document, entry, slices, statement
from tests.support.clock import Clock
from tests.support.screens.command_line import CommandResult, Terminal

_DAY = date(2026, 10, 5)
_GOLDEN = Path(__file__).parents[1] / "golden"
_SAMPLES = Path(__file__).parents[1] / "unit" / "banks" / "camt_samples"
_ROWS = [
    Booked(_DAY, 100_00, "Rechnung 1", ref="A1"),
    Booked(_DAY, -9_90, "Gebühr"),
    Booked(_DAY, -9_90, "Gebühr"),
    Booked(_DAY + timedelta(days=1), -20_00, "Miete", ref="A2"),
    Booked(_DAY + timedelta(days=3), 55_55, "Rechnung 2"),
]


class Desk(NamedTuple):
    """A command line without settings, bank and key, and a folder of files."""

    home: Path
    clock: Clock
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str) -> CommandResult:
        """Run a command."""
        code = main(list(words), partial(Workspace, clock=self.clock))
        return CommandResult(code, *self.capsys.readouterr())

    def file(self, content: bytes, name: str = "statement.xml") -> str:
        """Write a file; return its path."""
        path = self.home / name
        path.write_bytes(content)
        return str(path)

    def import_all(self, *statements: str) -> CommandResult:
        """Import a file of statements."""
        return self.run("import", self.file(document(*statements)))

    @property
    def books(self) -> list[Path]:
        """The books of the home."""
        return sorted((self.home / "books").glob("*.book"))

    def rows(self) -> list[tuple[str, int, int | None]]:
        """Return id, cents and balance of the rows, in order."""
        (path,) = self.books
        with Book(path, lambda: 0) as book:
            decode = connector()
            found = [
                decode.record(body)
                for account in Journal(book, decode).accounts()
                for body in book.completed(account.id, 0, 1 << 62)
            ]
            return [(one.id, one.amount or 0, one.balance) for one in found]

    def versions(self) -> int:
        """Return how many versions the book has."""
        with Book(self.books[0], lambda: 0) as book:
            return book.newest_version


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Desk:
    """Return a command line in an empty home."""
    monkeypatch.setenv("PRIMANOTA_HOME", str(tmp_path))
    return Desk(tmp_path, clock, capsys)


def test_a_file_is_a_book_without_a_key(desk: Desk) -> None:
    """In an empty home a file is imported, exported, checked and run, without settings, key or bank."""
    done = desk.run("import", str(_GOLDEN / "camt-de.xml"))
    assert (done.code, done.err) == (0, "")
    assert "camt-de.xml: 17 new rows of 17." in done.out
    assert [path.stem for path in desk.books] == ["erfundene-rader-gmbh"]
    assert desk.run("export", "lexware", "--period", "2026-10").code == 0
    (file,) = (desk.home / "exports").glob("*.csv")
    assert "2026-10-25 00:00:00,Erste halbe Stunde,02:30 Sommerzeit,1.00,_" in file.read_text(encoding="utf-8")
    checked = desk.run("check")
    assert (checked.code, "Hash chain: whole" in checked.out) == (0, True)
    assert "the bank was not asked" in checked.out
    for words in (("run", "--new", "--since", "2026-10-01"), ("review",), ("status",), ("list",)):
        assert desk.run(*words).code == 0, words
    assert desk.run("close", "2026-10", "--to", str(desk.home / "pack")).code == 0
    assert desk.run("papers", "--to", str(desk.home / "papers")).code == 0
    (described,) = (desk.home / "papers").glob("*.md")
    assert "Hauptkonto DE89370400440532013000: Quelle sind die Kontoauszüge" in described.read_text(encoding="utf-8")
    for command in ("sync", "receipts", "statements", "status --online"):
        refused = desk.run(*command.split())
        assert (refused.code, "there is no bank to ask" in refused.err) == (3, True), command
        assert ("primanota import FILE" in refused.err) == (command in {"sync", "status --online"}), command


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    """A file that was imported before changes no version of the book, and the command says so."""
    made = statement(_ROWS, 100_00, _DAY, _DAY + timedelta(days=3))
    assert desk.import_all(made).code == 0
    before = desk.versions()
    again = desk.import_all(made)
    assert (again.code, desk.versions()) == (0, before)
    assert "nothing new; the book has its statements already" in again.out


def test_overlapping_statements_count_once(desk: Desk) -> None:
    """Statements of days and one of all of them, in any order, give the rows of the account, each once."""
    parts = slices(_ROWS, [(3, 4), (0, 5), (0, 3), (3, 5)], 100_00)
    assert desk.import_all(*parts).code == 0
    assert [cents for _, cents, _ in desk.rows()] == [row.cents for row in _ROWS]
    told = desk.run("list", "--json").data
    assert len(told["rows"]) == 5


def test_a_hole_between_statements_is_said_with_its_days(desk: Desk) -> None:
    """Without the statement between two others the account is doubtful, and its days are named; it then is proven."""
    first, second, third = slices(_ROWS, [(0, 3), (3, 4), (4, 5)], 100_00)
    done = desk.import_all(first, third)
    assert done.code == 6
    assert "-20.00 are missing between the statement up to 2026-10-05 and the one from 2026-10-08" in done.out
    assert "Import the statement that is missing" in done.err
    assert desk.run("export", "generic", "--period", "2026-10").code == 6
    checked = desk.run("check")
    assert (checked.code, checked.out.count("are missing between the statement up to 2026-10-05")) == (6, 1)
    assert desk.import_all(second).code == 0
    assert desk.run("check").code == 0


def test_a_hole_without_rows_after_it_is_found(desk: Desk) -> None:
    """A statement without entries whose balance is another one than the book's makes the account doubtful."""
    later = _DAY + timedelta(days=9)
    assert desk.import_all(statement(_ROWS, 100_00, _DAY, _DAY + timedelta(days=3))).code == 0
    done = desk.import_all(statement([], 1_00, later, later))
    assert (done.code, "the rows add up to 215.75 and the bank's balance is 1.00" in done.out) == (6, True)


def test_an_account_may_begin_with_a_balance(desk: Desk) -> None:
    """The first statement's opening balance is where the account begins, also when an earlier one comes later."""
    later, earlier = slices(_ROWS, [(3, 5), (0, 3)], 100_00)
    assert desk.import_all(later).code == 0
    (proof,) = desk.run("check", "--json").data["accounts"]
    assert (proof["proven"], proof["opening_cents"]) == (True, 180_20)
    assert desk.import_all(earlier).code == 0
    (proof,) = desk.run("check", "--json").data["accounts"]
    assert (proof["proven"], proof["opening_cents"]) == (True, 100_00)


def test_skipped_numbers_are_named(desk: Desk) -> None:
    """A step in the numbers of statements is a note; the account is proven all the same, by its balances."""
    days = [_DAY, _DAY + timedelta(days=1)]
    made = [statement([], 100_00, day, day, number=number) for day, number in zip(days, (7, 9), strict=True)]
    done = desk.import_all(*made)
    assert (done.code, "statement numbers go from 7 (2026-10-05) to 9 (2026-10-06)" in done.err) == (0, True)


@pytest.mark.parametrize("files", [1, 2])
def test_a_contradiction_is_refused_and_nothing_stored(desk: Desk, files: int) -> None:
    """A reference with another amount, or a statement with other rows, is refused with its place; all or nothing."""
    good = statement(_ROWS[:3], 100_00, _DAY, _DAY, name="S")
    assert desk.import_all(good).code == 0
    before = desk.versions()
    other_amount = statement([_ROWS[0]._replace(cents=101_00)], 100_00, _DAY, _DAY, name="T")
    other_rows = statement([*_ROWS[:3], Booked(_DAY, 1_00, "x")], 100_00, _DAY, _DAY, name="S")
    new = statement([_ROWS[4]], 180_20, _ROWS[4].day, _ROWS[4].day)
    for wrong, sentence in (
        (other_amount, "an earlier statement has another amount for this reference and day"),
        (other_rows, "statement S of 2026-10-05 to 2026-10-05 is in the book with other rows or balances"),
    ):
        paths = [desk.file(document(new, wrong))]
        if files == 2:
            paths = [desk.file(document(new), "new.xml"), desk.file(document(wrong))]
        refused = desk.run("import", *paths)
        assert (refused.code, sentence in refused.err) == (2, True)
        assert f"statement.xml, line {5 if files == 1 else 4}: " in refused.err
        assert desk.versions() == before


def test_equal_rows_of_two_statements_of_a_day_are_never_one(desk: Desk) -> None:
    """Of two numbered statements of a day with equal rows without references, none is taken for the other."""
    rows = [Booked(_DAY, 5_00, "Karte"), Booked(_DAY, -5_00, "Karte")]
    first, second = (statement(rows, 100_00, _DAY, _DAY, name=f"S{one}", number=one) for one in (1, 2))
    assert desk.import_all(first).code == 0
    refused = desk.import_all(second)
    sentence = "statement S2 of 2026-10-05 has the rows of statement S1 again, and no reference tells them apart"
    assert (refused.code, sentence in refused.err) == (2, True), refused.err
    assert desk.import_all(first).code == 0
    empty = [statement([], 100_00, _DAY, _DAY, name=f"E{one}", number=one) for one in (3, 4)]
    assert desk.import_all(*empty).code == 0
    marked = [row._replace(ref=f"R{place}") for place, row in enumerate(rows)]
    again = [statement(marked, 0, _DAY, _DAY, name=f"M{one}", number=one, iban=OTHER_IBAN) for one in (1, 2)]
    assert desk.import_all(*again).code == 0


def test_advice_for_an_account_of_files_is_to_import(desk: Desk) -> None:
    """Where rows of such an account are missing, the hint is to import statements, and never to sync."""
    first, _, third = slices(_ROWS, [(0, 3), (3, 4), (4, 5)], 100_00)
    assert desk.import_all(first).code == 0
    early = desk.run("close", "2026-10", "--to", str(desk.home / "pack"))
    assert (early.code, "Import its newest statement, or close it" in early.err) == (6, True), early.err
    assert desk.import_all(third).code == 6
    for words in (("export", "generic", "--period", "2026-10"), ("close", "2026-10")):
        refused = desk.run(*words)
        assert (refused.code, "Import the statement that is missing" in refused.err) == (6, True), words
        assert "primanota sync" not in refused.err


def test_pending_rows_are_not_booked_and_leave_again(desk: Desk) -> None:
    """A pending entry is pending in the book; once it is booked it is that row, and without it it is released."""
    pending = [Booked(_DAY, -5_00, "Karte", ref=ref, status="PDNG") for ref in ("P1", "P2")]
    assert desk.import_all(statement([_ROWS[0], *pending], 0, _DAY, _DAY)).code == 0
    assert [one["kind"] for one in desk.run("review", "--json").data["findings"]] == ["pending"] * 2
    after = statement([pending[0]._replace(status="BOOK")], 100_00, _DAY, _DAY + timedelta(days=1))
    assert desk.import_all(after).code == 0
    assert "pending" not in {one["kind"] for one in desk.run("review", "--json").data["findings"]}
    assert [cents for _, cents, _ in desk.rows()] == [100_00, -5_00]


def test_pending_rows_of_an_older_statement_are_over(desk: Desk) -> None:
    """A statement that is imported after a newer one brings its booked rows, and none that was pending then."""
    older, newer = slices(_ROWS, [(0, 3), (3, 5)], 100_00)
    waiting = entry(Booked(_DAY, -5_00, "Karte", ref="P1", status="PDNG"))
    assert desk.import_all(newer).code == 0
    assert desk.import_all(older.replace("</Stmt>", f"{waiting}</Stmt>")).code == 0
    assert desk.run("review", "--json").data["findings"] == []
    assert len(desk.rows()) == 5


def test_an_archive_of_several_accounts(desk: Desk) -> None:
    """A zip of several files, with several accounts and other files among them, is imported whole."""
    with zipfile.ZipFile(desk.home / "bank.zip", "w") as archive:
        archive.writestr("a/1.xml", document(statement(_ROWS[:3], 0, _DAY, _DAY)))
        archive.writestr("a/2.XML", document(statement(_ROWS[:1], 0, _DAY, _DAY, iban=OTHER_IBAN, currency="CHF")))
        archive.writestr("a/statement.pdf", b"%PDF")
    done = desk.run("import", str(desk.home / "bank.zip"), "--json")
    assert done.code == 0
    assert [one["new"] for one in done.data["accounts"]] == [3, 1]
    assert [one["new_rows"] for one in done.data["files"]] == [3, 1]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("missing.xml", None, "missing.xml cannot be read"),
        ("empty.xml", b"", "empty.xml, line 1: it is not whole XML (no element found)"),
        ("a.zip", b"PK\x03\x04nothing", "a.zip is not a whole archive"),
        ("b.zip", b"PK\x05\x06" + bytes(18), "b.zip has 0 XML files"),
        ("a\x1b[31m.xml", b"<a>", "a\\x1b[31m.xml, line 1"),
    ],
)
def test_a_bad_file_is_bad_input(desk: Desk, name: str, content: bytes | None, sentence: str) -> None:
    """A file that cannot be read is an error of input with its place and one advice; no book is begun for it."""
    path = str(desk.home / name) if content is None else desk.file(content, name)
    refused = desk.run("import", path)
    assert (refused.code, sentence in refused.err) == (2, True), refused.err
    assert not desk.books


def test_a_dry_run_stores_nothing(desk: Desk) -> None:
    """A dry run shows what would be new, and leaves no book; the import afterwards finds all of it new."""
    path = desk.file(document(statement(_ROWS[:3], 100_00, _DAY, _DAY)))
    tried = desk.run("import", path, "--dry-run", "--json")
    assert (tried.code, tried.data["files"][0]["new_rows"], desk.books) == (0, 3, [])
    assert desk.run("import", path, "--json").data["files"][0]["new_rows"] == 3


def test_a_named_organisation_has_a_book_of_its_own(desk: Desk) -> None:
    """With a name a second company has a book of its own; without one, a command asks which is meant."""
    assert desk.import_all(statement(_ROWS[:3], 100_00, _DAY, _DAY)).code == 0
    path = desk.file(document(statement(_ROWS[:1], 0, _DAY, _DAY, iban=OTHER_IBAN)))
    assert desk.run("import", path, "--organisation", "two").code == 0
    assert [book.stem for book in desk.books] == ["erfundene-rader-gmbh", "two"]
    assert desk.run("status").code == 3
    assert desk.run("status", "--organisation", "two").code == 0
    assert desk.run("import", path, "--organisation", "../two").code == 3
    (desk.home / "config.toml").write_text("[organisation.three]\nprofile = 'generic'\n", encoding="utf-8")
    assert desk.run("import", path).code == 0
    assert [book.stem for book in desk.books] == ["erfundene-rader-gmbh", "three", "two"]


def test_tampering_with_stored_words_is_found(desk: Desk) -> None:
    """A stored row that was changed behind the program's back is found by the check."""
    assert desk.import_all(statement(_ROWS[:3], 100_00, _DAY, _DAY)).code == 0
    change = (
        "UPDATE version SET body = CAST(replace(body, '>100.00<', '>900.00<') AS BLOB) WHERE kind = 'transaction'"
    )
    with closing(sqlite3.connect(desk.books[0])) as book:
        (trigger,) = book.execute("SELECT sql FROM sqlite_master WHERE name = 'version_is_never_changed'").fetchone()
        book.executescript(f"DROP TRIGGER version_is_never_changed; {change}; {trigger}")
    checked = desk.run("check")
    assert (checked.code, "was changed" in checked.out) == (6, True)


def test_a_book_may_have_accounts_of_both(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    """Accounts of a bank and of files are in one book: synced, exported and checked, none of them vanished."""
    desk = terminal()
    desk.sync()
    path = tmp_path / "other.xml"
    path.write_bytes(document(statement(_ROWS, 100_00, _DAY, _DAY + timedelta(days=3))))
    assert desk.run("import", str(path)).code == 0
    ran = desk.run("run", "generic", "--new", "--since", "2026-10-01", "--json")
    assert ran.code == 0, ran.err
    assert IBAN in {one["iban"] for one in ran.data["files"]}
    assert IBAN not in {one["iban"] for one in ran.data["accounts"]}
    assert IBAN in {one["iban"] for one in desk.run("status", "--json").data["accounts"]}
    assert desk.run("sync", "--full").code == 0
    checked = desk.run("check", "--json")
    assert checked.code == 0
    assert {one["proof"] for one in checked.data["accounts"] if one["account"] == "Hauptkonto"} == {"proven"}


def test_an_account_that_syncs_read_is_refused(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    """A statement of an account that the bank's API gives already is refused: its rows would be there twice."""
    desk = terminal()
    desk.sync()
    account = next(one["iban"] for one in desk.run("sync", "--json").data["accounts"] if one["rows"])
    words = ("--account", account, "--to", str(tmp_path / "out"))
    assert desk.run("export", "camt-de", "--period", "2026-10", *words).code == 0
    path = next((tmp_path / "out").glob("*.xml"))
    refused = desk.run("import", str(path))
    assert (refused.code, "is an account that syncs read" in refused.err) == (2, True)


def test_a_sync_refuses_an_account_of_files(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    """A bank's account of which the book has rows from files is refused: they would be in the book twice."""
    desk = terminal(size=0)
    account = str(desk.simulator.bank.accounts()[0]["iban"])
    path = tmp_path / "own.xml"
    path.write_bytes(document(statement(_ROWS, 100_00, _DAY, _DAY + timedelta(days=3), iban=account)))
    assert desk.run("import", str(path)).code == 0
    refused = desk.run("sync")
    assert (refused.code, "from files, and the bank has them as well" in refused.err) == (3, True), refused.err


def test_json_names_each_file(desk: Desk) -> None:
    """The summary for machines has each document with its numbers, and each account with its proof."""
    told = desk.run("import", desk.file(document(statement(_ROWS, 100_00, _DAY, _ROWS[-1].day))), "--json")
    assert json.loads(told.out)["files"] == [
        {"name": "statement.xml", "statements": 1, "rows": 5, "new_statements": 1, "new_rows": 5}
    ]
    assert told.data["accounts"][0]["iban"] == IBAN


def test_entries_of_another_currency_are_refused_with_their_place(desk: Desk) -> None:
    """An entry that the book cannot hold exactly stops the import, with file and line."""
    row = entry(Booked(_DAY, 1_00)).replace("1.00", "1.001")
    stated = balance("OPBD", 0, _DAY) + balance("CLBD", 1_00, _DAY)
    refused = desk.import_all(statement([row], 0, _DAY, _DAY, balances=stated))
    assert (refused.code, "statement.xml, line 4: 1.001 EUR has more than two decimals" in refused.err) == (2, True)


def test_a_run_imports_the_folder_of_the_settings(desk: Desk) -> None:
    """A run first imports new files of the folder that the settings name, and asks no bank for a book of files."""
    folder = desk.home / "inbox"
    folder.mkdir()
    settings = f"[organisation.two]\nstatements = {json.dumps(str(folder))}\nsecret = ''\n"
    (desk.home / "config.toml").write_text(settings, encoding="utf-8")
    rows = [_ROWS[:3], _ROWS[3:4]]
    for number, some in enumerate(rows):
        before = 100_00 + sum(row.cents for row in _ROWS[: 3 * number])
        (folder / f"{number}.xml").write_bytes(document(statement(some, before, some[0].day, some[-1].day)))
        ran = desk.run("run", "generic", "--new", "--since", "2026-10-01", "--yes", "--json")
        assert ran.code == 0, ran.err
        assert [one["rows"] for one in ran.data["files"]] == [len(some)]
    assert desk.run("run", "generic", "--new", "--dry-run", "--json").code == 0
    (folder / "2.xml").write_bytes(b"<broken")
    assert desk.run("run", "generic", "--new").code == 2
    folder.rename(desk.home / "elsewhere")
    assert desk.run("run", "generic", "--new").code == 3


def test_samples_of_several_banks_are_proven_together(desk: Desk) -> None:
    """Statements of five banks in five currencies make one book, in which every account is proven."""
    files = sorted(str(path) for path in _SAMPLES.glob("*.xml"))
    done = desk.run("import", *files, "--organisation", "raeder", "--json")
    accounts = json.loads(done.out)["accounts"]
    assert (done.code, {one["proven"] for one in accounts}) == (0, {True}), done.err
    assert len(accounts) == 7
    assert desk.run("check", "--organisation", "raeder").code == 0
