"""The completion of words in a shell, and its installation."""

import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from primanota.app.installation import shell_completion
from primanota.cli import main
from primanota.simulator import FAULTS
from tests.support import environment
from tests.support.screens.command_line import Terminal


@pytest.fixture
def complete(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Return a function that completes the last of some words, as bash asks."""

    def ask(*words: str) -> list[str]:
        monkeypatch.setenv("_PRIMANOTA_COMPLETE", "bash_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(["primanota", *words]))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        capsys.readouterr()
        try:
            code = main([])
        except SystemExit as error:
            code = int(error.code or 0)
        monkeypatch.delenv("_PRIMANOTA_COMPLETE")
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        return [line.partition(",")[2] for line in out.splitlines() if line]

    return ask


def test_names_are_completed(
    complete: Callable[..., list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands, profiles and their other names, own profiles, periods, pages and faults are completed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").touch()
    assert complete("comp") == ["completion"]
    assert complete("export", "lexo") == ["lexoffice"]
    assert complete("profiles", "show", "mi") == ["mine.toml"]
    assert complete("run", "--period", "l") == ["last-month", "last-week"]
    assert complete("close", "l") == ["last-month"]
    assert complete("help", "wee") == ["weekly"]
    assert set(complete("simulator", "--fault", "")) == set(FAULTS)


def test_what_the_book_knows_is_completed(desk: Terminal, complete: Callable[..., list[str]]) -> None:
    """Accounts, batch numbers of the right state, and ids of changed rows are completed from the book."""
    keys = desk.arrive(2)
    desk.run("run", "--new", "--since", "2026-11-01")
    desk.run("export", "lexware", "--period", "2026-11")
    desk.run("batches", "undo", "2", "--yes")
    desk.edit(keys[0], note="changed")
    assert "Hauptkonto" in complete("export", "lexware", "--account", "")
    assert "0010" in complete("run", "--account", "0")
    assert "0010" in complete("list", "--account", "0")
    assert complete("batches", "show", "") == ["2", "1"]
    assert (complete("batches", "undo", ""), complete("batches", "redo", "")) == (["1"], ["2"])
    assert complete("review", "accept", keys[0][:4]) == [keys[0]]
    assert complete("batches", "--book", str(desk.book), "show", "1") == ["1"]


def test_completing_writes_nothing(desk: Terminal, complete: Callable[..., list[str]]) -> None:
    """Completing words of a book leaves every file as it is, and makes none."""
    desk.arrive(1)
    before = {path: path.read_bytes() for path in desk.home.rglob("*") if path.is_file()}
    assert complete("export", "lexware", "--account", "")
    complete("batches", "show", "")
    assert {path: path.read_bytes() for path in desk.home.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "words", [("nothing", ""), ("run", "--nothing", ""), ("export", "'"), ("batches", "show", "x")]
)
def test_nothing_is_raised(complete: Callable[..., list[str]], words: tuple[str, ...]) -> None:
    """Without settings, and behind wrong words, nothing is said on stderr."""
    complete(*words)


@pytest.mark.parametrize("spoil", ["damaged", "empty", "locked", "settings"])
def test_a_book_that_cannot_be_read(desk: Terminal, complete: Callable[..., list[str]], spoil: str) -> None:
    """A damaged, empty or locked book, and unreadable settings, complete no words, and raise nothing."""
    if spoil == "damaged":
        desk.book.write_bytes(b"no book" * 1000)
    elif spoil == "empty":
        desk.book.write_bytes(b"")
    elif spoil == "settings":
        (desk.home / "config.toml").write_text("[[[", encoding="utf-8")
    else:
        locking = sqlite3.connect(desk.book, isolation_level=None)
        locking.execute("PRAGMA locking_mode = EXCLUSIVE")
        locking.execute("BEGIN EXCLUSIVE")
    found = complete("batches", "show", "")
    assert found == []
    if spoil == "locked":
        locking.close()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_it_is_installed_once(
    shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed twice, there is one script, readable by its owner only, and one line; what was there stays."""
    monkeypatch.setattr(shell_completion, "_BASH_COMPLETION", ())
    home = tmp_path / "user"
    home.mkdir()
    for name in (".bashrc", ".zshrc"):
        (home / name).write_text("alias ll='ls -l'", encoding="utf-8")
    assert main(["completion", shell, "--install"]) == 0
    first = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    told = capsys.readouterr().out
    assert main(["completion", shell, "--install"]) == 0
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == first
    assert "is as it should be" in capsys.readouterr().out
    (script,) = (path for path in first if b"_PRIMANOTA_COMPLETE" in first[path])
    assert (f"Written: {script}\n" in told, script.stat().st_mode & 0o777) == (True, 0o600)
    changed = [path.name for path, text in first.items() if text.count(b"# primanota completion\n") == 1]
    assert changed == ([] if shell == "fish" else [f".{shell}rc"])
    assert all(text.startswith(b"alias ll='ls -l'") for path, text in first.items() if path.name.endswith("rc"))


def test_bash_completion_reads_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where bash-completion is installed, its folder gets the script, and .bashrc stays."""
    monkeypatch.setattr(shell_completion, "_BASH_COMPLETION", (sys.executable,))
    assert main(["completion", "bash", "--install"]) == 0
    found = [path for path in (tmp_path / "user").rglob("*") if path.is_file()]
    assert found == [tmp_path / "user" / ".local" / "share" / "bash-completion" / "completions" / "primanota"]


def test_the_script_works_in_bash(tmp_path: Path) -> None:
    """Bash itself completes a word by the script that is printed."""
    if not shutil.which("bash"):
        pytest.skip("bash is not installed")
    program = tmp_path / "primanota"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m primanota "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    asked = (
        'eval "$(primanota completion bash)"; COMP_WORDS=(primanota export lexo); COMP_CWORD=2;'
        ' _primanota_completion primanota; echo "${COMPREPLY[@]}"'
    )
    variables = environment.plain()
    variables["PATH"] = f"{tmp_path}:{variables['PATH']}"
    assert environment.run(["bash", "-c", asked], variables).stdout == "lexoffice\n"


@pytest.mark.parametrize(
    ("word", "profile"),
    [
        ("lexoffice", "lexware"),
        ("Lexware Office", "lexware"),
        ("DATEV-CSV", "datev"),
        ("quickbooks-online", "quickbooks"),
    ],
)
def test_another_name_of_a_tool(desk: Terminal, monkeypatch: pytest.MonkeyPatch, word: str, profile: str) -> None:
    """Another name of a tool is accepted wherever a profile is named, and the book has the profile's own name."""
    assert f"Name      {profile}\n" in desk.run("profiles", "show", word).out
    assert desk.run("export", word, "--new", "--since", "2026-11-01", "--json").data["profile"] == profile
    monkeypatch.setenv("PRIMANOTA_PROFILE", word)
    assert desk.run("run", "--new", "--json").data["profile"] == profile


def test_profiles_are_found(capsys: pytest.CaptureFixture[str]) -> None:
    """Profiles are listed by country, with those of every country, and by words of name, tool, country or format."""

    def listed(*words: str) -> list[str]:
        assert main(["profiles", *words]) == 0
        return [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:] if line]

    assert {"lexware", "datev", "excel"} <= {*listed("--country", "de")}
    assert {"fec-fr", "coda-be"} & {*listed("--country", "de")} == set()
    assert listed("--search", "lexoffice") == ["lexware"]
    assert listed("--search", "norma 43") == ["norma43-es"]
    assert listed("--country", "FR", "--search", "fec") == ["fec-fr"]
    assert listed("--search", "nothing like it") == []
