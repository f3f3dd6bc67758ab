"""The invented texts of a transaction: counterparty, reference, direct debit mandate and note."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple, TypeVar

from primanota.simulator.data.operation_kinds import KIND_NAMES, KINDS
from primanota.simulator.data.sample_texts import CREDITORS, NOTES, PAYEES, PAYERS, REFERENCES, SHOPS

T = TypeVar("T")
_FIRST = 200  # transactions that use the texts in turn, so that every text is used


class TransactionTexts(NamedTuple):
    """`label` and `clean_name` (clean_counterparty_name), the reference, and the mandate of a direct debit."""

    label: str
    clean_name: str | None
    reference: str | None
    mandate: str | None = None


def choose_texts(kind_number: int, number: int, rng: Random) -> TransactionTexts:
    """Return the texts of transaction `number`."""
    kind = KINDS[kind_number]
    if KIND_NAMES[kind_number].startswith("external"):
        return TransactionTexts("" if number % 2 else "Überweisung extern", None, None)
    if kind.operation == "card":
        label, clean_name = _choose(SHOPS, number, rng)
        return TransactionTexts(label, clean_name, None)
    if kind.operation == "direct_debit":
        label, mandate = _choose(CREDITORS, number, rng)
        return TransactionTexts(label, None, _choose(REFERENCES, number, rng), mandate)
    if kind.operation in {"qonto_fee", "account_remuneration", "financing_installment"}:
        return TransactionTexts("Qonto", "Qonto", None)
    if kind.subject == "WalletToWallet":
        return TransactionTexts("Morgenrot Fahrradbau GmbH", None, "Umbuchung")
    label = _choose(PAYERS if kind.credit else PAYEES, number, rng)
    return TransactionTexts(label, None, _choose(REFERENCES, number, rng))


def choose_note(number: int, rng: Random) -> str | None:
    """Return the note of transaction `number`, or None."""
    return _choose(NOTES, number, rng)


def _choose(texts: Sequence[T], number: int, rng: Random) -> T:
    """Return one of the texts: the first transactions take them in turn, later ones at random."""
    return texts[number % len(texts) if number < _FIRST else rng.randrange(len(texts))]
