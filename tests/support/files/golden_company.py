"""An invented company with a transaction for every trap, from which every profile has a golden file."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from primanota.banks import Names
from primanota.banks.qonto.decoding.checked_rows import record
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.book import LABEL, MEMBER, ORGANISATION, TRANSACTION, Book
from primanota.core.model import Account, Money, RawRecord, Statement
from primanota.core.proof_state import ProofState

BERLIN = ZoneInfo("Europe/Berlin")
ACCOUNT = Account(
    id="11111111-1111-4111-8111-111111111111", name="Hauptkonto", iban="DE89370400440532013000", balance=9_852_95
)
MEMBERS = {"m-anna": "Anna Größler", "m-zoe": "Zoë Łukasik"}
LABELS = {"l-bank": "Bank", "l-fixed": "Fixkosten, jährlich"}
FIRST, LAST = date(2025, 12, 1), date(2026, 10, 31)
OPENING = 10_000_00


def _partner(account: str, bank: str) -> dict[str, str]:
    return {"counterparty_account_number": account, "counterparty_bank_identifier": bank}


def _part(rate: int, tax: int, net: int) -> dict[str, int]:
    return {"rate": rate, "amount_cents": tax, "amount_excluding_vat_cents": net}


# settled (UTC), signed cents, counterparty, reference, operation type, and the row's other fields.
_ROWS: list[tuple[str, int, str, str | None, str, dict[str, Any]]] = [
    ("2025-12-31T22:59:59.999Z", -1, "Jahresende GmbH", "Letzte Sekunde 2025 in Berlin", "transfer", {}),
    (
        "2025-12-31T23:30:00.000Z",
        1_200_00,
        "Müller & Söhne GmbH",
        "RE-2026-001 Beratung Jänner",
        "income",
        {"income": _partner("DE02120300000000202051", "BYLADEM1001")},
    ),
    (
        "2026-01-05T09:12:44.120Z",
        -3_50,
        "Café Crème",
        None,
        "card",
        {"initiator_id": "m-zoe", "card_last_digits": "4242"},
    ),
    (
        "2026-01-06T10:00:00.000Z",
        -89_90,
        "OpenAI, LLC",
        'Subscription; "Team" plan',
        "card",
        {"local_amount": 99.0, "local_currency": "USD", "note": "Team Entwicklung"},
    ),
    (
        "2026-01-07T03:15:09.001Z",
        -30_42,
        "東京ホテル",
        None,
        "card",
        {"local_amount": 4900, "local_currency": "JPY", "initiator_id": "m-anna"},
    ),
    (
        "2026-02-01T00:03:46.233Z",
        -29_00,
        "Qonto",
        None,
        "qonto_fee",
        {"vat_rate": 19.0, "vat_amount_cents": 463, "label_ids": ["l-bank", "l-fixed"]},
    ),
    ("2026-02-10T12:00:00.000Z", 45_20, "GitHub", "Refund", "card", {"attachment_ids": ["a-1"]}),
    (
        "2026-03-01T08:00:00.000Z",
        -250_00,
        "=SUMME(A1:A9) GmbH",
        "@Rechnung +49 30 123456",
        "transfer",
        {"vat_details": {"items": [_part(19, 19_00, 100_00), _part(7, 8_57, 122_43)]}},
    ),
    (
        "2026-03-02T08:00:00.000Z",
        -10_00,
        "+Plus Handels UG",
        "-10 % Skonto",
        "direct_debit",
        {"direct_debit": _partner("31926819", "60-16-13") | {"unique_mandate_reference": "RUM-4711"}},
    ),
    ("2026-03-29T00:59:59.000Z", -1_00, "Vor der Zeitumstellung", "01:59:59", "transfer", {}),
    ("2026-03-29T01:00:00.000Z", -1_00, "Nach der Zeitumstellung", "03:00:00", "transfer", {}),
    (
        "2026-04-01T10:00:00.000Z",
        -12_34,
        "Zeilen\r\numbruch\tAG",
        "Erste Zeile\nZweite Zeile\x00",
        "transfer",
        {"note": "Notiz\u2028mit Trenner"},
    ),
    ("2026-04-02T10:00:00.000Z", 0, "Kartenprüfung", None, "card", {}),
    ("2026-04-03T10:00:00.000Z", -100_00, "   ", "  ", "future_kind", {"initiator_id": "m-gone"}),
    ("2026-04-04T10:00:00.000Z", -867_08, "Łódź Části Őrült s.r.o.", "Zażółć gęślą jaźń 🚲 €", "transfer", {}),
    ("2026-10-25T00:30:00.000Z", 1_00, "Erste halbe Stunde", "02:30 Sommerzeit", "income", {}),
    ("2026-10-25T01:30:00.000Z", 1_00, "Zweite halbe Stunde", "02:30 Winterzeit", "income", {}),
]


def bodies() -> list[bytes]:
    """Return its transactions as the bank's JSON, in order of settlement, with a running balance."""
    balance, found = OPENING, []
    for number, (settled, cents, label, reference, operation, more) in enumerate(_ROWS, 1):
        balance += cents
        found.append(msgspec.json.encode(_raw(number, settled, cents, balance, label, reference, operation) | more))
    return found


def keep(book: Book) -> None:
    """Append all of the company's records to a book."""
    things = {
        ORGANISATION: [
            {"id": "o", "slug": "erfunden-1", "legal_name": "Erfundene Räder GmbH", "legal_country": "DE"}
        ],
        MEMBER: [
            {"id": key, "first_name": name.split()[0], "last_name": name.split()[1]} for key, name in MEMBERS.items()
        ],
        LABEL: [{"id": key, "name": name} for key, name in LABELS.items()],
    }
    with book.run("sync"), book.writing():
        for kind, found in things.items():
            book.append(kind, [RawRecord(one["id"], msgspec.json.encode(one)) for one in found])
        # The row before the others: the first row of a book starts from an empty account.
        before = _raw(0, "2025-11-03T09:00:00.000Z", OPENING, OPENING, "Gründer", "Einlage", "income")
        book.append(TRANSACTION, map(record, [msgspec.json.encode(before), *bodies()]), ACCOUNT.id)
        book.set_proof_state(ACCOUNT.id, ProofState("proven", book.clock(), (), book.clock()))


def statement() -> Statement:
    """Return its statement, as every format receives it."""
    rows = list(map(QontoConnector().reader(Names(MEMBERS, LABELS), BERLIN), bodies()))
    return Statement(ACCOUNT, rows, FIRST, LAST, Money(OPENING), rows[-1].balance)


def _raw(
    number: int, settled: str, cents: int, balance: int, label: str, reference: str | None, operation: str
) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "transaction_id": f"erfunden-1-1-transaction-{number}",
        "amount": abs(cents) / 100,
        "amount_cents": abs(cents),
        "settled_balance": balance / 100,
        "settled_balance_cents": balance,
        "local_amount": abs(cents) / 100,
        "local_currency": "EUR",
        "side": "credit" if cents > 0 else "debit",
        "operation_type": operation,
        "currency": "EUR",
        "label": label,
        "settled_at": settled,
        "emitted_at": settled,
        "created_at": settled,
        "updated_at": settled,
        "status": "completed",
        "note": None,
        "reference": reference,
        "initiator_id": None,
        "bank_account_id": ACCOUNT.id,
    }
