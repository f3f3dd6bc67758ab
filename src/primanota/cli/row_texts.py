"""Rows in sentences: day, counterparty and amount, in a terminal as its language writes them."""

from datetime import date

from primanota.cli.language import amount_text, here
from primanota.cli.tables import is_terminal
from primanota.core.model import Money, Transaction
from primanota.core.text import clean


def day_text(day: date) -> str:
    """Return a day."""
    return here().day(day) if is_terminal() else f"{day}"


def money_text(money: Money) -> str:
    """Return an amount with its currency."""
    return amount_text(money) if is_terminal() else f"{money!s}"


def row_values(row: Transaction, short_id: str) -> dict[str, str]:
    """Return what a sentence names a row by: the values of its placeholders."""
    named = {"day": day_text(row.day), "counterparty": clean(row.party), "amount": money_text(row.amount)}
    return {**named, "id": short_id}
