"""Run the program until a step of a renewal, and kill it there: killed_renewal STEP MOMENT WORD..."""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from unittest.mock import patch

from primanota.adapters.secrets.tokens import StoredTokens
from primanota.adapters.storage import disk
from primanota.app.workspace import Workspace
from primanota.cli import main
from tests.support.clock import Clock

# Before the bank is asked, after its answer, between the written file and its name, after the store.
STEPS = ("locked", "answered", "staged", "stored")


def _killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _then_killed(work: Callable[..., object]) -> Callable[..., object]:
    def both(*words: Any, **named: Any) -> None:  # noqa: ANN401 - of any function
        work(*words, **named)
        _killed()

    return both


def at(step: str) -> Any:  # noqa: ANN401 - a patcher has no simple type
    """Return a context in which the process is killed at a step."""
    if step == "locked":
        return patch.object(StoredTokens, "load", _load_once_then_killed(StoredTokens.load))
    if step == "staged":
        return patch.object(disk, "finish", _killed)
    return patch.object(StoredTokens, "save", _killed if step == "answered" else _then_killed(StoredTokens.save))


def _load_once_then_killed(load: Callable[[StoredTokens], object]) -> Callable[[StoredTokens], object]:
    seen: list[object] = []

    def loaded(store: StoredTokens) -> object:
        if seen:
            _killed()
        seen.append(load(store))
        return seen[0]

    return loaded


if __name__ == "__main__":
    with at(sys.argv[1]):
        sys.exit(main(sys.argv[3:], partial(Workspace, clock=Clock(datetime.fromisoformat(sys.argv[2])))))
