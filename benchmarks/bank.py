r"""A bank that replays prepared pages, as an HTTP server in a separate process: about 0.2 ms of one core for a page.

It answers everything that a first and a later sync of Primanota ask, byte for byte as the simulator does, keeps the
bank's limits, and counts requests, answers of 429, and connections. Its clock stands still until rows are added, so
that the answers of all runs are equal.

By hand it serves until Ctrl-C; the first start of a size prepares the rows, the later ones find them below TMPDIR:

    python benchmarks/bank.py SIZE [LATENCY] [--no-limits] [--tls] [--gzip]

    SIZE         transactions, of all four accounts together
    LATENCY      seconds that every answer takes (0)
    --no-limits  do not limit the requests in a time
    --tls        serve https, with a certificate of an authority that is made for this run
    --gzip       compress the answers for clients that accept it
    --attached   end with stdin

It prints one line of JSON: `url`, `login`, `secret`, `authority` (the file of the authority's certificate, or empty),
`control` (a URL), and `environment`, the variables with which Primanota reads this bank, apart from `PRIMANOTA_HOME`.
For a shell:

    python benchmarks/bank.py 36500 0.15 > bank.json &
    export $(jq -r '.environment | to_entries[] | "\(.key)=\(.value)"' bank.json) PRIMANOTA_HOME=$(mktemp -d)
    primanota sync

Further paths of `control`, without a key and not counted: `/control/add` adds 20 completed rows to the main account,
a minute later (32 times); `/control/counts` returns the counts as JSON; `/control/reset` sets them and the limits to
zero; `/control/latency/0.15` changes the latency.
"""

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Served:
    """A served bank: its URL and key; `authority` is the file of its certificate's authority, empty without TLS."""

    def __init__(self, url: str, login: str, secret: str, authority: str, control: str) -> None:
        self.url = url
        self.login = login
        self.secret = secret
        self.authority = authority
        self._control = control

    def environment(self, home: Path) -> dict[str, str]:
        """Return the environment variables with which Primanota reads this bank and uses this home."""
        return {"PRIMANOTA_HOME": str(home), **variables(self.url, self.login, self.secret, self.authority)}

    def add(self) -> int:
        """Let 20 completed rows arrive on the main account. Returns how many rows were added or changed."""
        return int(self._ask("add")["rows"])

    def delay(self, latency: float) -> None:
        """Let every answer take so many seconds from now on."""
        self._ask(f"latency/{latency}")

    def counts(self) -> "Counts":
        """Return the counts since the start or the last call, and set them and the limits to zero."""
        counted = Counts(**self._ask("counts"))
        self._ask("reset")
        return counted

    def _ask(self, what: str) -> Any:  # noqa: ANN401 - any JSON
        with urllib.request.urlopen(f"{self._control}/control/{what}") as answer:  # noqa: S310 - our own server
            return json.load(answer)


class Counts:
    """What a bank counted: requests, answers of 429, and the most connections at the same time."""

    def __init__(self, requests: int, too_many: int, connections: int) -> None:
        self.requests = requests
        self.too_many = too_many
        self.connections = connections


def variables(url: str, login: str, secret: str, authority: str) -> dict[str, str]:
    """Return the environment variables with which Primanota reads a bank."""
    return {
        "PRIMANOTA_LOGIN": login,
        "PRIMANOTA_SECRET_KEY": secret,
        "PRIMANOTA_API_URL": url,
        "PRIMANOTA_TIMEZONE": "Europe/Berlin",
        **({"SSL_CERT_FILE": authority} if authority else {}),
    }


@contextmanager
def served(size: int, latency: float = 0.0, *options: str) -> Iterator[Served]:
    """Serve a bank with `size` transactions and the options of the command line.

    Every answer takes `latency` seconds; many run at once.
    """
    words = [sys.executable, __file__, str(size), str(latency), "--attached", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - this file
        assert process.stdin  # noqa: S101 - for the type checker
        assert process.stdout  # noqa: S101 - the same
        said = json.loads(process.stdout.readline())
        try:
            yield Served(*(said[name] for name in ("url", "login", "secret", "authority", "control")))
        finally:
            process.stdin.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", type=int)
    parser.add_argument("latency", type=float, nargs="?", default=0.0)
    for name in ("--no-limits", "--tls", "--gzip", "--attached"):
        parser.add_argument(name, action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    from server import serve

    serve(_arguments())
