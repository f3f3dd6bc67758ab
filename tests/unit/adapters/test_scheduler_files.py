"""What schedulers are told comes back whole, whatever a path or a login is called: quoting is the heart of it."""

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
from primanota.adapters.schedulers.cron import Cron, command
from primanota.adapters.schedulers.job import ScheduledCommand
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
def _jobs(draw: st.DrawFn) -> ScheduledCommand:
    return ScheduledCommand(
        draw(_logins),
        (f"/{draw(_names)}", *draw(st.lists(_texts, max_size=3))),
        Path("/", draw(_names)),
        {"PRIMANOTA_HOME": draw(_texts)},
        Path("/", draw(_names)),
        guarded=draw(st.booleans()),
    )


def _job(nasty: str, program: str = "/bin/primanota") -> ScheduledCommand:
    return ScheduledCommand(
        "acme", (program, "run", nasty), Path("/", nasty), {"PRIMANOTA_HOME": nasty}, Path("/", nasty)
    )


def _words(line: str) -> Iterator[str]:
    """The words of a line of a unit, by the rules of systemd.syntax(7) and its specifiers."""
    for word in re.findall(r'"((?:[^"\\]|\\.)*)"', line):
        yield re.sub(r"\\(.)", r"\1", word).replace("%%", "%")


@given(_jobs())
@example(_job(_NASTY))
def test_systemd_reads_it_whole(job: ScheduledCommand) -> None:
    """By systemd's rules, program, words, folder and variables are what they were; a quoted program is refused."""
    plan = Systemd(job.login, Path("/units"), "Europe/Berlin").plan
    if set("\"'\\") & set(job.command[0]):
        with pytest.raises(InvalidInput):
            plan(job, _MONDAY)
        return
    service, timer = plan(job, _MONDAY).files.values()
    lines = dict(line.split("=", 1) for line in service.splitlines() if "=" in line)
    assert lines["ExecStart"].startswith(':"')
    assert tuple(_words(lines["ExecStart"])) == job.command
    assert list(_words(lines["Environment"])) == [f"PRIMANOTA_HOME={job.environment['PRIMANOTA_HOME']}"]
    assert Path(lines["WorkingDirectory"].strip().replace("%%", "%")) == job.folder
    assert not any(line.endswith("\\") for line in service.splitlines())
    assert ("NoNewPrivileges=yes" in service) is job.guarded
    assert "OnCalendar=Mon *-*-* 07:00:00 Europe/Berlin" in timer
    assert "Persistent=true" in timer


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@pytest.mark.parametrize("guarded", [True, False])
def test_systemd_itself_accepts_it(tmp_path: Path, *, guarded: bool) -> None:
    """The real systemd has nothing to say against service and timer of nasty names, and finds the program."""
    program = tmp_path / "a b %h $HOME ü & ;" / "primanota"
    program.parent.mkdir()
    program.symlink_to(shutil.which("true") or "")
    job = ScheduledCommand(
        "acme.1_x", (str(program), "run", _NASTY), program.parent, {"PRIMANOTA_HOME": _NASTY}, tmp_path, guarded
    )
    for path, text in Systemd(job.login, tmp_path, "Europe/Berlin").plan(job, _MONDAY).files.items():
        path.write_text(text, encoding="utf-8")
    units = [str(path) for path in tmp_path.glob("primanota-*")]
    words = ["systemd-analyze", "verify", "--user", "--man=no", *units]
    done = environment.run(words, environment.plain(XDG_RUNTIME_DIR=str(tmp_path), HOME=str(tmp_path)))
    assert (done.returncode, done.stderr) == (0, "")


@given(_jobs())
@example(_job(_NASTY, f"/{_NASTY.replace('/', '')}"))
def test_launchd_reads_it_whole(job: ScheduledCommand) -> None:
    """The agent, read as a property list, has everything as it was."""
    (text,) = Launchd(job.login, Path("/agents"), 501).plan(job, _MONDAY).files.values()
    agent = plistlib.loads(text.encode())
    assert agent["Label"] == f"primanota.{job.login}"
    assert tuple(agent["ProgramArguments"]) == job.command
    assert agent["EnvironmentVariables"] == job.environment
    assert (agent["WorkingDirectory"], agent["StandardOutPath"]) == (str(job.folder), str(job.log))


def _arguments(line: str) -> list[str]:
    """The words of a command line, as programs on Windows take them apart (CommandLineToArgvW, past the first)."""
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


@given(_jobs())
@example(_job(_NASTY.replace("%", "").replace("$(", "")))
def test_windows_reads_it_whole(job: ScheduledCommand) -> None:
    """The task, as XML and as a command line, has everything as it was; what looks like a variable is refused."""
    plan = Windows(job.login, Path("/folder"), NOON.date()).plan
    if any("%" in text or "$(" in text for text in (*job.command, str(job.folder))):
        with pytest.raises(InvalidInput):
            plan(job, _MONDAY)
        return
    (text,) = plan(job, _MONDAY).files.values()
    task = ET.fromstring(text.encode("utf-16"))  # noqa: S314 - our own text
    said = {name: task.findtext(f".//{_TASK}{name}") for name in ("Command", "Arguments", "WorkingDirectory")}
    assert (said["Command"], said["WorkingDirectory"]) == (job.command[0], str(job.folder))
    assert tuple(_arguments(said["Arguments"] or "")) == job.command[1:]
    assert task.findtext(f".//{_TASK}LogonType") == "InteractiveToken"
    assert task.findtext(f".//{_TASK}StartWhenAvailable") == "true"


