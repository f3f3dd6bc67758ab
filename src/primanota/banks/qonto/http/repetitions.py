"""Repetitions of what failed for a while, by stamina, which is imported only then: its import takes 15 ms."""

from collections.abc import Callable
from typing import TypeVar

import stamina
import stamina.instrumentation

# Repetitions are not logged: the last one raises an error with all that is known.
stamina.instrumentation.set_on_retry_hooks(())

_ATTEMPTS = 8

T = TypeVar("T")


def repeated(
    first: Exception, again: Callable[[], T], wait: Callable[[Exception], bool | float], longest: float
) -> T:
    """Repeat what was tried once, with growing waits, until it succeeds or is given up.

    Args:
        first: the error of the first attempt.
        again: the next attempt.
        wait: returns the seconds to wait after an error, True for the usual wait, False for no further attempt.
        longest: the most seconds of a usual wait.

    Raises:
        Exception: the error of the last attempt.
    """
    for attempt in stamina.retry_context(on=wait, attempts=_ATTEMPTS, timeout=None, wait_max=longest):
        with attempt:
            if attempt.num == 1:
                raise first
            return again()
    raise AssertionError  # the last attempt returns or raises
