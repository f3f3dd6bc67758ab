"""What a completed row lacks for the books: a receipt, a VAT rate, or a kind that this version knows. Pure.

Beside ``normalise.py`` the only file that knows Qonto's field names. Sources: Qonto's documentation of transactions
(``attachment_required``, ``attachment_lost``, ``vat_rate``, ``vat_details``) and its list of operation types.
"""

from collections.abc import Iterator

import msgspec

_OPERATIONS = frozenset(
    (
        *("income", "transfer", "card", "card_acquirer_payout", "direct_debit", "direct_debit_collection"),
        *("direct_debit_hold", "qonto_fee", "cheque", "recall", "swift_income", "pay_later", "financing_installment"),
        *("account_remuneration", "f24", "pagopa_payment", "nrc_payment", "riba_payment", "investment", "other"),
    )
)
# Purchases: the bank finds their rate, or a person says it. Of transfers and incomes most have none.
_WITH_VAT = {"card", "direct_debit", "qonto_fee"}
_UNDECIDED = -1.0


class _Details(msgspec.Struct, gc=False):
    items: list[msgspec.Raw] | None = None


class _Row(msgspec.Struct, gc=False):
    operation_type: str | None = None
    attachment_required: bool | None = None
    attachment_lost: bool | None = None
    attachment_ids: list[msgspec.Raw] | None = None
    vat_rate: float | str | None = None
    vat_details: _Details | None = None


_row = msgspec.json.Decoder(_Row)


def lacking(body: bytes) -> Iterator[tuple[str, str]]:
    """What a completed row lacks: a kind (``strange``, ``receipt``, ``vat``), and why in words.

    It is strange where it says what is not known here; it is in the files all the same, for it has moved the balance.
    A receipt is missing where the bank requires one, has none and was not told that it is lost. VAT is undecided
    where the rate is -1 without several rates in the details, or where a purchase has no rate at all.
    """
    try:
        row = _row.decode(body)
        rate = float(row.vat_rate) if row.vat_rate not in {None, ""} else None
    except ValueError as error:  # msgspec's mistakes are ValueErrors too
        yield "strange", f"receipt and VAT unreadable ({error})"
        return
    if row.operation_type not in _OPERATIONS:
        yield "strange", f"unknown operation type “{row.operation_type or ''}”"
    if row.attachment_required and not row.attachment_lost and not row.attachment_ids:
        yield "receipt", "receipt missing"
    if rate == _UNDECIDED and not (row.vat_details and len(row.vat_details.items or []) > 1):
        yield "vat", "VAT undecided"
    elif rate is None and row.operation_type in _WITH_VAT:
        yield "vat", "VAT undecided: no rate"
