"""The files of the schedulers: each scheduler reads the command unchanged, with any characters (quoting)."""

import plistlib
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from primanota.adapters.schedulers import times
from primanota.adapters.schedulers.base import ScheduledCommand
from primanota.adapters.schedulers.cron import Cron, shell_line
from primanota.adapters.schedulers.launchd import Launchd
from primanota.adapters.schedulers.systemd import Systemd
from primanota.adapters.schedulers.windows import Windows
from primanota.core.errors import InvalidConfiguration, InvalidInput
from tests.support import environment
from tests.support.clock import NOON

_TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
_MONDAY = times.weekly("mon", "07:00")
_NASTY = "a b  %h %%d \"q\" 'p' $HOME ${HOME} $(id) `id` \\n \\\\ \\% é€🚲 & < > | ; # ~ ! * \\"
_texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=30)
_names = _texts.map(lambda text: text.replace("/", "-")).filter(lambda text: text not in {".", ".."})
_logins = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,20}", fullmatch=True)


@st.composite
def _commands(draw: st.DrawFn) -> ScheduledCommand:
    return ScheduledCommand(
        draw(_logins),
        (f"/{draw(_names)}", *draw(st.lists(_texts, max_size=3))),
        Path("/", draw(_names)),
        {"PRIMANOTA_HOME": draw(_texts)},
        Path("/", draw(_names)),
        "Europe/Berlin",
        NOON.date(),
        guarded=draw(st.booleans()),
    )


def _command(
    words: tuple[str, ...],
    folder: Path = Path("/"),
    environment: dict[str, str] | None = None,
    log: Path = Path("/log"),
    login: str = "acme",
    *,
    guarded: bool = True,
) -> ScheduledCommand:
    return ScheduledCommand(login, words, folder, environment or {}, log, "Europe/Berlin", NOON.date(), guarded)


def _command_with(nasty: str, program: str = "/bin/primanota") -> ScheduledCommand:
    return _command((program, "run", nasty), Path("/", nasty), {"PRIMANOTA_HOME": nasty}, Path("/", nasty))


def _words(line: str) -> Iterator[str]:
    """Yield the words of a line of a unit, by the rules of systemd.syntax(7) and its specifiers."""
    for word in re.findall(r'"((?:[^"\\]|\\.)*)"', line):
        yield re.sub(r"\\(.)", r"\1", word).replace("%%", "%")


@given(_commands())
@example(_command_with(_NASTY))
def test_systemd_reads_the_same_command(command: ScheduledCommand) -> None:
    """The unit, read by systemd's rules, has the command unchanged; a quote in the program's path is refused."""
    plan = Systemd(command.login, Path("/units")).plan
    if set("\"'\\") & set(command.command[0]):
        with pytest.raises(InvalidInput):
            plan(command, _MONDAY)
        return
    service, timer = plan(command, _MONDAY).files.values()
    lines = dict(line.split("=", 1) for line in service.splitlines() if "=" in line)
    assert lines["ExecStart"].startswith(':"')
    assert tuple(_words(lines["ExecStart"])) == command.command
    assert list(_words(lines["Environment"])) == [f"PRIMANOTA_HOME={command.environment['PRIMANOTA_HOME']}"]
    assert Path(lines["WorkingDirectory"].strip().replace("%%", "%")) == command.folder
    assert not any(line.endswith("\\") for line in service.splitlines())
    assert ("NoNewPrivileges=yes" in service) is command.guarded
    assert "OnCalendar=Mon *-*-* 07:00:00 Europe/Berlin" in timer
    assert "Persistent=true" in timer


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("guarded", [True, False])
def test_systemd_verifies_the_units(tmp_path: Path, *, guarded: bool) -> None:
    """The installed systemd verifies service and timer with difficult names without a warning."""
    program = tmp_path / "a b %h $HOME ü & ;" / "primanota"
    program.parent.mkdir()
    program.symlink_to(shutil.which("true") or "")
    variables = {"PRIMANOTA_HOME": _NASTY}
    command = _command(
        (str(program), "run", _NASTY), program.parent, variables, tmp_path, "acme.1_x", guarded=guarded
    )
    for path, text in Systemd(command.login, tmp_path).plan(command, _MONDAY).files.items():
        path.write_text(text, encoding="utf-8")
    units = [str(path) for path in tmp_path.glob("primanota-*")]
    words = ["systemd-analyze", "verify", "--user", "--man=no", *units]
    done = environment.run(words, environment.plain(XDG_RUNTIME_DIR=str(tmp_path), HOME=str(tmp_path)))
    assert (done.returncode, done.stderr) == (0, "")


