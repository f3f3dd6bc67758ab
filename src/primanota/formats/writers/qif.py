"""QIF, Quicken's old interchange format, for programs that read nothing better. Pure, streaming.

It names neither account nor currency, has no ids by which a row imported twice is noticed, no balances, and does not
say how its days are written: the profile says that, and the program asks.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from primanota.core.model import Statement, Transaction
from primanota.core.text import clean
from primanota.formats.charsets import Fitter
from primanota.formats.statement_fields import SHOWN
from primanota.formats.templates import Cell

SUFFIX = ".qif"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How days are written, as the tool expects them, and in which characters texts are."""

    day: Literal["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"] = "%d/%m/%Y"
    encoding: Literal["utf-8", "cp1252", "ascii"] = "utf-8"


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """A statement as a file, a transaction at a time."""
    fitter = Fitter(options.encoding, statement.fitted)
    yield b"!Type:Bank\r\n"
    for row in statement.rows:
        yield "\r\n".join([*_lines(row, options, fitter), "^", ""]).encode(options.encoding)


def shows(_: Options) -> list[tuple[str, Cell]]:
    """What the file shows of a row."""
    return [*(shown for shown in SHOWN if shown[0] != "account"), ("note", lambda row: row.note)]


def _lines(row: Transaction, options: Options, fitter: Fitter) -> Iterator[str]:
    yield f"D{row.day:{options.day}}"
    yield f"T{row.amount:.}"
    if payee := fitter.fit(row, "counterparty", row.counterparty):
        yield f"P{payee}"
    if memo := fitter.fit(row, "purpose", ", ".join(filter(None, map(clean, (row.purpose, row.details))))):
        yield f"M{memo}"
