"""Rows and reasons, as the reader's language says them."""

from collections.abc import Iterable

from primanota.app.syncing.named_rows import NamedRows
from primanota.core.language.catalogue import Texts
from primanota.core.language.notation import notation
from primanota.core.language.proof_reasons import proof_reason
from primanota.core.model import Transaction


class AllProvenTexts(Texts, frozen=True):
    """Sentences on the proof of all accounts together."""

    proven: str
    proven_as_stated: str
    not_proven: str


def proof_sentence(texts: AllProvenTexts, verdicts: Iterable[bool | None]) -> str:
    """Return whether all accounts are proven, or only as far as the bank states balances.

    Args:
        texts: the sentences.
        verdicts: of each account whether it is proven, None where the bank states no balances.
    """
    found = {*verdicts}
    if False in found:
        return texts.not_proven
    return texts.proven_as_stated if None in found else texts.proven


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
