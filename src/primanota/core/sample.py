"""The sample transaction: what a template is tried on, what a profile is shown with, what tests start from. Pure."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from primanota.core.model import COMPLETED, Money, Transaction

SAMPLE_MOMENT = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
_PAYMENT = Transaction(
    id="00000000-0000-7000-8000-000000000001",
    number="acme-1-transaction-1",
    account_id="account-1",
    status=COMPLETED,
    operation="transfer",
    amount=Money(-1_234_50),
    booked=SAMPLE_MOMENT,
    emitted=SAMPLE_MOMENT,
    updated=SAMPLE_MOMENT,
    counterparty="Müller GmbH",
    counterparty_account="DE02120300000000202051",
    reference="Invoice 7",
    purpose="Invoice 7",
    details="",
    note="",
    member="Ada Lovelace",
    original=None,
    balance=Money(5_000_00),
    created=SAMPLE_MOMENT,
)


def sample_transaction(**changes: Any) -> Transaction:  # noqa: ANN401 - the fields have different types
    """Return the sample, a completed transfer that pays an invoice, with the given fields replaced."""
    return msgspec.structs.replace(_PAYMENT, **changes)
