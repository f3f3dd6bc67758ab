"""Printing: tables and summaries on stdout, everything else on stderr, money and days as people read them."""

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from primanota.errors import PrimanotaError
from primanota.model import Money

if TYPE_CHECKING:
    from rich.console import Console


def say(text: str) -> None:
    """A line for the person, on stderr."""
    sys.stderr.write(f"{text}\n")


def tell(text: str = "") -> None:
    """A line of the result, on stdout."""
    sys.stdout.write(f"{text}\n")


# Whether this command has given machines their one JSON document.
_told_machines = False


def begin() -> None:
    """A new command begins: nothing has been said."""
    global _told_machines  # noqa: PLW0603 - one process, one stdout
    _told_machines = False


def as_json(result: Any) -> None:  # noqa: ANN401 - whatever JSON can say
    """A result for machines, on stdout: one document for each command."""
    global _told_machines  # noqa: PLW0603 - one process, one stdout
    _told_machines = True
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(result), indent=2).decode() + "\n")


def error(problem: PrimanotaError, *, machines: bool) -> None:
    """What happened and what to do, on stderr; for machines on stdout too, unless they have a summary already."""
    for sentence in getattr(problem, "__notes__", ()):
        note(sentence)
    say(f"Error: {problem.what}")
    if problem.do:
        say(f"       {problem.do}")
    if machines and not _told_machines:
        as_json(failure(problem))


def failure(problem: PrimanotaError | None) -> dict[str, object]:
    """What machines read of an error; nothing where there is none."""
    return {"error": problem.what, "do": problem.do, "exit_code": problem.exit_code} if problem else {}


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
    say(f"Note: {sentence}")


def table(headings: Sequence[str], lines: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> None:
    """A table on stdout; the columns in ``right`` hold numbers. Texts are shown as they are, never as markup."""
    numbers = set(right)
    if sys.stdout.isatty():
        _draw(headings, lines, numbers)
    else:
        _align([list(headings), *map(list, lines)], numbers)
        tell()


def _draw(headings: Sequence[str], lines: Iterable[Sequence[str]], numbers: set[int]) -> None:
    """For a terminal, as wide as that is."""
    from rich import box  # noqa: PLC0415 - slow to load, and only terminals need it
    from rich.table import Table  # noqa: PLC0415

    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, heading in enumerate(headings):
        grid.add_column(heading, justify="right" if place in numbers else "left", overflow="fold")
    for line in lines:
        grid.add_row(*line)
    console().print(grid)


def _align(lines: list[list[str]], numbers: set[int]) -> None:
    """For files, mails and pipes: blanks between columns, a row a line, however long."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        tell("  ".join(cells).rstrip())


def console(*, stderr: bool = False) -> "Console":
    """A console that takes bank texts literally: no markup, no emoji codes, no highlighting."""
    from rich.console import Console  # noqa: PLC0415 - slow to load

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
