"""The compact form of a transaction: the numbers that are stored; everything else follows from them and the seed."""

from typing import NamedTuple

# What happens to a transaction when it is due.
(
    COMPLETES,
    COMPLETES_WITH_OTHER_AMOUNT,
    IS_DECLINED,
    GETS_ATTACHMENT,
    IS_RELEASED,  # a card authorisation that the merchant never claims: it becomes reversed
    DISAPPEARS,  # a pending card payment that the bank removes
    COMPLETES_THEN_GETS_ATTACHMENT,  # a month later: the invoice of a fee
) = range(7)


class SimulatedTransaction(NamedTuple):
    """One transaction. Accounts, kinds and statuses are numbers of their tables.

    `signed_cents` is negative for a debit; the timestamps are milliseconds of UTC. The running balances of
    transactions that settle in the same millisecond follow the order of `tie_breaker`. `outcome` says what happens
    to the transaction at `due`. `attachments` counts the attached receipts.

    The bank sets `balance`, the account's balance in cents after the transaction; `edits`, the changed fields as JSON
    text; and `number`, from 0 in the order of storage.
    """

    account: int
    kind: int
    status: int
    signed_cents: int
    created: int
    emitted: int
    settled: int | None
    updated: int
    tie_breaker: int
    due: int | None = None
    outcome: int | None = None
    attachments: int = 0
    balance: int | None = None
    edits: str | None = None
    number: int = -1
