"""The first hour: the demo and what can be typed after it, and the one next step that every command names."""

import re
import shlex
import sys
from pathlib import Path
from signal import SIGINT

import pytest

from primanota.cli import main
from primanota.cli.terminal import program
from primanota.core.commands import weekly_run
from primanota.simulator import Simulator
from primanota.simulator.http.server import open_listening_socket
from tests.support import environment
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock
from tests.support.screens.command_line import Terminal
from tests.support.screens.pseudo_terminal import PROGRAM, converse

_NAMED = re.compile(r"(?<= -m )primanota .*")


@pytest.mark.parametrize("folder", ["primanota-demo", "die Vorführung"])
def test_what_the_demo_prints_can_be_typed(tmp_path: Path, folder: str) -> None:
    """Each command that the demo prints reads its book, typed as it is printed, without settings."""
    words = ["demo", *(["--to", folder] if folder != "primanota-demo" else [])]
    variables = environment.plain(HOME=str(tmp_path), PRIMANOTA_HOME=str(tmp_path / "mine"))
    shown = environment.run([sys.executable, "-m", "primanota", *words], variables, cwd=tmp_path, check=True).stdout
    *typed, page, login, first = _NAMED.findall(shown)
    assert (len(typed), page, login, first) == (6, "primanota demo --web", "primanota login", weekly_run())
    for line in dict.fromkeys(typed):
        done = environment.run([sys.executable, "-m", *shlex.split(line)], variables, cwd=tmp_path)
        assert (done.returncode, bool(done.stdout), done.stderr) == (0, True, ""), line


def test_a_second_demo_replaces_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second demo in a folder succeeds, too; a file of the first that was changed stays, with exit code 8."""
    monkeypatch.chdir(tmp_path)
    assert [main(["demo"]), main(["demo"])] == [0, 0]
    file = next(Path("primanota-demo").glob("*0080*.csv"))
    file.write_text("edited", encoding="utf-8")
    assert (main(["demo"]), file.read_text(encoding="utf-8")) == (8, "edited")


def test_a_book_alone_can_be_read(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A named book is read without settings; a sync of it asks for its organisation's key, and not for another's."""
    monkeypatch.delenv("PRIMANOTA_LOGIN")
    monkeypatch.delenv("PRIMANOTA_SECRET_KEY")
    told = desk.run("batches", "--json", "--book", str(desk.book))
    assert (told.code, told.data["organisation"]) == (0, desk.simulator.login)
    refused = desk.run("sync", "--book", str(desk.book))
    assert (refused.code, f"There is no secret for {desk.simulator.login}." in refused.err) == (3, True)
    assert desk.run("batches", "--book", str(desk.book.with_name("other.book"))).code == 3
    assert desk.run("batches").code == 3


def test_a_named_organisation_goes_before_that_of_the_book(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the settings name an organisation, a named book is read as that organisation's, as after a renaming."""
    monkeypatch.setenv("PRIMANOTA_LOGIN", "renamed-2")
    assert desk.run("batches", "--json", "--book", str(desk.book)).data["organisation"] == "renamed-2"


def test_sentences_name_the_same_book(desk: Terminal, tmp_path: Path) -> None:
    """A command within a sentence has the --book and --organisation that were given, quoted where it is needed."""
    here = tmp_path / "my books" / "a.book"
    common = ("--organisation", desk.simulator.login, "--book", str(here))
    desk.simulator.bank.arrive(3)
    told = desk.run("run", "--new", "--since", "2026-11-01", *common).out
    desk.simulator.bank.edit(next(iter(_settled(desk))), note="new")
    desk.clock.advance(minutes=1)
    told += desk.run("run", "--new", *common).out
    named = f"--organisation {desk.simulator.login} --book '{here}'"
    assert re.search(rf"primanota review accept [0-9a-f]{{7,}} {re.escape(named)}$", told, re.MULTILINE)
    assert f"primanota export PROFILE --changed {named}" in told


def _settled(desk: Terminal) -> list[str]:
    account = desk.simulator.bank.account_ids()[0]
    return [str(row["id"]) for row in desk.simulator.bank.truth(account) if row["status"] == "completed"]


def test_login_names_the_next_step(tmp_path: Path, clock: Clock) -> None:
    """``login`` ends with the command that every page names as the next step."""
    with Simulator(size=0, clock=clock) as simulator, served(simulator) as url:
        variables = environment.plain(PRIMANOTA_HOME=str(tmp_path))
        done = converse(["login", "--api-url", url], [("Login", f"{simulator.login}:{simulator.secret}")], variables)
    assert done.out.endswith(f"{weekly_run()}\n".removeprefix("primanota "))


def test_the_simulator_names_the_next_step() -> None:
    """``simulator`` names the command that every page names as the next step."""
    with open_listening_socket("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    process = environment.start([*PROGRAM, "simulator", "--port", str(port), "--size", "0"])
    assert process.stderr
    told = "".join(process.stderr.readline() for _ in range(2))
    process.send_signal(SIGINT)
    process.communicate(timeout=60)
    assert f"{weekly_run()}. Stop this with Ctrl-C." in told


@pytest.mark.parametrize("words", [["review"], ["export", "lexware", "--new"], ["batches"]])
def test_an_error_names_the_next_step(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a book the error names the command that makes one."""
    monkeypatch.setenv("PRIMANOTA_LOGIN", "acme-1")
    assert main(words) == 3
    assert f"Run “{weekly_run()}” first." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("started", "path", "typed"),
    [
        ("tools/primanota", "tools", "primanota"),  # what the shell finds
        ("tools/primanota", "", "tools/primanota"),
        ("tools/primanota", "others", "tools/primanota"),  # another one is found first
        ("primanota", "", "./primanota"),
        ("my tools/primanota", "", "'my tools/primanota'"),
        ("pytest", "tools", "primanota"),  # called by another program
    ],
)
def test_how_the_program_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: str, path: str, typed: str
) -> None:
    """Commands begin with the word, or else the path, that starts this very program in the working folder."""
    for folder in ("tools", "others"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "primanota").touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / path) if path else "/nonexistent")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / started)])
    assert program.command("review") == f"{typed} review"
