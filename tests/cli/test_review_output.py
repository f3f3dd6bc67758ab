"""What ``review`` and ``run`` write of many findings: one whole document, and the newest rows of each kind."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import copy_context
from pathlib import Path
from typing import Any

import msgspec
import pytest

from primanota.book import Book
from primanota.book.rows.open_rows import OpenRow, OpenRows
from primanota.cli.terminal import output
from primanota.core.errors import BookConflict, BookDamaged
from tests.support.screens.command_line import Terminal

_SINCE = "2026-01-01"


@pytest.fixture
def here(terminal: Callable[..., Terminal]) -> Terminal:
    """Return a terminal with a book of some hundred rows, of which more than a hundred lack a receipt."""
    found = terminal(size=450)
    assert found.run("sync").code == 0
    return found


@pytest.mark.parametrize(
    "words", [(), ("--period", "2026-10"), ("--period", "2019")], ids=["everything", "a month", "nothing"]
)
def test_the_document_is_as_if_it_was_written_at_once(here: Terminal, words: tuple[str, ...]) -> None:
    """``review --json`` writes finding by finding the same bytes as one document would be."""
    written = here.run("review", *words, "--json").out
    assert written == f"{msgspec.json.format(written.encode(), indent=2).decode()}\n"
    assert [*msgspec.json.decode(written)] == ["organisation", "findings"]


def test_a_list_may_be_followed_by_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """If making the list fails, the document ends with the error, so that it can be read all the same."""

    def failing() -> Iterator[object]:
        yield {"name": "line\nbreak", "more": []}
        raise BookDamaged("It is damaged.", "Restore it.")

    with pytest.raises(BookDamaged):
        # as in a command, of which each notes for itself that it has written its document
        copy_context().run(output.as_json, {"organisation": "acme", "findings": failing()})
    written = capsys.readouterr().out
    expected = {
        "organisation": "acme",
        "findings": [{"name": "line\nbreak", "more": []}],
        "error": "It is damaged.",
        "hint": "Restore it.",
        "exit_code": 3,
    }
    assert written == f"{msgspec.json.format(msgspec.json.encode(expected), indent=2).decode()}\n"


def test_a_failure_in_the_middle_is_in_the_document(here: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that turns out to be damaged after others were written is exit code 3, in one document."""
    read, real = list[OpenRow](), OpenRows.body

    def body(self: OpenRows, row: OpenRow) -> bytes:
        read.append(row)
        if len(read) > 3:
            raise BookDamaged("It is damaged.", "Restore it.")
        return real(self, row)

    monkeypatch.setattr(OpenRows, "body", body)
    result = here.run("review", "--json")
    assert (result.code, len(result.data["findings"]), result.data["exit_code"]) == (3, 3, 3)


def test_a_wrong_index_entry_is_damage(here: Terminal) -> None:
    """An index that says that a complete row lacks a receipt is damage, whichever command finds it."""
    with closing(sqlite3.connect(here.book)) as book, book:
        changed = book.execute("UPDATE latest SET lacks = 2 WHERE lacks = 0 AND status = 'completed'")
        assert changed.rowcount
    for words, code in ((("review",), 3), (("review", "--json"), 3), (("check",), 6)):
        result = here.run(*words)
        assert (result.code, "the index entry of transaction" in result.out + result.err) == (code, True)
    assert here.run("book", "reindex").code == 0
    assert here.run("review").code == 0


@pytest.mark.parametrize("words", [("review", "--json"), ("review",)])
def test_nothing_is_written_twice(
    here: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """If another run changed a remote book meanwhile, the review starts again, and is written once."""
    remote = tmp_path / "a.book"
    remote.write_bytes(here.book.read_bytes())
    place = ("--book", f"shared:{remote}")
    tried, real = list[Book](), Book.publish

    def publish(book: Book) -> None:
        tried.append(book)
        if len(tried) == 1:
            raise BookConflict("Another run changed it.", "Run it again.")
        real(book)

    once = here.run(*words, *place)
    monkeypatch.setattr(Book, "publish", publish)
    again = here.run(*words, *place)
    assert (again.code, again.out, len(tried) > 1) == (0, once.out, True)


def test_of_each_kind_the_newest_rows_are_shown(here: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """``review`` and ``run`` count every kind, and show the newest rows; with --verbose ``review`` shows all."""
    monkeypatch.setattr("primanota.cli.results.findings.SOME", 2)
    counts = Counter(one["kind"] for one in here.run("review", "--json").data["findings"])
    lines = here.run("review").out.splitlines()
    assert _shown(lines, "declined") == 2 < counts["declined"]
    many = ", ".join(f"{kind.title()} {counts[kind]}" for kind in ("pending", "declined") if counts[kind] > 2)
    more = f"Shown are 2 of each kind, there are more: {many}. All of them: primanota review --verbose"
    waiting = f"{counts['receipt']} without receipt, {counts['vat']} with VAT undecided"
    can_wait = f"Can wait: {waiting}. To see them: primanota review --verbose"
    assert {more, can_wait} <= {*lines}
    everything = here.run("review", "--verbose").out.splitlines()
    assert (_shown(everything, "declined"), _shown(everything, "receipt missing")) == (
        counts["declined"],
        counts["receipt"],
    )
    assert not any(line.startswith(("Shown are", "Can wait")) for line in everything)
    weekly = here.run("run", "generic", "--new", "--since", _SINCE).out
    assert {more, can_wait} <= {*weekly.splitlines()}


def _shown(lines: list[str], reason: str) -> int:
    return sum(f"  {reason}  " in line for line in lines)


def test_a_run_reports_counts_and_the_newest(here: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """``run --json`` has the count of each kind, and its newest findings, the same that ``review`` has."""
    monkeypatch.setattr("primanota.app.running.run._FINDINGS_OF_EACH_KIND", 3)
    data = here.run("run", "generic", "--new", "--since", _SINCE, "--json").data
    found = here.run("review", "--json").data["findings"]
    counts = Counter(one["kind"] for one in found)
    assert data["finding_counts"] == [{"kind": kind, "rows": rows} for kind, rows in counts.items()]
    assert data["findings"] == [one for kind in counts for one in _of(found, kind)[-3:]]


def test_a_run_of_a_period_counts_the_other_days(here: Terminal) -> None:
    """A run of a period reports its findings, and counts those of other days that cannot wait."""
    found = here.run("review", "--json").data["findings"]
    october = [one for one in found if one["day"].startswith("2026-10")]
    words = ("run", "generic", "--period", "2026-10")
    counts = here.run(*words, "--json").data["finding_counts"]
    assert {one["kind"]: one["rows"] for one in counts} == Counter(one["kind"] for one in october)
    others = sum(one["kind"] not in {"receipt", "vat"} and one not in october for one in found)
    assert f"{others} more of other days: primanota review" in here.run(*words).out
    assert "of other days" not in here.run("run", "generic", "--new", "--since", _SINCE).out


def _of(findings: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in findings if one["kind"] == kind]


def test_an_older_book_is_reviewed(here: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book whose rows were filled by another rule gives the same review, and is filled once."""
    before = here.run("review", "--json").out
    with closing(sqlite3.connect(here.book)) as book, book:
        book.execute("UPDATE latest SET lacks = 0")
        book.execute("DELETE FROM derived")
    assert here.run("check").code == 0
    assert here.run("review", "--json").out == before
    monkeypatch.setattr(Book, "fill_lacks", pytest.fail)
    assert here.run("review", "--json").out == before
    assert here.run("sync").code == 0
