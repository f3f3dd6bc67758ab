"""Tokens of a fleet: renewed by one worker at a time, whatever is killed, and readable with the key alone."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest

from primanota.core.errors import ConfigurationError, ConsentEnded, InvalidConfiguration, ServiceUnavailable
from primanota.core.secret import Secret
from primanota.fleet.database import FleetDatabase
from primanota.fleet.oauth import fleet_tokens
from primanota.fleet.oauth.fleet_tokens import FleetTokens
from primanota.fleet.oauth.token_key import FleetKeys
from tests.support import environment
from tests.support.fleets.fleet_consents import FleetConsents, fleet_consents
from tests.support.fleets.fleet_office import QUICK
from tests.support.fleets.fleet_world import FleetWorld
from tests.support.fleets.killed_fleet_renewal import STEPS
from tests.support.fleets.postgres import PostgresForTests

Make = Callable[..., FleetConsents]
_TIMEOUT = "idle_in_transaction_session_timeout"
_KEY = "fleet.key.secret"


@pytest.fixture
def make(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Make]:
    """Return a function that makes a fleet with a client that has consented."""
    with ExitStack() as stack:

        def made(**how: Any) -> FleetConsents:  # noqa: ANN401 - the options of fleet_consents
            fleet = stack.enter_context(fleet_consents(empty_database, tmp_path, monkeypatch, capsys, **how))
            for number in range(len(fleet.simulators)):
                fleet.consent(number)
            return fleet

        yield made


def _version(fleet: FleetConsents) -> int:
    return int(fleet.database.fetch("SELECT version FROM client_tokens")[0][0])


@pytest.mark.parametrize("switch", ["refresh-reuse-kills", "refresh-kept"])
def test_several_workers_renew_once(make: Make, switch: str) -> None:
    """Of workers that need a new token at the same moment one asks the bank, and all have the same token."""
    fleet = make(switches=[switch])
    workers = []
    for _ in range(6):
        database = FleetDatabase(Secret(fleet.address))
        workers.append((database, fleet.access(FleetTokens(database, FleetKeys(fleet.settings), fleet.logins[0]))))
    fleet.clock.advance(hours=2)
    before = fleet.count()
    with ThreadPoolExecutor(6) as pool:
        headers = {*pool.map(lambda one: one[1].authorization(), workers)}
    for database, _ in workers:
        database.close()
    assert (len(headers), fleet.count() - before, _version(fleet)) == (1, 1, 2)


def test_months(make: Make) -> None:
    """Every run of a client renews its tokens once, and is proven, beyond the end of the first ones."""
    fleet = make(switches=["refresh-reuse-kills"])
    for month in range(3):
        fleet.clock.advance(days=40)
        found = fleet.run(name=f"run-{month}")
        assert (found.kind, found.proven) == ("done", True), found.sentence
    assert (fleet.count(), fleet.state()["state"]) == (4, "given")


def _worker(fleet: FleetConsents, *program: str) -> Any:  # noqa: ANN401 - a process that ended
    words = [sys.executable, "-m", *program, "fleet", "worker", *QUICK, "--once"]
    return environment.run(words, environment.plain(**fleet.variables))


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_that_is_killed(make: Make, step: str) -> None:
    """After a kill at any step of a renewal, another worker within the minute of grace runs the client."""
    fleet = make(switches=["refresh-reuse-kills"])
    fleet.clock.advance(days=7)
    moment = fleet.clock().isoformat()
    assert _worker(fleet, "tests.support.fleets.killed_fleet_renewal", step, moment).returncode == -SIGKILL
    fleet.clock.advance(seconds=59)
    after = _worker(fleet, "tests.support.program_at", fleet.clock().isoformat())
    assert after.returncode == 0, after.stderr
    (client,) = fleet.command("status", "--json").data["clients"]
    assert client["latest"]["state"] == "done", client["latest"]["why"]
    fleet.clock.advance(hours=2)
    assert fleet.run().kind == "done"


def test_a_consent_that_was_lost(make: Make) -> None:
    """Later than a minute after the worst kill the consent has ended: shown, and not asked again until invited."""
    fleet = make(switches=["refresh-reuse-kills"])
    fleet.clock.advance(days=7)
    fleet.renewed(fleet.tokens().load())  # as the killed worker did
    fleet.clock.advance(minutes=2)
    _ended(fleet)


@pytest.mark.parametrize("fault", ["consent-withdrawn", "access-refused"])
def test_a_consent_that_was_withdrawn(make: Make, fault: str) -> None:
    """A consent that the bank takes no longer needs somebody, and the bank is not asked with it again."""
    fleet = make()
    fleet.simulators[0].choose_faults([fault])
    fleet.clock.advance(hours=2)
    _ended(fleet)


def _ended(fleet: FleetConsents) -> None:
    """Require that a consent has ended, that nothing asks with it again, and that a new one mends it."""
    login, advice = fleet.logins[0], f"primanota fleet invite {fleet.logins[0]}"
    first = fleet.run()
    assert (first.kind, first.error_kind, advice in first.sentence) == ("person", "ConsentEnded", True), first
    asked = fleet.simulators[0].requests.count
    second = fleet.run(name="2026-W49")
    assert (second.error_kind, second.sentence) == (first.error_kind, first.sentence)
    assert fleet.simulators[0].requests.count == asked
    assert fleet.state()["state"] == "ended"
    assert f"{login}: ended" in fleet.command("report").out
    assert [one["login"] for one in fleet.command("report", "--json").data["consents"]] == [login]
    fleet.simulators[0].choose_faults([])
    assert fleet.answer(fleet.link()).code == 0
    assert fleet.run(name="2026-W50").kind == "done"


def test_retry_asks_once_more(make: Make) -> None:
    """After “fleet retry” the bank is asked again: perhaps it was the bank that was wrong."""
    fleet = make()
    fleet.simulators[0].choose_faults(["access-refused"])
    fleet.clock.advance(days=7)
    world = FleetWorld.of(fleet.database)._replace(clock=fleet.clock)
    world.plan()
    world.begin(fleet.logins[0])
    world.occasions.record(fleet.logins[0], "2026-W49", "one", fleet.run(name="2026-W49"))
    assert fleet.state()["state"] == "ended"
    fleet.simulators[0].choose_faults([])
    assert fleet.command("retry", fleet.logins[0]).code == 0
    assert (fleet.state()["state"], fleet.run().kind) == ("given", "done")


def test_the_end_of_a_refused_token_is_not_that_of_a_new_one(make: Make) -> None:
    """A consent that is given while an old one is refused is not marked as ended."""
    fleet = make()
    old = fleet.tokens()
    old.load()
    assert fleet.answer(fleet.link()).code == 0
    old.end("It has ended.")
    assert fleet.state()["state"] == "given"


@pytest.mark.parametrize("fault", ["token-429-once", "token-500-once", "token-truncated-once"])
def test_a_passing_fault(make: Make, fault: str) -> None:
    """A failure of one request for tokens, also of one that the bank carried out, does not end a run."""
    fleet = make(switches=["refresh-reuse-kills"])
    fleet.simulators[0].choose_faults([fault])
    fleet.clock.advance(hours=2)
    assert fleet.run().kind == "done"


def test_a_bank_that_is_away(make: Make) -> None:
    """While the bank gives no tokens the run may succeed later, and the consent has not ended."""
    fleet = make()
    fleet.simulators[0].choose_faults(["token-down"])
    fleet.clock.advance(hours=2)
    assert (fleet.run().kind, fleet.state()["state"]) == ("later", "given")


def test_the_end_is_told(make: Make) -> None:
    """Two weeks before the end status and report say so; the report leaves paused clients out."""
    fleet = make()
    fleet.clock.advance(days=75)
    assert fleet.command("status", "--json", "--needs").data["clients"] == []
    fleet.clock.advance(days=2)
    shown = fleet.command("status", "--needs").out
    assert f"ends on 2027-02-21: run “primanota fleet invite {fleet.logins[0]}” again." in " ".join(shown.split())
    out = fleet.command("report").out
    assert f"{fleet.logins[0]}: ends on 2027-02-21" in out
    assert "primanota fleet invite LOGIN --link" in out
    assert "ends on 2027-02-21" in fleet.command("list").out
    assert fleet.command("pause", fleet.logins[0]).code == 0
    assert fleet.command("report", "--json").data["consents"] == []


# --- the database ------------------------------------------------------------------------------------------------


def test_the_database_is_lost_after_the_answer(make: Make, postgres: PostgresForTests) -> None:
    """Tokens that could not be committed since PostgreSQL was killed are stored as soon as it is back."""
    fleet = make(switches=["refresh-reuse-kills"])
    store = fleet.tokens(pause=lambda _: postgres.start())
    access = fleet.access(store)
    before_request = fleet.renewed

    def renewed(tokens: Any) -> Any:  # noqa: ANN401 - Tokens
        found = before_request(tokens)
        postgres.kill()
        return found

    access._renewed = renewed
    fleet.clock.advance(hours=2)
    header = access.authorization()
    fleet.clock.advance(minutes=5)
    assert f"Bearer {fleet.tokens().load().access.reveal()}" == header
    assert _version(fleet) == 2


def test_a_database_that_stays_away(make: Make) -> None:
    """If the database does not come back the run ends with an error for people, which may pass."""
    fleet = make()
    store = fleet.tokens(pause=lambda _: None)
    tokens = store.load()
    with store.locked():
        fleet.database.close()
        store._held.connection.close()
        with pytest.raises(ServiceUnavailable, match="could not be stored"):
            store.save(tokens)


def test_a_worker_that_hangs(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits too long for another worker's renewal is told so, and may try later."""
    fleet = make()
    monkeypatch.setattr(fleet_tokens, "_PATIENCE", "50ms")
    with fleet.tokens().locked():
        other = fleet.tokens()
        with pytest.raises(ServiceUnavailable, match="Another worker"), other.locked():
            pytest.fail("it was locked twice")


