"""Tokens while the bank is read: renewed before they end, once after a refusal, and stored before they are used."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import msgspec
import pytest

from primanota.app.progress import no_progress
from primanota.app.syncing.sync import sync
from primanota.app.workspace import Workspace
from primanota.banks.qonto.http.refusals import RetryLater
from primanota.banks.qonto.oauth.renewal import TokenAccess
from primanota.core.errors import AccessDenied, ConsentEnded, InvalidApiKey, PrimanotaError, ServiceUnavailable
from primanota.core.oauth import Tokens, consent_ends
from tests.support.banks.consent_world import ConsentWorld, consent_world
from tests.support.clock import Clock

TOKEN = "/oauth2/token"  # noqa: S105 - a path

Make = Callable[..., ConsentWorld]


@pytest.fixture
def make(tmp_path: Path, clock: Clock) -> Make:
    """Return a function that makes a bank that gives tokens."""

    def made(**how: Any) -> ConsentWorld:  # noqa: ANN401 - the simulator's options
        return consent_world(tmp_path / "home", clock, **how)

    return made


def _read(workspace: Workspace) -> int:
    """Sync a new book; return how many accounts are proven."""
    with workspace.bank() as bank, workspace.book(create=True) as book, no_progress() as shown:
        done, _ = sync(bank, book, workspace.connector, shown)
    return sum(one.proven for one in done)


@pytest.mark.parametrize(
    "switches",
    [
        [],
        ["refresh-end-fixed", "refresh-end-told"],
        ["refresh-end-told"],
        ["refresh-kept"],
        ["refresh-reuse-kills", "refresh-inactive-401"],
        ["expires-in-text"],
        ["app-public"],
        ["pkce-required", "app-form-only"],
        ["sandbox"],
        ["gateway-auth"],
    ],
    ids="+".join,
)
def test_weeks_with_every_variant(make: Make, clock: Clock, switches: list[str]) -> None:
    """With each variant of the bank's OAuth server, every weekly run of a consent is proven."""
    here = make(switches=switches)
    here.log_in()
    assert _read(here.workspace()) == 4
    for _ in range(3):
        clock.advance(days=7)
        assert _read(here.workspace()) == 4
    assert here.count(TOKEN) == 4


@pytest.mark.parametrize(
    "fault", ["token-500-once", "token-429-once", "token-timeout-once", "token-truncated-once", "access-revoked"]
)
def test_a_passing_fault_has_no_effect(make: Make, clock: Clock, fault: str) -> None:
    """A failure of one request for tokens, also of one that the bank carried out, does not end a run."""
    here = make(switches=["refresh-reuse-kills"])
    here.log_in()
    here.simulator.choose_faults([fault])
    clock.advance(hours=2)
    assert _read(here.workspace()) == 4
    clock.advance(hours=2)
    assert _read(here.workspace()) == 4


@pytest.mark.parametrize(
    ("fault", "kind", "says"),
    [
        ("token-down", ServiceUnavailable, "OAuth server answers 503"),
        ("token-html", AccessDenied, "a web page instead of data"),
        ("consent-withdrawn", ConsentEnded, "has ended, or was withdrawn"),
        ("access-refused", ConsentEnded, "does not accept the access token"),
    ],
)
def test_a_lasting_fault_is_an_error(make: Make, clock: Clock, fault: str, kind: type[Exception], says: str) -> None:
    """A lasting refusal is one error that says what to do, and the bank is not asked again and again."""
    here = make()
    here.log_in()
    here.simulator.choose_faults([fault])
    clock.advance(hours=2)
    with pytest.raises(kind, match=says) as caught:
        _read(here.workspace())
    assert isinstance(caught.value, PrimanotaError)
    assert caught.value.hint
    assert here.count(TOKEN) <= (40 if fault == "token-down" else 8)  # a few requests are on their way
    assert here.simulator.requests.count < 60


def test_a_consent_that_ended_is_not_a_wrong_secret(make: Make, clock: Clock) -> None:
    """A refresh token that the bank refuses with 401, as Ory Hydra does one that was used, asks for a new consent."""
    here = make(switches=["refresh-inactive-401"])
    here.log_in()
    here.simulator.choose_faults(["consent-withdrawn"])
    clock.advance(hours=2)
    with pytest.raises(ConsentEnded, match="token_inactive") as caught:
        _read(here.workspace())
    assert "login --oauth" in caught.value.hint


def test_a_token_is_renewed_within_a_long_sync(make: Make, clock: Clock) -> None:
    """A sync that lasts for hours renews its token before it ends, and no request is refused."""
    here = make(size=900)
    one = here.settings.environment | {"PRIMANOTA_CONNECTIONS": "1"}
    here = here._replace(settings=msgspec.structs.replace(here.settings, environment=one))
    here.log_in()
    here.simulator.before_request = lambda _, path: clock.advance(minutes=0 if "oauth2" in path else 4)
    began = clock()
    _read(here.workspace())
    hours = (clock() - began) / timedelta(hours=1)
    assert hours > 2
    assert int(hours) <= here.count(TOKEN) - 1 <= hours * 1.2
    assert clock() - here.store.load().issued < timedelta(hours=1)


@pytest.mark.parametrize("days", [-400, -2, 2, 85, 400])
def test_a_wrong_clock_locks_nobody_out(make: Make, clock: Clock, days: int) -> None:
    """A clock that has been wrong by days or a year since the consent does not keep a run from the bank."""
    here = make()
    here.log_in()
    clock.advance(hours=2)
    wrong = Clock(clock() + timedelta(days=days))
    assert _read(here.workspace(clock=wrong)) == 4
    clock.advance(hours=2)
    wrong.advance(hours=2)
    assert _read(here.workspace(clock=wrong)) == 4
    assert here.count(TOKEN) <= 5


