"""In a real terminal: questions, hidden input, a progress bar; and two people at once."""

import itertools
import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGINT
from typing import IO

import pytest

from primanota.core.model import Money
from primanota.simulator import Simulator
from tests.support.clock import Clock
from tests.support.simulator_server import finish, served, start


def _converse(words: list[str], answers: list[tuple[str, str]], environment: dict[str, str]) -> tuple[int, str, str]:
    """Run the program at a terminal and answer each prompt once it is there.

    Returns:
        Its exit code, its stdout, and what the terminal showed.
    """
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "primanota", *words]
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        env={**os.environ, **environment},
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(theirs)
    shown = "".join(_answer(ours, prompt, answer) for prompt, answer in answers) + _read_until(ours, None)
    os.close(ours)
    out, _ = process.communicate(timeout=60)
    return process.returncode, out.decode(), shown


def _answer(terminal: int, prompt: str, answer: str) -> str:
    shown = _read_until(terminal, prompt)
    os.write(terminal, f"{answer}\n".encode())
    return shown


def _read_until(terminal: int, prompt: str | None) -> str:
    """What the terminal shows up to a prompt, or to the end."""
    shown = b""
    with suppress(OSError):  # the other side is closed and everything is read
        while prompt is None or prompt.encode() not in shown:
            shown += os.read(terminal, 65536)
    return shown.decode()


def test_run_asks_for_the_days(tmp_path: Path, clock: Clock) -> None:
    """At a terminal without dates ``run`` asks for them, again on nonsense, and the end may be left out."""
    start_date, end_date = "Start date", "End date"
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        environment = _environment(simulator, url, tmp_path)
        days = [
            (start_date, "tomorrow"),
            (start_date, "20260901"),
            (end_date, "2026-08-01"),
            (end_date, "2026-09-30"),
        ]
        code, out, shown = _converse(["run"], days, environment)
        again = _converse(["run"], [(start_date, "2026-09-01"), (end_date, "")], environment)
    assert code == 0
    assert "“tomorrow” is not a day." in shown
    assert "before it starts" in shown
    assert "2026-09-01 to 2026-09-30" in out
    assert again[0] == 0
    assert "2026-09-01 to " in again[1]


def test_the_first_day_is_asked_for_once(tmp_path: Path, clock: Clock) -> None:
    """At a terminal the first ``--new`` asks from which day on, again on nonsense; the next one knows it."""
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        environment = _environment(simulator, url, tmp_path)
        code, out, shown = _converse(
            ["run", "--new"], [("First day", "soon"), ("First day", "20261101")], environment
        )
        again = _converse(["run", "--new"], [], environment)
    assert (code, "“soon” is not a day." in shown, "new since 2026-11-01" in out) == (0, True, True)
    assert "This is the first --new for lexware" in shown
    assert (again[0], "Nothing is new since 2026-11-01" in again[1], "First day" in again[2]) == (0, True, False)


