"""Printing: tables and summaries on stdout, everything else on stderr, money and days as people read them."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from primanota.core.errors import DeliveryFailed, PrimanotaError
from primanota.core.model import Money

if TYPE_CHECKING:
    from rich.console import Console


class Unwritable(DeliveryFailed):
    """What we print can go nowhere: the disk behind it is full, or it is closed."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The output cannot be written: {why}.", "Look at where it goes.")


def info(text: str) -> None:
    """A line for the person, on stderr."""
    sys.stderr.write(f"{text}\n")


def result(text: str = "") -> None:
    """A line of the result, on stdout."""
    with _stdout() as out:
        out.write(f"{text}\n")


def finish() -> None:
    """All of the result leaves this process.

    Raises:
        Unwritable: it cannot.
    """
    if sys.stdout is not None:  # closed from the start, and nothing was to be said
        with _stdout() as out:
            out.flush()


def give_up() -> None:
    """Let what is left of the result go nowhere, so that the end of the process does not stumble over it."""
    with suppress(OSError, AttributeError):  # closed, or no real file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _stdout() -> Iterator[TextIO]:
    """Where results go; what the system says of it is said to people."""
    if sys.stdout is None:
        raise Unwritable("it is closed")
    try:
        yield sys.stdout
    except BrokenPipeError:
        raise BrokenPipeError from None  # without its number, at which click would end the process
    except OSError as error:
        raise Unwritable(error.strerror or str(error)) from None


# The blanks between two columns, and how narrow a text may become in a terminal.
_GAP = 3
_LEAST = 3
# Whether this command has given machines their one JSON document.
_told_machines = False


def begin() -> None:
    """A new command begins: nothing has been said."""
    global _told_machines  # noqa: PLW0603 - one process, one stdout
    _told_machines = False


def as_json(data: Any) -> None:  # noqa: ANN401 - whatever JSON can say
    """A result for machines, on stdout: one document for each command."""
    global _told_machines  # noqa: PLW0603 - one process, one stdout
    _told_machines = True
    result(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())


def error(problem: PrimanotaError, *, machines: bool) -> None:
    """What happened and what to do, on stderr; for machines on stdout too, unless they have a summary already."""
    for sentence in getattr(problem, "__notes__", ()):
        note(sentence)
    info(f"Error: {problem.message}")
    if problem.hint:
        info(f"       {problem.hint}")
    if machines and not _told_machines:
        as_json(failure(problem))


def failure(problem: PrimanotaError | None) -> dict[str, object]:
    """What machines read of an error; nothing where there is none."""
    return {"error": problem.message, "hint": problem.hint, "exit_code": problem.exit_code} if problem else {}


def money(cents: int | None) -> str:
    """Cents as an amount; a word where nobody knows it."""
    return "unknown" if cents is None else f"{Money(cents):.}"


def verdict(proven: bool | None) -> str:  # noqa: FBT001 - it is the thing that is shown
    """Whether something is proven, in a word or two."""
    return {True: "yes", False: "NO", None: "counts only"}[proven]


def rows(number: int) -> str:
    """A number of rows, in words."""
    return "1 row" if number == 1 else f"{number} rows"


def note(sentence: str) -> None:
    """Something that a person should know, on stderr."""
    info(f"Note: {sentence}")


def table(headings: Sequence[str], lines: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> None:
    """A table on stdout; the columns in ``right`` hold numbers. Texts are shown as they are, never as markup."""
    cells, numbers = [list(headings), *map(list, lines)], set(right)
    with _stdout() as out:
        drawn = out.isatty()
    if drawn and _has_room(cells, numbers):
        _draw(cells, numbers)
    else:
        _align(cells, numbers)
        result()


def _has_room(lines: list[list[str]], numbers: set[int]) -> bool:
    """Whether the terminal can show all numbers whole, and a bit of each text beside them."""
    least = (width if place in numbers else min(width, _LEAST) for place, width in enumerate(_widths(lines)))
    return sum(width + _GAP for width in least) <= console().width


def _draw(lines: list[list[str]], numbers: set[int]) -> None:
    """For a terminal, as wide as that is."""
    from rich import box
    from rich.table import Table

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    headings, *rows = lines
    for place, heading in enumerate(headings):
        if place in numbers:  # whole, or seen to be cut: half a number is another number
            grid.add_column(heading, justify="right", no_wrap=True, overflow="ellipsis")
        else:
            grid.add_column(heading, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    console().print(grid)


def _align(lines: list[list[str]], numbers: set[int]) -> None:
    """For files, mails and pipes: blanks between columns, a row a line, however long."""
    widths = _widths(lines)
    for line in lines:
        cells = (
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        result("  ".join(cells).rstrip())


def _widths(lines: list[list[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*lines, strict=True)]


def console(*, stderr: bool = False) -> "Console":
    """A console that takes bank texts literally: no markup, no emoji codes, no highlighting."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