@given(_commands())
@example(_command_with(_NASTY, f"/{_NASTY.replace('/', '')}"))
def test_launchd_reads_the_same_command(command: ScheduledCommand) -> None:
    """The agent for launchd, read as a property list, has the command unchanged."""
    (text,) = Launchd(command.login, Path("/agents"), 501).plan(command, _MONDAY).files.values()
    agent = plistlib.loads(text.encode())
    assert agent["Label"] == f"primanota.{command.login}"
    assert tuple(agent["ProgramArguments"]) == command.command
    assert agent["EnvironmentVariables"] == command.environment
    assert (agent["WorkingDirectory"], agent["StandardOutPath"]) == (str(command.folder), str(command.log))


def _arguments(line: str) -> list[str]:
    """Return the words of a command line, split as on Windows (CommandLineToArgvW, after the first word)."""
    words, word, quoted, backslashes = list[str](), "", False, 0
    begun = False
    for letter in line:
        if letter == "\\":
            backslashes += 1
            begun = True
            continue
        if letter == '"':
            word += "\\" * (backslashes // 2)
            if backslashes % 2:
                word += '"'
            else:
                quoted = not quoted
            begun = True
        else:
            word += "\\" * backslashes
            if letter in " \t" and not quoted:
                words += [word] if begun else []
                word, begun = "", False
            else:
                word += letter
                begun = True
        backslashes = 0
    word += "\\" * backslashes
    return [*words, word] if begun else words


@given(_commands())
@example(_command_with(_NASTY.replace("%", "").replace("$(", "")))
def test_windows_reads_the_same_command(command: ScheduledCommand) -> None:
    """The Windows task, read as XML and as a command line, has the command unchanged; variables are refused."""
    plan = Windows(command.login, Path("/folder")).plan
    if any("%" in text or "$(" in text for text in (*command.command, str(command.folder))):
        with pytest.raises(InvalidInput):
            plan(command, _MONDAY)
        return
    (text,) = plan(command, _MONDAY).files.values()
    task = ET.fromstring(text.encode("utf-16"))  # noqa: S314 - our own text
    found = {name: task.findtext(f".//{_TASK}{name}") for name in ("Command", "Arguments", "WorkingDirectory")}
    assert (found["Command"], found["WorkingDirectory"]) == (command.command[0], str(command.folder))
    assert tuple(_arguments(found["Arguments"] or "")) == command.command[1:]
    assert task.findtext(f".//{_TASK}LogonType") == "InteractiveToken"
    assert task.findtext(f".//{_TASK}StartWhenAvailable") == "true"


_SHOW = "import os, sys; print(os.environ['PRIMANOTA_HOME'], os.getcwd(), *sys.argv[1:], sep='\\n', end='')"


def _vixie(line: str) -> str:
    """Return a line as Vixie's cron passes it to the shell."""
    return re.sub(r"\\([\\%])", r"\1", line)


def _cronie(line: str) -> str:
    """Return a line as cronie passes it to the shell; it keeps two backslashes."""
    return re.sub(r"\\(.)", lambda found: found[1] if found[1] == "%" else found[0], line)


def _busybox(line: str) -> str:
    """Return a line as BusyBox passes it to the shell; it does not interpret per cent signs."""
    return line


@pytest.mark.parametrize("read", [_vixie, _cronie, _busybox])
@pytest.mark.parametrize("nasty", [_NASTY, "plain", " ", "\\", "\\\\\\", "%", "'%'", "\\%", "%%\\\\'\"", "-n"])
def test_cron_runs_the_same_command(read: Callable[[str], str], nasty: str, tmp_path: Path) -> None:
    """For each kind of cron, the shell starts the program with unchanged arguments, folder and variable."""
    folder, log = tmp_path / nasty.replace("/", "-"), tmp_path / f"log {nasty.replace('/', '-')}"
    folder.mkdir()
    command = _command((sys.executable, "-c", _SHOW, nasty, "--to", nasty), folder, {"PRIMANOTA_HOME": nasty}, log)
    line = shell_line(command)
    assert not re.search(r"(?<!\\)%", line)
    environment.run(["/bin/sh", "-c", read(line)], check=True)
    assert log.read_text(encoding="utf-8").split("\n") == [nasty, str(folder), nasty, "--to", nasty]


@given(_commands())
def test_cron_and_the_shell_read_the_same_words(command: ScheduledCommand) -> None:
    """For each kind of cron, the line is split into the words of the command."""
    for read in (_vixie, _cronie, _busybox):
        words = shlex.split(read(shell_line(command)))
        place = words.index("&&") + 2
        assert words[:2] == ["cd", str(command.folder)]
        assert tuple(words[place : place + len(command.command)]) == command.command


_crontabs = st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)).map(
    lambda lines: b"".join(line + b"\n" for line in lines)
)


