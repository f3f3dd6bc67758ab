"""The state of one simulator, and one request to it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import parse_qsl

from primanota.simulator.bank.bank import SimulatedBank
from primanota.simulator.faults.targets import ChosenFaults
from primanota.simulator.oauth.server import OAuthServer
from primanota.simulator.rate_limits import RateLimits

Parameters = Sequence[tuple[str, str]]
_LOGGED_REQUESTS = 20_000


class RequestLog:
    """The requests so far: `count` of all, and the (path, raw query) pairs of the last 20,000, oldest first."""

    def __init__(self) -> None:
        self.count = 0
        self._pairs: deque[tuple[str, str]] = deque(maxlen=_LOGGED_REQUESTS)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(tuple(self._pairs))

    def __len__(self) -> int:
        return len(self._pairs)

    def add(self, path: str, query: str) -> int:
        """Log one request. Returns its number, from 1."""
        self.count += 1
        self._pairs.append((path, query))
        return self.count

    def clear(self) -> None:
        """Discard the pairs, but not the count: faults at every fifth request need it."""
        self._pairs.clear()


class SimulatorCredentials(NamedTuple):
    """The login and secret of the API key, and the sandbox's token."""

    login: str
    secret: str
    staging_token: str


@dataclass
class SimulatorState:
    """Everything that requests read or change.

    `applied_faults` are the names of one-time faults that have been applied already; `auth` says which credentials
    the bank accepts: `key`, `oauth`, or `both`.
    """

    bank: SimulatedBank
    credentials: SimulatorCredentials
    switches: frozenset[str]
    faults: ChosenFaults
    latency: float
    cap: int
    key_revoked_after: int
    before_request: Callable[[str], None]
    auth: str
    oauth: OAuthServer
    limits: RateLimits = field(default_factory=RateLimits)
    log: RequestLog = field(default_factory=RequestLog)
    applied_faults: set[str] = field(default_factory=set)

    def applies_once(self, fault: str, account: int) -> bool:
        """Return whether a one-time fault applies to an account now, and record that it has been applied."""
        if fault in self.applied_faults or not self.faults.strikes(fault, account):
            return False
        self.applied_faults.add(fault)
        return True

    def choose_faults(self, texts: Iterable[str]) -> None:
        """Replace the faults; one-time faults apply again."""
        self.faults = ChosenFaults(texts, self.bank)
        self.applied_faults.clear()


@dataclass(frozen=True)
class IncomingRequest:
    """One HTTP request as the simulator reads it. `now` is milliseconds of UTC."""

    number: int
    path: str
    query: str
    headers: Mapping[str, str]
    client: str
    now: int
    trace_id: str

    @property
    def parameters(self) -> Parameters:
        """The query's parameters, decoded, in their order."""
        return parse_qsl(self.query, keep_blank_values=True)
