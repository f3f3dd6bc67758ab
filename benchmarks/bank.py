"""The simulator as an HTTP server in a separate process, with a latency and a count of its answers of 429.

As a script it serves until its stdin ends. Its first line on stdout is its URL and key as JSON, its last line the
counts of requests and of 429.
"""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_TOO_MANY = 429
# The history ends here, so that every run serves the same bytes.
_PRESENT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Served:
    """A served bank: its URL and key and, after it is closed, its counts of requests and of answers of 429."""

    def __init__(self, url: str, login: str, secret: str) -> None:
        self.url = url
        self.login = login
        self.secret = secret
        self.requests = 0
        self.too_many = 0

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment variables with which Primanota reads this bank and uses this home."""
        return {
            "PRIMANOTA_HOME": str(home),
            "PRIMANOTA_LOGIN": self.login,
            "PRIMANOTA_SECRET_KEY": self.secret,
            "PRIMANOTA_API_URL": self.url,
            "PRIMANOTA_TIMEZONE": "Europe/Berlin",
        }


@contextmanager
def served(size: int, latency: float = 0.0) -> Iterator[Served]:
    """Serve a bank with `size` transactions. Every answer takes `latency` seconds; many run at once."""
    words = [sys.executable, __file__, str(size), str(latency)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - this file
        assert process.stdin  # noqa: S101 - for the type checker
        assert process.stdout  # noqa: S101 - the same
        bank = Served(**json.loads(process.stdout.readline()))
        try:
            yield bank
        finally:
            process.stdin.close()
            seen = json.loads(process.stdout.readline())
            bank.requests, bank.too_many = seen["requests"], seen["too_many"]


class _TooManyCounter:
    """ASGI middleware that counts the answers of 429."""

    count = 0

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - ASGI
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - the same
        async def counted(message: Any) -> None:  # noqa: ANN401 - the same
            _TooManyCounter.count += message.get("status") == _TOO_MANY
            await send(message)

        await self._app(scope, receive, counted)


def _serve(size: int, latency: float) -> None:
    from primanota.simulator import Simulator
    from primanota.simulator.http.server import make_server

    started = time.monotonic()
    present = lambda: _PRESENT + timedelta(seconds=time.monotonic() - started)  # noqa: E731 - a running clock
    with Simulator(size=size, clock=present, latency=latency) as simulator, _listening() as listening:
        simulator.app.add_middleware(_TooManyCounter)
        server = make_server(simulator, host="127.0.0.1", port=0)
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        print(json.dumps({"url": url, "login": simulator.login, "secret": simulator.secret}), flush=True)
        server.run(sockets=[listening])
        print(json.dumps({"requests": simulator.requests.count, "too_many": _TooManyCounter.count}), flush=True)


def _listening() -> socket.socket:
    # The protocol is named, so that asyncio sends at once (TCP_NODELAY). Without it an answer on a reused connection
    # is 40 ms late.
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    return listening


def _end_with_stdin(server: Any) -> None:  # noqa: ANN401 - uvicorn's server
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    _serve(int(sys.argv[1]), float(sys.argv[2]))
