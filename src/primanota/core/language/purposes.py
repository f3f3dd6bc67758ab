"""What a row is for, in words of a language, where its payer wrote no reference. Pure."""

from collections.abc import Callable, Mapping
from functools import cache

import msgspec

from primanota.core.language.catalogue import Texts, load
from primanota.core.model import Transaction
from primanota.core.text import clean


class PurposeText(Texts, frozen=True):
    """The words for an operation type, for money out (or no money) and for money in.

    ``{member}`` is the member who initiated it; it stands at the end and may be empty.
    """

    paid: str
    received: str


class Purposes(Texts, frozen=True):
    """The words for each operation type that is known of the bank."""

    income: PurposeText
    transfer: PurposeText
    card: PurposeText
    card_acquirer_payout: PurposeText
    direct_debit: PurposeText
    direct_debit_collection: PurposeText
    direct_debit_hold: PurposeText
    fee: PurposeText
    qonto_fee: PurposeText
    cheque: PurposeText
    recall: PurposeText
    swift_income: PurposeText
    pay_later: PurposeText
    financing_installment: PurposeText
    account_remuneration: PurposeText
    f24: PurposeText
    pagopa_payment: PurposeText
    nrc_payment: PurposeText
    riba_payment: PurposeText
    investment: PurposeText
    other: PurposeText


def purposes_in(language: str) -> Callable[[Transaction], Transaction]:
    """Return a function that says the purpose of a row without a reference in a language.

    A row with a reference stays as it is, and so does one of an unknown operation type.
    """
    texts = _texts(language)

    def in_words(row: Transaction) -> Transaction:
        if clean(row.reference):
            return row
        text = texts.get(row.operation)
        if text is None:
            return row
        words = text.received if row.amount.cents > 0 else text.paid
        return msgspec.structs.replace(row, purpose=words.format(member=row.member).rstrip())

    return in_words


def operation_word(operation: str, cents: int, language: str) -> str:
    """Return the words for an operation type in a language; an unknown one as the bank has it.

    Args:
        operation: the operation type.
        cents: the amount, which decides between money in and money out.
        language: the language, such as ``de``.
    """
    text = _texts(language).get(operation)
    if text is None:
        return operation
    return (text.received if cents > 0 else text.paid).format(member="").rstrip()


@cache
def _texts(language: str) -> Mapping[str, PurposeText]:
    return msgspec.structs.asdict(load("purposes", language, Purposes))
