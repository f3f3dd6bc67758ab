"""The simulator as a process of its own, over real HTTP: a bank that takes its time and counts what it refuses.

As a script it serves until its stdin ends. Its first line on stdout tells how to reach it, its last what it saw.
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
# The invented past ends here, so that every run serves the same bytes.
_PRESENT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Served:
    """A bank that is being served: how to reach it, and, once it is closed, what it saw."""

    def __init__(self, url: str, login: str, secret: str) -> None:
        self.url = url
        self.login = login
        self.secret = secret
        self.requests = 0
        self.too_many = 0

    def environment(self, home: Path) -> dict[str, str]:
        """What makes Primanota read this bank, with a home of its own."""
        return {
            "PRIMANOTA_HOME": str(home),
            "PRIMANOTA_LOGIN": self.login,
            "PRIMANOTA_SECRET_KEY": self.secret,
            "PRIMANOTA_API_URL": self.url,
            "PRIMANOTA_TIMEZONE": "Europe/Berlin",
        }


@contextmanager
def served(size: int, latency: float = 0.0) -> Iterator[Served]:
    """A bank with so many transactions; every answer takes the latency, many at once."""
    words = [sys.executable, __file__, str(size), str(latency)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - this very file
        assert process.stdin  # noqa: S101 - for the type checker
        assert process.stdout  # noqa: S101 - the same
        bank = Served(**json.loads(process.stdout.readline()))
        try:
            yield bank
        finally:
            process.stdin.close()
            seen = json.loads(process.stdout.readline())
            bank.requests, bank.too_many = seen["requests"], seen["too_many"]


class _Refusals:
    """An ASGI layer that counts the answers of 429."""

    seen = 0

    def __init__(self, app: Any) -> None:  # noqa: ANN401 - ASGI, not our subject
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 - the same
        async def counted(message: Any) -> None:  # noqa: ANN401 - the same
            _Refusals.seen += message.get("status") == _TOO_MANY
            await send(message)

        await self._app(scope, receive, counted)


def _serve(size: int, latency: float) -> None:
    from primanota.simulator import Simulator
    from primanota.simulator.http.server import server_for

    started = time.monotonic()
    present = lambda: _PRESENT + timedelta(seconds=time.monotonic() - started)  # noqa: E731 - a clock that goes on
    with Simulator(size=size, clock=present, latency=latency) as simulator, _listening() as listening:
        simulator.app.add_middleware(_Refusals)
        server = server_for(simulator, host="127.0.0.1", port=0)
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        print(json.dumps({"url": url, "login": simulator.login, "secret": simulator.secret}), flush=True)
        server.run(sockets=[listening])
        print(json.dumps({"requests": simulator.requests.count, "too_many": _Refusals.seen}), flush=True)


def _listening() -> socket.socket:
    # Said to be TCP, so that asyncio sends at once (TCP_NODELAY): else answers on a kept connection are 40 ms late.
    listening = socket.socket(proto=socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    return listening


def _end_with_stdin(server: Any) -> None:  # noqa: ANN401 - uvicorn's server
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    _serve(int(sys.argv[1]), float(sys.argv[2]))
