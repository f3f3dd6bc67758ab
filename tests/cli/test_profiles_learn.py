"""``primanota profiles learn`` without a terminal refuses what is not sure; its preview stands upright."""

import re
import sys
import unicodedata
from pathlib import Path
from typing import NamedTuple

import pytest

from primanota import profiles
from primanota.cli import main
from primanota.cli.results.preview import preview
from primanota.cli.terminal import output
from primanota.core.text import display_width
from tests.support.screens.command_line import CommandResult

_SPARKASSE = """Buchungstag;Gläubiger-ID;Auslagenersatz Rücklastschrift;Empfänger*in;Zweck;Währung;Causale;Betrag
01.10.2026;DE98ZZZ01;;Müller;Rechnung 7;EUR;48;-12,50
14.10.2026;DE98ZZZ02;;Größler;Miete;EUR;27;3,00
"""
_ANSWERS = ("Column 2=-", "Column 4=1", "Column 6=currency", "column 7=operation")


class Shell(NamedTuple):
    """A shell without a terminal, in a folder with a sample."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def learn(self, *words: str) -> CommandResult:
        """Learn from the sample."""
        return CommandResult(main(["profiles", "learn", "bank.csv", *words]), *self.capsys.readouterr())

    @property
    def templates(self) -> list[str]:
        """Return the templates of the learnt profile."""
        return [template for _, template in profiles.load("bank.toml").options.columns]


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell without a terminal, a book or settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    (tmp_path / "bank.csv").write_text(_SPARKASSE, encoding="utf-8")
    return Shell(tmp_path, capsys)


def test_without_a_terminal_open_questions_are_refused(shell: Shell) -> None:
    """Each open question is listed with its answers, the error says how to answer, and nothing is written."""
    result = shell.learn()
    assert (result.code, result.out, [one.name for one in shell.folder.iterdir()]) == (2, "", ["bank.csv"])
    lines = result.err.splitlines()
    asked = sorted(line.partition(":")[0] for line in lines if line.startswith("Column"))
    assert asked == [f"Column {number}" for number in (2, 4, 6, 7)]
    assert "Column 7: Column 7, “Causale” (“48”, “27”): these look like codes. What do they mean?" in lines
    assert "  1  counterparty  the name of the counterparty" in lines
    assert lines[-2] == "Error: bank.csv does not show everything: it leaves 4 questions open."
    assert "--answer" in lines[-1]
    assert "--yes" in lines[-1]


def test_open_questions_for_machines(shell: Shell) -> None:
    """With --json the one document has the error and each question with its answers."""
    data = shell.learn("--json").data
    assert data["exit_code"] == 2
    found = {one["topic"]: [answer["value"] for answer in one["answers"]] for one in data["questions"]}
    assert found["Column 2"] == ["-", "id"]
    assert found["Column 6"] == ["currency", "=EUR", "-"]
    assert all(answer["meaning"] for one in data["questions"] for answer in one["answers"])


def test_answers_on_the_command_line(shell: Shell) -> None:
    """With an answer to each question, by a word or a number, the profile is written as in a terminal."""
    words = [word for answer in _ANSWERS for word in ("--answer", answer)]
    result = shell.learn(*words)
    assert (result.code, "Not sure" in result.err) == (0, False)
    assert shell.templates == [
        *("{booked:%d.%m.%Y}", "", "", "{counterparty}", "{purpose} {details}", "{currency}", "{operation}"),
        "{amount:,}",
    ]
    assert profiles.load("bank.toml").options.formula_guard == "'"


def test_an_answer_may_correct_a_sure_column(shell: Shell) -> None:
    """A column that is not asked can be answered, too; the rest is taken with --yes and reported."""
    result = shell.learn("--yes", "--answer", "Column 5==Sammelbuchung")
    assert result.code == 0
    assert shell.templates[4] == "Sammelbuchung"
    assert 'Not sure: column 2, "-". It may be "id".' in result.err


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("Column 2=foo", "Column 2: “foo” is not an answer."),
        ("Column 9=-", "The sample opens no question “column 9”."),
        ("Encoding=utf-8", "The sample opens no question “encoding”."),
        ("Column 2", "--answer Column 2 has no equals sign."),
    ],
)
def test_a_wrong_answer_on_the_command_line_is_refused(shell: Shell, answer: str, said: str) -> None:
    """An answer that is none, or to no question, is refused in a sentence with a hint; nothing is written."""
    result = shell.learn("--yes", "--answer", answer)
    assert (result.code, list(shell.folder.glob("*.toml"))) == (2, [])
    assert f"Error: {said}\n       " in result.err


def test_a_wide_preview_has_a_line_for_each_column(shell: Shell) -> None:
    """A table that is too wide is shown with a line for each column: its number, its heading, its cells."""
    headings = ";".join(f"Spalte {number} mit Überschrift" for number in range(12))
    rows = "".join(f"{day}.10.2026;Öl;{amount}{';' * 12}\n" for day, amount in (("01", "-1,50"), ("14", "2,50")))
    text = f"Buchungstag;Verwendungszweck;Betrag;{headings}\n{rows}"
    (shell.folder / "bank.csv").write_text(text, encoding="utf-8")
    result = shell.learn("--yes")
    assert result.code == 0
    first, *lines = result.out.splitlines()
    assert first.split() == ["Column", "Row", "1", "Row", "2"]
    assert [line.split()[0] for line in lines[:15]] == [str(number) for number in range(1, 16)]
    assert lines[0].split()[1:] == ["Buchungstag", "05.10.2026", "06.10.2026"]
    assert lines[2].split()[1] == "Betrag"
    assert all(display_width(line) <= 120 for line in lines[:15])


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_a_preview_fits_a_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a terminal of any width no line is wider than it, with wide and combining characters, and all is shown."""
    cells = [
        ["Datum", "東京の取引先", "Verwendungszweck", "Betrag"],
        ["01.10.2026", "株式会社", "Cafe\u0301 Öl und noch mehr Text", "-12,50"],
        ["02.10.2026", "e\u0301a\u0308", "x" * 50, "1.000,00"],
    ]
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    preview(cells)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()
    assert max(map(display_width, lines)) <= width
    shown = unicodedata.normalize("NFC", "".join(lines))
    assert all(part in shown for part in ("Datum", "01.10.2026", "-12,50"))


def test_columns_of_wide_characters_stay_below_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a terminal, a cell takes as many places as a terminal gives it: two, one, or none for a character."""
    output.table(["東京", "A"], [["e\u0301", "B"], ["🧾", "C"], ["abc", "D"]])
    lines = capsys.readouterr().out.splitlines()
    assert {display_width(line[: line.index(last)]) for line, last in zip(lines, "ABCD", strict=False)} == {6}
