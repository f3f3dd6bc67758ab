"""What leaves the process: no secret, whatever is pasted where, and no character that a terminal obeys."""

import base64
import json
from collections.abc import Callable

import httpx2
import msgspec
import pytest

from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.banks.qonto.http.client import Client
from primanota.book import Book
from primanota.core.model import Account
from tests.support.screens.command_line import Terminal

_SECRET = "8a6c1f0e2b7d4c93a5f1e0d7c6b2a498"  # noqa: S105 - invented
_KEY = f"acme-corp-1234:{_SECRET}"
_MONTH = ("--period", "2026-10")


_PASTED_AS = (
    ("export", "{}", *_MONTH),
    ("export", "lexware", "--period", "{}"),
    ("export", "lexware", "--since", "{}"),
    ("export", "lexware", "--since", "2026-10-01", "--until", "{}"),
    ("export", "lexware", *_MONTH, "--account", "{}"),
    ("export", "lexware", *_MONTH, "--to", "mailto:{}"),
    ("export", "lexware", *_MONTH, "--to", "s3://{}/x/"),
    ("export", "lexware", *_MONTH, "--to", "{}"),
    ("run", "lexware", *_MONTH, "--run-key", "{}", "--account", "none"),
    ("sync", "--organisation", "{}"),
    ("review", "--book", "{}"),
    ("review", "--book", "shared:{}"),
    ("review", "accept", "{}"),
    ("batches", "show", "{}"),
    ("profiles", "check", "{}"),
    ("profiles", "learn", "{}"),
    ("profiles", "show", "{}"),
    ("book", "import", "{}"),
    ("get", "{}"),
    ("get", "/{}"),
    ("login", "--api-url", "{}"),
    ("login", "--api-url", "https://{}@bank.example"),
    ("schedule", "install", "lexware", "--weekly", "{}"),
    ("schedule", "install", "--dry-run", "--", "--since", "{}"),
    ("sync", "{}"),
    ("sync", "--{}"),
    ("{}",),
    ("simulator", "--switch", "{}"),
)


