"""A book in a bucket or on a shared folder: verified where anything else changed it, and only there."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from primanota.book.journal import Journal
from primanota.book.records.verification import Inconsistency
from tests.support.screens.command_line import CommandResult, Terminal
from tests.support.servers import s3_server
from tests.support.servers.s3_server import BUCKET, Cloud
from tests.torture.books.tampering import opened

cloud = s3_server.cloud
_KEY = "books/a.book"


class _Remote:
    """A remote book: its place, and how its bytes are read and replaced from outside."""

    def __init__(self, place: str, read: Callable[[], bytes], replace: Callable[[bytes], object]) -> None:
        self.place = place
        self.read = read
        self.replace = replace


@pytest.fixture(params=["bucket", "shared folder"])
def remote(request: pytest.FixtureRequest, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Remote:
    """Return a place for a remote book."""
    if request.param == "bucket":
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
        put = partial(cloud.client().put_object, Bucket=BUCKET, Key=_KEY)
        return _Remote(f"s3://{BUCKET}/{_KEY}", partial(cloud.content, _KEY), lambda content: put(Body=content))
    path = tmp_path / "share" / "a.book"
    path.parent.mkdir()
    return _Remote(f"shared:{path}", path.read_bytes, path.write_bytes)


@pytest.fixture
def here(terminal: Callable[..., Terminal]) -> Terminal:
    """Return a terminal with a bank of few rows."""
    return terminal(size=20)


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[Journal]:
    """Return the journals that are verified whole."""
    found, verify = list[Journal](), Journal.inconsistency

    def counted(journal: Journal) -> Inconsistency | None:
        found.append(journal)
        return verify(journal)

    monkeypatch.setattr(Journal, "inconsistency", counted)
    return found


def _run(here: Terminal, remote: _Remote, *more: str) -> CommandResult:
    here.clock.advance(minutes=30)
    places = ("--book", remote.place, "--to", str(here.exports))
    return here.run("run", "generic", "--new", "--since", "2026-01-01", *places, *more)


def _edit(remote: _Remote, folder: Path, statement: str) -> None:
    copy = folder / "edited.book"
    copy.write_bytes(remote.read())
    with opened(copy) as connection:
        assert connection.execute(statement).rowcount
    remote.replace(copy.read_bytes())


def test_a_book_as_it_was_put_is_not_verified(here: Terminal, remote: _Remote, verified: list[Journal]) -> None:
    """A weekly run does not verify the book that the last one put; the first after a change from outside does."""
    assert _run(here, remote).code == 0
    here.arrive(2)
    assert _run(here, remote).code == 0
    assert here.run("batches", "--book", remote.place).code == 0
    assert verified == []
    remote.replace(_vacuumed(remote.read(), here.home / "again.book"))
    assert (_run(here, remote).code, len(verified)) == (0, 1)
    assert (_run(here, remote).code, len(verified)) == (0, 1)


def _vacuumed(content: bytes, path: Path) -> bytes:
    """Return the same book in other bytes."""
    path.write_bytes(content)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM sent", "the rows of batch 1 were changed"),
        ("UPDATE watermark SET moment = moment + 1", "the watermark of"),
        ("UPDATE latest SET amount = amount + 1 WHERE kind = 'transaction'", "the index entry of transaction"),
    ],
)
def test_a_changed_book_is_refused(here: Terminal, remote: _Remote, statement: str, found: str) -> None:
    """A book that was edited and put back is exit code 3, each time; no file is written, nothing is put."""
    assert _run(here, remote).code == 0
    _edit(remote, here.home, statement)
    before, files = remote.read(), sorted(here.exports.iterdir())
    here.arrive(1)
    for _ in range(2):
        result = _run(here, remote)
        assert (result.code, found in result.err) == (3, True), result
    assert (remote.read(), sorted(here.exports.iterdir())) == (before, files)
    assert here.run("check", "--book", remote.place).code in {3, 6}
    assert _run(here, remote).code == 3


def test_mails_of_an_older_copy_wait(here: Terminal, remote: _Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    """An older copy that was put back, or a book that was put there by hand, holds the mails that it brings."""
    mail = ("--to", "mailto:ada@example.com")
    monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", "127.0.0.1:1")
    monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
    assert _run(here, remote, *mail).code == 8
    older = remote.read()
    assert "imported or copied" not in _run(here, remote, *mail).err
    remote.replace(older)
    result = _run(here, remote, *mail)
    assert "1 mail of a book that was imported or copied waits" in result.err
    assert here.run("book", "waiting", "--send", "--book", remote.place).code == 0
    assert here.run("book", "waiting", "--book", remote.place).out == "Nothing waits.\n"
