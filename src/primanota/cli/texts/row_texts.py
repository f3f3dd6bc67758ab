"""Rows in sentences: day, counterparty and amount, in a terminal as its language writes them."""

from primanota.cli.texts.language import on_stdout
from primanota.core.model import Transaction
from primanota.core.text import clean


def row_values(row: Transaction, short_id: str) -> dict[str, str]:
    """Return what a sentence names a row by: the values of its placeholders."""
    writing = on_stdout()
    named = {"day": writing.day(row.day), "counterparty": clean(row.party), "amount": writing.amount(row.amount)}
    return {**named, "id": short_id}
