"""The whole bank in one object."""

from collections.abc import Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

import httpx2

from primanota.simulator.bank.bank import Bank
from primanota.simulator.data.company import SLUG, secret_of, staging_token_of
from primanota.simulator.faults.catalogue import FAULTS, checked
from primanota.simulator.http.app import build_app
from primanota.simulator.http.transaction_query import Reader
from primanota.simulator.http.transport import Wire
from primanota.simulator.state import Key, RequestLog, State
from primanota.simulator.switches import SWITCHES

if TYPE_CHECKING:
    from starlette.applications import Starlette

_CAP = 10_000
_REVOKED_AFTER = 5


class Simulator:
    """A faithful Qonto in a box: the invented company Morgenrot Fahrradbau GmbH and its bank.

    The same `seed` and the same first answer of `clock` give the same bytes.

    Args:
        size: how many transactions, of all accounts together; 0 to 1,000,000.
        seed: which invented past.
        clock: answers the present moment, aware, in UTC; the past ends at its first answer.
        switches: names of `SWITCHES`, doubtful behaviours of the bank.
        faults: names of `FAULTS`, failures.
        latency: seconds that every answer takes.
        members: how many people the company has.
        labels: how many labels it has.
        cap: the number of results that the switches deep-cap-… and result-cap-422 allow.
        key_revoked_after: requests that the fault key-revoked lets pass.

    Raises:
        ValueError: an unknown switch or fault, the text lists the known ones; or a negative size.
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
        wanted = checked("switch", frozenset(switches), SWITCHES)
        failing = checked("fault", frozenset(faults), FAULTS)
        self.login = SLUG
        self.secret = secret_of(seed)
        self.staging_token = staging_token_of(seed)
        self.before_request: Callable[[Simulator, str], None] | None = None
        self.bank = Bank(size, seed, clock, (members, labels), wanted)
        self._state = State(
            bank=self.bank,
            reader=Reader(self.bank.holders, wanted, self.bank.now),
            key=Key(self.login, self.secret, self.staging_token),
            switches=wanted,
            faults=failing,
            latency=latency,
            cap=cap,
            key_revoked_after=key_revoked_after,
            knock=self._knock,
            victim=self.bank.middle_row() if failing else None,
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
        """Which requests came: `.count`, and iterating gives the (path, raw query) pairs."""
        return self._state.log

    def transport(self) -> httpx2.BaseTransport:
        """An httpx2 transport that answers without a socket, from any thread, whatever the host in the URL."""
        return Wire(self.app)

    def close(self) -> None:
        """Throw the invented company away."""
        self.bank.close()

    def _knock(self, path: str) -> None:
        if self.before_request is not None:
            self.before_request(self, path)
