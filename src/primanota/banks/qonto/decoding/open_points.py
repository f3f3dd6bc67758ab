"""Open points of a completed transaction: a missing receipt, undecided VAT, an operation type that is unknown. Pure.

Sources: Qonto's documentation of transactions (``attachment_required``, ``attachment_lost``, ``vat_rate``,
``vat_details``) and its list of operation types.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from primanota.banks.qonto.decoding.rows import DetailedRow, Number, OpenPointsRow, UsualRow, decode_open_points
from primanota.core.model import LACKS
from primanota.core.reasons import Reason

# The number of the rule of this module: raise it with every change by which any row lacks something else. Books then
# bring their index up to date.
RULE = 1
_OPERATIONS = frozenset(
    (
        *("income", "transfer", "card", "card_acquirer_payout", "direct_debit", "direct_debit_collection"),
        *("direct_debit_hold", "qonto_fee", "cheque", "recall", "swift_income", "pay_later", "financing_installment"),
        *("account_remuneration", "f24", "pagopa_payment", "nrc_payment", "riba_payment", "investment", "other"),
    )
)
# Purchases: the bank finds their rate, or a person enters it. Most transfers and incomes do not have one.
_WITH_VAT = {"card", "direct_debit", "qonto_fee"}
_UNDECIDED = -1.0
# All that decides: the operation type, the rate, whether a receipt is missing, whether there are several rates.
_Case = tuple[str | None, Number, bool, bool]
_NEEDED = ("attachment_ids", "attachment_lost", "attachment_required", "operation_type", "vat_details", "vat_rate")


def lacks_of(body: bytes) -> int:
    """Return what a completed row lacks, as a sum of ``LACKS``: the kinds of its open points, without sentences."""
    try:
        row, unreadable = decode_open_points(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return LACKS["unknown-operation"]
    return sum(LACKS[kind] for kind, _ in open_points_of(row, unreadable))


def lacks_of_row(row: OpenPointsRow | UsualRow) -> int:
    """Return the same of a row all of which could be decoded."""
    return _lacks(_case_of(row))


def open_points_of(
    row: DetailedRow | OpenPointsRow | UsualRow, unreadable: Mapping[str, str]
) -> Iterator[tuple[str, Reason]]:
    """Yield each open point of a completed row: its kind (``base.OpenPoint``), and the reason.

    A row of an unknown operation type, or with an unreadable receipt or VAT, is exported all the same, because it
    has moved the balance. A receipt is missing where the bank requires one, lacks it, and has not marked it as lost.
    VAT is undecided where the rate is -1 without several rates in the details, or where a purchase has no rate.

    Args:
        row: a completed row.
        unreadable: why a field could not be decoded, by its name.
    """
    for name in _NEEDED if unreadable else ():
        if name in unreadable:
            yield "unknown-operation", Reason("unreadable", word=f"{name}: {unreadable[name]}")
            return
    yield from _points(_case_of(row))


def _case_of(row: DetailedRow | OpenPointsRow | UsualRow) -> _Case:
    receipt = bool(row.attachment_required and not row.attachment_lost and not row.attachment_ids)
    rates = bool(row.vat_details and len(row.vat_details.items or []) > 1)
    return row.operation_type, row.vat_rate, receipt, rates


@lru_cache(maxsize=256)  # most rows are like many others
def _lacks(case: _Case) -> int:
    return sum(LACKS[kind] for kind, _ in _points(case))


def _points(case: _Case) -> Iterator[tuple[str, Reason]]:
    operation, rate, needs_receipt, has_rates = case
    try:
        percent = float(rate) if rate not in {None, ""} else None
    except (ValueError, OverflowError) as error:
        yield "unknown-operation", Reason("unreadable", word=f"{error}")
        return
    if operation not in _OPERATIONS:
        yield "unknown-operation", Reason("unknown_operation", word=operation or "")
    if needs_receipt:
        yield "receipt", Reason("receipt")
    if percent == _UNDECIDED and not has_rates:
        yield "vat", Reason("vat")
    elif percent is None and operation in _WITH_VAT:
        yield "vat", Reason("vat_no_rate")
