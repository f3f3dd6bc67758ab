"""The HTTP server of the replaying bank: the least that HTTP/1.1 clients need, for GET requests only."""

import argparse
import asyncio
import gzip
import itertools
import json
import signal
import socket
import ssl
import sys
import tempfile
import time
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path

from bank import variables
from certificates import make_authority
from prepared import prepared
from replay import ReplayingBank

from primanota.simulator.data.timestamps import to_datetime
from primanota.simulator.http.error_answers import ApiError
from primanota.simulator.rate_limits import RateLimits

_END_OF_HEAD = b"\r\n\r\n"
_HEAD = (
    "HTTP/1.1 {} {}\r\n"
    "date: {}\r\n"
    "content-type: application/json\r\n"
    "x-tyk-trace-id: {:032x}\r\n"
    "content-length: {}\r\n"
    "{}\r\n"
)
_COMPRESSION = 6  # zlib's usual level
_CLIENT = "127.0.0.1"
_TOO_MANY = 429


def serve(chosen: argparse.Namespace) -> None:
    """Serve a bank with these arguments of the command line until SIGTERM or Ctrl-C; print its address as JSON."""
    with tempfile.TemporaryDirectory() as folder, suppress(KeyboardInterrupt):
        asyncio.run(_serve(chosen, Path(folder)))


async def _serve(chosen: argparse.Namespace, folder: Path) -> None:
    bank = ReplayingBank(prepared(chosen.size))
    state = _State(bank, chosen)
    loop = asyncio.get_running_loop()
    stopped = loop.create_future()
    loop.add_signal_handler(signal.SIGTERM, stopped.cancel)
    if chosen.attached:
        loop.add_reader(sys.stdin, stopped.cancel)
    control = await loop.create_server(lambda: _Connection(state), sock=_listening())
    address = plain = f"http://{_CLIENT}:{_port(control)}"
    authority = ""
    servers = [control]
    if chosen.tls:
        made = make_authority(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(made.certificate)
        secured = await loop.create_server(lambda: _Connection(state), sock=_listening(), ssl=context)
        servers.append(secured)
        address, authority = f"https://localhost:{_port(secured)}", str(made.authority)
    said = {"url": address, "login": bank.login, "secret": bank.secret, "authority": authority, "control": plain}
    environment = variables(address, bank.login, bank.secret, authority)
    print(json.dumps({**said, "environment": environment}), flush=True)
    with suppress(asyncio.CancelledError):
        await stopped
    for server in servers:
        server.close()


def _listening() -> socket.socket:
    # The protocol is named, so that asyncio sends at once (TCP_NODELAY). Without it an answer on a reused connection
    # is 40 ms late.
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind((_CLIENT, 0))
    listening.listen(256)
    return listening


def _port(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


class _State:
    """The bank, its limits, and what was counted."""

    def __init__(self, bank: ReplayingBank, chosen: argparse.Namespace) -> None:
        self.bank = bank
        self._key = f"{bank.login}:{bank.secret}"
        self.latency: float = chosen.latency
        self.numbers = itertools.count(1)
        self.is_open = 0
        self.date = ""
        self._has_limits = not chosen.no_limits
        self._compresses: bool = chosen.gzip
        self._compressed: dict[str, bytes] = {}
        self.reset()

    def reset(self) -> None:
        """Set the counts and the limits to zero."""
        self.limits = RateLimits()
        self.requests = self.too_many = 0
        self.connections = self.is_open
        self._tell_time()

    def _tell_time(self) -> None:
        now = to_datetime(self.bank.now)
        self.date = format_datetime(now - timedelta(microseconds=now.microsecond), usegmt=True)

    def is_allowed(self) -> bool:
        """Count a request. Return whether it is within the limits, by this machine's clock."""
        self.requests += 1
        allowed = not self._has_limits or self.limits.allow(_CLIENT, int(time.monotonic() * 1_000))
        self.too_many += not allowed
        return allowed

    def control(self, what: str) -> bytes:
        """Do what a request of a benchmark says, and return its JSON."""
        if what == "add":
            rows = self.bank.add()
            self._compressed.clear()
            self._tell_time()
            return json.dumps({"rows": rows}).encode()
        if what == "reset":
            self.reset()
        if what.startswith("latency/"):
            self.latency = float(what.removeprefix("latency/"))
        names = ("requests", "too_many", "connections")
        return json.dumps({name: getattr(self, name) for name in names}).encode()

    def answer(self, target: str, headers: dict[str, str], *, is_allowed: bool) -> tuple[bytes, str]:
        """Return the body of an answer, and further headers.

        Raises:
            ApiError: the bank refuses the request.
        """
        if not is_allowed:
            raise ApiError(_TOO_MANY, "too_many_requests", "Too many requests")
        if headers.get("authorization") != self._key:
            raise ApiError(401, "authorization_token_invalid", "authorization token invalid")
        if not (self._compresses and "gzip" in headers.get("accept-encoding", "")):
            return self._plain(target), ""
        if (body := self._compressed.get(target)) is None:
            body = self._compressed[target] = gzip.compress(self._plain(target), _COMPRESSION)
        return body, "content-encoding: gzip\r\n"

    def _plain(self, target: str) -> bytes:
        path, _, query = target.partition("?")
        return self.bank.answer(path, query)


class _Connection(asyncio.Protocol):
    """One connection. Requests without a body are answered one after the other, each after the latency."""

    def __init__(self, state: _State) -> None:
        self._state = state
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        self._state.is_open += 1

    def connection_lost(self, _: Exception | None) -> None:
        self._state.is_open -= 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while _END_OF_HEAD in self._received:
            head, _, self._received = self._received.partition(_END_OF_HEAD)
            self._take(head.decode("latin-1"))

    def _take(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        target = first.split(" ")[1]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if target.startswith("/control/"):
            self._send(HTTPStatus.OK, self._state.control(target.removeprefix("/control/")), "")
            return
        state = self._state
        state.connections = max(state.connections, state.is_open)
        is_allowed = state.is_allowed()
        if state.latency:
            asyncio.get_running_loop().call_later(state.latency, self._answer, target, headers, is_allowed)
        else:
            self._answer(target, headers, is_allowed)

    def _answer(self, target: str, headers: dict[str, str], is_allowed: bool) -> None:  # noqa: FBT001 - for call_later
        try:
            body, more = self._state.answer(target, headers, is_allowed=is_allowed)
            self._send(HTTPStatus.OK, body, more)
        except ApiError as error:
            self._send(HTTPStatus(error.status), json.dumps(error.body(as_object=False)).encode(), "")

    def _send(self, status: HTTPStatus, body: bytes, more: str) -> None:
        state = self._state
        head = _HEAD.format(status.value, status.phrase, state.date, next(state.numbers), len(body), more)
        self._transport.write(head.encode("latin-1") + body)
