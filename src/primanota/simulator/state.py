"""What one simulator consists of, and one visit to it."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from primanota.simulator.bank.bank import Bank
from primanota.simulator.http.transaction_query import Pairs, Reader
from primanota.simulator.rate_limits import Limits

_REMEMBERED = 20_000


class RequestLog:
    """Which requests came: `count` of all, and the (path, raw query) pairs of the last 20,000, oldest first."""

    def __init__(self) -> None:
        self.count = 0
        self._pairs: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(tuple(self._pairs))

    def __len__(self) -> int:
        return len(self._pairs)

    def add(self, path: str, query: str) -> int:
        """Log one request; returns its number, from 1."""
        self.count += 1
        self._pairs.append((path, query))
        return self.count

    def clear(self) -> None:
        """Forget the pairs. The count goes on, as faults that strike every fifth request need it."""
        self._pairs.clear()


@dataclass
class Key:
    """What opens the door: the login and secret of the API key, and the sandbox's token."""

    login: str
    secret: str
    staging_token: str


@dataclass
class State:
    """Everything that requests touch.

    `victim` is the number of the one row that faults pick, `struck` names the faults that strike once and have.
    """

    bank: Bank
    reader: Reader
    key: Key
    switches: frozenset[str]
    faults: frozenset[str]
    latency: float
    cap: int
    key_revoked_after: int
    knock: Callable[[str], None]
    victim: int | None
    limits: Limits = field(default_factory=Limits)
    log: RequestLog = field(default_factory=RequestLog)
    struck: set[str] = field(default_factory=set)

    def once(self, fault: str) -> bool:
        """Whether a fault that strikes once strikes now."""
        if fault not in self.faults or fault in self.struck:
            return False
        self.struck.add(fault)
        return True


@dataclass(frozen=True)
class Visit:
    """One request, as the simulator sees it. `now` is milliseconds of UTC."""

    number: int
    path: str
    query: str
    headers: Mapping[str, str]
    client: str
    now: int
    trace: str

    @property
    def pairs(self) -> Pairs:
        """The query's parameters, decoded, in their order."""
        return parse_qsl(self.query, keep_blank_values=True)
