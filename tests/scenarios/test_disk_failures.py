"""A disk that is full, a damaged book and a locked one: the same words in the terminal, as JSON, and in the mail."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from primanota.book.file import database
from tests.support.books import weekly_world as firms
from tests.support.books.small_disk import limit_disk
from tests.support.books.weekly_world import PEOPLE, Firm, body
from tests.support.screens.command_line import Terminal
from tests.support.servers import s3_server

cloud = s3_server.cloud
firm = firms.firm


def _here(firm: Firm, tmp_path: Path) -> Path:
    book = tmp_path / "here.book"
    firm.variables |= {"PRIMANOTA_BOOK": str(book), "PRIMANOTA_TO": f"mailto:{','.join(PEOPLE)}"}
    return book


def _damage(book: Path) -> None:
    content = bytearray(book.read_bytes())
    content[16_384:] = b"\xff" * (len(content) - 16_384)
    book.write_bytes(content)


def test_a_full_disk_is_told_by_mail(firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mail of a run on a full disk says that the disk is full, and speaks of no backup."""
    _here(firm, tmp_path)
    firm.simulator.bank.arrive(50)
    with monkeypatch.context() as patch:
        limit_disk(patch, 2)
        assert firm.week("2026-01-05").failure_kind == "DiskFull"
    text = body(firm.mails[-1])
    assert "Der Datenträger ist voll" in text or "The disk is full" in text
    assert "here.book cannot be written: the disk is full." in text
    assert "backup" not in text
    firm.clock.advance(days=7)
    assert firm.week("2026-01-12").failure is None
    assert sorted(firm.mailed_rows) == sorted(firm.truth.items())


def test_a_damaged_book_is_told_by_mail(firm: Firm, tmp_path: Path) -> None:
    """The mail of a run with a damaged book advises to restore it."""
    book = _here(firm, tmp_path)
    firm.simulator.bank.arrive(2)
    firm.week("2026-01-05")
    _damage(book)
    assert firm.week("2026-01-12").failure_kind == "BookDamaged"
    assert "here.book is damaged" in body(firm.mails[-1])
    assert "Restore it from a backup." in body(firm.mails[-1])


def test_a_locked_book_is_told_once(firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run waits for a locked book once, as long as one wait, and mails that it is locked."""
    book = _here(firm, tmp_path)
    firm.week("2026-01-05")
    waits: list[float] = []
    connect = sqlite3.connect

    def count(path: Path, timeout: float, **options: object) -> sqlite3.Connection:
        waits.append(timeout)
        return connect(path, timeout=0, **options)  # type: ignore[call-overload, no-any-return]

    with closing(connect(book, isolation_level=None)) as other, monkeypatch.context() as patch:
        other.execute("BEGIN IMMEDIATE")
        patch.setattr(database.sqlite3, "connect", count)  # type: ignore[attr-defined]
        assert firm.week("2026-01-12").failure_kind == "BookLocked"
    assert waits.count(60) == 1
    assert "here.book is locked by another process" in body(firm.mails[-1])


@pytest.mark.parametrize(
    ("harm", "words", "advice"),
    [
        ("full", "cannot be written: the disk is full.", "Make room on that disk; then run it again."),
        ("damaged", "is damaged: database disk image is malformed.", "Restore it from a backup."),
    ],
)
def test_the_terminal_and_json_say_the_same(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch, harm: str, words: str, advice: str
) -> None:
    """A full disk and a damaged book are exit code 3, each with its own sentence and advice, also as JSON."""
    here = terminal(size=100)
    if harm == "full":
        limit_disk(monkeypatch, 2)
    else:
        assert here.run("sync").code == 0
        _damage(here.book)
    result = here.run("sync", "--json")
    message = f"The book {here.book} {words}"
    assert result.code == 3
    assert json.loads(result.out) == {"error": message, "hint": advice, "exit_code": 3}
    assert result.err.startswith(f"Error: {message}\n       {advice}\n")


def test_an_export_to_a_full_disk(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that a full disk does not take is exit code 8, with the words of every full disk."""
    desk.arrive()

    def fail(*_: object) -> None:
        raise OSError(28, "in the words of some system")

    with monkeypatch.context() as patch:
        patch.setattr("primanota.adapters.storage.disk.os.fsync", partial(fail))
        result = desk.run("export", "lexware", "--period", "2026")
    assert (result.code, "cannot be written: the disk is full." in result.err) == (8, True)
    assert "Make room on that disk" in result.err
