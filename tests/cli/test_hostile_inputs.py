"""Hostile profiles, samples, backups, names and places, through the command line."""

import json
import os
import re
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import msgspec
import pytest

from primanota.adapters import mail
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.core.model import Account, Organisation
from tests.support.screens.command_line import Terminal

_PROFILE = 'title = "A"\nformat = "csv"\nsource = "x"\n{}\n[options]\ncolumns = [["Id", "{{id}}"], ["A", "{}"]]\n{}'
_PERIOD = ("--period", "2026-11")
_BCC = "=?utf-8?q?Acme=0d=0aBcc:_evil=40evil.example?="
_ESCAPES = "\x1b[2J\x1b]0;x\x07\u202ecod.exe\u2066"
_RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
Renamed = Callable[..., Terminal]


@pytest.fixture
def renamed(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> Renamed:
    """Return a function that gives a name and an IBAN to every account, and a name to the company."""
    desk.arrive(2)
    account, organisation = QontoConnector().account, QontoConnector().organisation

    def rename(name: str, iban: str = "") -> Terminal:
        def read_account(_: QontoConnector, raw: bytes) -> Account:
            found = account(raw)
            return msgspec.structs.replace(found, name=name, iban=iban or found.iban)

        def read_organisation(_: QontoConnector, raw: bytes) -> Organisation:
            return msgspec.structs.replace(organisation(raw), name=name)

        monkeypatch.setattr(QontoConnector, "account", read_account)
        monkeypatch.setattr(QontoConnector, "organisation", read_organisation)
        return desk

    return rename


def _profile(folder: Path, head: str = "", template: str = "{purpose}", tail: str = "") -> str:
    path = folder / "mine.toml"
    path.write_text(_PROFILE.format(head, template, tail), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('file = "{{account}}\\u0000"', "a NUL cannot stand in a name"),
        ('file = "../../{{account}}"', "a slash cannot stand in a name"),
        ('suffix = "/../x"', "a slash cannot stand in a name"),
        ('file = "nul"', "the name of a device in Windows"),
    ],
)
def test_a_name_that_cannot_be_stops_nothing_else(desk: Terminal, tmp_path: Path, head: str, said: str) -> None:
    """A profile whose files cannot have their name is refused before a batch is made; other exports go on."""
    desk.arrive(1)
    profile = _profile(tmp_path, head.replace("{{", "{").replace("}}", "}"))
    assert desk.run("profiles", "check", profile).code == 3
    refused = desk.run("export", profile, *_PERIOD)
    assert (refused.code, said in refused.err) == (3, True)
    assert desk.run("batches", "--json").data["batches"] == []
    assert desk.run("export", "generic", *_PERIOD).code == 0
    assert {path.suffix for path in desk.exports.iterdir()} == {".csv"}


@pytest.mark.parametrize("iban", ["DE89\x00370400440532013000", "../../x", "DE\r\n89"])
def test_an_iban_that_is_no_name(renamed: Renamed, iban: str) -> None:
    """Whatever the bank takes for an IBAN, the file lies in the folder under a safe name, and later exports go on."""
    here = renamed("Haupt", iban)
    for _ in range(2):
        assert here.run("export", "generic", *_PERIOD).code == 0
    names = [path.name for path in here.exports.iterdir()]
    assert names
    assert all(name.isprintable() and "/" not in name and ".." not in name for name in names)


@pytest.mark.parametrize(
    ("template", "tail", "said"),
    [
        ("{purpose:>1000000000}", "", "asks for more than 1,000 characters"),
        ("{receipts:1000000000d}", "", "asks for more than 1,000 characters"),
        ("{purpose:{amount}}", "", "has braces within braces"),
        ("{receipts:c}", "", "makes a character that cannot be printed"),
        ("{purpose}", 'encoding = "unicode_escape"', "there is no encoding"),
        ("{purpose}", 'encoding = "undefined"', "there is no encoding"),
        ("{purpose}", f"x = {'[' * 200}{']' * 200}", "nested too deeply"),
        ("{purpose}", f"shortest = {'9' * 5_000}", "a number has too many digits"),
    ],
)
def test_what_no_profile_can_ask_for(desk: Terminal, tmp_path: Path, template: str, tail: str, said: str) -> None:
    """A width that fills memory, a control character, a codec of no files and a text of many levels are mistakes."""
    profile = _profile(tmp_path, "", template.replace("{", "{").replace("}", "}"), tail)
    checked = desk.run("profiles", "check", profile)
    assert (checked.code, said in checked.out) == (3, True)
    assert desk.run("export", profile, *_PERIOD).code == 3