def test_a_machine_that_vanishes(make: Make) -> None:
    """The lock of a machine that is not heard of any more ends, and what it stores later overwrites nothing."""
    fleet = make()
    store = fleet.tokens(pause=lambda _: None)
    fleet.clock.advance(hours=2)
    with store.locked():
        late = fleet.renewed(store.load())
        held = store._held.connection
        assert held.execute(f"SHOW {_TIMEOUT}").fetchone() == (fleet_tokens._IDLE,)
        held.execute(f"SET LOCAL {_TIMEOUT} = '50ms'")
        header = fleet.access().authorization()  # waits until the lock has ended
        store.save(late)
    assert f"Bearer {fleet.tokens().load().access.reveal()}" == header


# --- the key -----------------------------------------------------------------------------------------------------


def test_a_database_without_the_key(make: Make) -> None:
    """Without the key no token can be read: the error names the command, and the list still has the end."""
    fleet = make()
    (fleet.home / _KEY).unlink()
    with pytest.raises(ConfigurationError, match="There is no key") as caught:
        fleet.tokens().load()
    assert "primanota fleet key" in caught.value.hint
    assert fleet.run().kind == "person"
    assert fleet.state()["state"] == "given"
    fleet.command("key")
    with pytest.raises(ConfigurationError, match="another key"):
        fleet.tokens().load()