@pytest.mark.parametrize("pasted", [_KEY, _SECRET, f"acme:{_SECRET}", f"other-99:{_SECRET[:12]}"])
def test_a_pasted_key_is_not_repeated(desk: Terminal, pasted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is pasted as any word is in no output, as text or as JSON, and not in the book's log of runs."""
    monkeypatch.chdir(desk.home)
    secret = pasted.partition(":")[2] or pasted
    for words in _PASTED_AS:
        given = [word.format(pasted) for word in words]
        for more in ([], ["--json"]):
            result = desk.run(*given, *more) if "--" not in given else desk.run(*given[:2], *more, *given[2:])
            assert secret not in result.out + result.err, words
    with Book(desk.book, desk.clock.micros) as book:
        commands = [command for (command,) in book.rows("SELECT command FROM run")]
    assert not any(secret in command for command in commands)


@pytest.mark.parametrize("value", ["to", "book", "profile", "secret", "api_url", "timezone", "language", "nonsense"])
def test_a_key_in_the_settings_is_not_repeated(desk: Terminal, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is pasted as a value of the settings is in no output, and no book is called after it."""
    monkeypatch.chdir(desk.home)
    monkeypatch.delenv("PRIMANOTA_SECRET_KEY")
    monkeypatch.delenv("PRIMANOTA_API_URL")
    text = f'["{_KEY}"]' if value == "to" else f'"{_KEY}"'
    (desk.home / "config.toml").write_text(f"[organisation.{desk.simulator.login}]\n{value} = {text}\n")
    for words in (("sync",), ("run", *_MONTH), ("export", *_MONTH, "--json")):
        result = desk.run(*words)
        assert _SECRET not in result.out + result.err
    assert not [path for path in desk.home.rglob("*") if _SECRET in path.name]


@pytest.mark.parametrize(
    "echo",
    [
        lambda header: header,
        lambda header: f"Authorization: {header}",
        lambda header: f"Basic {base64.b64encode(header.encode()).decode()}",
        lambda header: header.replace(":", "%3A"),
        lambda header: header[:-3],
    ],
)
def test_a_gateway_that_repeats_the_key(
    terminal: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch, echo: Callable[[str], str]
) -> None:
    """A gateway whose error repeats the Authorization header does not bring the key into an output."""
    here = terminal(size=10)

    class Gateway(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            detail = f"rejected {echo(request.headers['authorization'])}"
            return httpx2.Response(403, json={"errors": [{"code": "blocked", "detail": detail}]})

    made = Client.__init__

    def through_gateway(self: Client, *words: object, **options: object) -> None:
        made(self, *words, **options | {"transport": Gateway()})  # type: ignore[arg-type]

    monkeypatch.setattr(Client, "__init__", through_gateway)
    secret = here.simulator.secret
    told = (secret, secret[:-3], base64.b64encode(f"{here.simulator.login}:{secret}".encode()).decode())
    for words in (("sync",), ("sync", "--json"), ("sync", "-v"), ("get", "/v2/labels")):
        result = here.run(*words)
        assert result.code == 4
        assert "rejected" in result.err
        assert not any(one in result.out + result.err for one in told)


_NAMES = ("\x1b[2J\x1b]0;owned\x07", "\x9b31m", "\u202egnp.exe", "a\u200bb", "one\nError: two", "\u2066x\u2069")


@pytest.fixture
def hostile(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Terminal]:
    """Return a function that gives a name to the accounts and to the counterparty of a row that was exported."""

    def rename(name: str) -> Terminal:
        (key,) = desk.arrive(1)
        assert desk.run("export", "generic", "--period", "2026").code == 0
        desk.edit(key, label=name)
        account = QontoConnector().account

        def renamed(_: QontoConnector, raw: bytes) -> Account:
            return msgspec.structs.replace(account(raw), name=name)

        monkeypatch.setattr(QontoConnector, "account", renamed)
        return desk

    return rename


@pytest.mark.parametrize("name", _NAMES)
def test_a_name_that_a_terminal_would_obey(hostile: Callable[[str], Terminal], name: str) -> None:
    """Counterparty and account names with control or direction characters are shown harmlessly everywhere."""
    here = hostile(name)
    for words in (
        ("sync",),
        ("review",),
        ("check",),
        ("export", "generic", *_MONTH, "--account", name),
        ("export", "generic", *_MONTH, "--account", f"{name}?"),
        ("export", "generic", *_MONTH, "--dry-run"),
        ("batches",),
        ("batches", "show", "1"),
        (name,),
        ("sync", name),
        ("profiles", "show", name),
    ):
        result = here.run(*words)
        shown = result.out + result.err
        assert all(character == "\n" or character.isprintable() for character in shown), words
        assert "\nError: two" not in shown.removeprefix(shown.partition("\n")[0])


def test_json_keeps_what_it_escapes(hostile: Callable[[str], Terminal]) -> None:
    """``--json`` has the same values, and no such character outside of an escape."""
    result = hostile("\u202e\x7f\x9b").run("sync", "--json")
    assert "\u202e\x7f\x9b" in json.dumps(result.data, ensure_ascii=False).replace("\\u007f", "\x7f")
    assert all(character == "\n" or character.isprintable() for character in result.out)


def test_a_key_is_no_folder(desk: Terminal) -> None:
    """A key where a folder belongs is refused, before a folder is called after it."""
    result = desk.run("export", "lexware", "--period", "2026", "--to", _KEY)
    assert (result.code, "“acme-corp-1234:…” looks like an API key" in result.err) == (2, True)


def test_a_bank_answer_in_a_pipe_is_as_it_is(desk: Terminal) -> None:
    """``get`` prints the bank's JSON byte for byte into a pipe."""
    assert json.loads(desk.run("get", "/v2/labels").out)
