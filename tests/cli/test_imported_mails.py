"""Mails and files that wait in an imported or copied book: none leaves until a person decides."""

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP

from tests.support.books.weekly_world import attached, read
from tests.support.screens.command_line import CommandResult, Terminal
from tests.support.servers.smtp_server import MailHandler, listening

_WEEK = ("run", "generic", "--new", "--since", "2026-11-01", "--to", "mailto:ada@example.com", "--to")


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailHandler]:
    """Yield the handler of the mail server that the settings name."""
    found = MailHandler()
    with listening(partial(SMTP, found, hostname="post")) as port:
        monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", f"127.0.0.1:{port}")
        monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
        yield found


@pytest.fixture
def here(desk: Terminal, office: MailHandler) -> Terminal:
    """Return a terminal whose book has a mail that was refused, and waits."""
    desk.arrive(2)
    office.refused["ada@example.com"] = "550 no"
    assert _week(desk).code == 8
    office.refused.clear()
    return desk


def _week(here: Terminal) -> CommandResult:
    here.clock.advance(minutes=30)
    return here.run(*_WEEK, str(here.exports))


def _imported(here: Terminal) -> None:
    assert here.run("book", "export", str(here.home / "out")).code == 0
    here.book.unlink()
    assert here.run("book", "import", str(here.home / "out")).code == 0


def _copied(here: Terminal) -> None:
    """Put back a copy after the mail has left."""
    copy = here.book.with_suffix(".copy")
    shutil.copy(here.book, copy)
    assert _week(here).code == 0
    copy.replace(here.book)


@pytest.mark.parametrize(("come", "before"), [(_imported, 0), (_copied, 2)])
def test_mails_of_a_book_from_elsewhere_wait(
    here: Terminal, office: MailHandler, come: Callable[[Terminal], None], before: int
) -> None:
    """A mail of an imported or copied book waits with its file; the run says so, and mails its own report."""
    come(here)
    assert len(office.mails) == before
    result = _week(here)
    assert (result.code, "1 mail of a book that was imported or copied waits" in result.err) == (0, True)
    (mail,) = office.mails[before:]
    assert attached(read(mail.content)) == []
    listed = here.run("book", "waiting")
    assert (listed.code, "ada@example.com" in listed.out) == (0, True)
    assert len(here.run("book", "waiting", "--json").data["mails"]) == 1


def test_a_person_lets_them_go(here: Terminal, office: MailHandler) -> None:
    """After “--send” the next run sends the mail that waited, with its file, before its own."""
    _imported(here)
    assert here.run("book", "waiting", "--send").code == 0
    assert _week(here).code == 0
    assert [len(attached(read(mail.content))) for mail in office.mails] == [2, 0]
    assert here.run("book", "waiting").out == "Nothing waits.\n"


def test_a_person_withdraws_them(here: Terminal, office: MailHandler) -> None:
    """After “--withdraw” neither the mail nor its file leaves; what the book exports later does."""
    _imported(here)
    assert here.run("book", "waiting", "--withdraw", "--json").data["state"] == "withdrawn"
    here.arrive(1)
    result = _week(here)
    assert (result.code, "imported or copied" in result.err) == (0, False)
    assert [len(attached(read(mail.content))) for mail in office.mails] == [1]
    assert here.run("book", "waiting", "--send", "--withdraw").code == 2


def test_a_book_from_elsewhere_exports_the_same(here: Terminal, tmp_path: Path) -> None:
    """What is exported of an imported book is, byte for byte, what it was imported from."""
    _imported(here)
    assert here.run("batches").code == 0
    assert here.run("book", "export", str(tmp_path / "twice")).code == 0
    first, second = here.home / "out", tmp_path / "twice"
    names = sorted(str(path.relative_to(first)) for path in first.rglob("*") if path.is_file())
    assert {name: (first / name).read_bytes() for name in names} == {
        name: (second / name).read_bytes() for name in names
    }


def test_a_crash_holds_nothing_back(here: Terminal, office: MailHandler) -> None:
    """A book that goes on where this machine left it sends its mails, also without a note of its last state."""
    here.book.touch()
    assert _week(here).code == 0
    assert len(office.mails) == 2
