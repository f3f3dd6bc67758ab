"""``primanota schedule``: shown before it is written, installed whole or not at all, and taken out again."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from primanota.adapters import schedulers
from primanota.adapters.schedulers import Command, Done, Machine, Plan, ScheduledCommand, times
from primanota.adapters.schedulers.cron import Cron
from primanota.adapters.secrets.stores import COMMAND, FILE, KEYRING
from primanota.adapters.settings import config
from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.core.errors import ConfigurationError, DeliveryFailed
from tests.support.clock import NOON
from tests.support.command_line import Terminal

_TOOLS = {
    # Each notes its words; what the system would say is in a file of the tool's name with .fails behind it.
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
echo "$0 $*" | sed "s|.*/||" >>"$state/said"
[ -e "$state/${0##*/}.fails" ] && { cat "$state/${0##*/}.fails" >&2; exit 1; }
echo "the system's own words"
"""


class Desk(NamedTuple):
    """Somebody at a shell on a machine whose schedulers are not the real ones."""

    terminal: Terminal
    home: Path
    state: Path

    @property
    def units(self) -> Path:
        """Where systemd looks for the user's units."""
        return self.home / ".config" / "systemd" / "user"

    @property
    def said(self) -> list[str]:
        """What the schedulers were told, since the last look."""
        file = self.state / "said"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines

    def let(self, name: str, text: str = "it says no") -> None:
        """A tool fails from now on, or the machine lacks systemd."""
        (self.state / name).write_text(text, encoding="utf-8")


