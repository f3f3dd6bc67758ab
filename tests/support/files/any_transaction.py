"""Hypothesis strategies for transactions with any values that the model allows."""

from datetime import datetime
from decimal import Decimal

from hypothesis import strategies as st

from primanota.core.model import Money, Original, Transaction, Vat
from tests.support.files import statements

_MARKS = "\\\"';|,:()[]{}<>=*!@#%~^&-+?_/. \t\r\n\0\x1b\x85\u2028\u00a0\ufeff\ufffe\uffff🚲äß€0A"
_SHORT = st.text(st.one_of(st.sampled_from(_MARKS), st.characters(codec="utf-8")), max_size=40)
TEXT = st.one_of(_SHORT, st.builds(lambda text: text * 30, _SHORT))
# More than most formats can hold, too. Between the two, febelfin-coda takes the first digit of a sum for its sign.
_CENTS = st.one_of(st.integers(-(10**12), 10**12), st.integers(10**14, 10**16), st.integers(-(10**16), -(10**14)))
# Months that are one fiscal year for every invented company: one of them begins its years in December.
FIRST, LAST = datetime(2026, 1, 1), datetime(2026, 11, 30, 23, 59, 59)  # noqa: DTZ001 - hypothesis adds the zone
_DAY = st.datetimes(FIRST, LAST, timezones=st.just(statements.BERLIN))
_SPENT = st.one_of(st.decimals(-(10**12), 10**12, places=3), st.decimals(-(10**6), 10**6), _CENTS.map(Decimal))
_ORIGINAL = st.builds(Original, _SPENT, st.sampled_from(["USD", "JPY", "KWD", "GBP", "ISK"]))
_VAT = st.builds(Vat, st.decimals(0, 100, places=2), _CENTS, _CENTS)
_ROW = st.builds(
    Transaction,
    id=st.uuids().map(str),
    number=TEXT,
    account_id=TEXT,
    status=TEXT,
    operation=st.one_of(st.sampled_from(["card", "transfer", "income", "direct_debit"]), TEXT),
    amount=st.builds(Money, _CENTS),
    booked=_DAY,
    emitted=_DAY,
    updated=_DAY,
    counterparty=TEXT,
    counterparty_account=TEXT,
    reference=TEXT,
    purpose=TEXT,
    details=TEXT,
    note=TEXT,
    member=TEXT,
    original=st.one_of(st.none(), _ORIGINAL),
    balance=st.one_of(st.none(), st.builds(Money, _CENTS)),
    bic=TEXT,
    mandate=TEXT,
    card=TEXT,
    category=TEXT,
    labels=st.lists(TEXT, max_size=3).map(tuple),
    vat=st.lists(_VAT, max_size=2).map(tuple),
    receipts=st.integers(0, 3),
    clean_counterparty=TEXT,
    subcategory=TEXT,
    subject_type=TEXT,
    created=st.one_of(st.none(), _DAY),
    member_id=TEXT,
    label_ids=st.lists(TEXT, max_size=3).map(tuple),
    attachment_ids=st.lists(TEXT, max_size=3).map(tuple),
)
# In the order of settlement, as every export has them.
ROWS = st.lists(_ROW, max_size=3, unique_by=lambda row: row.id).map(
    lambda rows: sorted(rows, key=lambda row: row.booked or row.emitted)
)
