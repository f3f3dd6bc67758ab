"""Add the details of a body to a transaction that was decoded without them. Pure."""

from collections.abc import Mapping
from datetime import UTC

import msgspec

from primanota.banks.base import Names
from primanota.banks.qonto.normalise import detailed_transaction, label_name
from primanota.banks.qonto.rows import decode_detailed
from primanota.core.model import Transaction

__all__ = ["detailed", "label_name"]
_DETAILS = ("bic", "mandate", "card", "category", "labels", "vat", "receipts")


def detailed(row: Transaction, body: bytes, labels: Mapping[str, str]) -> Transaction:
    """Return a transaction with all its details.

    Args:
        row: the transaction, as ``normalise.transaction`` returns it.
        body: the bank's JSON of it.
        labels: names by label id.
    """
    found = detailed_transaction(decode_detailed(body)[0], UTC, Names({}, labels))
    return msgspec.structs.replace(row, **{name: getattr(found, name) for name in _DETAILS})
