"""The simulator as an HTTP server, and the program as a separate process that uses it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from primanota.simulator import SeveralSimulators, Simulator
from primanota.simulator.http.server import make_server, open_listening_socket
from tests.support import environment
from tests.support.servers.quick_server import QuickServer


@contextmanager
def served(simulator: Simulator | SeveralSimulators) -> Iterator[str]:
    """Serve the simulator on a free port, and its files on another. Yields its URL."""
    with open_listening_socket("127.0.0.1", 0) as listening, open_listening_socket("127.0.0.1", 0) as files:
        simulator.files_url = f"http://localhost:{files.getsockname()[1]}"
        server = QuickServer(make_server(simulator, host="127.0.0.1", port=0).config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening, files]})
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
    """Wait until a process ends. Returns its exit code, stdout and stderr."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err
