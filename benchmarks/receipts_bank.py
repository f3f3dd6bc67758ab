r"""The simulator with receipts, as an HTTP server in a separate process; it ends with stdin.

Usage: python benchmarks/receipts_bank.py SIZE LATENCY

Its SIZE transactions are spread over sixteen months. It prints one line of JSON: ``url``, ``login``, ``secret``.
"""

import json
import sys
import threading
from datetime import UTC, datetime

from primanota.simulator import Simulator
from primanota.simulator.http.server import make_server, open_listening_socket


def main(size: int, latency: float) -> None:
    """Serve until stdin ends."""
    with (
        Simulator(size=size, clock=lambda: datetime.now(UTC), latency=latency) as simulator,
        open_listening_socket("127.0.0.1", 0) as listening,
        open_listening_socket("127.0.0.1", 0) as files,
    ):
        simulator.files_url = f"http://localhost:{files.getsockname()[1]}"
        server = make_server(simulator, host="127.0.0.1", port=0)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        print(json.dumps({"url": url, "login": simulator.login, "secret": simulator.secret}), flush=True)
        ended = threading.Thread(target=sys.stdin.read)
        ended.start()
        threading.Thread(target=server.run, kwargs={"sockets": [listening, files]}, daemon=True).start()
        ended.join()
        server.should_exit = True


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
