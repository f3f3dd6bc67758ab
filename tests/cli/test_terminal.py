"""The program at a terminal: questions, hidden input, a progress bar; and two processes at the same time."""

import itertools
import json
import lzma
import os
import re
import sys
from datetime import date
from pathlib import Path
from signal import SIGINT
from types import ModuleType

import pytest

from primanota.__main__ import main as program
from primanota.simulator import Simulator
from tests.support import environment
from tests.support.banks.camt_files import Booked, document, slices
from tests.support.banks.simulator_server import finish, served, start, variables_of
from tests.support.clock import Clock
from tests.support.screens.pseudo_terminal import PROGRAM, converse

_OLDER = Path(__file__).parents[1] / "golden" / "book" / "0.1.0.book.xz"


class _Interrupted(ModuleType):
    """A module in whose import Ctrl-C was pressed."""

    def __getattr__(self, _: str) -> object:
        raise KeyboardInterrupt


def test_interrupted_before_it_began(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C while the program is still being loaded is exit code 130, as later, without a traceback."""
    monkeypatch.setitem(sys.modules, "primanota.cli", _Interrupted("primanota.cli"))
    monkeypatch.setattr("sys.argv", ["primanota", "sync"])
    with pytest.raises(SystemExit) as left:
        program()
    assert (left.value.code, capsys.readouterr().err) == (130, "Interrupted.\n")


def test_run_asks_for_the_days(tmp_path: Path, clock: Clock) -> None:
    """At a terminal ``run`` asks for missing days, again after an invalid one, and accepts an empty end date."""
    start_date, end_date = "First day", "Last day"
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        variables = variables_of(simulator, url, tmp_path)
        days = [
            (start_date, "tomorrow"),
            (start_date, "20260901"),
            (end_date, "2026-08-01"),
            (end_date, "2026-09-30"),
        ]
        code, out, shown = converse(["run"], days, variables)
        again = converse(["run"], [(start_date, "2026-09-01"), (end_date, "")], variables)
    assert code == 0
    assert "“tomorrow” is not a day." in shown
    assert "before it starts" in shown
    assert "2026-09-01 to 2026-09-30" in out
    assert again[0] == 0
    assert "2026-09-01 to " in again[1]


def test_the_first_day_is_asked_for_once(tmp_path: Path, clock: Clock) -> None:
    """The first ``--new`` asks for the first day, again after an invalid one or a no; later runs do not ask."""
    question = "Begin --new of lexware on"
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        variables = variables_of(simulator, url, tmp_path)
        answers = [("First day", "soon"), ("First day", "1.1.26"), (question, "n")]
        answers += [("First day", "1/11/2026"), (question, "y")]
        code, out, shown = converse(["run", "--new"], answers, variables)
        again = converse(["run", "--new"], [], variables)
    assert (code, "“soon” is not a day." in shown, "new since 2026-11-01" in out) == (0, True, True)
    assert "This is the first --new for lexware" in shown
    assert "From 1 Jan 2026 on, " in shown
    assert (again[0], "Nothing is new since 2026-11-01" in again[1], "First day" in again[2]) == (0, True, False)


def test_login_stores_the_key_and_does_not_show_it(tmp_path: Path, clock: Clock) -> None:
    """``login`` hides the secret, lists the accounts, and stores the secret in a file with mode 0600."""
    with Simulator(size=120, clock=clock) as simulator, served(simulator) as url:
        variables = environment.plain(PRIMANOTA_HOME=str(tmp_path))
        answers = [("Login", simulator.login), ("Secret", simulator.secret)]
        code, out, shown = converse(["login", "--api-url", url], answers, variables)
        again = converse(["sync"], [], variables)
    assert code == 0
    assert "Morgenrot Fahrradbau GmbH" in out
    assert "Hauptkonto" in out
    secret_file = tmp_path / f"{simulator.login}.secret"
    assert secret_file.stat().st_mode & 0o777 == 0o600
    assert simulator.secret not in out + (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert simulator.secret not in shown
    assert again[0] == 0


def test_login_takes_both_values_in_one_answer(tmp_path: Path, clock: Clock) -> None:
    """A key that is pasted as “login:secret” is understood, and only the secret is stored as the secret."""
    with Simulator(size=0, clock=clock) as simulator, served(simulator) as url:
        variables = environment.plain(PRIMANOTA_HOME=str(tmp_path))
        answers = [("Login", f"{simulator.login}:{simulator.secret}")]
        code, out, _ = converse(["login", "--api-url", url], answers, variables)
        again = converse(["sync"], [], variables)
    assert (code, "Morgenrot Fahrradbau GmbH" in out, again[0]) == (0, True, 0)
    assert (tmp_path / f"{simulator.login}.secret").read_text(encoding="utf-8").strip() == simulator.secret


@pytest.mark.parametrize(
    ("words", "do"),
    [
        (["login"], "may be in PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY."),
        (["login", "--oauth", "--manual"], "Set PRIMANOTA_OAUTH_CLIENT_ID"),
        (["login", "--mail"], "Set PRIMANOTA_MAIL_PASSWORD."),
        (["schedule", "install"], "Give --yes."),
    ],
)
def test_a_question_without_a_terminal(tmp_path: Path, words: list[str], do: str) -> None:
    """A question without a terminal is exit code 2, and the error says how to avoid the question."""
    (tmp_path / "config.toml").write_text('[organisation.acme]\nsecret = "file"\n', encoding="utf-8")
    tools = tmp_path / "tools"  # a machine with cron, and without systemd
    tools.mkdir()
    (tools / "crontab").write_text("#!/bin/sh\n", encoding="utf-8")
    (tools / "crontab").chmod(0o755)
    code, _, err = _unattended(words, tmp_path, PATH=str(tools))
    assert (code, "Error: A question was asked, and stdin is not a terminal.\n" in err, do in err) == (
        2,
        True,
        True,
    ), err


def test_the_end_of_input_at_a_terminal(tmp_path: Path) -> None:
    """Ctrl-D at a question is exit code 130, as an interruption."""
    code, _, shown = converse(["login"], [("Login", "\x04")], environment.plain(PRIMANOTA_HOME=str(tmp_path)))
    assert (code, "Interrupted." in shown) == (130, True)


@pytest.mark.parametrize("words", [["profiles"], ["profiles", "--json"], ["profiles", "show", "lexware"], ["--help"]])
def test_output_that_cannot_be_written(words: list[str]) -> None:
    """A full disk behind stdout is exit code 8 with an error message."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = environment.run([*PROGRAM, *words], stdout=full)
    assert done.returncode == 8
    assert done.stderr.startswith("Error: The output cannot be written: the disk is full.\n")
    assert "mistake" not in done.stderr


def test_output_that_is_closed() -> None:
    """A closed stdout is exit code 8 with an error message."""
    shell = ["/bin/sh", "-c", 'exec "$0" -m primanota profiles >&-', sys.executable]
    done = environment.run(shell)
    assert (done.returncode, done.stderr.splitlines()[0]) == (8, "Error: The output cannot be written: it is closed.")


def test_messages_that_are_closed() -> None:
    """A command whose stderr and stdin are closed has its result and its exit code all the same."""
    shell = ["/bin/sh", "-c", 'exec "$0" -m primanota "$@" 2>&- <&-', sys.executable]
    done = environment.run([*shell, "profiles", "show", "lexware"])
    assert (done.returncode, "lexware" in done.stdout) == (0, True)
    assert environment.run([*shell, "profiles", "show", "nope"]).returncode == 2


def test_the_reader_of_the_output_has_gone() -> None:
    """A closed pipe behind stdout is exit code 130, without a message."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as broken:
        done = environment.run([*PROGRAM, "profiles"], stdout=broken)
    assert (done.returncode, done.stderr) == (130, "")


def _unattended(words: list[str], home: Path, **more: str) -> tuple[int, str, str]:
    """Run the program without a terminal at stdin; return its exit code, stdout and stderr."""
    done = environment.run([*PROGRAM, *words], environment.plain(PRIMANOTA_HOME=str(home), **more))
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_amounts_are_not_broken(tmp_path: Path, clock: Clock, columns: int) -> None:
    """No width of the terminal breaks an amount into two lines, or drops a column."""
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        variables = variables_of(simulator, url, tmp_path) | {"PRIMANOTA_TIMEZONE": "Europe/Berlin"}
        assert converse(["run", "--period", "2026-10"], [], variables).code == 0
        shown = converse(["batches"], [], variables | {"COLUMNS": f"{columns}"}, whole=True).shown
        report = json.loads(finish(start(simulator, url, tmp_path, "batches", "--json"))[1])
    for batch in report["batches"]:
        both = {f"€{batch['sum_in_cents'] / 100:,.2f}", f"-€{-batch['sum_out_cents'] / 100:,.2f}"}
        assert both <= {*_without_colors(shown).split()}
    assert all(head in "".join(shown.split()) for head in ("Batch", "Rows", "In", "Out", "File"))


def test_a_wrong_key_is_not_stored(tmp_path: Path, clock: Clock) -> None:
    """``login`` with a wrong key is exit code 4 and stores nothing."""
    with Simulator(size=0, clock=clock) as simulator, served(simulator) as url:
        variables = environment.plain(PRIMANOTA_HOME=str(tmp_path))
        code, _, shown = converse(
            ["login", "--api-url", url], [("Login", simulator.login), ("Secret", "wrong")], variables
        )
    assert code == 4
    assert "does not accept the API key" in shown
    assert list(tmp_path.iterdir()) == []


def test_learn_asks_what_a_sample_does_not_show(tmp_path: Path) -> None:
    """At a terminal ``profiles learn`` asks, again after an invalid answer; stdout has the result only."""
    sample, place = tmp_path / "bank.csv", tmp_path / "tool.toml"
    sample.write_text("Date,Näme,Amount\n03/04/2026,Zoë,-1.50\n", encoding="utf-8")
    words = ["profiles", "learn", str(sample), "--to", str(place)]
    answers = [("Days [1]", "3"), ("Days [1]", "2")]
    code, out, shown = converse(words, answers, environment.plain(PRIMANOTA_HOME=str(tmp_path)))
    assert (code, "{booked:%m/%d/%Y}" in place.read_text(encoding="utf-8")) == (0, True)
    assert "“03/04/2026” is 4 March 2026" in shown
    assert "how are days written" not in out
    assert f"Written: {place}" in out


def test_a_progress_bar_at_a_terminal(tmp_path: Path, clock: Clock) -> None:
    """At a terminal a sync shows pages and rows on stderr; stdout has the result only."""
    with Simulator(size=2_000, clock=clock, latency=0.05) as simulator, served(simulator) as url:
        code, out, shown = converse(["sync"], [], variables_of(simulator, url, tmp_path))
    assert code == 0
    assert "pages" in shown
    assert "2,005 rows" in shown
    assert "pages" not in out


def test_an_import_has_a_bar_at_a_terminal_alone(tmp_path: Path) -> None:
    """At a terminal an import shows rows on stderr and no pages, also with ``--json``; without one it is silent."""
    rows = [Booked(date(2026, 10, 1), place, f"Rechnung {place}") for place in range(2_000)]
    (tmp_path / "statement.xml").write_bytes(document(*slices(rows, [(0, len(rows))], 0)))
    words, variables = ["import", str(tmp_path / "statement.xml")], environment.plain(PRIMANOTA_HOME=str(tmp_path))
    shown = converse(words, [], variables)
    assert (shown.code, "Reading" in shown.shown, "00 rows" in shown.shown) == (0, True, True), shown
    assert ("pages" in shown.shown, "Reading" in shown.out) == (False, False)
    again = converse([*words, "--json"], [], variables)
    assert ("Reading" in again.shown, "organisation" in json.loads(again.out)) == (True, True)
    assert environment.run([*PROGRAM, *words], variables).stderr == ""


def test_an_update_of_the_book_has_a_bar_at_a_terminal_alone(tmp_path: Path) -> None:
    """At a terminal a bar is shown while an older book is brought up to date, once; without one nothing is."""
    book, variables = tmp_path / "older.book", environment.plain(PRIMANOTA_HOME=str(tmp_path))
    words = ["review", "--book", str(book)]
    book.write_bytes(lzma.decompress(_OLDER.read_bytes()))
    assert "Updating the book" in converse(words, [], variables).shown
    again = converse(words, [], variables)
    assert (again.code, "Updating" in again.shown) == (0, False)
    book.write_bytes(lzma.decompress(_OLDER.read_bytes()))
    assert environment.run([*PROGRAM, *words], variables).stderr == ""


def test_two_at_once(tmp_path: Path, clock: Clock) -> None:
    """Two syncs of one book at the same time both succeed, and ``check`` proves the book afterwards."""
    with Simulator(size=1_000, clock=clock, latency=0.01) as simulator, served(simulator) as url:
        both = [start(simulator, url, tmp_path, "sync", "--json") for _ in range(2)]
        done = [finish(process) for process in both]
        third = finish(start(simulator, url, tmp_path, "check", "--json"))
    assert [code for code, _, _ in (*done, third)] == [0, 0, 0], (done, third)


def test_interrupted(tmp_path: Path, clock: Clock) -> None:
    """Ctrl-C is exit code 130 without a traceback, and the next sync completes."""
    with Simulator(size=2_000, clock=clock) as simulator, served(simulator) as url:
        process = start(simulator, url, tmp_path, "sync")
        turns = itertools.count()
        simulator.before_request = lambda _simulator, _path: (
            process.send_signal(SIGINT) if next(turns) == 12 else None
        )
        code, _, err = finish(process)
        simulator.before_request = None
        assert (code, "Traceback" in err) == (130, False), err
        assert finish(start(simulator, url, tmp_path, "sync"))[0] == 0


def test_a_terminal_with_few_characters(tmp_path: Path) -> None:
    """A terminal that lacks a character shows a question mark, without an error; files have every character."""
    code, out, err = _unattended(["demo", "--to", str(tmp_path)], tmp_path, PYTHONIOENCODING="ascii")
    assert (code, "Steuerr?cklage" in out) == (0, True), err
    assert any("Käthe Groß" in file.read_text(encoding="utf-8") for file in tmp_path.glob("*.csv"))


def test_a_system_that_cannot_name_a_file(tmp_path: Path) -> None:
    """A locale that cannot encode the name of a file is exit code 8, with the variable to set."""
    code, _, err = _unattended(["demo", "--to", str(tmp_path)], tmp_path, LC_ALL="C", PYTHONUTF8="0")
    assert (code, "no file can be named" in err, "PYTHONUTF8=1" in err) == (8, True, True), err


@pytest.mark.parametrize("name", environment.UNUSUAL)
def test_any_terminal(tmp_path: Path, clock: Clock, name: str) -> None:
    """Questions, tables and syncs work on every kind of terminal and in every locale."""
    strange = environment.UNUSUAL[name]
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        variables = variables_of(simulator, url, tmp_path) | strange
        first, last = {"german": ("Erster Tag", "Letzter Tag")}.get(name, ("First day", "Last day"))
        run = converse(["run"], [(first, "soon"), (first, "2026-10-01"), (last, "2026-10-31")], variables)
        table = converse(["batches"], [], variables, whole=True)
        report = json.loads(finish(start(simulator, url, tmp_path, "batches", "--json"))[1])
    assert (run.code, table.code) == (0, 0), run
    assert "is not a day." in run.shown
    assert f"2026-10-01 {'bis' if name == 'german' else 'to'} 2026-10-31" in run.out
    shown = _without_colors(table.shown)
    for batch in report["batches"]:
        english = f"{batch['sum_in_cents'] / 100:,.2f}"
        german = english.translate({ord(","): ".", ord("."): ","})
        assert {"german": f"{german}\xa0€", "latin-1": f"EUR {english}"}.get(name, f"€{english}") in shown
    assert ("\x1b" in table.shown) is (name not in {"dumb", "no-color", "unknown", "no-term"})
    assert "Traceback" not in run.shown + table.shown


@pytest.mark.parametrize("name", ["dumb", "unknown", "not-compatible", "not-interactive"])
def test_no_progress_bar_at_a_terminal_that_cannot_draw(tmp_path: Path, clock: Clock, name: str) -> None:
    """A terminal that cannot draw a progress bar shows none, and no empty line in its place."""
    with Simulator(size=0, clock=clock) as simulator, served(simulator) as url:
        done = converse(["sync"], [], variables_of(simulator, url, tmp_path) | environment.UNUSUAL[name])
    assert (done.code, done.shown) == (0, "")


def _without_colors(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    """Every common shell gets its completion script."""
    assert "primanota" in _completed(_PRIMANOTA_COMPLETE=f"{shell}_source")


def test_completion_of_profiles() -> None:
    """The shell completes the names of profiles."""
    typed = {"COMP_WORDS": "primanota export lex", "COMP_CWORD": "2"}
    assert "lexware" in _completed(_PRIMANOTA_COMPLETE="bash_complete", **typed)


def _completed(**variables: str) -> str:
    """Run the console script as a shell does for completion."""
    program = Path(sys.executable).with_name("primanota")
    return environment.run([program], environment.plain(**variables)).stdout
