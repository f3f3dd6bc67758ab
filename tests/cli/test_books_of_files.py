"""Commands over books of files, alone or beside accounts of a bank: each does what it can, and asks for no key."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from primanota.app.installation.doctor import examine
from primanota.app.installation.known_words import accounts, organisations
from primanota.app.workspace import Workspace
from tests.support.banks.camt_files import IBAN, OTHER_IBAN, Booked, document, statement
from tests.support.books.book_of_files import FilesCompany, statement_of
from tests.support.clock import Clock
from tests.support.screens.command_line import Terminal

_KEY_WORDS = ("secret", "API key", "primanota login", "Traceback")


@pytest.fixture
def company(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> FilesCompany:
    """Return a company without a key, with a folder of statements, which is empty."""
    monkeypatch.setenv("PRIMANOTA_HOME", str(tmp_path))
    made = FilesCompany(tmp_path, clock, capsys)
    made.name_folder()
    return made


def test_a_sync_imports_the_folder(company: FilesCompany) -> None:
    """A sync imports what is new in the folder, proves the accounts, and asks no bank."""
    company.receive(0, 1)
    first = company.run("sync", "--json")
    assert first.code == 0, first.err
    assert [(one["new"], one["proof"]) for one in first.data["accounts"]] == [(2, "proven")]
    company.receive(2)
    assert [one["new"] for one in company.run("sync", "--json").data["accounts"]] == [1]
    assert [one["new"] for one in company.run("sync", "--json").data["accounts"]] == [0]


def test_a_missing_statement_is_asked_for(company: FilesCompany) -> None:
    """A gap between statements is exit code 6 of sync and export; both ask for the statement, and not for a sync."""
    company.receive(0, 2)
    for one in (company.run("sync"), company.run("export", "generic", "--period", "2026-10")):
        assert (one.code, "Import the statement that is missing" in one.err) == (6, True), one.err
        assert "primanota sync" not in one.err


def test_an_empty_folder_says_what_to_do(company: FilesCompany) -> None:
    """Without files and without a book, a run and a sync ask for files, not for a key."""
    for words in (("sync",), ("run", "generic", "--new", "--since", "2026-10-01")):
        refused = company.run(*words)
        assert (refused.code, "has no files yet" in refused.err) == (3, True), refused.err
        assert not any(word in refused.err for word in _KEY_WORDS)


def test_a_second_company_of_files_begins_its_book(company: FilesCompany) -> None:
    """A run and its rehearsal begin the book of files beside that of another company, whose it is not."""
    path, day = company.home / "other.xml", company.clock().date()
    path.write_bytes(document(statement([Booked(day, 1_00)], 0, day, day, iban=OTHER_IBAN)))
    (company.home / "config.toml").unlink()
    assert company.run("import", str(path), "--organisation", "another").code == 0
    company.name_folder()
    company.receive(0)
    run = ("run", "generic", "--new", "--since", "2026-10-01", "--json")
    for words in ((*run, "--dry-run"), run):
        done = company.run(*words)
        assert done.code == 0, done.err
    assert [one["rows"] for one in done.data["files"]] == [1]


def test_what_only_a_bank_has_is_refused_with_a_reason(company: FilesCompany) -> None:
    """Commands that must ask a bank say that there is none, and speak of no key."""
    company.receive(0)
    assert company.run("sync").code == 0
    (company.home / "config.toml").write_text("[organisation.files]\n", encoding="utf-8")
    behind = (("sync",), ("status", "--online"))
    for words in (*behind, ("receipts",), ("receipts", "--repair"), ("statements",), ("get", "/v2/labels")):
        refused = company.run(*words)
        assert (refused.code, "there is no bank to ask" in refused.err) == (3, True), words
        assert not any(word in refused.err for word in _KEY_WORDS), refused.err
        assert ("primanota import FILE" in refused.err) == (words in behind), words


def test_the_bank_is_not_asked_before_the_first_file(company: FilesCompany) -> None:
    """Where the settings name a folder of statements and no key, there is no bank to ask, also without a book."""
    refused = company.run("get", "/v2/organization")
    assert (refused.code, "there is no bank to ask" in refused.err) == (3, True), refused.err
    (company.home / "config.toml").write_text("[organisation.files]\n", encoding="utf-8")
    assert "primanota login" in company.run("get", "/v2/organization").err


def test_no_consent_is_not_a_key(company: FilesCompany) -> None:
    """A logout from a company of files says that there is no consent to revoke, and speaks of no key that it has."""
    company.receive(0)
    assert company.run("sync").code == 0
    refused = company.run("logout")
    assert (refused.code, "no consent to revoke" in refused.err) == (2, True), refused.err
    assert "it has an API key." not in refused.err


@pytest.mark.parametrize(
    ("language", "said"), [("de", "enthalten keine Belege"), ("en", "no receipts"), ("fr", "pas de")]
)
def test_the_procedure_asks_no_bank(company: FilesCompany, language: str, said: str) -> None:
    """The papers describe no requests to a bank, no fetched receipts and no connection to it; they name the files."""
    company.receive(0)
    assert company.run("sync").code == 0
    assert company.run("papers", "--to", f"{company.home / 'papers'}", "--language", language).code == 0
    (written,) = (company.home / "papers").glob("*.md")
    text = written.read_text(encoding="utf-8")
    assert said in text
    assert not any(word in text for word in ("GET", "API", "PAdES", "primanota receipts", "Qonto", "Überlappung"))


def test_missing_receipts_are_not_known(company: FilesCompany) -> None:
    """Of rows of statements nothing says whether they lack a receipt: that is said, and not that none is missing."""
    company.receive(0)
    assert company.run("sync").code == 0
    said = company.run("receipts", "missing")
    assert (said.code, "say nothing of receipts" in said.out) == (0, True), said


def test_books_without_settings_are_all_run(company: FilesCompany) -> None:
    """“run --all”, a list of names, and the completion of a shell know the books of files that have no settings."""
    (company.home / "config.toml").unlink()
    for login, iban in (("one", OTHER_IBAN), ("two", IBAN)):
        path, day = company.home / f"{login}.xml", company.clock().date()
        path.write_bytes(document(statement([Booked(day, 1_00)], 0, day, day, iban=iban)))
        assert company.run("import", str(path), "--organisation", login).code == 0
    for which in (("--all",), ("--organisation", "two,one")):
        done = company.run("run", "generic", "--new", "--since", "2026-10-01", *which, "--json")
        assert done.code == 0, done.err
        assert {one["organisation"] for one in done.data["organisations"]} == {"one", "two"}
    assert organisations() == ["one", "two"]
    assert ("Hauptkonto", OTHER_IBAN) in accounts("one", None)
    unknown = company.run("run", "generic", "--new", "--organisation", "one,three")
    assert (unknown.code, "“three”" in unknown.err) == (2, True), unknown.err


def test_a_run_says_where_the_statements_end(company: FilesCompany) -> None:
    """The note of days that no statement has speaks of statements and of their last day."""
    company.receive(0, 1, 2)
    done = company.run("run", "generic", "--new", "--since", "2026-10-01")
    assert (done.code, "The statements of Hauptkonto end on 2026-10-19" in done.err) == (0, True), done.err


def test_without_anything_both_ways_are_named(company: FilesCompany) -> None:
    """In an empty home a command names the key and the file as ways to begin."""
    (company.home / "config.toml").unlink()
    refused = company.run("status")
    assert refused.code == 3
    assert "primanota login" in refused.err
    assert "primanota import FILE" in refused.err


def test_a_sync_of_both_sources(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    """With a key and a folder, a sync reads both; what is not proven of each has its own remedy."""
    desk = terminal(size=20)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "0.xml").write_bytes(statement_of([0]))
    desk.home.mkdir(exist_ok=True)
    settings = f"[organisation.{desk.simulator.login}]\nstatements = {json.dumps(str(inbox))}\n"
    (desk.home / "config.toml").write_text(settings, encoding="utf-8")
    done = desk.run("sync", "--json")
    assert done.code == 0, done.err
    assert {one["iban"] for one in done.data["accounts"]} == {
        one["iban"] for one in desk.run("status", "--json").data["accounts"]
    }
    (inbox / "2.xml").write_bytes(statement_of([2]))
    refused = desk.run("sync")
    assert (refused.code, "Not proven complete: Hauptkonto." in refused.err) == (6, True), refused.err
    assert "Import the statement that is missing" in refused.err
    workspace = Workspace(clock=desk.clock)
    examined = workspace.transaction(lambda book: examine(workspace, workspace.journal(book)))
    errors = {one.subject: one.error.hint for one in examined if one.error}
    assert errors["accounts"] == "Import the statement that is missing."
    assert "key" not in errors
