"""The invented data: correct balances, the same data for the same seed, and every edge case."""

from collections import Counter
from datetime import datetime
from itertools import pairwise

import pytest

from primanota.simulator.data.operation_kinds import OPERATIONS
from tests.simulator.api_client import ApiClient, ManualClock, OpenClient, Row
from tests.simulator.balance_chain import balance_chain, signed_cents, ties_out_of_order

WAYS = ("asc", "desc")
FIELDS = [
    "id",
    "transaction_id",
    "amount",
    "amount_cents",
    "settled_balance",
    "settled_balance_cents",
    "attachment_ids",
    "logo",
    "local_amount",
    "local_amount_cents",
    "side",
    "operation_type",
    "currency",
    "local_currency",
    "label",
    "settled_at",
    "emitted_at",
    "created_at",
    "updated_at",
    "status",
    "note",
    "reference",
    "vat_amount",
    "vat_amount_cents",
    "vat_rate",
    "initiator_id",
    "label_ids",
    "attachment_lost",
    "attachment_required",
    "card_last_digits",
    "category",
    "cashflow_category",
    "cashflow_subcategory",
    "card_id",
    "subject_type",
    "bank_account_id",
    "is_external_transaction",
    "clean_counterparty_name",
]


@pytest.fixture
def rows(client: ApiClient) -> list[Row]:
    """All rows of the main account, from the bank itself."""
    return list(client.bank.truth(client.main))


@pytest.mark.parametrize("size", [0, 1, 2, 119, 120, 400, 1500])
def test_balances_chain(open_client: OpenClient, size: int) -> None:
    """On each account the settled balances follow each other from zero to the account's balance."""
    client = open_client(size=size)
    for account in client.bank.accounts():
        rows = list(client.bank.truth(str(account["id"])))
        settled = [row for row in rows if row["status"] == "completed"]
        assert account["balance_cents"] == sum(map(signed_cents, settled))
        if not account["is_external_account"]:
            last = [row["settled_balance_cents"] for row in balance_chain(rows)][-1:]
            assert last == [account["balance_cents"]] * len(last)
        pending = sum(signed_cents(row) for row in rows if row["status"] == "pending")
        assert account["authorized_balance_cents"] == account["balance_cents"] + pending


@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize(
    "opening", ["2024-02-29T23:59:59.999999+00:00", "2026-03-29T01:00:00.000+00:00", "2027-01-01T00:00:00.000+00:00"]
)
def test_any_opening(open_client: OpenClient, clock: ManualClock, seed: int, opening: str) -> None:
    """For any seed and opening the balances are right, no row is later than the clock, and every kind is included."""
    clock.now = datetime.fromisoformat(opening)
    client = open_client(size=400, seed=seed)
    rows: list[Row] = list(client.bank.truth(client.main))
    assert balance_chain(rows)[-1]["settled_balance_cents"] == client.bank.accounts()[0]["balance_cents"]
    assert max(row["updated_at"] for row in rows)[:23] <= opening[:23].replace("+", ".")
    assert {row["operation_type"] for row in rows} >= OPERATIONS - {"other"}
    assert Counter(row["updated_at"] for row in rows).most_common(1)[0][1] > 100
    assert any((row["settled_at"] or "").endswith("-12-31T23:30:00.000Z") for row in rows)
    assert list(client.bank.truth(client.bank.account_ids()[2]))


@pytest.mark.parametrize("size", [0, 1, 250, 1500])
def test_paging_finds_every_row(open_client: OpenClient, size: int) -> None:
    """Paging through every account in the order of creation gives the bank's own rows, `size` of them in all."""
    client = open_client(size=size)
    seen = 0
    for account in client.bank.account_ids():
        truth = list(client.bank.truth(account))
        assert client.all_rows({"sort_by": "created_at:asc"}, account) == truth
        assert client.bank.count(account) == len(truth)
        seen += len(truth)
    assert seen == size


