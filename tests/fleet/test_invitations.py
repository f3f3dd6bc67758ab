"""Invitations to consent: from the address that a client opens to tokens that every worker has."""

import csv
import io
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from primanota.core.errors import ConfigurationError
from primanota.fleet.oauth.invitations import InvitationTable
from primanota.fleet.oauth.token_key import FleetKeys
from tests.support.fleets.fleet_consents import FleetConsents, fleet_consents
from tests.support.screens.plain_browser import redirect_of, visit
from tests.torture.canary import leaks

Make = Callable[..., FleetConsents]


@pytest.fixture
def make(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Make]:
    """Return a function that makes a fleet whose clients consent."""
    with ExitStack() as stack:

        def made(**how: Any) -> FleetConsents:  # noqa: ANN401 - the options of fleet_consents
            return stack.enter_context(fleet_consents(empty_database, tmp_path, monkeypatch, capsys, **how))

        yield made


def test_from_the_link_to_the_first_run(make: Make) -> None:
    """A client opens the printed address; the answer stores its tokens, with which a worker runs it."""
    fleet = make()
    login = fleet.add()
    assert fleet.state()["state"] == "missing"
    before = fleet.run()
    assert (before.kind, f"primanota fleet invite {login}" in before.sentence) == ("person", True)
    address = fleet.link()
    assert (fleet.state()["state"], fleet.state()["invited_until"]) == ("invited", "2026-11-30T12:00:00Z")
    done = fleet.answer(address)
    assert (done.code, "has consented, until 2027-02-21" in done.out) == (0, True), done.err
    assert (fleet.state()["state"], fleet.state()["until"][:10]) == ("given", "2027-02-21")
    assert (fleet.run().kind, fleet.run().proven) == ("done", True)


def test_the_address_asks_for_reading_alone(make: Make) -> None:
    """The address has PKCE, a state, and the two scopes of reading, also where the settings ask for attachments."""
    fleet = make()
    (fleet.home / "config.toml").write_text("[oauth]\nattachments = true\nport = 5555\n", encoding="utf-8")
    fleet.add()
    asked = parse_qs(urlsplit(fleet.link()).query)
    assert asked["scope"] == ["organization.read offline_access"]
    assert asked["redirect_uri"] == ["http://127.0.0.1:5555/callback"]
    assert (asked["code_challenge_method"], len(asked["state"][0]) >= 43) == (["S256"], True)


