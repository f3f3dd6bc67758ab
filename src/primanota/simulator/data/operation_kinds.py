"""The kinds of transactions that the invented company has: a table with one line for each."""

from typing import NamedTuple

COMPLETED, PENDING, DECLINED, REVERSED = range(4)
STATUSES = ("completed", "pending", "declined", "reversed")


class OperationKind(NamedTuple):
    """What all transactions of one kind have in common.

    `operation` and `subject` are the bank's words (operation_type, subject_type); `low` and `high` are the limits of
    the amount in cents; `days` is the longest usual time from creation to settlement; `detail` names the sub-object
    that the bank adds.
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


OPERATION_KINDS: dict[str, OperationKind] = {
    "transfer": OperationKind("transfer", "Transfer", False, 1_900, 900_000, 1.0, "other_expense", "transfer"),
    "income": OperationKind("income", "Income", True, 4_900, 1_900_000, 0.0, "sales", "income"),
    "card": OperationKind("card", "Card", False, 150, 60_000, 3.0, "office_supply"),
    "card-usd": OperationKind("card", "Card", False, 500, 90_000, 3.0, "online_service", None, "USD"),
    "card-gbp": OperationKind("card", "Card", False, 500, 70_000, 3.0, "transport", None, "GBP"),
    "card-jpy": OperationKind("card", "Card", False, 900, 80_000, 4.0, "manufacturing", None, "JPY"),
    "card-refund": OperationKind("card", "Card", True, 500, 20_000, 2.0, "refund"),
    "card-check": OperationKind("card", "Card", False, 0, 0, 0.1, "online_service"),
    "direct-debit": OperationKind("direct_debit", "DirectDebit", False, 990, 150_000, 1.0, "utility", "direct_debit"),
    "fee": OperationKind("qonto_fee", "BillingTransfer", False, 2_900, 2_900, 0.0, "fees"),
    "cheque": OperationKind("cheque", "Check", True, 5_000, 300_000, 6.0, "sales", "check"),
    "recall": OperationKind("recall", "Other", False, 5_000, 90_000, 0.0, "other_expense"),
    "internal-out": OperationKind(
        "transfer", "WalletToWallet", False, 100_000, 900_000, 0.0, "treasury_and_interco", "transfer"
    ),
    "internal-in": OperationKind(
        "income", "WalletToWallet", True, 100_000, 900_000, 0.0, "treasury_and_interco", "income"
    ),
    "remuneration": OperationKind(
        "account_remuneration", "AccountRemuneration", True, 1, 4_000, 0.0, "treasury_and_interco"
    ),
    "instalment": OperationKind(
        "financing_installment",
        "FinancingInstallment",
        False,
        50_000,
        50_000,
        0.0,
        "finance",
        "financing_installment",
    ),
    "pagopa": OperationKind("pagopa_payment", "PagopaPayment", False, 1_600, 90_000, 0.1, "tax", "pagopa_payment"),
    "swift-income": OperationKind(
        "swift_income", "SwiftIncome", True, 90_000, 2_000_000, 1.0, "sales", "swift_income"
    ),
    # A kind that clients cannot know yet: the bank may add enum values and keys at any time (Qonto docs: versioning).
    "future": OperationKind("quantum_settlement", "QuantumSettlement", True, 100, 10_000, 0.0, "other_income"),
    "external-out": OperationKind("other", "Other", False, 1_000, 400_000, 0.0, "other_expense"),
    "external-in": OperationKind("other", "Other", True, 1_000, 600_000, 0.0, "other_income"),
}
KIND_NAMES = tuple(OPERATION_KINDS)
KINDS = tuple(OPERATION_KINDS.values())
KIND_NUMBERS: dict[str, int] = {name: number for number, name in enumerate(KIND_NAMES)}
OPERATIONS = frozenset(kind.operation for kind in KINDS)

# Operation types of the bank that this company does not have: valid filter values with an empty result.
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

# How often an ordinary transaction of the main account is of a kind: weights, 256 in all.
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