def test_same_seed_same_bytes(open_client: OpenClient) -> None:
    """The same seed and clock give the same bytes; another seed gives other bytes."""

    def answers(seed: int) -> list[bytes]:
        client = open_client(seed=seed)
        paths = ("/v2/organization", "/v2/memberships", "/v2/labels")
        return [client.list_transactions().content, *(client.get(path).content for path in paths)]

    assert answers(7) == answers(7)
    assert not set(answers(7)) & set(answers(8))


def test_fields(rows: list[Row]) -> None:
    """Every row has the bank's fields in the bank's order, with amounts as floats and cents as integers."""
    for row in rows:
        assert list(row)[: len(FIELDS)] == FIELDS
        assert len(row) <= len(FIELDS) + 2
        assert isinstance(row["amount"], float)
        assert round(row["amount"] * 100) == row["amount_cents"] >= 0
        assert (row["settled_at"] is None) == (row["settled_balance"] is None) == (row["status"] != "completed")
        assert row["created_at"] <= row["updated_at"] <= "2026-11-23T10:00:00.000Z"


def test_every_kind(rows: list[Row]) -> None:
    """Every kind of transaction is included, each with its own sub-object only."""
    kinds = {(row["operation_type"], row["subject_type"], row["side"]) for row in rows}
    assert kinds >= {
        ("transfer", "Transfer", "debit"),
        ("income", "Income", "credit"),
        ("swift_income", "SwiftIncome", "credit"),
        ("direct_debit", "DirectDebit", "debit"),
        ("card", "Card", "debit"),
        ("card", "Card", "credit"),
        ("qonto_fee", "BillingTransfer", "debit"),
        ("cheque", "Check", "credit"),
        ("recall", "Other", "debit"),
        ("transfer", "WalletToWallet", "debit"),
        ("account_remuneration", "AccountRemuneration", "credit"),
        ("financing_installment", "FinancingInstallment", "debit"),
        ("pagopa_payment", "PagopaPayment", "debit"),
        ("quantum_settlement", "QuantumSettlement", "credit"),
    }
    own = {key for row in rows for key in list(row)[len(FIELDS) :]}
    assert own == {
        *("transfer", "income", "swift_income", "direct_debit", "check"),
        *("financing_installment", "pagopa_payment", "quantum_channel"),
    }
    swift = next(row["swift_income"] for row in rows if "swift_income" in row)
    assert swift["counterparty_account_number_format"] == "unstructured"
    assert all(row["direct_debit"]["unique_mandate_reference"] for row in rows if "direct_debit" in row)


def test_cards(rows: list[Row]) -> None:
    """Card payments are in four currencies, yen without decimals; one card check has the amount zero."""
    cards = [row for row in rows if row["operation_type"] == "card"]
    assert {row["local_currency"] for row in cards} == {"EUR", "USD", "GBP", "JPY"}
    assert all(row["local_amount"] == row["local_amount_cents"] for row in cards if row["local_currency"] == "JPY")
    assert any(row["amount_cents"] == 0 for row in cards)
    assert all(row["card_id"] and row["card_last_digits"] for row in cards)


def test_texts(client: ApiClient, rows: list[Row]) -> None:
    """Names and references include characters that often break files."""
    text = "\n".join(f"{row['label']} {row['reference']} {row['note']}" for row in rows)
    assert all(character in text for character in 'äöüßéł€;"🚲\u00a0')
    assert {row["label"][:1] for row in rows} >= set("=+@")
    assert any("\n" in (row["reference"] or "") for row in rows)
    assert any(row["reference"] is None for row in rows)
    external = list(client.bank.truth(client.bank.account_ids()[3]))
    assert any(row["label"] == "" for row in external)
    assert all(row["is_external_transaction"] and row["settled_balance"] is None for row in external)


def test_a_former_member(client: ApiClient, rows: list[Row]) -> None:
    """One initiator is a former member, who is not in the list of members."""
    members = {row["id"] for row in client.get("/v2/memberships").json()["memberships"]}
    initiators = {row["initiator_id"] for row in rows} - {None}
    assert len(members) == 7
    assert len(initiators - members) == 1


