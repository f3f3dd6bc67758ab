"""The simulator on a real socket, and the program as a process of its own."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primanota.simulator import Simulator
from primanota.simulator.serving import server_for
from tests.support import environment


@contextmanager
def served(simulator: Simulator) -> Iterator[str]:
    """The URL of the simulator while it is served."""
    # With its protocol named, so that asyncio sends small answers at once (TCP_NODELAY).
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = server_for(simulator, host="127.0.0.1", port=0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def start(simulator: Simulator, url: str, home: Path, *words: str) -> subprocess.Popen[str]:
    """Start the program as a user would, with the simulator as its bank."""
    return environment.start([sys.executable, "-m", "primanota", *words], variables_of(simulator, url, home))


def variables_of(simulator: Simulator, url: str, home: Path) -> dict[str, str]:
    """Return an environment in which the program finds the simulator as its bank."""
    return environment.plain(
        PRIMANOTA_HOME=str(home),
        PRIMANOTA_LOGIN=simulator.login,
        PRIMANOTA_SECRET_KEY=simulator.secret,
        PRIMANOTA_API_URL=url,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its exit code and what it said."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err
