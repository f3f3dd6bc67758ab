"""QIF, Quicken's old interchange format, for programs that cannot read a newer one. Pure, streaming.

It names neither account nor currency, has no ids by which a row imported twice is noticed, no balances, and does not
state the format of its days: the profile chooses it, and the program asks for it.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from primanota.core.model import Statement, Transaction
from primanota.formats import Format
from primanota.formats.charsets import Fitter
from primanota.formats.statement_fields import SHOWN, joined_memo
from primanota.formats.templates import Cell


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The format of days and the encoding of texts that the tool expects."""

    day: Literal["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"] = "%d/%m/%Y"
    encoding: Literal["utf-8", "cp1252", "ascii"] = "utf-8"


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file, a transaction at a time."""
    fitter = Fitter(options.encoding, statement.text_changes)
    yield b"!Type:Bank\r\n"
    for row in statement.rows:
        yield "\r\n".join([*_lines(row, options, fitter), "^", ""]).encode(options.encoding)


def shows(_: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return [*(shown for shown in SHOWN if shown[0] != "account"), ("note", lambda row: row.note)]


FORMAT = Format(".qif", Options, render, shows)


def _lines(row: Transaction, options: Options, fitter: Fitter) -> Iterator[str]:
    yield f"D{row.day:{options.day}}"
    yield f"T{row.amount:.}"
    if payee := fitter.fit(row, "counterparty", row.counterparty):
        yield f"P{payee}"
    if memo := fitter.fit(row, "purpose", joined_memo(row)):
        yield f"M{memo}"
