"""What a benchmark returns: rows of the common table, tables of its own, and drawings."""

from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """A row of the common table, as texts."""

    what: str
    ours: str
    other: str
    ratio: str
    memory: str
    promise: str


class Table(NamedTuple):
    """A table of one benchmark."""

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


class Result(NamedTuple):
    """All results of one benchmark; `drawings` are SVG texts by the names of their files."""

    rows: Sequence[Row] = ()
    tables: Sequence[Table] = ()
    drawings: Sequence[tuple[str, str]] = ()
