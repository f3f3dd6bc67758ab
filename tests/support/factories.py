"""Factories of test data: transactions, records of the bank, filled books, balance chains; hypothesis settings."""

import json
from collections.abc import Iterable
from itertools import accumulate
from typing import Any

from hypothesis import HealthCheck, settings

from primanota.banks.qonto.decoding.checked_rows import record
from primanota.book import MEMBER, TRANSACTION, Book, BookedRow
from primanota.core.model import Account, RawRecord, Statement, Transaction
from primanota.core.results import AppendCounts
from primanota.core.sample import SAMPLE_MOMENT, sample_transaction

# The fixtures of every test do not set up what an example could change, so they can be shared by all examples.
quick = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

transaction = sample_transaction
MORNING = SAMPLE_MOMENT
STAMP = "2026-10-05T08:30:00.000Z"


def statement(rows: Iterable[Transaction]) -> Statement:
    """Return an account's rows, ready to be rendered."""
    return Statement(Account(id="account-1", name="Main"), rows, MORNING.date(), MORNING.date())


def raw(**changes: Any) -> bytes:  # noqa: ANN401 - the fields have different types
    """Return a transaction as the bank's JSON; ``...`` as a value leaves the key out."""
    fields: dict[str, Any] = {
        "id": "t1",
        "transaction_id": "acme-1-transaction-1",
        "amount": 12.34,
        "amount_cents": 1234,
        "settled_balance": 100.0,
        "settled_balance_cents": 10000,
        "local_amount": 12.34,
        "local_amount_cents": 1234,
        "side": "debit",
        "operation_type": "transfer",
        "currency": "EUR",
        "local_currency": "EUR",
        "label": "Müller GmbH",
        "settled_at": STAMP,
        "emitted_at": STAMP,
        "created_at": STAMP,
        "updated_at": STAMP,
        "status": "completed",
        "note": None,
        "reference": "Invoice 7",
        "initiator_id": "m1",
        "label_ids": [],
        "bank_account_id": "account-1",
        "clean_counterparty_name": None,
    }
    fields |= changes
    return json.dumps({key: value for key, value in fields.items() if value is not ...}).encode()


def raw_record(key: str = "t1", **changes: Any) -> RawRecord:  # noqa: ANN401 - the fields have different types
    """Return a transaction as a raw record, from the bank's JSON."""
    return record(raw(id=key, **changes))


def keep(book: Book, entries: Iterable[RawRecord], account: str = "account-1") -> AppendCounts:
    """Append transactions in one run, all or none."""
    with book.writing():
        return book.append(TRANSACTION, entries, account)


def fill(book: Book) -> Book:
    """Append five transactions, t0 to t4, and two members, in two runs: seven versions."""
    with book.run("sync"):
        keep(book, [raw_record(f"t{place}") for place in range(4)])
        with book.writing():
            book.append(MEMBER, [RawRecord("m1", b'{"id":"m1"}'), RawRecord("m2", b'{"id":"m2"}')])
    with book.run("sync"):
        keep(book, [raw_record("t4")])
    return book


def links(amounts: Iterable[int], moments: Iterable[int] | None = None) -> list[BookedRow]:
    """Return a chain of completed rows, t0, t1, ..., from a balance of zero; moments are in order unless given."""
    known = list(amounts)
    when = list(moments) if moments is not None else [1000 * (place + 1) for place in range(len(known))]
    balances = accumulate(known)
    rows = zip(when, known, balances, strict=True)
    return [BookedRow(f"t{place}", settled, amount, after) for place, (settled, amount, after) in enumerate(rows)]