@pytest.fixture
def here(desk: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A company whose secret is kept, at a machine with systemd and cron."""
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
    _keep(desk.simulator.login, FILE)
    return made


def _keep(login: str, secret: str) -> None:
    settings = config.load()
    settings.with_organisation(login, OrganisationSettings(secret)).save()


def _answer(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    monkeypatch.setattr(click.termui, "visible_prompt_func", lambda _: answer)


def test_it_is_shown_before_it_is_written(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file and every command is shown, then a person is asked; after a no, nothing was written or run."""
    _answer(monkeypatch, "n")
    said = here.terminal.type("schedule", "install")
    login = here.terminal.simulator.login
    assert said.code == 0
    for part in (f"primanota-{login}.service", f"primanota-{login}.timer", "OnCalendar=Mon *-*-* 07:00:00 Europe"):
        assert part in said.out
    assert f"systemctl --user enable --now primanota-{login}.timer" in said.out
    assert "Nothing was written." in said.out
    assert "no first day yet" in said.err
    assert not here.units.exists()
    assert here.said == []


def test_installed_shown_and_removed(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a yes it is there and says when it runs next; show says what the system says; remove leaves nothing."""
    _answer(monkeypatch, "y")
    login = here.terminal.simulator.login
    words = ("schedule", "install", "datev", "--weekly", "mon,thu", "08:30", "--to", "files")
    assert "Installed. It runs next on Thursday, 2026-11-26 at 08:30." in here.terminal.type(*words).out
    files = sorted(here.units.iterdir())
    assert [file.name for file in files] == [f"primanota-{login}.service", f"primanota-{login}.timer"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    service = files[0].read_text(encoding="utf-8")
    assert f'"run" "datev" "--new" "--to" "files" "--organisation" "{login}"' in service
    assert f"WorkingDirectory={Path.cwd()}/" in service
    assert f'Environment="PRIMANOTA_HOME={here.terminal.home}"' in service
    assert here.said == ["systemctl --user daemon-reload", f"systemctl --user enable --now primanota-{login}.timer"]

    assert "the system's own words" in here.terminal.type("schedule", "show").out
    assert here.terminal.type("schedule", "remove").code == 0
    assert [*here.units.iterdir()] == []
    assert here.said[1:] == [
        f"systemctl --user disable --now primanota-{login}.timer",
        "systemctl --user daemon-reload",
    ]
    assert "Nothing runs by itself" in here.terminal.type("schedule", "show").out
    assert here.terminal.type("schedule", "remove").code == 3


def test_no_secret_is_in_what_is_written(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the key nor the password of the environment stands in a file, on the screen, or in what was run."""
    monkeypatch.setenv("PRIMANOTA_MAIL_PASSWORD", "hunter2")
    said = here.terminal.type("schedule", "install", "--yes")
    secret = here.terminal.simulator.secret
    texts = [said.out, said.err, *here.said, *(file.read_text(encoding="utf-8") for file in here.units.iterdir())]
    assert not any(secret in text or "hunter2" in text for text in texts)
    assert "will not see PRIMANOTA_SECRET_KEY and PRIMANOTA_MAIL_PASSWORD" in said.err


def test_a_key_in_the_environment_alone_is_refused(here: Desk) -> None:
    """A run that starts by itself would not see it, so nothing is installed."""
    config.load().file.unlink()
    said = here.terminal.type("schedule", "install", "--yes")
    assert said.code == 3
    assert "primanota login" in said.err
    assert here.said == []


def test_the_environment_that_matters(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run sees where its secret is kept, and whatever else is no secret; not what belongs to another one."""
    config.load().file.unlink()
    monkeypatch.setenv("PRIMANOTA_SECRET", "ssm:/qonto")
    monkeypatch.setenv("PRIMANOTA_SINCE", "2026-11-01")
    said = here.terminal.type("schedule", "install", "--dry-run", "--book", str(here.terminal.book))
    for text in ("SECRET=ssm:/qonto", f"LOGIN={here.terminal.simulator.login}", "SINCE=2026-11-01"):
        assert f'Environment="PRIMANOTA_{text}"' in said.out
    assert f'"--new" "--book" "{here.terminal.book}"' in said.out
    assert "first day" not in said.err
    _keep("another-1", FILE)
    said = here.terminal.type("schedule", "install", "--dry-run", "--organisation", "another-1")
    assert "PRIMANOTA_SECRET=" not in said.out
    assert "PRIMANOTA_LOGIN=" not in said.out


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
    """No time, and no words that run does not take, are ever installed."""
    said = here.terminal.type("schedule", "install", "lexware", "--yes", *words)
    assert (said.code, said.out, here.said) == (2, "", [])


def test_what_is_missing_is_said_before_anything_is_shown(here: Desk) -> None:
    """A profile that nobody knows, with whatever days, and mails that nobody sends are refused at once."""
    assert here.terminal.type("schedule", "install", "nope", "--", "--period", "2026")[:2] == (2, "")
    assert here.terminal.type("schedule", "install", "--to", "mailto:a@b.example")[:2] == (3, "")


def test_for_machines(here: Desk) -> None:
    """With --json there is one document, before and after; --dry-run writes nothing."""
    looked = here.terminal.type("schedule", "install", "--daily", "07:00", "--dry-run", "--json").data
    assert (looked["installed"], looked["scheduler"], here.said) == (False, "systemd", [])
    assert looked["next"] == "2026-11-24T07:00:00+01:00"
    done = here.terminal.type("schedule", "install", "--daily", "07:00", "--yes", "--json").data
    assert done == {**looked, "installed": True}
    shown = here.terminal.type("schedule", "show", "--json").data
    assert shown["files"] == [file["path"] for file in done["files"]]
    assert here.terminal.type("schedule", "remove", "--json").data["installed"] is False
    assert here.terminal.type("schedule", "show", "--json").data["files"] == []


def test_nothing_is_half_installed(here: Desk) -> None:
    """Where the system refuses, the sentence says what it said, and what was written is gone."""
    here.let("systemctl.fails", "Failed to connect to bus: No medium found")
    said = here.terminal.type("schedule", "install", "--yes")
    assert said.code == 3
    assert "Failed to connect to bus: No medium found" in said.err
    assert [*here.units.iterdir()] == []


def test_what_was_there_comes_back(here: Desk) -> None:
    """Where the system refuses a change, the run that was installed before is there as it was."""
    assert here.terminal.type("schedule", "install", "--yes").code == 0
    before = {file: file.read_bytes() for file in here.units.iterdir()}
    here.let("systemctl.fails")
    assert here.terminal.type("schedule", "install", "--daily", "08:00", "--yes").code == 3
    assert {file: file.read_bytes() for file in here.units.iterdir()} == before


def test_removing_what_the_system_forgot(here: Desk) -> None:
    """The files go even where the system no longer knows the run; a note says so."""
    here.terminal.type("schedule", "install", "--yes")
    here.let("systemctl.fails", "Unit not loaded")
    said = here.terminal.type("schedule", "remove")
    assert (said.code, [*here.units.iterdir()]) == (0, [])
    assert "Unit not loaded" in said.err


def test_what_systemd_was_told_stays_its_own(here: Desk) -> None:
    """Where systemd cannot be reached later, its run is still found, and cron gets no second one."""
    here.terminal.type("schedule", "install", "--yes")
    here.let("no-systemd")
    assert here.terminal.type("schedule", "show", "--json").data["installed"] is True
    assert here.terminal.type("schedule", "install", "--yes", "--json").data["scheduler"] == "systemd"


def test_cron_where_there_is_no_systemd(here: Desk) -> None:
    """The crontab gets our lines, is said to catch nothing up, and is as before when they are taken out."""
    here.let("no-systemd")
    theirs = "MAILTO=me\n5 4 * * * echo 100\\% \n"
    here.let("crontab", theirs)
    said = here.terminal.type("schedule", "install", "--cron", "30 6 1,15 * *", "--yes")
    assert said.code == 0
    assert "does not catch up" in said.err
    crontab = (here.state / "crontab").read_text(encoding="utf-8")
    assert crontab.startswith(theirs)
    assert "\n30 6 1,15 * * cd " in crontab
    assert "30 6 1,15" in here.terminal.type("schedule", "show").out
    assert [*(here.home / ".local" / "state" / "primanota" / "log").iterdir()] == []
    assert here.terminal.type("schedule", "remove").code == 0
    assert (here.state / "crontab").read_text(encoding="utf-8") == theirs


def test_a_crontab_that_refuses(here: Desk) -> None:
    """Where cron takes no new crontab, or does not show the present one, nothing is changed or lost."""
    here.let("no-systemd")
    here.let("crontab", "1 2 3 4 5 theirs\n")
    here.let("crontab.fails", "you are not allowed")
    said = here.terminal.type("schedule", "install", "--yes")
    assert (said.code, "you are not allowed" in said.err) == (3, True)
    assert (here.state / "crontab").read_text(encoding="utf-8") == "1 2 3 4 5 theirs\n"
    with pytest.raises(ConfigurationError, match="disk"):
        _choose("linux", lambda command: Done(1, err=b"disk on fire" if command.words[0] == "crontab" else b""))
    with pytest.raises(ConfigurationError, match="neither"):
        _choose("linux", lambda _: Done(127))


def test_cron_and_the_key_store(here: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person is told that cron can seldom open the key store, and that it goes by another clock."""
    here.let("no-systemd")
    login = here.terminal.simulator.login
    config.load().file.unlink()
    _keep(login, KEYRING)
    monkeypatch.setenv("PRIMANOTA_TIMEZONE", "Pacific/Chatham")
    said = here.terminal.type("schedule", "install", "--dry-run")
    assert "key store" in said.err
    assert "not that of Pacific/Chatham" in said.err


def test_a_command_for_the_secret_is_not_hampered(here: Desk) -> None:
    """Where a command of the user's fetches the secret, the service is denied nothing."""
    assert "NoNewPrivileges" in here.terminal.type("schedule", "install", "--dry-run").out
    config.load().file.unlink()
    _keep(here.terminal.simulator.login, f"{COMMAND}op read x")
    assert "NoNewPrivileges" not in here.terminal.type("schedule", "install", "--dry-run").out


def _choose(platform: str, run: Callable[[Command], Done]) -> schedulers.Scheduler:
    machine = Machine(platform, Path("/me"), 501, run)
    return schedulers.choose(machine, "acme", zone="Europe/Berlin", folder=Path("/folder"), first=NOON.date())


@pytest.mark.parametrize(
    ("platform", "version", "name"),
    [
        ("linux", b"Version=252.38-1~deb12u1", "systemd"),
        ("linux", b"Version=v259", "systemd"),
        ("linux", b"Version=239", "cron"),
        ("freebsd14", b"", "cron"),
        ("darwin", b"", "launchd"),
        ("win32", b"", "Task Scheduler"),
    ],
)
def test_each_system_has_its_scheduler(platform: str, version: bytes, name: str) -> None:
    """The scheduler is the system's own; cron where systemd is too old or not there."""
    assert _choose(platform, lambda _: Done(0, version)).name == name


@pytest.mark.parametrize("platform", ["darwin", "win32"])
@pytest.mark.parametrize("refuses", [False, True])
def test_installed_on_other_systems(platform: str, tmp_path: Path, *, refuses: bool) -> None:
    """On macOS and Windows too the file is there before the command that reads it, and gone when that is refused."""
    heard: list[Mapping[Path, bool]] = []

    def run(command: Command) -> Done:
        heard.append({path: path.exists() for path in scheduler.files if str(path) in command.words})
        return Done(int(refuses), err=b"no")

    machine = Machine(platform, tmp_path, 501, run)
    scheduler = schedulers.choose(machine, "acme", zone="Europe/Berlin", folder=tmp_path, first=NOON.date())
    job = ScheduledCommand(
        "acme", ("/bin/primanota", "run"), tmp_path, {"PRIMANOTA_HOME": "/x"}, tmp_path / "logs" / "log"
    )
    plan = scheduler.plan(job, times.weekly("mon", "07:00"))
    if refuses:
        with pytest.raises(ConfigurationError):
            schedulers.install(scheduler, plan, job, run)
    else:
        schedulers.install(scheduler, plan, job, run)
    assert any(all(there.values()) for there in heard if there)
    assert schedulers.installed(scheduler) is not refuses
    if not refuses:
        assert schedulers.remove(scheduler, run) == []
        assert not schedulers.installed(scheduler)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Where the log has no place, nothing is installed."""
    (tmp_path / "file").touch()
    job = ScheduledCommand("acme", ("/bin/primanota",), tmp_path, {}, tmp_path / "file" / "log")
    with pytest.raises(DeliveryFailed):
        schedulers.install(Cron("acme", b""), Plan({}, (Command(("false",)),)), job, lambda _: Done(0))


def test_a_tool_that_is_not_there() -> None:
    """A command that cannot be started is one that failed."""
    assert schedulers.run(Command(("/no/such/tool",))).code == 127
    assert json.loads(schedulers.run(Command((sys.executable, "-c", "print(input())"), given=b"1\n")).text) == 1
