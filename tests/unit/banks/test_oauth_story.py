"""Any story of processes that renew tokens and are killed: a consent is lost only after the minute of grace."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.adapters.secrets.tokens import StoredTokens
from primanota.banks.qonto.oauth.renewal import TokenAccess
from primanota.core.errors import ConsentEnded
from primanota.core.oauth import Tokens
from tests.support.banks.consent_world import ConsentWorld, consent_world
from tests.support.clock import Clock


class Killed(BaseException):
    """A process that ends where it is."""


class Step(NamedTuple):
    """Time passes, then a process asks for an authorization; it may be killed at a moment of the renewal."""

    minutes: float
    process: int
    killed: str
    is_refused: bool


STEPS = st.builds(
    Step,
    st.sampled_from([0, 0.5, 0.9, 3, 61, 60 * 24 * 7]),
    st.integers(0, 2),
    st.sampled_from(["", "", "asked", "answered", "stored"]),
    st.booleans(),
)


class _KilledStore:
    """The store of a process that is killed."""

    def __init__(self, store: StoredTokens, killed: Callable[[], str]) -> None:
        self.load, self.locked = store.load, store.locked
        self.consent_command = store.consent_command
        self._store, self._killed = store, killed

    def save(self, tokens: Tokens) -> None:
        """Store tokens, and end before or after it."""
        if self._killed() == "answered":
            raise Killed
        self._store.save(tokens)
        if self._killed() == "stored":
            raise Killed


class _Process:
    """A process, which loses its memory when it is killed."""

    def __init__(self, world: ConsentWorld) -> None:
        self._world = world
        self.killed = ""
        self.start()

    def start(self) -> None:
        """Start with what is stored."""
        store = _KilledStore(self._world.store, lambda: self.killed)
        self.access = TokenAccess("acme", store, self._renewed, self._world.clock)

    def _renewed(self, tokens: Tokens) -> Tokens:
        if self.killed == "asked":
            raise Killed
        return self._world.renewed(tokens)

    def ask(self, *, is_refused: bool) -> str:
        """Return an authorization; with ``is_refused`` the one that follows a 401."""
        header = self.access.authorization()
        if is_refused:
            self.access.renew(header)
        return self.access.authorization()


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=12))
def test_any_story(steps: list[Step]) -> None:
    """A consent is lost only if more than a minute passes after a kill between the bank's answer and the store."""
    with tempfile.TemporaryDirectory() as folder:
        world = consent_world(Path(folder), Clock(), size=0, switches=["refresh-reuse-kills"])
        world.log_in()
        processes, lost_since = [_Process(world) for _ in range(3)], None
        for step in steps:
            world.clock.advance(minutes=step.minutes)
            process, before = processes[step.process], world.store.load().refresh.reveal()
            process.killed, asked = step.killed, world.count("/oauth2/token")
            try:
                header = process.ask(is_refused=step.is_refused)
            except Killed:
                process.killed = ""
                process.start()
                if step.killed == "answered" and lost_since is None:
                    lost_since = world.clock()
            except ConsentEnded:
                assert lost_since is not None
                assert world.clock() - lost_since >= timedelta(minutes=1)
                return
            else:
                now = world.simulator.bank.now()
                is_known = world.simulator.oauth.scopes_of(header.removeprefix("Bearer "), now) is not None
                assert is_known or lost_since is not None
            if world.store.load().refresh.reveal() != before:
                assert world.count("/oauth2/token") > asked
                lost_since = None