def test_a_row_of_another_client(make: Make) -> None:
    """The tokens of a client that are copied into another one's row are refused, and so are changed ones."""
    fleet = make(clients=2)
    first, second = fleet.logins
    copied = "SELECT sealed FROM client_tokens WHERE login = %s"
    ((sealed,),) = fleet.database.fetch(copied, first)
    fleet.database.execute("UPDATE client_tokens SET sealed = %s WHERE login = %s", sealed, second)
    with pytest.raises(ConfigurationError, match="that of another client"):
        fleet.tokens(second).load()
    fleet.database.execute("UPDATE client_tokens SET sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20))")
    with pytest.raises(ConfigurationError, match="was changed"):
        fleet.tokens(first).load()


def test_the_key_is_private_and_kept(make: Make) -> None:
    """The key is in a file that only its owner can read, is never printed, and never made a second time."""
    fleet = make()
    path = fleet.home / _KEY
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    again = fleet.command("key")
    assert (again.code, "--rotate" in again.err, path.read_bytes()) == (2, True, before)
    path.chmod(0o644)
    with pytest.raises(InvalidConfiguration, match="can be read by others"):
        fleet.tokens().load()


def test_another_key_replaces_the_first_one(make: Make) -> None:
    """After a rotation all tokens are encrypted with the new key, and the old one is needed by nothing."""
    fleet = make()
    fleet.link()
    path = fleet.home / _KEY
    old = path.read_text(encoding="utf-8").strip()
    assert fleet.command("key", "--rotate").code == 0
    new = path.read_text(encoding="utf-8").split()[0]
    assert path.stat().st_mode & 0o777 == 0o600
    assert (fleet.access().authorization()[:6], new != old) == ("Bearer", True)
    assert fleet.command("reencrypt", "--json").data == {"changed": 2, "current": 0}
    assert fleet.command("reencrypt", "--json").data == {"changed": 0, "current": 2}
    path.write_text(f"{new}\n", encoding="utf-8")
    assert fleet.tokens().load()
    path.write_text(f"{old}\n", encoding="utf-8")
    assert fleet.run().kind == "person"


@pytest.mark.parametrize("text", ["short", "é" * 44, "A" * 43, "AAAA"])
def test_a_text_that_is_no_key(make: Make, text: str) -> None:
    """A text that is no key is refused, not quoted, and not replaced by “fleet key”."""
    fleet = make()
    (fleet.home / _KEY).write_text(text, encoding="utf-8")
    with pytest.raises(InvalidConfiguration, match="not 32 bytes") as caught:
        fleet.tokens().load()
    assert text not in f"{caught.value}"
    assert fleet.command("key", "--rotate").code == 3


def test_a_key_from_a_command(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key may be behind any reference; where this program cannot write, “fleet key” says what belongs there."""
    fleet = make()
    reference = f"command:cat {fleet.home / _KEY}"
    monkeypatch.setenv("PRIMANOTA_FLEET_KEY", reference)
    fleet.variables["PRIMANOTA_FLEET_KEY"] = reference
    assert fleet.tokens().load()
    done = fleet.command("key")
    assert (done.code, "openssl rand -base64 32" in done.err) == (3, True)


def test_an_ended_consent_is_an_error_of_its_own(make: Make) -> None:
    """Tokens that the bank takes no longer are not given out."""
    fleet = make()
    store = fleet.tokens()
    store.load()
    store.end("The consent has ended.")
    with pytest.raises(ConsentEnded, match="The consent has ended"):
        fleet.tokens().load()
