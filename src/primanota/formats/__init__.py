"""One module per file format: a statement and options in, bytes out. Pure.

A module has ``SUFFIX``, ``Options`` (a frozen struct; an unknown key is an error) and
``render(statement, options)``. ``read_back(piece, options)`` gives the cells of what was rendered, so that a
profile's rules are checked on the very bytes that leave. ``shows(options)`` tells what its file shows of a row, each
under its name, so that a change which it does not show is no change for whoever has the file.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from primanota.formats import csv
from primanota.formats.cells import Cell
from primanota.model import Statement


class Format(NamedTuple):
    """What a format module offers."""

    suffix: str
    options: type[Any]
    render: Callable[[Statement, Any], Iterator[bytes]]
    read_back: Callable[[bytes, Any], list[list[str]]]
    shows: Callable[[Any], list[tuple[str, Cell]]]


FORMATS = {
    "csv": Format(csv.SUFFIX, csv.Options, csv.render, csv.read_back, csv.shows),
}