def test_readable_ids(rows: list[Row]) -> None:
    """Both forms of transaction_id are included, and ids are unique."""
    forms = Counter(row["transaction_id"].rpartition("transaction-")[2].isdigit() for row in rows)
    assert forms[True]
    assert forms[False]
    assert len({row["transaction_id"] for row in rows}) == len({row["id"] for row in rows}) == len(rows)


def test_unusual_times(rows: list[Row]) -> None:
    """Rows settle around both clock changes in Berlin and in the last half hour of the year in UTC."""
    settled = {row["settled_at"] for row in rows}
    assert "2025-12-31T23:30:00.000Z" in settled
    for change in ("2026-03-29T0", "2026-10-25T0"):
        expected = {f"{change}{time}Z" for time in ("0:30:00.000", "0:59:59.999", "1:00:00.000", "1:30:00.000")}
        assert expected <= settled


def test_batches(rows: list[Row]) -> None:
    """A batch settles in one millisecond; its rows are in the order of their balances, which is not that of ids."""
    common, many = Counter(row["settled_at"] for row in rows if row["settled_at"]).most_common(1)[0]
    batch = [row for row in balance_chain(rows) if row["settled_at"] == common]
    assert many >= 5
    ids = [row["id"] for row in batch]
    assert ids != sorted(ids)
    assert ids == [row["id"] for row in rows if row["id"] in ids]


@pytest.mark.parametrize("size", [250, 1500])
@pytest.mark.parametrize("name", ["settled_at", "created_at", "updated_at", "emitted_at"])
def test_ties_are_served_in_the_order_of_balances(open_client: OpenClient, name: str, size: int) -> None:
    """Rows of one moment are served so that order and balances agree, in each order, and backwards as well."""
    client = open_client(size=size)
    for account in client.bank.account_ids()[:3]:
        up, down = (client.all_rows({"sort_by": f"{name}:{way}", "status[]": "completed"}, account) for way in WAYS)
        assert not ties_out_of_order(up, name)
        assert down == up[::-1]


def test_pending_and_late(rows: list[Row]) -> None:
    """Some rows are pending, one of them for months; one is declined, and one settles in a later month."""
    pending = [row for row in rows if row["status"] == "pending"]
    assert len(pending) >= 3
    assert min(row["created_at"] for row in pending) < "2026-06-01"
    assert any(row["status"] == "declined" and row["operation_type"] == "transfer" for row in rows)
    assert any(row["created_at"][:7] < row["settled_at"][:7] for row in rows if row["operation_type"] == "cheque")


def test_fees(rows: list[Row]) -> None:
    """The bank's fee is booked every month with 19 or 20 % VAT; its invoice is attached a month later."""
    fees = sorted((row for row in rows if row["operation_type"] == "qonto_fee"), key=lambda row: row["settled_at"])
    assert len(fees) >= 12
    assert {row["vat_rate"] for row in fees} == {19, 20}
    assert fees[0]["updated_at"][5:7] != fees[0]["settled_at"][5:7]
    assert fees[0]["attachment_ids"]
    assert fees[-1]["attachment_ids"] == []


def test_mass_edit_in_the_past(open_client: OpenClient) -> None:
    """With 400 rows, more than one page of the main account has the same ``updated_at``."""
    client = open_client(size=400)
    moments = Counter(row["updated_at"] for row in client.bank.truth(client.main))
    assert moments.most_common(1)[0][1] > 100


def test_internal_pairs(client: ApiClient) -> None:
    """A transfer between own accounts is a debit on one and a credit on the other, settled at the same time."""
    main, savings = (list(client.bank.truth(account)) for account in client.bank.account_ids()[:2])
    out, into = ([row for row in rows if row["subject_type"] == "WalletToWallet"] for rows in (main, savings))
    assert [(row["settled_at"], signed_cents(row)) for row in out] == [
        (row["settled_at"], -signed_cents(row)) for row in into
    ]
    assert out


def test_order_of_creation(rows: list[Row]) -> None:
    """The bank's own rows are in the order of creation, and several have the same time."""
    created = [row["created_at"] for row in rows]
    assert created == sorted(created)
    assert any(one == other for one, other in pairwise(created))
