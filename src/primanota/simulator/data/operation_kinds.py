"""Every kind of movement that the invented company has: one line of a table each."""

from typing import NamedTuple

COMPLETED, PENDING, DECLINED, REVERSED = range(4)
STATUSES = ("completed", "pending", "declined", "reversed")


class Kind(NamedTuple):
    """What all movements of one kind share.

    `operation` and `subject` are the bank's own words; `low` and `high` bound the amount in cents; `days` is the
    longest usual time from creation to settlement; `detail` names the sub-object that the bank adds.
    """

    operation: str
    subject: str
    credit: bool
    low: int
    high: int
    days: float
    category: str
    detail: str | None = None
    currency: str = "EUR"


KINDS: dict[str, Kind] = {
    "transfer": Kind("transfer", "Transfer", False, 1_900, 900_000, 1.0, "other_expense", "transfer"),
    "income": Kind("income", "Income", True, 4_900, 1_900_000, 0.0, "sales", "income"),
    "card": Kind("card", "Card", False, 150, 60_000, 3.0, "office_supply"),
    "card-usd": Kind("card", "Card", False, 500, 90_000, 3.0, "online_service", None, "USD"),
    "card-gbp": Kind("card", "Card", False, 500, 70_000, 3.0, "transport", None, "GBP"),
    "card-jpy": Kind("card", "Card", False, 900, 80_000, 4.0, "manufacturing", None, "JPY"),
    "card-refund": Kind("card", "Card", True, 500, 20_000, 2.0, "refund"),
    "card-check": Kind("card", "Card", False, 0, 0, 0.1, "online_service"),
    "direct-debit": Kind("direct_debit", "DirectDebit", False, 990, 150_000, 1.0, "utility", "direct_debit"),
    "fee": Kind("qonto_fee", "BillingTransfer", False, 2_900, 2_900, 0.0, "fees"),
    "cheque": Kind("cheque", "Check", True, 5_000, 300_000, 6.0, "sales", "check"),
    "recall": Kind("recall", "Other", False, 5_000, 90_000, 0.0, "other_expense"),
    "internal-out": Kind(
        "transfer", "WalletToWallet", False, 100_000, 900_000, 0.0, "treasury_and_interco", "transfer"
    ),
    "internal-in": Kind("income", "WalletToWallet", True, 100_000, 900_000, 0.0, "treasury_and_interco", "income"),
    "remuneration": Kind("account_remuneration", "AccountRemuneration", True, 1, 4_000, 0.0, "treasury_and_interco"),
    "instalment": Kind(
        "financing_installment",
        "FinancingInstallment",
        False,
        50_000,
        50_000,
        0.0,
        "finance",
        "financing_installment",
    ),
    "pagopa": Kind("pagopa_payment", "PagopaPayment", False, 1_600, 90_000, 0.1, "tax", "pagopa_payment"),
    "swift-income": Kind("swift_income", "SwiftIncome", True, 90_000, 2_000_000, 1.0, "sales", "swift_income"),
    # A kind that no client can know yet: the bank may add enum values and keys at any time (Qonto docs: versioning).
    "future": Kind("quantum_settlement", "QuantumSettlement", True, 100, 10_000, 0.0, "other_income"),
    "external-out": Kind("other", "Other", False, 1_000, 400_000, 0.0, "other_expense"),
    "external-in": Kind("other", "Other", True, 1_000, 600_000, 0.0, "other_income"),
}
KIND_NAMES = tuple(KINDS)
KIND_LIST = tuple(KINDS.values())
NUMBER: dict[str, int] = {name: number for number, name in enumerate(KIND_NAMES)}
OPERATIONS = frozenset(kind.operation for kind in KIND_LIST)

# Operation types of the bank that this company happens to have none of: known filter values, empty answers.
OTHER_OPERATIONS = frozenset(
    {
        "card_acquirer_payout",
        "direct_debit_collection",
        "direct_debit_hold",
        "pay_later",
        "f24",
        "nrc_payment",
        "riba_payment",
        "investment",
    }
)

# How often an ordinary row of the main account is of a kind, in 256ths or so.
WEIGHTS = {
    "transfer": 70,
    "income": 62,
    "card": 60,
    "direct-debit": 30,
    "card-usd": 8,
    "card-gbp": 5,
    "card-jpy": 3,
    "card-refund": 6,
    "swift-income": 4,
    "cheque": 3,
    "recall": 1,
    "remuneration": 2,
    "instalment": 1,
    "card-check": 1,
}
