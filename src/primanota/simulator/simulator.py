"""The simulator: the bank and its API in one object."""

from collections.abc import Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx2

from primanota.simulator.bank.bank import SimulatedBank
from primanota.simulator.data.company import SLUG, api_secret, staging_token
from primanota.simulator.faults.catalogue import FAULTS
from primanota.simulator.http.app import build_app
from primanota.simulator.http.transport import InProcessTransport
from primanota.simulator.state import RequestLog, SimulatorCredentials, SimulatorState
from primanota.simulator.switches import SWITCHES

if TYPE_CHECKING:
    from starlette.applications import Starlette

_CAP = 10_000
_REVOKED_AFTER = 5


class Simulator:
    """A simulation of Qonto's API with an invented company, Morgenrot Fahrradbau GmbH.

    The same `seed` and the same first value of `clock` give the same bytes.

    Args:
        size: the number of transactions, of all accounts together; 0 to 1,000,000.
        seed: selects the invented data.
        clock: returns the present time, aware, in UTC; the history ends at its first value.
        switches: names of `SWITCHES`, doubtful behaviours of the bank.
        faults: names of `FAULTS`, failures.
        latency: seconds that every answer takes.
        members: the number of the company's members.
        labels: the number of the company's labels.
        cap: the number of results that the switches deep-cap-… and result-cap-422 allow.
        key_revoked_after: the number of requests before the fault key-revoked applies.

    Raises:
        ValueError: a switch or fault is unknown (the message lists the known ones), or the size is negative.
    """

    def __init__(  # noqa: PLR0913 - the ways in which an invented bank may differ
        self,
        *,
        size: int = 250,
        seed: int = 1,
        clock: Callable[[], datetime],
        switches: Iterable[str] = (),
        faults: Iterable[str] = (),
        latency: float = 0.0,
        members: int = 7,
        labels: int = 8,
        cap: int = _CAP,
        key_revoked_after: int = _REVOKED_AFTER,
    ) -> None:
        if size < 0:
            raise ValueError(f"size must not be negative: {size}")
        chosen_switches = _known_names("switch", switches, SWITCHES)
        chosen_faults = _known_names("fault", faults, FAULTS)
        self.login = SLUG
        self.secret = api_secret(seed)
        self.staging_token = staging_token(seed)
        self.before_request: Callable[[Simulator, str], None] | None = None
        self.bank = SimulatedBank(size, seed, clock, members=members, labels=labels, switches=chosen_switches)
        self._state = SimulatorState(
            bank=self.bank,
            credentials=SimulatorCredentials(self.login, self.secret, self.staging_token),
            switches=chosen_switches,
            faults=chosen_faults,
            latency=latency,
            cap=cap,
            key_revoked_after=key_revoked_after,
            before_request=self._call_before_request,
            faulty_transaction=self.bank.middle_transaction() if chosen_faults else None,
        )
        self.app: Starlette = build_app(self._state)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def requests(self) -> RequestLog:
        """The requests so far: `.count`, and iterating gives the (path, raw query) pairs."""
        return self._state.log

    def transport(self) -> httpx2.BaseTransport:
        """Return an httpx2 transport that answers without a socket, in any thread, for any host in the URL."""
        return InProcessTransport(self.app)

    def close(self) -> None:
        """Delete the invented company's data."""
        self.bank.close()

    def _call_before_request(self, path: str) -> None:
        if self.before_request is not None:
            self.before_request(self, path)


def _known_names(kind: str, names: Iterable[str], known: dict[str, str]) -> frozenset[str]:
    """Return the names as a set.

    Raises:
        ValueError: a name is unknown; the message lists the unknown and the known ones.
    """
    chosen = frozenset(names)
    if unknown := sorted(chosen - known.keys()):
        raise ValueError(f"unknown {kind}: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return chosen
