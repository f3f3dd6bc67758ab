"""Days at the command line: as people write them, with defaults on Enter, and confirmed before they are fixed."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from tests.support.files.csv_files import rows_of
from tests.support.screens.command_line import CommandResult, Terminal

_LEDGER = """
[organisation.morgenrot-fahrradbau-4711.ledger]
bank = "1800"
clearing = "1370"
year_start = "07-01"
"""
_TOLD = (
    "From 2026-11-01 on, 10 rows are new for lexware, settled from 2026-11-01 to 2026-11-21: "
    "20900.93 EUR in, -2607.62 EUR out."
)

Asked = Callable[..., tuple[CommandResult, list[str]]]


@pytest.fixture
def company(terminal: Callable[..., Terminal]) -> Terminal:
    """Return a command line with a book of a German company with 250 rows."""
    made = terminal()
    assert made.run("sync").code == 0
    return made


@pytest.fixture
def asked(company: Terminal, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Return a function that runs a command at a terminal, answers its questions, and returns them as well."""

    def run(answers: list[str], *words: str) -> tuple[CommandResult, list[str]]:
        questions, rest = list[str](), iter(answers)

        def answer(question: str) -> str:
            questions.append(question)
            return next(rest)

        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        monkeypatch.setattr(click.termui, "visible_prompt_func", answer)
        return company.run(*words), questions

    return run


@pytest.mark.parametrize(
    ("words", "selection"),
    [
        (("--since", "01.11.2026"), "2026-11-01 to 2026-11-23"),
        (("--since", "1.11.26", "--until", "15.11.26"), "2026-11-01 to 2026-11-15"),
        (("--since", "1/11/2026"), "2026-11-01 to 2026-11-23"),
        (("--since", "2026-10", "--until", "2026-10"), "2026-10-01 to 2026-10-31"),
        (("--since", "october", "--until", "october"), "2026-10-01 to 2026-10-31"),
        (("--period", "novembre"), "2026-11-01 to 2026-11-30"),
        (("--period", "Oktober 2026"), "2026-10-01 to 2026-10-31"),
        (("--period", "last-month"), "2026-10-01 to 2026-10-31"),
        (("--period", "31/10/2026"), "2026-10-31"),
    ],
)
def test_days_as_people_write_them(company: Terminal, words: tuple[str, ...], selection: str) -> None:
    """An option takes a day or a month in every form in which people write it."""
    result = company.run("export", "lexware", *words, "--json")
    assert (result.code, result.data["selection"]) == (0, selection), result


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("31.11.2026", "“31.11.2026” is not a day: 31 is in the place of the day, and 2026-11 has 30 days."),
        ("11/23/2026", "“11/23/2026” is not a day: 23 is in the place of the month."),
        ("nov 26", "“nov 26” can mean day 26 or the year 2026."),
    ],
)
def test_an_impossible_day_is_refused_with_its_place(company: Terminal, word: str, told: str) -> None:
    """A day that does not exist or has two meanings is exit code 2, with what is wrong at which place."""
    for command in (("export", "lexware"), ("run",)):
        result = company.run(*command, "--since", word)
        assert (result.code, f"Error: {told}\n" in result.err) == (2, True), result


def test_enter_takes_the_month_until_today(asked: Asked) -> None:
    """On Enter the days of a run are those from the first of the month until today; the questions show it."""
    result, questions = asked(["", ""], "run")
    assert questions == ["First day [2026-11-01]: ", "Last day [today]: "]
    assert (result.code, "2026-11-01 to 2026-11-23" in result.out) == (0, True), result


def test_enter_takes_the_first_day_of_the_fiscal_year(company: Terminal, asked: Asked) -> None:
    """On Enter --new begins with the month, or with the fiscal year where the settings state its start."""
    _, questions = asked(["", "y"], "run", "--new", "--account", "0011")
    assert questions == ["First day [2026-11-01]: ", "Begin --new of lexware on 2026-11-01? [y/N]: "]
    (company.home / "config.toml").write_text(_LEDGER, encoding="utf-8")
    _, questions = asked(["", "y"], "run", "xero", "--new")
    assert questions == ["First day [2026-07-01]: ", "Begin --new of xero on 2026-07-01? [y/N]: "]


def test_the_first_day_is_told_before_it_is_fixed(company: Terminal, asked: Asked) -> None:
    """How many rows, from when, and how much is said before the first day is fixed; a no writes nothing."""
    words = ("run", "--new", "--since", "november")
    refused, questions = asked(["n"], *words)
    assert questions == ["Begin --new of lexware on 2026-11-01? [y/N]: "]
    assert _TOLD in refused.err
    assert refused.code == 2
    assert "--new of lexware does not begin on 2026-11-01." in refused.err
    assert company.run("batches", "--json").data["batches"] == []
    done, _ = asked(["y"], *words, "--json")
    assert [sum(file["rows"] for file in done.data["files"]), sum(map(len, _files(done)))] == [10, 10]


def test_a_day_that_is_moved_is_confirmed_and_the_same_is_not(asked: Asked) -> None:
    """A question comes before the first day is moved; none with --yes, or where the day stays."""
    assert asked([], "export", "lexware", "--new", "--since", "2026-11-01", "--yes")[1] == []
    assert asked([], "export", "lexware", "--new", "--since", "1.11.2026")[1] == []
    moved, questions = asked(["y"], "export", "lexware", "--new", "--since", "20.11.2026")
    assert (moved.code, questions) == (0, ["Begin --new of lexware on 2026-11-20? [y/N]: "])
    assert "From 2026-11-20 on, no row is new for lexware." in moved.err


def test_without_a_terminal_nothing_is_asked(company: Terminal) -> None:
    """A scheduled run fixes the day that it was given, as nobody could answer."""
    result = company.run("run", "--new", "--since", "1.11.2026")
    assert (result.code, "Begin --new" in result.err) == (0, False)


def _files(result: CommandResult) -> Iterator[list[dict[str, str]]]:
    for file in result.data["files"]:
        if file["path"]:
            yield rows_of(Path(file["path"]))