def test_in_a_browser_of_this_machine(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --link the browser of this machine is waited for, and its answer stores the tokens."""
    fleet = make()
    fleet.add()
    monkeypatch.setattr("primanota.cli.commands.oauth_login.terminal.has_desktop", lambda: True)
    monkeypatch.setattr("webbrowser.open", visit)
    done = fleet.command("invite", fleet.logins[0], "--json")
    assert (done.code, done.data["consent_until"][:10]) == (0, "2027-02-21"), done.err
    assert fleet.state()["state"] == "given"


def test_answers_of_several_clients(make: Make) -> None:
    """Of several open invitations each takes its own answer; another client's is refused, and names that client."""
    fleet = make(clients=2)
    first, second = fleet.add(0), fleet.add(1)
    links = {login: fleet.link(login) for login in (first, second)}
    landed = redirect_of(links[second])
    refused = fleet.bring(landed, first)
    assert (refused.code, f"answers the invitation of {second}" in refused.err) == (2, True)
    assert fleet.bring(landed, second).code == 0
    assert fleet.answer(links[first], first).code == 0
    assert {fleet.state(login)["state"] for login in (first, second)} == {"given"}


def _refused(fleet: FleetConsents, landed: str, code: int, *words: str) -> None:
    """Require that an answer is refused in one sentence with one advice, and that nothing is stored."""
    done = fleet.bring(landed)
    lines = done.err.splitlines()
    assert done.code == code, done.err
    assert lines[0].startswith("Error: ")
    assert len(lines) > 1
    assert all(word in " ".join(done.err.split()) for word in words), done.err
    assert "ory_" not in done.err.replace("ory_ac_…", "")
    assert fleet.database.fetch("SELECT login FROM client_tokens") == []


def test_a_second_invitation_makes_the_first_one_void(make: Make) -> None:
    """Of two invitations of a client, the answer to the older one is refused, the newer one is accepted."""
    fleet = make()
    fleet.add()
    older, newer = fleet.link(), fleet.link()
    _refused(fleet, redirect_of(older), 2, "answers no open invitation", "replaced")
    assert fleet.answer(newer).code == 0


def test_an_address_works_once(make: Make) -> None:
    """An answer that was accepted is refused the second time, and the tokens stay as they are."""
    fleet = make()
    fleet.add()
    landed = redirect_of(fleet.link())
    assert fleet.bring(landed).code == 0
    stored = fleet.tokens().load()
    assert "it was used" in fleet.bring(landed).err
    assert fleet.tokens().load().refresh.reveal() == stored.refresh.reveal()


@pytest.mark.parametrize(
    "landed",
    ["https://example.com/", "code=1&state=2", "?state=", "\udcff", "http://[", "http://127.0.0.1/callback?"],
)
def test_a_wrong_address(make: Make, landed: str) -> None:
    """What is not the address of the open invitation is refused in one sentence."""
    fleet = make()
    fleet.add()
    fleet.link()
    _refused(fleet, landed, 2, "answers no open invitation")


def test_nothing_on_stdin(make: Make) -> None:
    """Without an address on stdin the command says what belongs there."""
    fleet = make()
    login = fleet.add()
    done = fleet.command("invite", login, "--answer")
    assert (done.code, "no address on stdin" in done.err) == (2, True)


def test_an_expired_invitation(make: Make) -> None:
    """An answer after the invitation's end is refused, with the day of the end."""
    fleet = make()
    fleet.add()
    address = fleet.link(fleet.logins[0], "--days", "2")
    fleet.clock.advance(days=2)
    _refused(fleet, redirect_of(address), 2, "expired on 2026-11-25")
    assert fleet.state()["state"] == "missing"


def test_a_code_that_the_bank_refuses(make: Make) -> None:
    """A code that the bank does not take stores nothing; the client may open the same address again."""
    fleet = make()
    fleet.add()
    address = fleet.link()
    landed = redirect_of(address)
    fleet.clock.advance(minutes=11)
    _refused(fleet, landed, 4, "does not take the code", "open the address again")
    assert fleet.answer(address).code == 0


@pytest.mark.parametrize(
    ("switch", "words"),
    [("consent-denied", "No consent was given"), ("no-offline-access", "gave no refresh token")],
)
def test_no_consent(make: Make, switch: str, words: str) -> None:
    """A person who refuses, or a consent that would end in an hour, is an error with an advice."""
    fleet = make(switches=[switch])
    fleet.add()
    _refused(fleet, redirect_of(fleet.link()), 4, words)


def test_another_organisation_without_a_book(make: Make) -> None:
    """Without a book, the organisation must have the client's login; another one's tokens are not stored."""
    fleet = make()
    login = fleet.add(login="other-company-99")
    done = fleet.answer(fleet.link(login), login)
    assert done.code == 2
    assert "has consented, which is not other-company-99" in " ".join(done.err.split())
    assert fleet.state(login)["state"] == "invited"


def test_another_organisation_than_that_of_the_book(make: Make) -> None:
    """With a book, the organisation must be the book's; another one's tokens are not stored."""
    fleet = make(clients=2)
    first = fleet.consent(0)
    assert fleet.run(first).kind == "done"
    second = fleet.add(1, book=f"shared:{fleet.folder}/books/{first}.book")
    done = fleet.answer(fleet.link(second), second)
    assert (done.code, "the book is that of" in " ".join(done.err.split())) == (2, True), done.err
    assert fleet.state(second)["state"] == "invited"


def test_links_of_all_that_need_one(make: Make) -> None:
    """--missing prints an address for each client that needs a consent, the same ones when it runs again."""
    fleet = make(clients=3)
    fleet.consent(0)
    fleet.add(1)
    fleet.add(2)
    first = fleet.command("invite", "--missing", "--link")
    rows = [*csv.DictReader(io.StringIO(first.out))]
    assert sorted(row["login"] for row in rows) == sorted(fleet.logins[1:])
    assert fleet.command("invite", "--missing", "--link").out == first.out
    for row in rows:
        assert fleet.answer(row["address"], row["login"]).code == 0
    assert fleet.command("invite", "--missing", "--link", "--json").data == {"invitations": []}


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--missing"],
        ["acme", "--missing", "--link"],
        ["acme", "--link", "--answer"],
        ["nobody-1", "--link"],
    ],
)
def test_words_that_do_not_fit(make: Make, words: list[str]) -> None:
    """Options that do not belong together, and unknown clients, are refused with an advice."""
    done = make().command("invite", *words)
    assert (done.code, done.out) == (2, "")


