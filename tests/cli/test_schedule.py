"""``primanota schedule``: a run is shown before it is installed, installed whole or not at all, and removed."""

import json
import sys
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from primanota.adapters.secrets.stores import COMMAND, FILE, KEYRING
from primanota.adapters.settings import config
from primanota.adapters.settings.toml_file import OrganisationSettings
from tests.support.books.book_of_files import statement_of
from tests.support.screens.command_line import Terminal

_TOOLS = {
    # Each logs its arguments. A tool fails with the text of the file NAME.fails, if there is one.
    "systemctl": """\
case "$*" in *Version*) [ -e "$state/no-systemd" ] && exit 1; echo "Version=252.38-1"; exit;; esac
""",
    "crontab": """\
case "$1" in
-l) [ -e "$state/crontab" ] && cat "$state/crontab" && exit; echo "no crontab for you" >&2; exit 1;;
-) [ -e "$state/crontab.fails" ] || { cat >"$state/crontab"; exit; };;
esac
""",
}
_TAIL = """
echo "$0 $*" | sed "s|.*/||" >>"$state/commands"
[ -e "$state/${0##*/}.fails" ] && { cat "$state/${0##*/}.fails" >&2; exit 1; }
echo "the system's own words"
"""


class Desk(NamedTuple):
    """A terminal on a machine whose schedulers are replaced by scripts."""

    terminal: Terminal
    home: Path
    state: Path

    @property
    def units(self) -> Path:
        """The folder of the user's units for systemd."""
        return self.home / ".config" / "systemd" / "user"

    @property
    def commands(self) -> list[str]:
        """Return the commands that ran since the last call."""
        file = self.state / "commands"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def let(self, name: str, text: str = "it says no") -> None:
        """Write a file that lets a tool fail, that takes systemd away, or that is the crontab."""
        (self.state / name).write_text(text, encoding="utf-8")


