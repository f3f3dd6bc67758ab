"""Run the program until a step of a renewal in a fleet, and kill it: killed_fleet_renewal STEP MOMENT WORD..."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from unittest.mock import patch

import psycopg

from primanota.app.workspace import Workspace
from primanota.cli import main
from primanota.fleet.oauth.fleet_tokens import FleetTokens
from tests.support.clock import Clock

# After the bank's answer; between the written row and its commit.
STEPS = ("answered", "written")


def _killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _without_commit(save: Callable[..., object]) -> Callable[..., object]:
    def both(*words: Any) -> None:  # noqa: ANN401 - of any function
        with patch.object(psycopg.Connection, "commit", _killed):
            save(*words)

    return both


if __name__ == "__main__":
    changed = {"answered": lambda _: _killed, "written": _without_commit}[sys.argv[1]]
    with patch.object(FleetTokens, "save", changed(FleetTokens.save)):
        sys.exit(main(sys.argv[3:], partial(Workspace, clock=Clock(datetime.fromisoformat(sys.argv[2])))))
