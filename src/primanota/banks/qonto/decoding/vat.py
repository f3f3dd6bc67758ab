"""The VAT of a transaction, as the bank has it. Pure.

Source: Qonto's documentation of transactions (``vat_rate``, ``vat_amount_cents``, ``vat_details``).
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from primanota.banks.qonto.decoding.rows import DetailedRow, Number, VatItem, VatRow
from primanota.core.model import Vat

# Of the whole part of a number, or of zeros after its point: more has neither a rate nor an amount.
_MOST_DIGITS = 16


def vat_of(row: DetailedRow | VatRow) -> tuple[Vat, ...]:
    """Return the parts of the amount by their rates: one part for one rate, empty while the VAT is undecided."""
    sign = -1 if row.side == "debit" else 1
    items = row.vat_details.items if row.vat_details else None
    if items and (parts := _parts(items, row.amount_cents)):
        return tuple(Vat(rate, sign * gross, sign * tax) for rate, gross, tax in parts)
    if row.vat_rate is None or row.vat_amount_cents is None:
        return ()
    rate, tax = _decimal(row.vat_rate), _decimal(row.vat_amount_cents)
    if rate is None or tax is None or rate < 0 or not _is_cents(tax):
        return ()
    return (Vat(rate, sign * row.amount_cents, sign * int(tax)),)


def _parts(items: Sequence[VatItem], cents: int) -> list[tuple[Decimal, int, int]]:
    """Return rate, amount with VAT, and VAT of each item (cents); empty where they do not add up to the amount.

    Whether ``amount`` is the VAT or the amount with it is not documented: the reading that adds up is used.
    """
    read = [
        (rate, int(amount), int(net))
        for item in items
        if (rate := _decimal(item.rate)) is not None
        and (amount := _decimal(item.amount_cents)) is not None
        and (net := _decimal(item.amount_excluding_vat_cents)) is not None
        and _is_cents(amount)
        and _is_cents(net)
    ]
    if len(read) != len(items):
        return []
    if sum(amount + net for _, amount, net in read) == cents:
        return [(rate, amount + net, amount) for rate, amount, net in read]
    if sum(amount for _, amount, _ in read) == cents:
        return [(rate, amount, amount - net) for rate, amount, net in read]
    return []


def _decimal(value: Number) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except (InvalidOperation, ValueError):  # not a number, None included; or an integer of thousands of digits
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS else None


def _is_cents(number: Decimal) -> bool:
    return number == number.to_integral_value()
