"""A ledger for DATEV as a tax adviser would set it for the invented company, and statements with it."""

from datetime import date
from typing import Any

import msgspec

from primanota.core.model import Ledger, Posting, Statement, Transaction
from primanota.formats.writers.datev import Options, render
from tests.support.files import statements


def assign(row: Transaction) -> tuple[Posting, ...]:
    """Return postings: card payments against two accounts, other rows against one."""
    whole = row.amount.cents
    if row.operation != "card" or abs(whole) < 2:
        return (Posting("1370", whole),)
    part = whole // 2
    return Posting("6800", part, tax="9", cost_centre="Vertrieb 1"), Posting("70001", whole - part, text="Rest")


LEDGER = Ledger("1800", assign, consultant=29098, client=55003, chart="04")


def datev_statement(*rows: Transaction, **changes: Any) -> Statement:  # noqa: ANN401 - the fields have different types
    """Return rows in a statement of 2026 with that ledger, with some fields changed."""
    plain = msgspec.structs.replace(statements.make([]), rows=rows, last=date(2026, 12, 31), ledger=LEDGER)
    return msgspec.structs.replace(plain, **changes)


def ledger_with(**changes: Any) -> Ledger:  # noqa: ANN401 - the fields have different types
    """Return that ledger with some fields changed."""
    return msgspec.structs.replace(LEDGER, **changes)


def rendered(statement: Statement, options: Options | None = None) -> bytes:
    """Return a statement as a file."""
    return b"".join(render(statement, options or Options()))
