"""Another login of the same company: its book is found by the organisation's id, and no second one is begun."""

from pathlib import Path

import pytest

from tests.support.screens.command_line import Terminal

_NEW_LOGIN = "acme-renamed-9999"
_ROWS = ("export", "generic", "--new", "--since", "2026-01-01", "--json")


@pytest.fixture
def renamed(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a company that exported its rows, and has another login since."""
    desk.arrive(3)
    assert sum(file["rows"] for file in desk.run(*_ROWS).data["files"]) == 3
    monkeypatch.setenv("PRIMANOTA_LOGIN", _NEW_LOGIN)
    monkeypatch.setenv("PRIMANOTA_SINCE", "2026-01-01")
    # The bank of the simulator answers to the old login alone: the key is sent as it was.
    monkeypatch.setattr("primanota.core.secret.Credentials.header", f"{desk.simulator.login}:{desk.simulator.secret}")
    return desk


def test_the_book_is_found_by_the_id(renamed: Terminal) -> None:
    """A run with another login uses the book of the same company, says so, and exports nothing twice."""
    done = renamed.run("run", "generic", "--new", "--json")
    assert done.code == 0
    assert f"{renamed.book} is the book of this company, under another login" in done.err
    assert sum(file["rows"] for file in done.data["files"]) == 0
    assert [path.name for path in renamed.book.parent.glob("*.book")] == [renamed.book.name]


@pytest.mark.parametrize("prefix", ["", "shared:"])
def test_a_second_book_is_refused(renamed: Terminal, prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the settings name a new book beside that of the same company, it is refused, and the first one named."""
    second = renamed.book.with_name("second.book")
    monkeypatch.setenv("PRIMANOTA_BOOK", f"{prefix}{second}")
    done = renamed.run("run", "generic", "--new")
    assert (done.code, f"{renamed.book} is the book of " in done.err, second.exists()) == (3, True, False)


def test_a_book_that_a_person_names_is_begun(renamed: Terminal) -> None:
    """A new book that is named with --book is begun, with a note that names the first one."""
    second = renamed.book.with_name("second.book")
    done = renamed.run("sync", "--book", str(second))
    assert (done.code, f"{renamed.book} is the book of " in done.err, second.exists()) == (0, True, True)


def test_two_books_of_a_company_are_named(renamed: Terminal, tmp_path: Path) -> None:
    """If there are two books of the company, neither is guessed: both are named."""
    copy = renamed.book.with_name("copy.book")
    copy.write_bytes(renamed.book.read_bytes())
    done = renamed.run("sync")
    assert (done.code, str(copy) in done.err, str(renamed.book) in done.err) == (3, True, True)
    assert tmp_path


def test_another_company_gets_its_own_book(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book of another company beside it does not matter: the new login gets a book of its own."""
    monkeypatch.setattr(
        "primanota.app.same_company.organisation_record",
        lambda *_, **__: b'{"id": "another", "slug": "another-1", "legal_name": "Another", "bank_accounts": []}',
    )
    stranger = desk.book.with_name("stranger.book")
    desk.book.rename(stranger)
    assert desk.run("sync").code == 0
    assert desk.book.exists()


@pytest.mark.parametrize("content", [b"SQLite format 3\0" + b"\xff" * 5000, b"Dear bank, " * 500])
def test_a_book_that_cannot_be_read_is_not_passed_over(desk: Terminal, content: bytes) -> None:
    """If the book of the login is damaged, another one beside it is not used instead."""
    desk.arrive(1)
    desk.book.rename(desk.book.with_name("copy.book"))
    desk.book.write_bytes(content)
    done = desk.run("sync")
    assert (done.code, str(desk.book) in done.err, desk.book.read_bytes() == content) == (3, True, True)


def test_a_first_sync_that_was_stopped_does_not_hide_the_book(renamed: Terminal) -> None:
    """An empty book of the new login, left by a sync that was stopped, is passed over for the company's book."""
    renamed.book.with_name(f"{_NEW_LOGIN}.book").touch()
    done = renamed.run("run", "generic", "--new", "--json")
    assert sum(file["rows"] for file in done.data["files"]) == 0
