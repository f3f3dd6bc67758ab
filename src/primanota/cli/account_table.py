"""A table with a row for each account. Accounts without rows are one line below it; unusual states are explained."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from primanota.cli import output
from primanota.cli.tables import Cell, TableColumn

_LEGEND = {
    "counts only": "the bank states no running balance for this account; the numbers of its rows agree",
    "gone": "the bank no longer shows this account; it is proven up to the moment at which it was proven last",
}


class AccountLine(NamedTuple):
    """What a table shows of an account: its name, further values, the state of its proof; and whether it is empty."""

    name: str
    values: tuple[Cell, ...]
    state: str
    is_empty: bool

    @property
    def may_be_short(self) -> bool:
        """Whether its name says it all: it has no rows, and nothing about it needs a person."""
        return self.is_empty and self.state in {"proven", "counts only"}


def account_table(columns: Sequence[TableColumn], lines: Iterable[AccountLine], *, empty: str, state: int) -> None:
    """Write a table of accounts to stdout.

    Args:
        columns: the columns, with that of the name first.
        lines: the accounts.
        empty: how the line of the empty accounts begins.
        state: the place of the state among the columns.
    """
    listed = [*lines]
    short = [line.name for line in listed if line.may_be_short]
    shown = [line for line in listed if not line.may_be_short] if len(short) > 1 else listed
    rows = [(line.name, *line.values[: state - 1], line.state, *line.values[state - 1 :]) for line in shown]
    states = {line.state for line in shown}
    notes = [f"{empty}: {', '.join(short)}"] if len(short) > 1 else []
    notes += [f"“{word}”: {meaning}." for word, meaning in _LEGEND.items() if word in states]
    if rows or not short:
        output.table(columns, rows, notes=notes)
    else:
        output.block("\n".join(notes), output.result)
