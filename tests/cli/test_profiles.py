"""``primanota profiles`` lists, shows, checks and learns profiles."""

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import click.termui
import pytest

from primanota import profiles
from primanota.cli import main
from tests.support.screens.command_line import CommandResult, Terminal

SAMPLE = "Datum;Name;Zweck;Kst;Betrag\n03.04.2026;Müller;Rechnung 7;4711;-12,50\n04.04.2026;Größler;x;4712;3,00\n"
LEARNT = ("Datum", "Name", "Zweck", "Kst", "Betrag")


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Person(NamedTuple):
    """A user at a shell, in a folder of their own, without a book."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def run(self, *words: str) -> CommandResult:
        """Run a command."""
        return CommandResult(main(["profiles", *words]), *self.capsys.readouterr())

    def answer(self, *answers: str) -> list[str]:
        """Answer questions at a terminal; return the questions that were asked."""
        left, asked = list(answers), list[str]()

        def prompt(question: str) -> str:
            asked.append(question)
            return left.pop(0)

        self.monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        self.monkeypatch.setattr(click.termui, "visible_prompt_func", prompt)
        return asked

    def lay(self, name: str, text: str | bytes) -> Path:
        """Write a file into the folder."""
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path


@pytest.fixture
def person(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Person:
    """Return a user without a book, an organisation or settings, whose input is not a terminal."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False)
    return Person(folder, capsys, monkeypatch)


