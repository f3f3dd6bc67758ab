"""``primanota help``: the pages of the documentation, without a network."""

import re
from pathlib import Path

import pytest

from primanota.app.installation import manual
from primanota.cli import main
from primanota.cli.terminal.markdown import plain
from primanota.core import errors
from primanota.core.text import display_width
from tests.support import environment
from tests.support.screens.pseudo_terminal import converse

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.stem for path in (ROOT / "docs").glob("*.md"))


def test_the_pages_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """``help`` lists every page of the documentation, with one line about each."""
    assert main(["help"]) == 0
    listed = re.findall(r"^  (\S+) +\S.{10,}$", capsys.readouterr().out, re.MULTILINE)
    assert set(listed) == {*PAGES, "readme", "changes", "decisions"}


def _existing(path: str) -> str:
    assert manual.page(manual.topic_of(path))
    return manual.topic_of(path)


@pytest.mark.parametrize("topic", [*PAGES, "readme", "changes", "decisions", "0011-read-only-by-construction"])
@pytest.mark.parametrize("width", [60, 100])
def test_a_page_is_plain_text(topic: str, width: int) -> None:
    """A page is shown with every word, without marks, in lines that fit; links name pages that exist."""
    source = manual.page(topic)
    lines = plain(source, width, _existing)
    shown = "\n".join(lines)
    prose = [line for line in lines if not line.startswith("    ") and " " in line.strip()]
    assert not [line for line in prose if re.search(r"\]\(|\*\*|^#|^\|", line)]
    for word in re.findall(r"\w{4,}", re.sub(r"\]\([^)]*\)|```[^\n]*", "]", source)):
        assert word in shown
    tables = {line for line in source.splitlines() if line.lstrip().startswith("|")}
    if not tables:
        assert all(display_width(line) <= width or len(line.split()) == 1 for line in prose)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# Title\n\nSome `code` and **much** *more*, [here](proof.md#x), [there](https://a.example).\n",
         ["Title", "=====", "", "Some code and much more, here [proof], there (https://a.example).", "",
          "[name]: primanota help name"]),
        ("- one\n  two\n- three\n\n  four\n", ["- one two", "- three", "", "  four"]),
        ("1. a\n\n   | x | y |\n   |---|---|\n   | 1 | `a|b` |\n".replace("a|b", r"a\|b"),
         ["1. a", "", "   x  y", "   ------", "   1  a|b"]),
        ("```console\n$ a  *b*\n```\n", ["    $ a  *b*"]),
        ("", []),
    ],
)  # fmt: skip
def test_marks_become_plain_text(source: str, expected: list[str]) -> None:
    """Headings, lists, tables, code and links are shown as plain text."""
    assert plain(source, 80, manual.topic_of) == expected


def test_a_command_is_a_topic(capsys: pytest.CaptureFixture[str]) -> None:
    """``help batches undo`` shows what ``batches undo --help`` shows; a page goes before a command of its name."""
    assert main(["help", "batches", "undo"]) == 0
    shown = capsys.readouterr().out
    assert main(["batches", "undo", "--help"]) == 0
    assert capsys.readouterr().out == shown
    assert main(["help", "book"]) == 0
    shown = capsys.readouterr().out
    assert ("The book\n========" in shown, "primanota book --help" in shown) == (True, True)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["prof"], "Did you mean “profiles”?"),
        (["prooof"], "Did you mean “proof”?"),
        (["zzz"], "“primanota help” lists the topics."),
        (["../../etc/passwd"], "lists the topics"),
        (["batches", "nothing"], "lists the topics"),
    ],
)
def test_an_unknown_topic(words: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown topic is exit code 2; one that was likely meant is named."""
    code = main(["help", *words])
    assert (code, hint in capsys.readouterr().err) == (2, True)


def test_an_error_names_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An error names the page that explains it, and every such page exists."""
    profile = tmp_path / "mine.toml"
    profile.write_text("titel = 1", encoding="utf-8")
    assert main(["profiles", "check", str(profile)]) == 3
    assert "       More: primanota help own-profile\n" in capsys.readouterr().err
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    topics = {topic for kind in kinds if (topic := getattr(kind, "topic", ""))}
    assert topics <= {*PAGES}
    assert {"proof", "book", "places", "configuration"} <= topics


def test_a_pager_at_a_terminal_only() -> None:
    """A page that is longer than the terminal is shown by the pager; in a pipe it is printed."""
    variables = environment.plain(PAGER="sed s/^/:/")
    at_terminal = converse(["help", "weekly"], [], variables, whole=True)
    assert (at_terminal.code, ":The week" in at_terminal.shown) == (0, True)
    assert converse(["help", "weekly"], [], variables).out.startswith("The week\n===")
