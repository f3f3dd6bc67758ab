"""One module per file format: a statement and options in, bytes out. Pure.

A module has ``SUFFIX``, ``Options`` (a frozen struct; an unknown key is an error) and
``render(statement, options)``, which gives the file out in pieces. ``shows(options)`` tells what the file shows of a
row, each under its name: a change which it does not show is no change for whoever has the file. Of a format made of
cells, ``read_back(piece, options)`` gives those of what was rendered, so that a profile's rules are checked on the
very bytes that leave.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from primanota.core.model import Statement
from primanota.formats.templates import Cell

# Each stands in the module of this package that is called like it, and is loaded when it is asked for.
FORMATS = (
    "beancount",
    "camt053",
    "cfonb120",
    "coda",
    "csv",
    "datev",
    "datev_ascii",
    "fec",
    "hledger",
    "jsonl",
    "ledger",
    "mt940",
    "norma43",
    "ofx",
    "qif",
    "xlsx",
)


class Format(NamedTuple):
    """What a format module offers."""

    suffix: str
    options: type[Any]
    render: Callable[[Statement, Any], Iterator[bytes]]
    shows: Callable[[Any], list[tuple[str, Cell]]]
    read_back: Callable[[bytes, Any], list[list[str]]] | None = None


@cache
def load(name: str) -> Format:
    """A format by its name.

    Raises:
        ValueError: there is none of that name; the sentence lists all.
    """
    if name not in FORMATS:
        raise ValueError(f"format “{name}” is unknown; there are {', '.join(FORMATS)}")
    module = import_module(f"primanota.formats.writers.{name}")
    return Format(module.SUFFIX, module.Options, module.render, module.shows, getattr(module, "read_back", None))
