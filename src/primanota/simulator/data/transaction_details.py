"""The parts of a transaction that only some kinds have: counterparty, sub-object, foreign currency, VAT."""

from random import Random

from primanota.simulator.data.company import Json
from primanota.simulator.data.identifiers import make_iban
from primanota.simulator.data.operation_kinds import OperationKind

SUB_OBJECTS = (
    "transfer",
    "income",
    "swift_income",
    "direct_debit",
    "direct_debit_collection",
    "check",
    "financing_installment",
    "pagopa_payment",
    "direct_debit_hold",
)
_BANKS = (
    ("DE", "10050000", "BELADEBEXXX"),
    ("FR", "3000400828", "BNPAFRPPXXX"),
    ("IT", "X05428111010", "BPMOIT22XXX"),
    ("PL", "10901014", "WBKPPLPPXXX"),
)
_EXCHANGE_RATES = {"EUR": 1.0, "USD": 1.0842, "GBP": 0.8571, "JPY": 163.2}
_WITHOUT_DECIMALS = frozenset({"JPY"})


def local_amount(kind: OperationKind, cents: int, *, yen_times_hundred: bool) -> tuple[float, int]:
    """Return (local_amount, local_amount_cents). A yen has no decimals: its cents are whole yen."""
    minor = round(cents * _EXCHANGE_RATES[kind.currency])
    if kind.currency not in _WITHOUT_DECIMALS:
        return minor / 100, minor
    yen = minor // 100
    return float(yen), yen * 100 if yen_times_hundred else yen


def sub_object(kind: OperationKind, rng: Random, mandate: str | None) -> Json:
    """Return the sub-object of this kind of transaction (Qonto docs: transactions)."""
    if kind.detail == "check":
        return {"check_number": f"{rng.randrange(10**7):07d}", "check_key": f"{rng.randrange(100):02d}"}
    if kind.detail == "financing_installment":
        return {"total_installments_number": 36, "current_installment_number": rng.randrange(1, 37)}
    if kind.detail == "pagopa_payment":
        return {
            "notice_number": f"3{rng.randrange(10**17):017d}",
            "creditor_fiscal_code": f"{rng.randrange(10**11):011d}",
            "iuv": f"{rng.randrange(10**17):017d}",
        }
    return _counterparty(kind, rng) | ({"unique_mandate_reference": mandate} if mandate else {})


def _counterparty(kind: OperationKind, rng: Random) -> Json:
    if kind.detail == "swift_income":
        number, form, bank, bank_form = f"{rng.randrange(10**8):08d}", "unstructured", "040004", "sort_code"
    else:
        country, bank_code, bank = _BANKS[rng.randrange(len(_BANKS))]
        number = make_iban(country, f"{bank_code}{rng.randrange(10**10):010d}")
        form, bank_form = "IBAN", "SWIFT_BIC"
    return {
        "counterparty_account_number": number,
        "counterparty_account_number_format": form,
        "counterparty_bank_identifier": bank,
        "counterparty_bank_identifier_format": bank_form,
    }


def vat_cents_and_rate(kind: OperationKind, cents: int, number: int, roll: float) -> tuple[int | None, float | None]:
    """Return (vat_amount_cents, vat_rate): in percent, int or float as in the bank's data; -1 means several rates."""
    if kind.operation == "qonto_fee":
        rate = 20 if number % 2 else 19.0
    elif kind.operation in {"card", "direct_debit", "transfer"} and not kind.credit and roll < 0.4:  # noqa: PLR2004
        rate = (19.0, 7, -1, 0)[int(roll * 10)]
    else:
        return None, None
    percent = 13.0 if rate < 0 else rate
    return round(cents * percent / (100 + percent)), rate


def vat_items(cents: int, vat_cents: object, rate: object) -> list[Json]:
    """Return the items of vat_details: an empty list without VAT, two items when the rate is -1 (several)."""
    if not isinstance(vat_cents, int) or not isinstance(rate, int | float):
        return []
    if rate >= 0:
        return [_vat_item(cents, vat_cents, rate)]
    half = cents // 2
    return [_vat_item(half, vat_cents // 2, 19.0), _vat_item(cents - half, vat_cents - vat_cents // 2, 7)]


def _vat_item(cents: int, vat_cents: int, rate: float) -> Json:
    return {
        "amount": vat_cents / 100,
        "amount_cents": vat_cents,
        "amount_excluding_vat": (cents - vat_cents) / 100,
        "amount_excluding_vat_cents": cents - vat_cents,
        "rate": rate,
    }
