"""Rows to show a profile by: the newest ones of a book, or invented ones."""

from collections import deque
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

import msgspec

from primanota.banks.qonto import normalise
from primanota.book import ACCOUNT, ORGANISATION, Book
from primanota.book.journal import reader
from primanota.core.model import COMPLETED, Account, Money, Organisation, Original, Statement, Transaction

_ACCOUNT = Account("1", "Main account", "DE89370400440532013000")
_COMPANY = Organisation("1", "example-1", "Example Bicycles Ltd", "DE")
_OPENING = 250_000
_PAID = Transaction(
    id="01900000-0000-7000-8000-000000000001",
    number="example-1-1-transaction-1",
    account_id="1",
    status=COMPLETED,
    operation="transfer",
    amount=Money(-89_90),
    booked=datetime(2026, 10, 5, 9, 12, 44, tzinfo=UTC),
    emitted=datetime(2026, 10, 5, 9, 12, 40, tzinfo=UTC),
    updated=datetime(2026, 10, 5, 9, 12, 44, tzinfo=UTC),
    counterparty="Müller & Söhne GmbH",
    counterparty_account="DE02120300000000202051",
    reference="Invoice 2026-117",
    purpose="Invoice 2026-117",
    details="",
    note="",
    member="Ada Lovelace",
    original=None,
    balance=Money(_OPENING - 89_90),
)


def newest(book: Book, zone: tzinfo, count: int) -> Statement | None:
    """The newest completed rows of the account in which money moved last; None where none ever did.

    Args:
        book: where they are.
        zone: the organisation's time zone.
        count: how many at most.
    """
    accounts = [normalise.account(body) for body in book.bodies(ACCOUNT).values()]
    last = [(account, deque(book.links(account.id), count)) for account in accounts]
    account, links = max(last, key=lambda one: one[1][-1].settled if one[1] else 0, default=(_ACCOUNT, None))
    if not links:
        return None
    read = reader(book, zone)
    rows = [read(body) for body in book.settled(account.id, links[0].settled, links[-1].settled + 1)][-count:]
    company = next(map(normalise.organisation, book.bodies(ORGANISATION).values()), None)
    return Statement(account, rows, rows[0].day, rows[-1].day, company=company)


def invented() -> Statement:
    """Three rows of a company that does not exist: paid in euros, paid in dollars, received."""
    abroad = msgspec.structs.replace(
        _PAID,
        id="01900000-0000-7000-8000-000000000002",
        number="example-1-1-transaction-2",
        operation="card",
        amount=Money(-12_34),
        booked=datetime(2026, 10, 6, 14, 3, 0, tzinfo=UTC),
        counterparty="Café Crème",
        counterparty_account="",
        reference="",
        purpose="card Ada Lovelace",
        details="14.50 USD lunch",
        note="lunch",
        original=Original(Decimal("-14.50"), "USD"),
        balance=Money(_OPENING - 89_90 - 12_34),
    )
    received = msgspec.structs.replace(
        _PAID,
        id="01900000-0000-7000-8000-000000000003",
        number="example-1-1-transaction-3",
        operation="income",
        amount=Money(1_200_00),
        booked=datetime(2026, 10, 7, 8, 0, 0, tzinfo=UTC),
        counterparty="Łódź Rowery s.c.",
        counterparty_account="PL61109010140000071219812874",
        reference="RE-2026-031",
        purpose="RE-2026-031",
        member="",
        balance=Money(_OPENING - 89_90 - 12_34 + 1_200_00),
    )
    return Statement(
        _ACCOUNT,
        [_PAID, abroad, received],
        date(2026, 10, 5),
        date(2026, 10, 7),
        Money(_OPENING),
        received.balance,
        company=_COMPANY,
    )
