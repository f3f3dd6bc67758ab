"""The registry of file formats: one table from a format's name to the module that writes it.

A module of ``formats/writers`` turns a statement and options into the bytes of a file, without I/O. It offers a
``Format``, called ``FORMAT``; a module with several dialects offers one for each. Beside this file are the modules
that the writers share: templates, character sets, fixed-width records, statement fields, double entry.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pkgutil import resolve_name
from typing import Any, NamedTuple

import msgspec

from primanota.core.model import Statement
from primanota.formats.statement_fields import PostingCell
from primanota.formats.templates import Cell

# Format name, as profiles use it: module of ``formats/writers`` and the ``Format`` in it. Loaded when it is used.
FORMATS = {
    "beancount": "beancount:FORMAT",
    "camt053": "camt053:FORMAT",
    "cfonb120": "cfonb120:FORMAT",
    "coda": "coda:FORMAT",
    "csv": "csv:FORMAT",
    "datev": "datev:FORMAT",
    "datev_ascii": "datev_ascii:FORMAT",
    "fec": "fec:FORMAT",
    "hledger": "plain_text:HLEDGER",
    "jsonl": "jsonl:FORMAT",
    "ledger": "plain_text:LEDGER",
    "mt940": "mt940:FORMAT",
    "norma43": "norma43:FORMAT",
    "ofx": "ofx:FORMAT",
    "qif": "qif:FORMAT",
    "xlsx": "xlsx:FORMAT",
}


class Format(NamedTuple):
    """A file format.

    Attributes:
        suffix: the end of its file names, such as ``.csv``.
        options: a frozen struct that forbids unknown keys and refuses values that the format cannot have.
        render: yields the file in pieces. The rows of the statement are walked once.
        shows: what the file shows of a row, each value under its name. A change of a row that the file does not show
            does not concern those who have the file.
        states_balances: whether the file is a statement, which states the balances at both ends of its rows. It can
            only have rows without another row of the account between them.
        asserts_balances: whether the file asserts both balances where they are known, and can do without. Rows that
            others interrupt are in several such files, so that each has its balances.
        max_rows: the most rows that a statement can number; 0 for no limit.
        max_entries: the most entries that a file can have, one for each posting of a row; 0 for no limit.
        numbers_entries: whether each row is an entry with a number.
        shows_posting: the same of each posting of a row, for formats that write entries; empty for others.
        read_back: the cells of a piece of the file, for formats made of cells: a profile's rules are checked on the
            very bytes that are written.
    """

    suffix: str
    options: type[Any]
    render: Callable[[Statement, Any], Iterator[bytes]]
    shows: Callable[[Any], list[tuple[str, Cell]]]
    read_back: Callable[[bytes, Any], list[list[str]]] | None = None
    states_balances: bool = False
    asserts_balances: bool = False
    max_rows: int = 0
    max_entries: int = 0
    numbers_entries: bool = False
    shows_posting: Sequence[tuple[str, PostingCell]] = ()


class NoOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The options of a format that has none."""


@cache
def load(name: str) -> Format:
    """Return the format of this name.

    Raises:
        ValueError: the name is not in ``FORMATS``; the message lists all names.
    """
    if name not in FORMATS:
        raise ValueError(f"format “{name}” is unknown; there are {', '.join(FORMATS)}")
    found: Format = resolve_name(f"primanota.formats.writers.{FORMATS[name]}")
    return found
