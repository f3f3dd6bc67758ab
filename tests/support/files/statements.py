"""The statements that every format must be able to write: everything that happens in a year, and every known trap.

Each case returns a new statement of an account, whose rows sum to the difference of its balances.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec

from primanota.core.model import Account, Money, Organisation, Original, Statement, Transaction, Vat
from tests.support.factories import transaction
from tests.support.files import golden_company

BERLIN = ZoneInfo("Europe/Berlin")
COMPANY = Organisation("org-1", "erfunden-1", "Erfundene Räder GmbH", "DE")
IBANS = {
    "DE": "DE89370400440532013000",
    "FR": "FR7616958000014321785632116",
    "ES": "ES9121000418450200051332",
    "BE": "BE68539007547034",
    "AT": "AT611904300234573201",
    "IT": "IT60X0542811101000000123456",
    "NL": "NL91ABNA0417164300",
    "PT": "PT50000201231234567890154",
}
_OPENING = 1_000_00
_MANY = 50_000
_FIRST, _LAST = date(2026, 1, 1), date(2026, 1, 31)
_NASTY = [
    "semicolon; comma, tab\t pipe| and 'quotes' and \"double\"",
    "line\r\nbreaks\nin\rthe\u2028middle\x0b\x0c",
    "Größe, Öl, Übermut, straße, ß, €, é à ñ ç ã õ",
    "Łódź Żółć Česko Őrült Șase ș ł č ő İstanbul",
    "東京ホテル 株式会社 Владимир Ελλάδα עברית العربية",
    "🚲 emoji 👩‍👩‍👧 \u200b\u200f zero\u00adwidth \ufeff",
    "\x00\x01\x07\x1b[31m\x7f\x9f control",
    "=SUM(A1) +49 30 -1 @home",
    "<tag attr='x'>&amp; & ]]> <!-- --> %s {0} \\n \\",
    "?20fake ?32subfield :61: :86: -} {1: //ref",
    "NBSP\u00a0narrow\u202fspace\u3000wide",
    "x" * 500,
    "word " * 100,
    "RE-2026-000123 " + "Beratung " * 40 + "Kundennummer 4711-0815",
    "ends with backslash \\",
    "  blanks   at ends  ",
    "",
    "   ",
    "-",
    ":colon first",
    "NOTPROVIDED",
    "\U0001f600" * 50,
]


def make(amounts: Iterable[int], *, country: str = "DE") -> Statement:
    """Return a statement of rows of these signed cents, a minute apart from New Year's morning on, with balances."""
    balance, rows = _OPENING, []
    for place, cents in enumerate(amounts):
        balance += cents
        booked = datetime(2026, 1, 1, 9, 0, tzinfo=BERLIN) + timedelta(minutes=min(place, 40_000))
        rows.append(_row(place, cents, balance, booked=booked))
    return _statement(rows, country)


def invented_company(country: str = "DE") -> Statement:
    """Return the invented company's year, with all its traps."""
    return msgspec.structs.replace(golden_company.statement(), account=account(country), company=COMPANY)


def nasty_texts(country: str = "DE") -> Statement:
    """Return every nasty text as counterparty, as reference, and as note; one row each."""
    plain = make([-1_00] * len(_NASTY), country=country)
    rows = [
        msgspec.structs.replace(
            row, counterparty=text, reference=text, purpose=text or "transfer", note=text, details=text
        )
        for row, text in zip(plain.rows, _NASTY, strict=True)
    ]
    return msgspec.structs.replace(plain, rows=rows)


def foreign_currency(country: str = "DE") -> Statement:
    """Return dollars, yen without decimals, dinars with three, and a refund in dollars."""
    originals = [("USD", "-99.00"), ("JPY", "-4900"), ("KWD", "-12.345"), ("USD", "49.00")]
    plain = make([-89_90, -30_42, -35_00, 45_20], country=country)
    rows = [
        msgspec.structs.replace(
            row, original=Original(Decimal(amount), currency), operation="card", details=f"{amount} {currency}"
        )
        for row, (currency, amount) in zip(plain.rows, originals, strict=True)
    ]
    return msgspec.structs.replace(plain, rows=rows)


