"""Commands with a progress bar behave alike: it is shown at a terminal, with and without --json."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from primanota import cli
from primanota.cli.terminal import progress
from tests.support.books.book_of_files import statement_of
from tests.support.screens.command_line import Terminal

# The commands that read at length, by their modules.
_COMMANDS: dict[str, list[tuple[str, ...]]] = {
    "import_files": [("import", "{file}"), ("import", "{file}", "--dry-run")],
    "receipts": [("receipts",), ("receipts", "--repair")],
    "review": [("review",)],
    "run": [
        ("run", "generic", "--new", "--since", "2026-11-01"),
        ("run", "generic", "--new", "--since", "2026-11-01", "--dry-run"),
    ],
    "statements": [("statements",)],
    "status": [("status",), ("status", "--online")],
    "sync": [("sync",), ("sync", "--full")],
}


@pytest.fixture
def bars(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list into which each bar writes what it says is being done; none is drawn."""
    shown: list[str] = []

    @contextmanager
    def display(doing: Callable[[], str]) -> Iterator[None]:
        shown.append(doing())
        yield None

    monkeypatch.setattr(progress, "_display", display)
    return shown


def test_every_command_with_a_bar_is_tried_here() -> None:
    """A module of the command line that shows bars is in the table of this test."""
    modules = Path(*cli.__path__).rglob("*.py")
    found = {one.stem for one in modules if "cli.terminal.progress import bar\n" in one.read_text(encoding="utf-8")}
    assert found == set(_COMMANDS)


@pytest.mark.parametrize("words", [words for several in _COMMANDS.values() for words in several])
def test_a_bar_does_not_depend_on_json(
    words: tuple[str, ...], desk: Terminal, bars: list[str], tmp_path: Path
) -> None:
    """A command shows the same bars with --json as without, and its stdout then is one document."""
    desk.sync()
    file = tmp_path / "statement.xml"
    file.write_bytes(statement_of([0]))
    asked = [word.format(file=file) for word in words]
    bars.clear()
    assert desk.run(*asked).code == 0
    plain = bars.copy()
    bars.clear()
    done = desk.run(*asked, "--json")
    assert (done.code, bars, bool(json.loads(done.out))) == (0, plain, True), done.err
    assert plain


def test_a_folder_of_statements_is_read_with_a_bar(desk: Terminal, bars: list[str], tmp_path: Path) -> None:
    """A sync, a run and its rehearsal show a bar while they import the folder, and one while they read the bank."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "0.xml").write_bytes(statement_of([0]))
    with (desk.home / "config.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"[organisation.{desk.simulator.login}]\nstatements = {json.dumps(str(inbox))}\n")
    run = ("run", "generic", "--new", "--since", "2026-11-01")
    for words in (("sync",), run, (*run, "--dry-run")):
        bars.clear()
        done = desk.run(*words)
        assert (done.code, bars) == (0, ["Reading"] * 2), done.err
