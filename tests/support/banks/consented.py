"""An organisation that has consented: the program as a process, a simulator that gives tokens, a browser."""

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NamedTuple

from primanota.adapters.secrets.tokens import StoredTokens
from primanota.core.oauth import Tokens
from primanota.simulator import Simulator
from tests.support import environment
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock
from tests.support.screens import plain_browser


class Consenting(NamedTuple):
    """The program with a home, and the bank that it reads."""

    simulator: Simulator
    url: str
    home: Path
    clock: Clock

    @property
    def variables(self) -> dict[str, str]:
        """The environment: the app, the bank and the browser."""
        oauth = self.simulator.oauth
        browser = shlex.join([sys.executable, plain_browser.__file__, str(self.home), "%s"])
        found = {
            "PRIMANOTA_HOME": str(self.home),
            "PRIMANOTA_API_URL": self.url,
            "PRIMANOTA_OAUTH_CLIENT_ID": oauth.client_id,
            "PRIMANOTA_OAUTH_CLIENT_SECRET": oauth.client_secret,
            "BROWSER": browser.replace("'%s'", "%s"),
        }
        return environment.plain(**{name: value for name, value in found.items() if value})

    def words(self, *words: str) -> list[str]:
        """Return the words of a command at the present moment of the clock."""
        return [sys.executable, "-m", "tests.support.program_at", self.clock().isoformat(), *words]

    def run(self, *words: str, **more: Any) -> CompletedProcess[str]:  # noqa: ANN401 - the options of environment.run
        """Run a command to its end; ``variables`` are added to its environment."""
        variables = self.variables | more.pop("variables", {})
        return environment.run(self.words(*words), variables, **more)

    def log_in(self) -> CompletedProcess[str]:
        """Give a consent in the browser, and log in with it."""
        done = self.run("login", "--oauth", "--json")
        assert done.returncode == 0, done.stderr
        return done

    @property
    def page(self) -> list[str]:
        """The status, the address and the text of the page that the browser showed last."""
        return (self.home / "page.html").read_text(encoding="utf-8").split("\n", 2)

    @property
    def store(self) -> StoredTokens:
        """The private file of the tokens."""
        return StoredTokens(self.simulator.login, "file", self.home)

    @property
    def tokens(self) -> Tokens:
        """The tokens that are stored."""
        return self.store.load()

    def count(self, path: str) -> int:
        """Return how many requests for a path the bank has had."""
        return sum(asked == path for asked, _ in self.simulator.requests)


@contextmanager
def consenting(home: Path, clock: Clock, **how: Any) -> Iterator[Consenting]:  # noqa: ANN401 - the simulator's options
    """Serve a simulator that accepts tokens alone; yield the program with an empty home."""
    home.mkdir(exist_ok=True)
    with Simulator(clock=clock, **{"auth": "oauth", "size": 60, **how}) as simulator, served(simulator) as url:
        yield Consenting(simulator, url, home, clock)