def test_the_list(person: Person) -> None:
    """The list has all profiles with country, format and how they are verified, and JSON has the same."""
    result = person.run()
    lines = result.out.splitlines()
    assert lines[0].split() == ["Profile", "Tool", "Country", "Format", "Verified"]
    assert [line.split()[0] for line in lines[1:-1]] == profiles.names()
    found = {one["name"]: one for one in person.run("--json").data["profiles"]}
    lexware = profiles.load("lexware")
    assert found["lexware"] == {
        "name": "lexware",
        "aliases": ["lexoffice", "lexware-office"],
        "title": lexware.title,
        "country": "DE",
        "format": "csv",
        "verified": lexware.verified,
        "source": lexware.source,
    }


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (60, "Profile Tool Country"),
        (80, "Profile Tool Country Format"),
        (140, "Profile Tool Country Format Verified"),
    ],
)
def test_a_narrow_terminal_leaves_out_the_last_columns(
    width: int, columns: str, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a narrow terminal the list is a table with as many columns as it has room for, each tool in it."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    lines = person.run().out.splitlines()
    assert " ".join(lines[0].split()) == columns
    assert {*profiles.names()} <= {line.split(" ")[0] for line in lines}


def test_facts_are_below_each_other(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a narrow terminal each line of a fact begins in the same column, the first and the others."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    shown = person.run("show", "lexware").out
    facts = shown[shown.index("Name  ") : shown.index("\n\x1b[1mColumn")].splitlines()
    assert len(facts) > len(("name", "aliases", "country", "format", "verified", "source", "rules"))
    assert {(line[9], line[10] == " ") for line in facts} == {(" ", False)}


@pytest.mark.parametrize("name", profiles.names())
def test_each_is_shown(person: Person, name: str) -> None:
    """Each profile is shown without a book: its source, its rules, its columns with an invented row."""
    profile = profiles.load(name)
    result = person.run("show", name)
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"{profile.title}\n")
    assert profile.source in result.out
    assert all(rule in result.out for rule in profile.rules.in_words())
    assert all(heading in result.out for heading in profile.headings)
    assert result.out.endswith("The example is invented: there is no book with rows yet.\n")
    assert person.run("show", name, "--text").out == profile.text.rstrip() + "\n"


def test_one_for_machines(person: Person) -> None:
    """JSON has what people see, and the whole text."""
    data = person.run("show", "xero", "--json").data
    assert data["columns"][1] == {"column": "*Amount", "template": "{amount}", "example": "1200.00"}
    assert data["rules"][0] == "Never empty: *Date, *Amount."
    assert (data["name"], data["invented"], data["text"]) == ("xero", True, profiles.load("xero").text)


def test_a_file_without_headings_is_shown_whole(person: Person) -> None:
    """Headings that are not in the file are still the names of its columns, and the row is the example."""
    data = person.run("show", "freeagent", "--json").data
    assert [column["column"] for column in data["columns"]] == ["Date", "Amount", "Description"]
    assert data["columns"][0]["example"] == "07/10/2026"


def test_the_example_is_of_the_own_book(terminal: Callable[..., Terminal]) -> None:
    """With a book, the example is its newest completed row: the last row of the file that would be written."""
    desk = terminal()
    desk.run("sync")
    data = desk.run("profiles", "show", "lexware", "--json").data
    shown = desk.run("export", "lexware", "--since", "2026-01-01", "--dry-run", "--json").data["rows"]
    newest = max((rows[-1] for rows in shown.values() if len(rows) > 1), key=lambda row: row[0])
    assert [column["example"] for column in data["columns"]] == newest
    assert not data["invented"]
    assert desk.run("profiles", "show", "mt940").out.endswith("of your own book: the newest of Hauptkonto.\n")


def test_a_users_profile_is_shown(person: Person) -> None:
    """A path shows the same as a name."""
    path = person.lay("mine.toml", profiles.load("xero").text)
    assert person.run("show", str(path), "--json").data["name"] == "mine"


def test_a_profile_that_is_right(person: Person) -> None:
    """A profile without mistakes is reported as such."""
    path = person.lay("mine.toml", profiles.load("xero").text)
    assert person.run("check", "mine.toml") == (0, "mine.toml has no mistakes.\n", "")
    assert person.run("check", str(path), "--json").data == {"path": str(path), "mistakes": []}


def test_every_mistake_is_named(person: Person) -> None:
    """Each mistake has a line of its own: file, line, what is wrong, what to do."""
    text = profiles.load("xero").text.replace("{amount}", "{amont}").replace("encoding", "encodng")
    person.lay("mine.toml", text)
    result = person.run("check", "mine.toml")
    lines = {1 + text[: text.index(word)].count("\n"): word for word in ("encodng", "{amont}")}
    assert result.code == 3
    assert [line.partition(": ")[0] for line in result.out.splitlines()] == [f"mine.toml:{line}" for line in lines]
    assert result.err == (
        "Error: mine.toml has 2 mistakes.\n       Correct the profile.\n       More: primanota help own-profile\n"
    )
    machines = person.run("check", "mine.toml", "--json")
    assert (machines.code, [one["line"] for one in machines.data["mistakes"]]) == (3, list(lines))
    assert machines.data["mistakes"][1] == {
        "line": max(lines),
        "message": "column “*Amount”: there is no field “amont”.",
        "hint": "Did you mean “amount”?",
    }


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_profile_that_cannot_be_read_is_invalid_input(person: Person, content: bytes | None) -> None:
    """A file that does not exist, or is not a text, is invalid input."""
    if content:
        person.lay("mine.toml", content)
    result = person.run("check", "mine.toml")
    why = "it is not in UTF-8" if content else "No such file or directory"
    assert result.code == 2
    assert result.err == f"Error: The profile mine.toml cannot be read: {why}.\n       Name a TOML file in UTF-8.\n"


def test_learn_with_the_likely_answers(person: Person) -> None:
    """With --yes, the most likely answers are taken, and those that are not sure are reported."""
    person.lay("bank.csv", SAMPLE)
    result = person.run("learn", "bank.csv", "--yes")
    assert result.code == 0
    assert result.err == 'Note: Not sure: column 4, "-". It may be "reference" or "details".\n'
    assert [line.split()[0] for line in result.out.splitlines()[:4]] == [
        "Datum",
        "05.10.2026",
        "06.10.2026",
        "07.10.2026",
    ]
    assert result.out.endswith(
        "The example is invented: there is no book with rows yet.\n"
        "Written: bank.toml. Check it, then: primanota export bank.toml --new --dry-run\n"
    )
    learnt = profiles.load("bank.toml")
    assert (learnt.headings, learnt.title, learnt.source) == (
        list(LEARNT),
        "Learnt from bank.csv",
        "a sample, bank.csv",
    )
    assert "# Not sure: column 4" in learnt.text
    assert person.run("check", "bank.toml").code == 0


def test_learn_for_machines(person: Person) -> None:
    """JSON has the path of the profile, what is not sure, what a profile cannot write, and the first rows."""
    person.lay("bank.csv", SAMPLE.replace("-12,50", "-1.012,50"))
    data = person.run("learn", "bank.csv", "--to", "tool.toml", "--yes", "--json").data
    assert (data["path"], data["unsure"]) == ("tool.toml", [{"topic": "Column 4", "guess": "-"}])
    assert data["notes"] == ["Amounts of the sample have marks between thousands; the profile writes them without."]
    assert data["rows"][0] == list(LEARNT)
    assert data["text"] == profiles.load("tool.toml").text


def test_learn_asks(person: Person) -> None:
    """At a terminal only what is not sure is asked, again after an invalid answer; a number or a word answers."""
    person.lay("bank.csv", SAMPLE.replace("03.04.2026", "03/04/26").replace("04.04.2026", "04/04/26"))
    asked = person.answer("5", "", "membre", "member")
    result = person.run("learn", "bank.csv")
    assert asked == ["Days [1]: ", "Days [1]: ", "Column 4 [1]: ", "Column 4 [1]: "]
    assert "Column 1, “Datum” (“03/04/26”, “04/04/26”): how are days written?" in result.err
    assert "  1  %d/%m/%y  “03/04/26” is 3 April 2026\n  2  %m/%d/%y  “03/04/26” is 4 March 2026\n" in result.err
    assert "Choose one of 1, 2, or answer in words." in result.err
    assert "There is no field “membre”. Did you mean “member”?" in result.err
    assert "Not sure" not in result.err
    templates = [template for _, template in profiles.load("bank.toml").options.columns]
    assert (templates[0], templates[3]) == ("{booked:%d/%m/%y}", "{member}")


def test_learn_asks_nothing_when_told_so(person: Person) -> None:
    """With --yes no question is asked at a terminal."""
    person.lay("bank.csv", SAMPLE)
    asked = person.answer()
    assert (person.run("learn", "bank.csv", "--yes").code, asked) == (0, [])


def test_day_and_amount_are_asked_if_unknown(person: Person) -> None:
    """If the sample shows neither day nor amount, a terminal asks; without a terminal nothing is written."""
    person.lay("bank.csv", "wann,wieviel,wär\nheute,viel,ich\n")
    result = person.run("learn", "bank.csv", "--yes")
    assert (result.code, list(person.folder.glob("*.toml"))) == (2, [])
    assert "Day: Which column has the day on which money moved?\n  1  1  Column 1, “wann” (“heute”)\n" in result.err
    asked = person.answer("wann", "2", "none", ",", "%Y-%m-%d")
    assert person.run("learn", "bank.csv").code == 0
    assert asked == ["Day: ", "Amount: ", "Sign [1]: ", "Decimal mark [1]: ", "Days: "]
    assert [template for _, template in profiles.load("bank.toml").options.columns] == [
        *("{booked:%Y-%m-%d}", "{unsigned:,}", "{counterparty} {purpose} {details}"),
    ]


def test_every_choice_has_a_number(person: Person) -> None:
    """Without a guess, all columns and the usual date formats are offered, and none of them is the default."""
    person.lay("bank.csv", "a;b;ü\nfoo;bar;x\n")
    asked = person.answer("", "9", "1", "", "2", "2", "1", "2", "1")
    result = person.run("learn", "bank.csv")
    assert result.code == 0
    assert asked[:5] == ["Day: ", "Day: ", "Day: ", "Amount: ", "Amount: "]
    columns = "  1  1  Column 1, “a” (“foo”)\n  2  2  Column 2, “b” (“bar”)\n  3  3  Column 3, “ü” (“x”)\n"
    assert f"\nWhich column has the day on which money moved?\n{columns}Choose one of 1, 2, 3, or" in result.err
    assert "  1  %Y-%m-%d  2026-10-05\n  2  %d.%m.%Y  05.10.2026\n" in result.err
    assert profiles.load("bank.toml").options.columns[0] == ("a", "{booked:%d.%m.%Y}")


def test_a_wrong_answer_is_explained(person: Person) -> None:
    """An unknown number, an open brace and an invalid date format are answered with what is wrong and what to do."""
    person.lay("bank.csv", SAMPLE)
    person.answer("9", "{foo", "{booked:%Q}", "1")
    result = person.run("learn", "bank.csv").err.splitlines()
    assert result[5:8] == [
        "Choose one of 1, 2, 3, or answer in words.",
        "The braces in “{foo” do not match. Write it like {booked:%d.%m.%Y}, {amount:,} or {member}: {note}.",
        "“%Q” is not a directive of a date. Known: %Y, %m, %d, %H, %M, %S, and the others of Python's strftime.",
    ]


def test_a_write_that_fails_leaves_nothing(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full, no partial profile is left, and the next attempt succeeds."""
    person.lay("bank.csv", SAMPLE)
    with monkeypatch.context() as patched:
        patched.setattr("primanota.adapters.storage.disk.os.fsync", _full)
        result = person.run("learn", "bank.csv", "--yes")
    assert (result.code, [path.name for path in person.folder.iterdir()]) == (8, ["bank.csv"])
    assert "bank.toml cannot be written: the disk is full." in result.err
    assert person.run("learn", "bank.csv", "--yes").code == 0


def test_nothing_is_overwritten(person: Person) -> None:
    """An existing profile is never overwritten, and a new one cannot have the name of one of the program."""
    person.lay("bank.csv", SAMPLE)
    person.lay("bank.toml", "mine")
    there = person.run("learn", "bank.csv")
    assert (there.code, there.err) == (8, "Error: bank.toml exists already.\n       Name another file with --to.\n")
    assert (person.folder / "bank.toml").read_text(encoding="utf-8") == "mine"
    taken = person.run("learn", "bank.csv", "--to", "xero.toml")
    assert (taken.code, "The program has a profile xero already" in taken.err) == (2, True)
    strange = person.run("learn", "bank.csv", "--to", "bank.txt")
    assert (strange.code, "ends with .toml" in strange.err) == (2, True)
    person.lay("no", "a file")
    nowhere = person.run("learn", "bank.csv", "--to", "no/where.toml", "--yes")
    assert (nowhere.code, "cannot be written" in nowhere.err) == (8, True)


def test_a_file_created_while_answering_is_not_overwritten(person: Person) -> None:
    """A file that is created while questions are answered is not overwritten."""
    person.lay("bank.csv", SAMPLE)
    person.answer()
    person.monkeypatch.setattr(click.termui, "visible_prompt_func", lambda _: person.lay("bank.toml", "mine") and "1")
    result = person.run("learn", "bank.csv")
    assert (result.code, "bank.toml exists already" in result.err) == (8, True)
    assert (person.folder / "bank.toml").read_text(encoding="utf-8") == "mine"


def test_a_sample_of_any_name(person: Person) -> None:
    """For any name of the sample, the profile is a valid text."""
    person.lay('b\udcffnk "x".csv', SAMPLE)
    assert (
        person.run("learn", str(next(person.folder.glob("*.csv"))), "--to", "tool.toml", "--yes", "--json").code == 0
    )
    assert profiles.load("tool.toml").title == 'Learnt from b?nk "x".csv'


def test_an_invalid_sample_is_refused(person: Person) -> None:
    """A sample that does not exist, or is not a table, is refused in a sentence, and nothing is written."""
    assert "nowhere.csv cannot be read" in person.run("learn", "nowhere.csv").err
    person.lay("book.csv", b"PK\x03\x04")
    refused = person.run("learn", "book.csv")
    assert (refused.code, "a workbook or an archive" in refused.err) == (2, True)
    assert list(person.folder.glob("*.toml")) == []


def test_a_learnt_profile_can_be_used(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    """The preview shows rows of the book, and the profile can be used for an export at once."""
    desk = terminal()
    desk.run("sync")
    sample, place = tmp_path / "bank.csv", tmp_path / "tool.toml"
    sample.write_text(SAMPLE, encoding="utf-8")
    learnt = desk.run("profiles", "learn", str(sample), "--to", str(place), "--yes", "--json").data
    assert not learnt["invented"]
    assert len(learnt["rows"]) == 4
    exported = desk.run("export", str(place), "--period", "2026", "--account", "0010", "--dry-run", "--json")
    assert exported.data["rows"]["Hauptkonto"][-3:] == learnt["rows"][1:]
