"""``login --oauth`` and what follows, as processes, with the simulator and a browser over HTTP."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import Clock
from tests.support.consented import Consenting, consenting


@pytest.fixture
def firm(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., Consenting]]:
    """Return a function that makes a bank that gives tokens, and a program with an empty home."""
    with ExitStack() as stack:

        def make(**how: Any) -> Consenting:  # noqa: ANN401 - the simulator's options
            return stack.enter_context(consenting(tmp_path / "home", clock, **how))

        yield make


def test_a_consent_in_the_browser(firm: Callable[..., Consenting]) -> None:
    """A consent in the browser stores tokens in a private file, a reference in the settings, and nothing else."""
    here = firm()
    done = here.log_in()
    told = json.loads(done.stdout)
    assert (told["organisation"], told["kept_in"]) == (here.simulator.login, "oauth:file")
    assert told["consent_until"].startswith("2027-02-21")
    status, _, page = here.page
    assert (status, "You can close this window" in page) == ("200", True)
    assert 'secret = "oauth:file"' in (here.home / "config.toml").read_text(encoding="utf-8")
    assert (here.home / f"{here.simulator.login}.oauth").stat().st_mode & 0o777 == 0o600
    assert here.run("sync").returncode == 0