@pytest.fixture
def here(desk: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A company whose secret is stored, on a machine with systemd and cron."""
    made = Desk(desk, tmp_path / "me", tmp_path / "state")
    tools = tmp_path / "tools"
    for folder in (made.home, made.state, tools, tmp_path / "office"):
        folder.mkdir()
    for name, text in _TOOLS.items():
        (tools / name).write_text(f"#!/bin/sh\nstate='{made.state}'\n{text}{_TAIL}", encoding="utf-8")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.chdir(tmp_path / "office")
    monkeypatch.setattr(sys, "platform", "linux")
    _store(desk.simulator.login, FILE)
    return made


def _store(login: str, secret: str) -> None:
    settings = config.load()
    settings.with_organisation(login, OrganisationSettings(secret)).save()


def _answer(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(click.termui, "visible_prompt_func", lambda _: answer)


def test_it_is_shown_before_it_is_written(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file and every command is shown before the question; after a “no” nothing is written or run."""
    _answer(monkeypatch, "n")
    result = here.terminal.run("schedule", "install")
    login = here.terminal.simulator.login
    assert result.code == 0
    for part in (f"primanota-{login}.service", f"primanota-{login}.timer", "OnCalendar=Mon *-*-* 07:00:00 Europe"):
        assert part in result.out
    assert f"systemctl --user enable --now primanota-{login}.timer" in result.out
    assert "Nothing was written." in result.out
    assert "no first day yet" in result.err
    assert not here.units.exists()
    assert here.commands == []


def test_installed_shown_and_removed(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a “yes” the next run is named; show prints the state of the scheduler; remove leaves nothing."""
    _answer(monkeypatch, "y")
    login = here.terminal.simulator.login
    words = ("schedule", "install", "datev", "--weekly", "mon,thu", "08:30", "--to", "files")
    assert "Installed. The next run is on Thursday, 2026-11-26 at 08:30." in here.terminal.run(*words).out
    files = sorted(here.units.iterdir())
    assert [file.name for file in files] == [f"primanota-{login}.service", f"primanota-{login}.timer"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    service = files[0].read_text(encoding="utf-8")
    assert f'"run" "datev" "--new" "--to" "files" "--organisation" "{login}"' in service
    assert f"WorkingDirectory={Path.cwd()}/" in service
    assert f'Environment="PRIMANOTA_HOME={here.terminal.home}"' in service
    assert here.commands == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable --now primanota-{login}.timer",
    ]

    assert "the system's own words" in here.terminal.run("schedule", "show").out
    assert here.terminal.run("schedule", "remove").code == 0
    assert [*here.units.iterdir()] == []
    assert here.commands[1:] == [
        f"systemctl --user disable --now primanota-{login}.timer",
        "systemctl --user daemon-reload",
    ]
    assert "No run is scheduled" in here.terminal.run("schedule", "show").out
    assert here.terminal.run("schedule", "remove").code == 3


def test_a_book_of_files_needs_no_key(here: Desk) -> None:
    """Without a key, a run of a folder of statements is installed, and one without a folder with a note."""
    home = here.terminal.home
    (home / "config.toml").write_text("[organisation.files]\nsecret = ''\n", encoding="utf-8")
    path = home / "0.xml"
    path.write_bytes(statement_of([0]))
    assert here.terminal.run("import", str(path), "--organisation", "files").code == 0
    words = ("schedule", "install", "generic", "--organisation", "files", "--yes")
    alone = here.terminal.run(*words)
    assert (alone.code, "only exports what was imported before" in alone.err) == (0, True), alone.err
    with (home / "config.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"statements = {json.dumps(str(home))}\n")
    named = here.terminal.run(*words)
    assert (named.code, "statements" in named.err) == (0, False), named.err


def test_no_secret_is_in_what_is_written(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the key nor the mail password is in a file, in the output, or in a command."""
    monkeypatch.setenv("PRIMANOTA_MAIL_PASSWORD", "hunter2")
    result = here.terminal.run("schedule", "install", "--yes")
    secret = here.terminal.simulator.secret
    texts = [
        result.out,
        result.err,
        *here.commands,
        *(file.read_text(encoding="utf-8") for file in here.units.iterdir()),
    ]
    assert not any(secret in text or "hunter2" in text for text in texts)
    assert "will not see PRIMANOTA_SECRET_KEY and PRIMANOTA_MAIL_PASSWORD" in result.err


def test_a_key_in_the_environment_alone_is_refused(here: Desk) -> None:
    """A key that is only in the environment is refused, because a scheduled run does not have that environment."""
    config.load().file.unlink()
    result = here.terminal.run("schedule", "install", "--yes")
    assert result.code == 3
    assert "primanota login" in result.err
    assert here.commands == []


def test_the_environment_that_matters(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run gets every variable that is not a secret, except those of another organisation."""
    config.load().file.unlink()
    monkeypatch.setenv("PRIMANOTA_SECRET", "ssm:/qonto")
    monkeypatch.setenv("PRIMANOTA_SINCE", "2026-11-01")
    result = here.terminal.run("schedule", "install", "--dry-run", "--book", str(here.terminal.book))
    for text in ("SECRET=ssm:/qonto", f"LOGIN={here.terminal.simulator.login}", "SINCE=2026-11-01"):
        assert f'Environment="PRIMANOTA_{text}"' in result.out
    assert f'"--new" "--book" "{here.terminal.book}"' in result.out
    assert "first day" not in result.err
    _store("another-1", FILE)
    result = here.terminal.run("schedule", "install", "--dry-run", "--organisation", "another-1")
    assert "PRIMANOTA_SECRET=" not in result.out
    assert "PRIMANOTA_LOGIN=" not in result.out


@pytest.mark.parametrize(
    "words",
    [
        ("--daily", "07:00", "--weekly", "mon", "07:00"),
        ("--weekly", "mon", "soon"),
        ("--cron", "0 7 1 * 1"),
        ("--", "--account", "0010"),
        ("--", "--nwe"),
        ("--", "--new", "--since"),
        ("--", "--period", "foo"),
        ("--to", "s3://x"),
    ],
)
def test_words_that_would_fail_each_week_are_refused_now(here: Desk, words: tuple[str, ...]) -> None:
    """Invalid times, and options that ``primanota run`` refuses, are refused before anything is shown."""
    result = here.terminal.run("schedule", "install", "lexware", "--yes", *words)
    assert (result.code, result.out, here.commands) == (2, "", [])


def test_wrong_profiles_and_mails_are_refused_before_anything_is_shown(here: Desk) -> None:
    """A profile that does not exist, and mails without a mail server, are refused before anything is shown."""
    assert here.terminal.run("schedule", "install", "nope", "--", "--period", "2026")[:2] == (2, "")
    assert here.terminal.run("schedule", "install", "--to", "mailto:a@b.example")[:2] == (3, "")


def test_for_machines(here: Desk) -> None:
    """With --json each command prints one document; --dry-run writes nothing."""
    looked = here.terminal.run("schedule", "install", "--daily", "07:00", "--dry-run", "--json").data
    assert (looked["installed"], looked["scheduler"], here.commands) == (False, "systemd", [])
    assert looked["next"] == "2026-11-24T07:00:00+01:00"
    done = here.terminal.run("schedule", "install", "--daily", "07:00", "--yes", "--json").data
    assert done == {**looked, "installed": True}
    shown = here.terminal.run("schedule", "show", "--json").data
    assert shown["files"] == [file["path"] for file in done["files"]]
    assert here.terminal.run("schedule", "remove", "--json").data["installed"] is False
    assert here.terminal.run("schedule", "show", "--json").data["files"] == []


def test_a_broken_book_does_not_matter_for_show_and_remove(here: Desk) -> None:
    """``schedule show`` and ``schedule remove`` do not open the book, so a remote one is not downloaded for them."""
    assert here.terminal.run("schedule", "install", "--yes").code == 0
    here.terminal.book.write_bytes(b"not a book")
    assert here.terminal.run("schedule", "show", "--json").data["installed"] is True
    assert here.terminal.run("schedule", "remove").code == 0


def test_nothing_is_half_installed(here: Desk) -> None:
    """If a command fails, the error has the system's reason, and the written files are deleted."""
    here.let("systemctl.fails", "Failed to connect to bus: No medium found")
    result = here.terminal.run("schedule", "install", "--yes")
    assert result.code == 3
    assert "Failed to connect to bus: No medium found" in result.err
    assert [*here.units.iterdir()] == []


def test_the_earlier_run_is_restored(here: Desk) -> None:
    """If a change fails, the run that was installed before is restored unchanged."""
    assert here.terminal.run("schedule", "install", "--yes").code == 0
    before = {file: file.read_bytes() for file in here.units.iterdir()}
    here.let("systemctl.fails")
    assert here.terminal.run("schedule", "install", "--daily", "08:00", "--yes").code == 3
    assert {file: file.read_bytes() for file in here.units.iterdir()} == before


def test_removing_a_run_that_the_system_does_not_know(here: Desk) -> None:
    """The files are deleted even if the system no longer knows the run; a note has its reason."""
    here.terminal.run("schedule", "install", "--yes")
    here.let("systemctl.fails", "Unit not loaded")
    result = here.terminal.run("schedule", "remove")
    assert (result.code, [*here.units.iterdir()]) == (0, [])
    assert "Unit not loaded" in result.err


def test_a_run_stays_with_systemd(here: Desk) -> None:
    """If systemd cannot be reached later, its run is still found, and cron gets no second one."""
    here.terminal.run("schedule", "install", "--yes")
    here.let("no-systemd")
    assert here.terminal.run("schedule", "show", "--json").data["installed"] is True
    assert here.terminal.run("schedule", "install", "--yes", "--json").data["scheduler"] == "systemd"


def test_cron_where_there_is_no_systemd(here: Desk) -> None:
    """Our lines are added to the crontab, a note says that cron does not catch up, and removing restores it."""
    here.let("no-systemd")
    theirs = "MAILTO=me\n5 4 * * * echo 100\\% \n"
    here.let("crontab", theirs)
    result = here.terminal.run("schedule", "install", "--cron", "30 6 1,15 * *", "--yes")
    assert result.code == 0
    assert "does not catch up" in result.err
    crontab = (here.state / "crontab").read_text(encoding="utf-8")
    assert crontab.startswith(theirs)
    assert "\n30 6 1,15 * * cd " in crontab
    assert "30 6 1,15" in here.terminal.run("schedule", "show").out
    assert [*(here.home / ".local" / "state" / "primanota" / "log").iterdir()] == []
    assert here.terminal.run("schedule", "remove").code == 0
    assert (here.state / "crontab").read_text(encoding="utf-8") == theirs


def test_a_crontab_that_refuses(here: Desk) -> None:
    """If cron refuses a new crontab, the present one is unchanged."""
    here.let("no-systemd")
    here.let("crontab", "1 2 3 4 5 theirs\n")
    here.let("crontab.fails", "you are not allowed")
    result = here.terminal.run("schedule", "install", "--yes")
    assert (result.code, "you are not allowed" in result.err) == (3, True)
    assert (here.state / "crontab").read_text(encoding="utf-8") == "1 2 3 4 5 theirs\n"


def test_cron_and_the_key_store(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes say that cron can seldom open the key store, and that it uses another clock."""
    here.let("no-systemd")
    login = here.terminal.simulator.login
    config.load().file.unlink()
    _store(login, KEYRING)
    monkeypatch.setenv("PRIMANOTA_TIMEZONE", "Pacific/Chatham")
    result = here.terminal.run("schedule", "install", "--dry-run")
    assert "key store" in result.err
    assert "not that of Pacific/Chatham" in result.err


def test_a_command_for_the_secret_keeps_its_rights(here: Desk) -> None:
    """If a command of the user's fetches the secret, the service keeps all rights."""
    assert "NoNewPrivileges" in here.terminal.run("schedule", "install", "--dry-run").out
    config.load().file.unlink()
    _store(here.terminal.simulator.login, f"{COMMAND}op read x")
    assert "NoNewPrivileges" not in here.terminal.run("schedule", "install", "--dry-run").out