@given(_crontabs, _crontabs, _commands())
def test_the_rest_of_a_crontab_is_unchanged(before: bytes, after: bytes, command: ScheduledCommand) -> None:
    """The schedule's lines are written and removed between two marks; the rest of the crontab is unchanged."""
    (written,) = Cron(command.login, before).plan(command, _MONDAY).commands
    assert written.stdin.startswith(before)
    installed = Cron(command.login, written.stdin + after)
    assert installed.lines == Cron(command.login, before).plan(command, _MONDAY).lines
    (again,) = installed.plan(command, times.daily("08:00")).commands
    assert again.stdin.count(b"begin, written by") == 1 + (before + after).count(b"begin, written by")
    assert again.stdin.endswith(after)
    (removed,) = Cron(command.login, again.stdin).stop
    assert removed.stdin == before + after


def test_two_organisations_in_one_crontab() -> None:
    """Two organisations have separate lines; removing one keeps the other."""
    here = b""
    for login in ("acme", "acme-2"):
        command = _command(("/bin/primanota", "run"), login=login)
        here = Cron(login, here).plan(command, _MONDAY).commands[0].stdin
    assert (
        Cron("acme", here).stop[0].stdin
        == Cron("acme-2", b"").lines.encode() + here[here.index(b"# primanota acme-2") :]
    )


def test_a_crontab_without_an_end_mark_is_refused() -> None:
    """A crontab with the begin mark and without the end mark is refused."""
    command = _command(("/bin/primanota", "run"))
    broken = Cron("acme", b"").plan(command, _MONDAY).commands[0].stdin.replace(b"# primanota acme: end\n", b"")
    with pytest.raises(InvalidConfiguration, match="crontab"):
        Cron("acme", broken).plan(command, _MONDAY)


def test_a_line_too_long_for_cron_is_refused() -> None:
    """A command whose line is longer than cron's limit is refused."""
    with pytest.raises(InvalidInput, match="longer"):
        Cron("acme", b"").plan(_command_with("x" * 400), _MONDAY)


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "\udcff", "\x1b[0m"])
def test_control_characters_are_refused(text: str) -> None:
    """A command with a control character, or with bytes that are not text, is refused."""
    with pytest.raises(InvalidInput):
        _command_with(text).check()


@pytest.mark.parametrize("name", ["systemd", "launchd", "Task Scheduler", "cron"])
@pytest.mark.parametrize(
    "expression", ["0 7 * * 1", "30 8 * * 1,4", "0 7 * * *", "15 6 1 * *", "0,30 7,19 31 1,12 *"]
)
def test_the_times_are_read_from_what_is_installed(tmp_path: Path, name: str, expression: str) -> None:
    """What a scheduler has installed states the times that it was installed with."""
    wanted = times.cron(expression)
    made = {
        "systemd": Systemd("acme", tmp_path),
        "launchd": Launchd("acme", tmp_path, 501),
        "Task Scheduler": Windows("acme", tmp_path),
        "cron": Cron("acme", b"PATH=/bin\n1 2 3 4 * else\n"),
    }[name]
    assert made.times is None
    plan = made.plan(_command(("/bin/primanota", "run")), wanted)
    for path, text in plan.files.items():
        path.write_text(text, encoding=made.encoding)
    if plan.lines:
        made = Cron("acme", plan.commands[0].stdin)
    assert made.times == wanted


def test_times_that_were_changed_by_hand_are_not_known(tmp_path: Path) -> None:
    """A file that this program did not write like this states no times, and is no error."""
    scheduler = Systemd("acme", tmp_path)
    scheduler.files[1].write_text("[Timer]\nOnCalendar=weekly\n", encoding="utf-8")
    assert scheduler.times is None