def test_a_client_with_a_key(make: Make) -> None:
    """A client whose settings name an API key is not invited; the advice says how that is changed."""
    fleet = make()
    assert fleet.command("add", "key-1", "--book", "shared:/b/k.book", "--to", "/f", "--secret", "file").code == 0
    done = fleet.command("invite", "key-1", "--link")
    assert (done.code, "--secret oauth:fleet --replace" in done.err) == (2, True)
    assert fleet.state("key-1") is None


def test_clients_of_a_file(make: Make, tmp_path: Path) -> None:
    """A CSV file may name the fleet as the place of tokens; a place that does not exist is refused."""
    fleet = make()
    file = tmp_path / "clients.csv"
    for secret, code in (("oauth:fleet", 0), ("oauth:elsewhere", 2)):
        file.write_text(f"login,secret,book,to\nacme-{code},{secret},shared:/b/a.book,/f\n", encoding="utf-8")
        assert fleet.command("import", f"{file}").code == code
    assert fleet.state("acme-0")["state"] == "missing"


def test_logout(make: Make) -> None:
    """Logout revokes the consent at the bank, and deletes tokens and invitation; the run says what to do."""
    fleet = make()
    login = fleet.consent()
    refresh = fleet.tokens().load().refresh.reveal()
    assert fleet.command("logout", login, "--json").data == {"login": login, "revoked": True}
    assert refresh not in fleet.simulators[0].oauth._refresh
    assert fleet.state()["state"] == "missing"
    assert fleet.command("logout", login, "--json").data == {"login": login, "revoked": False}
    with pytest.raises(ConfigurationError, match="has not consented"):
        fleet.tokens().load()


def _rows(fleet: FleetConsents) -> str:
    """Return everything that the tables of the fleet have, as text."""
    names = fleet.database.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'primanota'")
    return "".join(f"{fleet.database.fetch(f'SELECT * FROM {name}')}" for (name,) in names)  # noqa: S608 - its own


def test_secrets_are_nowhere(make: Make) -> None:
    """No code, token, verifier or key is in an output, in the database in the clear, or in a file but the key's."""
    fleet = make()
    login = fleet.add()
    link = fleet.command("invite", login, "--link")
    told = link.out + link.err + _rows(fleet)
    consent = InvitationTable(fleet.database, FleetKeys(fleet.settings)).open_at(fleet.clock())[login].consent
    landed = redirect_of(link.out.strip())
    secrets = fleet.secrets() | {parse_qs(urlsplit(landed).query)["code"][0], consent.verifier.reveal()}
    done = [fleet.command("key"), fleet.bring(landed), fleet.bring(landed), fleet.bring(f"{landed}x")]
    secrets |= fleet.secrets()
    fleet.clock.advance(hours=2)
    assert fleet.run().kind == "done"
    fleet.simulators[0].choose_faults(["consent-withdrawn"])
    fleet.clock.advance(hours=2)
    told += fleet.run(name="2026-W49").sentence + _rows(fleet)
    secrets |= fleet.secrets()
    done += [fleet.command(*words) for words in (["list", "--json"], ["status"], ["report"], ["logout", login])]
    told += "".join(f"{one.out}{one.err}" for one in done)
    (fleet.home / "fleet.key.secret").unlink()
    assert len(secrets) >= 6
    assert [leak for secret in secrets for leak in leaks(fleet.folder, told, secret)] == []


def test_the_commands_of_the_page(make: Make) -> None:
    """The commands on the page of the fleet lead from nothing to a client whose tokens are stored."""
    fleet = make()
    (fleet.home / "fleet.key.secret").unlink()
    login, landed = fleet.logins[0], ""
    page = (Path(__file__).parents[2] / "docs" / "fleet.md").read_text(encoding="utf-8")
    commands = page.partition("## Clients that consent")[2].partition("```sh\n")[2].partition("```")[0].splitlines()
    for line in commands:
        words = [login if word == "acme-corp-1234" else word for word in shlex.split(line)[2:]]
        more = ["--api-url", fleet.urls[0]] if words[0] == "add" else []
        book = [f"shared:{fleet.folder}/a.book" if word.startswith("s3://books") else word for word in words]
        done = fleet.command(*book, *more, stdin=landed)
        assert done.code == 0, done.err
        if "--link" in words:
            landed = redirect_of(done.out.strip())
    assert (len(commands), fleet.state()["state"]) == (4, "given")