def year_change(country: str = "DE") -> Statement:
    """Return the last second of a year and the first of the next, in the company's time."""
    moments = [datetime(2025, 12, 31, 23, 59, 59, tzinfo=BERLIN), datetime(2026, 1, 1, 0, 0, 0, tzinfo=BERLIN)]
    rows = [
        msgspec.structs.replace(row, booked=moment, emitted=moment)
        for row, moment in zip(make([-1_00, 2_00], country=country).rows, moments, strict=True)
    ]
    return _statement(rows, country, first=date(2025, 12, 1), last=date(2026, 1, 31))


def every_kind(country: str = "DE") -> Statement:
    """Return a row of each documented operation type, in and out, some with VAT; and one of an unknown type."""
    kinds = [
        *("income", "transfer", "card", "card_acquirer_payout", "direct_debit", "direct_debit_collection"),
        *("direct_debit_hold", "qonto_fee", "cheque", "recall", "swift_income", "pay_later", "financing_installment"),
        *("account_remuneration", "f24", "pagopa_payment", "nrc_payment", "riba_payment", "investment", "other"),
        "future_kind",
    ]
    plain = make([cents for _ in kinds for cents in (119_00, -119_00)], country=country)
    rows = [
        msgspec.structs.replace(
            row,
            operation=kinds[place // 2],
            vat=(Vat(Decimal(19), row.amount.cents, row.amount.cents * 19 // 119),) if place % 4 == 1 else (),
        )
        for place, row in enumerate(plain.rows)
    ]
    return msgspec.structs.replace(plain, rows=rows)


def many(country: str = "DE") -> Statement:
    """Return fifty thousand rows."""
    return make(((place * 7919) % 200_000 - 100_000 or 1 for place in range(_MANY)), country=country)


def account(country: str = "DE") -> Account:
    """Return the account, with an IBAN of a country."""
    return Account("11111111-1111-4111-8111-111111111111", "Hauptkonto", IBANS[country], balance=0)


CASES: dict[str, Callable[[str], Statement]] = {
    "the invented company": invented_company,
    "an empty period": lambda country: make([], country=country),
    "one row": lambda country: make([-3_50], country=country),
    "every kind": every_kind,
    "nasty texts": nasty_texts,
    "a year change": year_change,
    "a refund": lambda country: make([-50_00, 50_00], country=country),
    "foreign currency": foreign_currency,
    "zero amounts": lambda country: make([0, -1_00, 0], country=country),
    "below zero": lambda country: make([-2_000_00, 500_00], country=country),
    "a million": lambda country: make([9_999_999_999_99, -9_999_999_999_98], country=country),
    "many": many,
}


class WalkedRows:
    """The rows of a statement, which can be iterated once; ``count`` is the number of rows read so far."""

    def __init__(self, statement: Statement) -> None:
        self._rows = iter(statement.rows)
        self.count = 0

    def __iter__(self) -> Iterator[Transaction]:
        for row in self._rows:
            self.count += 1
            yield row


def rows_of(statement: Statement) -> list[Transaction]:
    """Return its rows as a list."""
    return list(statement.rows)


def _row(place: int, cents: int, balance: int, *, booked: datetime) -> Transaction:
    return transaction(
        id=f"00000000-0000-4000-8000-{place:012}",
        number=f"erfunden-1-1-transaction-{place}",
        account_id="11111111-1111-4111-8111-111111111111",
        operation="income" if cents > 0 else "transfer",
        amount=Money(cents),
        booked=booked,
        emitted=booked,
        updated=booked.astimezone(UTC),
        reference=f"RE-2026-{place:05} Beratung",
        purpose=f"RE-2026-{place:05} Beratung",
        balance=Money(balance),
    )


def _statement(rows: list[Transaction], country: str, *, first: date = _FIRST, last: date = _LAST) -> Statement:
    closing = rows[-1].balance if rows else Money(_OPENING)
    return Statement(account(country), rows, first, last, Money(_OPENING), closing, company=COMPANY)
