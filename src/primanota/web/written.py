"""Rows and reasons, as the reader's language says them."""

from primanota.app.syncing.named_rows import NamedRows
from primanota.core.language.notation import notation
from primanota.core.language.proof_reasons import proof_reason
from primanota.core.model import Transaction


def written_reason(reason: str, rows: NamedRows, language: str) -> str:
    """Return why an account is not proven; the rows that it names are said by day, counterparty and amount."""
    said = proof_reason(reason, language)
    for key, (_, row) in rows.items():
        said = said.replace(key, written_row(row, language))
    return said


def written_row(row: Transaction, language: str) -> str:
    """Return what a person knows a row by: day, counterparty and amount."""
    notes = notation(language)
    return f"{notes.day(row.day)}, {row.party}, {notes.money(row.amount.cents, row.amount.currency)}"
