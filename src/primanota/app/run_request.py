"""What a run is asked to do."""

from collections.abc import Callable
from typing import NamedTuple

from primanota.book import Book
from primanota.core.selection import Selection
from primanota.export.destinations import Destinations
from primanota.profiles import Profile


class RunRequest(NamedTuple):
    """What a run does: for which tool, which rows of which accounts, to where.

    ``run_key`` identifies the run, so that a doubled one does nothing twice; empty for none. ``reads_bank`` says
    whether the bank is read first, ``allow_unproven`` that files are written also where the balance chain is broken,
    ``refuse_repeats`` that rows of a period must not be exported again.
    """

    tool: Profile
    selection: Callable[[Book], Selection]
    destinations: Destinations
    run_key: str = ""
    wanted: tuple[str, ...] = ()
    allow_unproven: bool = False
    refuse_repeats: bool = False
    reads_bank: bool = True
