"""An export that is killed at a step of its delivery."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from primanota.adapters.storage import disk


class Killed(BaseException):
    """The end of a killed process: an exception that no handler catches and after which no cleanup runs."""


@contextmanager
def killed_when(crash: str | None) -> Iterator[None]:
    """Raise Killed after the first file is staged, before the first file gets its final name, or after that."""
    stage, finish = disk.stage, disk.finish

    def dying_stage(*words: Any) -> None:  # noqa: ANN401 - the signature of the original
        stage(*words)
        raise Killed

    def dying_finish(*words: Any) -> None:  # noqa: ANN401 - the signature of the original
        if crash == "named":
            finish(*words)
        raise Killed

    with ExitStack() as stack:
        if crash == "staged":
            stack.enter_context(patch.object(disk, "stage", dying_stage))
        elif crash:
            stack.enter_context(patch.object(disk, "finish", dying_finish))
        yield
