"""The simulator: the bank and its API in one object."""

from collections.abc import Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

import httpx2

from primanota.simulator.bank.bank import SimulatedBank
from primanota.simulator.data.company import api_secret, company_slug, staging_token
from primanota.simulator.faults.targets import ChosenFaults, parse_fault
from primanota.simulator.files.signed_urls import SignedUrls
from primanota.simulator.files.storage import StorageApp
from primanota.simulator.http.app import build_app
from primanota.simulator.http.hosts import Hosts
from primanota.simulator.http.transport import InProcessTransport
from primanota.simulator.oauth.server import OAuthServer
from primanota.simulator.rate_limits import RateLimits
from primanota.simulator.state import RequestLog, SimulatorCredentials, SimulatorState
from primanota.simulator.switches import SWITCHES

if TYPE_CHECKING:
    from starlette.applications import Starlette

_CAP = 10_000
_REVOKED_AFTER = 5
_FILES_URL = "http://localhost:8901"  # without a server, any port that the API does not have


class Simulator:
    """A simulation of Qonto's API with an invented company, Morgenrot Fahrradbau GmbH.

    The same `seed` and `opened` and the same present time give the same bytes; at a later time the same transactions
    have gone on, and new ones have arrived.

    Args:
        size: the number of transactions of the history, of all accounts together; 0 to 1,000,000.
        seed: selects the invented data.
        clock: returns the present time, aware, in UTC.
        opened: the end of the history, after which each day brings as many transactions as one of its days. Without
            it the history ends at the clock's first value, and nothing arrives by itself.
        switches: names of `SWITCHES`, doubtful behaviours of the bank.
        faults: names of `FAULTS`, failures; some may name a row and an account, as in `balance-gap@first:savings`.
        auth: the credentials that are accepted: `key` (the API key), `oauth` (tokens), or `both`.
        latency: seconds that every answer takes.
        members: the number of the company's members.
        labels: the number of the company's labels.
        cap: the number of results that the switches deep-cap-… and result-cap-422 allow.
        key_revoked_after: the number of requests before the fault key-revoked applies.
        limits: counts the requests, if several simulators stand for one bank; its own by default.

    Raises:
        ValueError: a switch or fault is unknown (the message lists the known ones), the size is negative, or the
            history would end in the future.
    """

    def __init__(  # noqa: PLR0913 - the ways in which an invented bank may differ
        self,
        *,
        size: int = 250,
        seed: int = 1,
        clock: Callable[[], datetime],
        opened: datetime | None = None,
        switches: Iterable[str] = (),
        faults: Iterable[str] = (),
        auth: Literal["key", "oauth", "both"] = "key",
        latency: float = 0.0,
        members: int = 7,
        labels: int = 8,
        cap: int = _CAP,
        key_revoked_after: int = _REVOKED_AFTER,
        limits: RateLimits | None = None,
    ) -> None:
        if size < 0:
            raise ValueError(f"size must not be negative: {size}")
        if opened is not None and opened > (now := clock()):
            raise ValueError(f"the history must not end in the future: {opened} is after {now}")
        self.switches = _known_names("switch", switches, SWITCHES)
        self.faults = _parsed_faults(faults)
        self.login = company_slug(seed)
        self.secret = api_secret(seed)
        self.staging_token = staging_token(seed)
        self.before_request: Callable[[Simulator, str], None] | None = None
        self._urls = SignedUrls(seed, _FILES_URL)
        self.bank = SimulatedBank(
            size,
            seed,
            clock,
            opened=opened,
            members=members,
            labels=labels,
            switches=self.switches,
            urls=self._urls,
        )
        self._state = SimulatorState(
            bank=self.bank,
            credentials=SimulatorCredentials(self.login, self.secret, self.staging_token),
            switches=self.switches,
            faults=ChosenFaults(self.faults, self.bank),
            latency=latency,
            cap=cap,
            key_revoked_after=key_revoked_after,
            before_request=self._call_before_request,
            auth=auth,
            oauth=OAuthServer(seed, self.switches),
            limits=limits or RateLimits(),
        )
        self.app: Starlette = build_app(self._state)
        self.storage = StorageApp(self.bank, self._urls, lambda: self._state.faults.names)
        self.hosts = Hosts(self.app, self.storage, self._urls)

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

    @property
    def oauth(self) -> OAuthServer:
        """The OAuth server, with the id and the secret of its app."""
        return self._state.oauth

    @property
    def files_url(self) -> str:
        """The address of the host of attachments and statements: another name and port than the API's."""
        return self._urls.base

    @files_url.setter
    def files_url(self, url: str) -> None:
        self._urls.base = url

    def has_signed(self, path: str, query: str) -> bool:
        """Return whether a link to a file is this simulator's; `path` is still percent-encoded."""
        return self._urls.has_signed(path, query)

    def transport(self) -> httpx2.BaseTransport:
        """Return an httpx2 transport that answers without a socket, in any thread.

        URLs with the port of `files_url` are answered by the host of the files, all others by the API.
        """
        return InProcessTransport(self.hosts)

    def choose_faults(self, faults: Iterable[str]) -> None:
        """Replace the faults.

        Raises:
            ValueError: a fault is unknown.
        """
        self.faults = _parsed_faults(faults)
        self._state.choose_faults(self.faults)

    def close(self) -> None:
        """Delete the invented company's data."""
        self.bank.close()

    def _call_before_request(self, path: str) -> None:
        if self.before_request is not None:
            self.before_request(self, path)


def _parsed_faults(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the faults, each once, in their order.

    Raises:
        ValueError: a fault, its row or its account is unknown.
    """
    chosen = tuple(dict.fromkeys(texts))
    for text in chosen:
        parse_fault(text)
    return chosen


def _known_names(kind: str, names: Iterable[str], known: dict[str, str]) -> frozenset[str]:
    """Return the names as a set.

    Raises:
        ValueError: a name is unknown; the message lists the unknown and the known ones.
    """
    chosen = frozenset(names)
    if unknown := sorted(chosen - known.keys()):
        raise ValueError(f"unknown {kind}: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    return chosen
