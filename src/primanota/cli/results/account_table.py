"""A table with a row for each account. Accounts without rows are one line below it; unusual states are explained."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from primanota.cli import texts
from primanota.cli.terminal import output
from primanota.cli.terminal.cell_words import proof_cell
from primanota.cli.terminal.tables import Cell, TableColumn
from primanota.core.proof_state import SETTLED, State


class AccountLine(NamedTuple):
    """What a table shows of an account: the values of its columns but the state; its state; whether it is empty."""

    name: str
    values: tuple[Cell, ...]
    state: State
    is_empty: bool

    @property
    def may_be_short(self) -> bool:
        """Whether its name says it all: it has no rows, and nothing about it needs a person."""
        return self.is_empty and self.state in SETTLED


def columns_of_files(state: TableColumn) -> tuple[TableColumn, ...]:
    """Return the columns of accounts whose rows are in files: rows, sums, balances, and the state of the proof."""
    words = texts.tables().heading
    return (
        TableColumn(words.account),
        TableColumn(words.rows, "number"),
        *(TableColumn(one, "amount") for one in (words.money_in, words.money_out, words.opening, words.closing)),
        state,
    )


def account_table(
    columns: Sequence[TableColumn], lines: Iterable[AccountLine], *, state: TableColumn, empty: str
) -> None:
    """Write a table of accounts to stdout.

    Args:
        columns: the columns, with that of the name first.
        lines: the accounts.
        state: the one of the columns that has the state of the proof.
        empty: the line of the empty accounts, with their ``names``.
    """
    listed, place = [*lines], columns.index(state) - 1
    short = [line.name for line in listed if line.may_be_short]
    shown = [line for line in listed if not line.may_be_short] if len(short) > 1 else listed
    rows = [(line.name, *line.values[:place], proof_cell(line.state), *line.values[place:]) for line in shown]
    notes = [empty.format(names=", ".join(short))] if len(short) > 1 else []
    notes += _legend({line.state for line in shown})
    if rows or not short:
        output.table(columns, rows, notes=notes)
    else:
        output.block("\n".join(notes), output.result)


def _legend(states: set[State]) -> list[str]:
    """Return what unusual states mean."""
    words = texts.tables()
    legend: dict[State, str] = {"counts only": words.legend_counted, "gone": words.legend_gone}
    return [text.format(state=words.proof.of(state)) for state, text in legend.items() if state in states]