_SHOW = "import os, sys; print(os.environ['PRIMANOTA_HOME'], os.getcwd(), *sys.argv[1:], sep='\\n', end='')"


def _vixie(line: str) -> str:
    """What Vixie's cron makes of a line before the shell has it."""
    return re.sub(r"\\([\\%])", r"\1", line)


def _cronie(line: str) -> str:
    """The same of cronie, which leaves two backslashes."""
    return re.sub(r"\\(.)", lambda found: found[1] if found[1] == "%" else found[0], line)


def _busybox(line: str) -> str:
    """The same of BusyBox, which knows no per cent signs."""
    return line


@pytest.mark.parametrize("read", [_vixie, _cronie, _busybox])
@pytest.mark.parametrize("nasty", [_NASTY, "plain", " ", "\\", "\\\\\\", "%", "'%'", "\\%", "%%\\\\'\"", "-n"])
def test_cron_reads_it_whole(read: Callable[[str], str], nasty: str, tmp_path: Path) -> None:
    """A real shell behind each kind of cron starts the program with everything as it was."""
    folder, log = tmp_path / nasty.replace("/", "-"), tmp_path / f"log {nasty.replace('/', '-')}"
    folder.mkdir()
    job = ScheduledCommand(
        "acme", (sys.executable, "-c", _SHOW, nasty, "--to", nasty), folder, {"PRIMANOTA_HOME": nasty}, log
    )
    line = command(job)
    assert not re.search(r"(?<!\\)%", line)
    environment.run(["/bin/sh", "-c", read(line)], check=True)
    assert log.read_text(encoding="utf-8").split("\n") == [nasty, str(folder), nasty, "--to", nasty]


@given(_jobs())
def test_cron_and_the_shell_read_the_same_words(job: ScheduledCommand) -> None:
    """For each kind of cron, the shell's words are the job's."""
    for read in (_vixie, _cronie, _busybox):
        words = shlex.split(read(command(job)))
        place = words.index("&&") + 2
        assert words[:2] == ["cd", str(job.folder)]
        assert tuple(words[place : place + len(job.command)]) == job.command


_crontabs = st.lists(st.binary(max_size=20).filter(lambda line: b"\n" not in line)).map(
    lambda lines: b"".join(line + b"\n" for line in lines)
)


@given(_crontabs, _crontabs, _jobs())
def test_the_rest_of_a_crontab_stays(before: bytes, after: bytes, job: ScheduledCommand) -> None:
    """Whatever stands in a crontab, our lines come and go between two marks, and no other byte is touched."""
    (written,) = Cron(job.login, before).plan(job, _MONDAY).commands
    assert written.given.startswith(before)
    there = Cron(job.login, written.given + after)
    assert there.lines == Cron(job.login, before).plan(job, _MONDAY).lines
    (again,) = there.plan(job, times.daily("08:00")).commands
    assert again.given.count(b"begin, written by") == 1 + (before + after).count(b"begin, written by")
    assert again.given.endswith(after)
    (gone,) = Cron(job.login, again.given).stop
    assert gone.given == before + after


def test_two_organisations_in_one_crontab() -> None:
    """Each organisation's lines are its own."""
    here = b""
    for login in ("acme", "acme-2"):
        job = ScheduledCommand(login, ("/bin/primanota", "run"), Path("/"), {}, Path("/log"))
        here = Cron(login, here).plan(job, _MONDAY).commands[0].given
    assert (
        Cron("acme", here).stop[0].given
        == Cron("acme-2", b"").lines.encode() + here[here.index(b"# primanota acme-2") :]
    )


def test_a_crontab_without_an_end_is_not_touched() -> None:
    """Where somebody took the end of our lines away, nothing is guessed."""
    job = ScheduledCommand("acme", ("/bin/primanota", "run"), Path("/"), {}, Path("/log"))
    broken = Cron("acme", b"").plan(job, _MONDAY).commands[0].given.replace(b"# primanota acme: end\n", b"")
    with pytest.raises(InvalidConfiguration, match="crontab"):
        Cron("acme", broken).plan(job, _MONDAY)


def test_a_line_too_long_for_cron_is_refused() -> None:
    """A line that cron would cut off is not written."""
    with pytest.raises(InvalidInput, match="longer"):
        Cron("acme", b"").plan(_job("x" * 400), _MONDAY)


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "\udcff", "\x1b[0m"])
def test_what_no_line_can_hold_is_refused(text: str) -> None:
    """Line breaks, other control characters and bytes that are no text never come into a file."""
    with pytest.raises(InvalidInput):
        _job(text).check()