def test_a_profile_whose_name_is_not_utf_8(desk: Terminal, tmp_path: Path) -> None:
    """The mistakes of a profile whose path is not UTF-8 are valid JSON, which names the very path."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.toml"))
    path.write_text('title = "A"', encoding="utf-8")
    done = desk.run("profiles", "check", str(path), "--json")
    found, _ = json.JSONDecoder().raw_decode(done.out)
    assert (done.code, found["path"]) == (3, str(path))


@pytest.mark.parametrize(
    "sample",
    [
        b"Day;Amount;Text\n" + b'2026-10-05;1,00;"x\n' * 8_001,
        b"\t".join([b"\xc3\xa4"] * 990) + b"\n" + (b"\t".join([b"\xc3\xa4"] * 990) + b"\n") * 200,
        b"Day;Amount\n" + b"x" * 40_000 + b";1,00\n" * 3,
        b"h" * 40_000 + b";Amount\n2026-10-05;1,00\n",
        b"PK\x03\x04" + bytes(1_000),
        b"",
    ],
)
def test_odd_samples(desk: Terminal, tmp_path: Path, sample: bytes) -> None:
    """A sample with open quotes, very many or very long cells, or of another kind ends in a profile or a sentence."""
    file, learnt = tmp_path / "bank.csv", tmp_path / "learnt.toml"
    file.write_bytes(sample)
    done = desk.run("profiles", "learn", str(file), "--to", str(learnt), "--yes")
    assert done.code in {0, 2}
    assert learnt.exists() is (done.code == 0)
    assert done.code == 0 or done.err.count("Error: ") == 1


def test_a_pipe_is_no_sample(desk: Terminal, tmp_path: Path) -> None:
    """A pipe is refused as a sample, as a profile, as a backup and as a shared book, without waiting for it."""
    pipe = tmp_path / "x.toml"
    os.mkfifo(pipe)
    for words, code in (
        (("profiles", "learn", str(pipe), "--to", str(tmp_path / "y.toml")), 2),
        (("profiles", "check", str(pipe)), 2),
        (("export", str(pipe), *_PERIOD), 2),
        (("check", "--book", f"shared:{pipe}"), 2),
    ):
        assert desk.run(*words).code == code
    backup = tmp_path / "backup"
    backup.mkdir()
    os.mkfifo(backup / "manifest.json")
    assert desk.run("book", "import", str(backup)).code == 3


def test_a_home_that_is_not_known(desk: Terminal) -> None:
    """A place below the home of an unknown user is invalid input."""
    desk.arrive(1)
    refused = desk.run("export", "generic", *_PERIOD, "--to", "~no-such-user-here/files")
    assert (refused.code, "names the home of a user that this system does not have" in refused.err) == (2, True)


@pytest.mark.parametrize(
    "name", [_BCC, "Acme\r\nBcc: evil@evil.example\r\n\r\nx", "=?x?=", "Vollständigkeit nachgewiesen " * 9]
)
def test_a_name_adds_no_header(renamed: Renamed, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whatever the company and its accounts are called, the mail of a run has its own headers and recipient alone."""
    sent: list[bytes] = []
    monkeypatch.setattr(mail, "send", lambda content, *_: sent.append(content))
    monkeypatch.setenv("PRIMANOTA_MAIL_FROM", "books@example.com")
    monkeypatch.setenv("PRIMANOTA_MAIL_SERVER", "127.0.0.1:1")
    done = renamed(name).run("run", "generic", *_PERIOD, "--to", "mailto:ada@example.com")
    assert done.code == 0
    (content,) = sent
    found = message_from_bytes(content, policy=SMTP)
    assert "Bcc" not in found
    assert [one.addr_spec for one in found["To"].addresses] == ["ada@example.com"]
    assert " ".join(re.sub(r"[\r\n]", " ", name).split())[:20] in " ".join(str(found["Subject"]).split())


@pytest.mark.parametrize("columns", [60, 80])
def test_names_do_not_steer_a_terminal(renamed: Renamed, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """No command prints a control or direction character of a name; JSON has it as an escape."""
    monkeypatch.setenv("COLUMNS", str(columns))
    here = renamed(_ESCAPES)
    for words in (("sync",), ("review",), ("check",), ("export", "generic", *_PERIOD), ("batches",)):
        done = here.run(*words)
        assert not _RAW.search(done.out + done.err), words
    found = here.run("sync", "--json")
    assert not _RAW.search(found.out)
    assert {account["account"] for account in found.data["accounts"]} == {_ESCAPES}


def _cells(content: str) -> Iterator[str]:
    """Yield the cells of a file of commas as a German Excel splits it."""
    for line in content.splitlines():
        yield from line.split(";")


@pytest.mark.parametrize("profile", ["erpnext", "firefly", "freeagent"])
def test_no_cell_is_a_formula_elsewhere(desk: Terminal, profile: str) -> None:
    """A text with a semicolon and a formula behind it is harmless in a spreadsheet that splits at semicolons."""
    (key,) = desk.arrive(1)
    desk.edit(key, label="x;=1+1;y", reference="x; =1+1;@SUM(A1)")
    assert desk.run("export", profile, *_PERIOD).code == 0
    text = "".join(path.read_text(encoding="utf-8") for path in desk.exports.iterdir())
    assert "1+1" in text
    assert not [cell for cell in _cells(text) if re.match(r'[\s"]*[=+@]', cell)]