@pytest.mark.parametrize("seconds", [0, 1, 60, 299])
def test_a_short_life_is_no_loop(make: Make, clock: Clock, seconds: int) -> None:
    """A token whose stated life is short or nothing is used, and not renewed with each request."""
    here = make()
    here.log_in()
    given: list[Tokens] = []

    def renewed(tokens: Tokens) -> Tokens:
        new = here.renewed(tokens)
        given.append(new._replace(access_end=new.issued + timedelta(seconds=max(seconds, 60))))
        return given[-1]

    access = TokenAccess("acme", here.store, renewed, clock)
    clock.advance(hours=1)
    for _ in range(20):
        access.authorization()
        clock.advance(seconds=1)
    assert len(given) == 1


def test_new_tokens_are_stored_before_they_are_used(make: Make, clock: Clock) -> None:
    """New tokens that cannot be stored are not used: the run ends, and a minute's grace is left for the next one."""
    here = make()
    first = here.log_in()
    clock.advance(hours=2)

    class Full:
        """A place on a full disk."""

        consent_command = here.store.consent_command
        load = here.store.load
        locked = here.store.locked

        def save(self, _: Tokens) -> None:
            raise ServiceUnavailable("full")

    access = TokenAccess("acme", Full(), here.renewed, clock)
    with pytest.raises(ServiceUnavailable):
        access.authorization()
    assert access.tokens.refresh.reveal() == first.refresh.reveal()
    clock.advance(seconds=59)
    assert here.access().authorization() != f"Bearer {first.access.reveal()}"


def test_the_next_run_within_a_minute_goes_on(make: Make, clock: Clock) -> None:
    """After the bank's answer was lost, a run within a minute succeeds, and a later one asks for a new consent."""
    for seconds, works in ((59, True), (60, False)):
        here = make()
        here.log_in()
        clock.advance(hours=2)
        here.renewed(here.store.load())  # its answer is lost
        clock.advance(seconds=seconds)
        if works:
            assert here.access().authorization()
            continue
        with pytest.raises(ConsentEnded) as caught:
            here.access().authorization()
        assert caught.value.exit_code == 4
        assert caught.value.hint == "Run “primanota login --oauth” again."


def test_threads_renew_once(make: Make, clock: Clock) -> None:
    """Of many threads that meet an old or a refused token at the same time, one renews it, and all go on with it."""
    here = make()
    first = here.log_in()
    access, together, got = here.access(), Barrier(8), list[str]()

    def ask(refused: str) -> None:
        together.wait()
        if refused:
            access.renew(refused)
        got.append(access.authorization())

    for count, refused in ((1, ""), (2, "now")):
        before = access.authorization() if refused else ""
        if not refused:
            clock.advance(hours=1)
        threads = [Thread(target=ask, args=(before,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len({*got}), here.count(TOKEN) - 1) == (1, count)
        got.clear()
    assert here.store.load().refresh != first.refresh


def test_the_second_process_takes_what_the_first_stored(make: Make, clock: Clock) -> None:
    """A process with older tokens in its memory takes those that another has stored, and asks for none."""
    here = make()
    here.log_in()
    first, second = here.access(), here.access()
    clock.advance(hours=1)
    assert first.authorization() == second.authorization()
    old = first.authorization()
    assert (first.renew(old), second.renew(old)) == (True, True)
    assert first.authorization() == second.authorization() != old
    assert here.count(TOKEN) == 3


def test_a_bank_that_cannot_be_asked_yet_is_no_reason_to_stop(make: Make, clock: Clock) -> None:
    """While a token lasts, a failed renewal is tried again a minute later; once it has ended, the failure is told."""
    here = make()
    here.log_in()
    access = here.access()
    here.simulator.choose_faults(["token-down"])
    clock.advance(minutes=56)
    for _ in range(3):
        assert access.authorization()
        clock.advance(seconds=30)
    assert here.count(TOKEN) == 1 + 2
    clock.advance(minutes=5)
    with pytest.raises(RetryLater):
        access.authorization()


@contextmanager
def _refusing(here: ConsentWorld) -> Iterator[None]:
    here.simulator.choose_faults(["consent-withdrawn"])
    yield
    here.simulator.choose_faults([])


def test_a_refused_consent_is_asked_once(make: Make, clock: Clock) -> None:
    """When a consent has ended, each thread of the client hears it, and the bank is asked for tokens once."""
    here = make(size=900)
    here.log_in()
    clock.advance(hours=2)
    with _refusing(here), pytest.raises(InvalidApiKey):
        _read(here.workspace())
    assert here.count(TOKEN) == 2


def test_a_notice_two_weeks_before_the_end(make: Make, clock: Clock) -> None:
    """Within the last two weeks of a consent each run has a notice; a renewal that moves the end takes it away."""
    for switches, days, told in (
        (["refresh-end-fixed", "refresh-end-told"], 75, False),
        (["refresh-end-fixed", "refresh-end-told"], 77, True),
        (["refresh-end-told"], 89, False),
        ([], 89, False),
        (["refresh-kept"], 77, True),
    ):
        here = make(switches=switches)
        here.log_in()
        clock.advance(days=days)
        workspace = here.workspace()
        _read(workspace)
        assert [one.name for one in workspace.notices if one.name == "consent_ends"] == ["consent_ends"] * told
        end = workspace.consent_end()
        assert end
        assert (consent_ends(workspace.login, end, workspace.clock()) is not None) == told
