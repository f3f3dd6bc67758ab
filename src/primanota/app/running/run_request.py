"""The request of a run."""

from collections.abc import Callable
from typing import NamedTuple

from primanota.book import Book
from primanota.core.selection import Selection
from primanota.export.destinations import Destinations
from primanota.profiles import Profile


class RunRequest(NamedTuple):
    """A requested run: profile, selection, destinations and accounts (``wanted``; empty for all).

    ``run_key`` identifies the run, so that a second one with the same key does nothing twice; empty for no key. With
    ``reads_bank``, the book is synced first; with ``allow_unproven``, files are written even if the balance chain is
    broken; with ``refuse_repeats``, rows of a period must not be exported again.
    """

    tool: Profile
    selection: Callable[[Book], Selection]
    destinations: Destinations
    run_key: str = ""
    wanted: tuple[str, ...] = ()
    allow_unproven: bool = False
    refuse_repeats: bool = False
    reads_bank: bool = True