def test_login_keeps_the_key_and_shows_it_to_nobody(tmp_path: Path, clock: Clock) -> None:
    """``login`` hides what is typed, tries the key, lists the accounts, and keeps the secret in a 0600 file."""
    with Simulator(size=120, clock=clock) as simulator, served(simulator) as url:
        environment = {"PRIMANOTA_HOME": str(tmp_path), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        answers = [("Login", simulator.login), ("Secret", simulator.secret)]
        code, out, shown = _converse(["login", "--api-url", url], answers, environment)
        again = _converse(["sync"], [], environment)
    assert code == 0
    assert "Morgenrot Fahrradbau GmbH" in out
    assert "Hauptkonto" in out
    secret_file = tmp_path / f"{simulator.login}.secret"
    assert secret_file.stat().st_mode & 0o777 == 0o600
    assert simulator.secret not in out + (tmp_path / "config.toml").read_text(encoding="utf-8")
    assert simulator.secret not in shown
    assert again[0] == 0


@pytest.mark.parametrize(
    ("words", "do"),
    [
        (["login"], "Set PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY."),
        (["login", "--mail"], "Set PRIMANOTA_MAIL_PASSWORD."),
        (["schedule", "install"], "Give --yes."),
    ],
)
def test_nobody_is_there_to_answer(tmp_path: Path, words: list[str], do: str) -> None:
    """Without a terminal a question is exit code 2, and the sentence says what to do in place of an answer."""
    (tmp_path / "config.toml").write_text('[organisation.acme]\nsecret = "file"\n', encoding="utf-8")
    tools = tmp_path / "tools"  # a machine that has cron alone
    tools.mkdir()
    (tools / "crontab").write_text("#!/bin/sh\n", encoding="utf-8")
    (tools / "crontab").chmod(0o755)
    code, _, err = _unattended(words, tmp_path, stdout=subprocess.PIPE, PATH=str(tools))
    assert (code, "Error: A question was asked, and stdin is not a terminal.\n" in err, do in err) == (
        2,
        True,
        True,
    ), err


def test_the_end_of_input_at_a_terminal(tmp_path: Path) -> None:
    """Who ends a question at a terminal with Ctrl-D has interrupted."""
    code, _, shown = _converse(["login"], [("Login", "\x04")], {"PRIMANOTA_HOME": str(tmp_path)})
    assert (code, "Interrupted." in shown) == (130, True)


@pytest.mark.parametrize("words", [["profiles"], ["profiles", "--json"], ["profiles", "show", "lexware"], ["--help"]])
def test_output_that_cannot_be_written(tmp_path: Path, words: list[str]) -> None:
    """A full disk behind the output is exit code 8 and one sentence."""
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        code, _, err = _unattended(words, tmp_path, stdout=full)
    assert code == 8
    assert err.startswith("Error: The output cannot be written: No space left on device.\n")
    assert "mistake" not in err


def test_output_that_is_closed(tmp_path: Path) -> None:
    """A closed output is exit code 8 and one sentence."""
    shell = ["/bin/sh", "-c", 'exec "$0" -m primanota profiles >&-', sys.executable]
    variables = {**os.environ, "PRIMANOTA_HOME": str(tmp_path)}
    done = subprocess.run(shell, env=variables, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (done.returncode, done.stderr.splitlines()[0]) == (8, "Error: The output cannot be written: it is closed.")


def test_whoever_read_it_has_gone(tmp_path: Path) -> None:
    """Where nobody reads the output any more it is exit code 130, and nothing is said."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as broken:
        code, _, err = _unattended(["profiles"], tmp_path, stdout=broken)
    assert (code, err) == (130, "")


def _unattended(words: list[str], home: Path, *, stdout: IO[str] | int, **more: str) -> tuple[int, str, str]:
    """Run the program with nobody at its input; its exit code, its stdout, and its stderr."""
    variables = {**os.environ, "PRIMANOTA_HOME": str(home), "PYTHONUNBUFFERED": "", **more}
    command = [sys.executable, "-m", "primanota", *words]
    done = subprocess.run(  # noqa: S603 - our own words
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("columns", [80, 60, 40])
def test_amounts_are_whole(tmp_path: Path, clock: Clock, columns: int) -> None:
    """However narrow the terminal, no amount goes on in another line, and no column vanishes."""
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        environment = _environment(simulator, url, tmp_path) | {"PRIMANOTA_TIMEZONE": "Europe/Berlin"}
        assert _converse(["run", "--period", "2026-10"], [], environment)[0] == 0
        command = [sys.executable, "-m", "primanota", "batches"]
        ours, theirs = pty.openpty()
        subprocess.run(command, env={**os.environ, **environment, "COLUMNS": f"{columns}"}, stdout=theirs, check=True)  # noqa: S603 - our own program
        os.close(theirs)
        shown = _read_until(ours, None)
        os.close(ours)
        told = json.loads(finish(start(simulator, url, tmp_path, "batches", "--json"))[1])
    for batch in told["batches"]:
        assert f" {Money(batch['sum_in_cents']):.} " in shown
        assert f" {Money(batch['sum_out_cents']):.} " in shown
    assert all(head in "".join(shown.split()) for head in ("Batch", "Rows", "In", "Out", "File"))


def test_a_wrong_key_is_not_kept(tmp_path: Path, clock: Clock) -> None:
    """``login`` with a wrong key is exit code 4 and leaves nothing behind."""
    with Simulator(size=0, clock=clock) as simulator, served(simulator) as url:
        environment = {"PRIMANOTA_HOME": str(tmp_path), "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
        code, _, shown = _converse(
            ["login", "--api-url", url], [("Login", simulator.login), ("Secret", "wrong")], environment
        )
    assert code == 4
    assert "does not accept the API key" in shown
    assert list(tmp_path.iterdir()) == []


def test_learn_asks_what_a_sample_does_not_tell(tmp_path: Path) -> None:
    """At a terminal ``profiles learn`` asks, again on nonsense, and stdout carries the result alone."""
    sample, place = tmp_path / "bank.csv", tmp_path / "tool.toml"
    sample.write_text("Date,Näme,Amount\n03/04/2026,Zoë,-1.50\n", encoding="utf-8")
    words = ["profiles", "learn", str(sample), "--to", str(place)]
    answers = [("Days [1]", "3"), ("Days [1]", "2")]
    code, out, shown = _converse(words, answers, {"PRIMANOTA_HOME": str(tmp_path)})
    assert (code, "{booked:%m/%d/%Y}" in place.read_text(encoding="utf-8")) == (0, True)
    assert "“03/04/2026” is 4 March 2026" in shown
    assert "how are days written" not in out
    assert f"Written: {place}" in out


def test_a_progress_bar_at_a_terminal(tmp_path: Path, clock: Clock) -> None:
    """At a terminal a sync shows pages and rows on stderr; stdout carries the result alone."""
    with Simulator(size=2_000, clock=clock, latency=0.05) as simulator, served(simulator) as url:
        code, out, shown = _converse(["sync"], [], _environment(simulator, url, tmp_path))
    assert code == 0
    assert "pages" in shown
    assert "rows/s" in shown
    assert "pages" not in out


def test_two_at_once(tmp_path: Path, clock: Clock) -> None:
    """Two syncs of one book at once: the second waits, both succeed, and nothing is in the book twice."""
    with Simulator(size=1_000, clock=clock, latency=0.01) as simulator, served(simulator) as url:
        both = [start(simulator, url, tmp_path, "sync", "--json") for _ in range(2)]
        done = [finish(process) for process in both]
        third = finish(start(simulator, url, tmp_path, "check", "--json"))
    assert [code for code, _, _ in (*done, third)] == [0, 0, 0], (done, third)


def test_interrupted(tmp_path: Path, clock: Clock) -> None:
    """Ctrl-C is exit code 130 and one sentence, and the next sync completes."""
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


def test_an_old_terminal(tmp_path: Path) -> None:
    """A terminal that cannot show every letter gets question marks, not an error; the files keep every letter."""
    variables = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "primanota", "demo", "--to", str(tmp_path)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert (done.returncode, "Steuerr?cklage" in done.stdout) == (0, True), done.stderr
    assert any("Käthe Groß" in file.read_text(encoding="utf-8") for file in tmp_path.glob("*.csv"))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell: str) -> None:
    """Every common shell gets its completion script."""
    variables = {**os.environ, "_PRIMANOTA_COMPLETE": f"{shell}_source"}
    program = Path(sys.executable).with_name("primanota")
    done = subprocess.run([program], env=variables, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert "primanota" in done.stdout


def test_completion_of_profiles() -> None:
    """The shell completes the names of profiles."""
    variables = {
        **os.environ,
        "_PRIMANOTA_COMPLETE": "bash_complete",
        "COMP_WORDS": "primanota export lex",
        "COMP_CWORD": "2",
    }
    program = Path(sys.executable).with_name("primanota")
    done = subprocess.run([program], env=variables, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    assert "lexware" in done.stdout


def _environment(simulator: Simulator, url: str, home: Path) -> dict[str, str]:
    return {
        "PRIMANOTA_HOME": str(home),
        "PRIMANOTA_LOGIN": simulator.login,
        "PRIMANOTA_SECRET_KEY": simulator.secret,
        "PRIMANOTA_API_URL": url,
    }
