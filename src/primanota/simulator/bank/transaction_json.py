"""The JSON of transactions (Qonto docs: transactions).

A stored transaction has the numbers; all other fields follow from the seed and the transaction's number.
"""

import json
from collections.abc import Callable, Collection, Mapping
from random import Random

from primanota.simulator.bank.attachment_json import AttachmentSerializer
from primanota.simulator.data.company import (
    FORMER_MEMBER,
    Json,
    SimulatedAccount,
    cash_flow_id,
    company_slug,
    label_json,
)
from primanota.simulator.data.identifiers import (
    cached_uuid,
    make_uuid,
    make_uuid7,
    number_from_uuid,
    seeded_random,
)
from primanota.simulator.data.operation_kinds import COMPLETED, KINDS, STATUSES, OperationKind
from primanota.simulator.data.sample_texts import CASHFLOW
from primanota.simulator.data.timestamps import DAY, format_timestamp
from primanota.simulator.data.transaction import SimulatedTransaction
from primanota.simulator.data.transaction_details import (
    SUB_OBJECTS,
    local_amount,
    sub_object,
    vat_cents_and_rate,
    vat_items,
)
from primanota.simulator.data.transaction_texts import TransactionTexts, choose_note, choose_texts
from primanota.simulator.files.signed_urls import SignedUrls

INCLUDES = ("vat_details", "labels", "attachments")
_OLD_ID_AGE = 300 * DAY  # transactions created longer before the opening have the older form of transaction_id
_MADE_BY_MEMBERS = frozenset({"transfer", "card"})


def timestamp_format(switches: Collection[str]) -> Callable[[int], str]:
    """Return the function that formats timestamps as the switches require."""
    if "fraction-microseconds" in switches:
        return lambda milliseconds: format_timestamp(milliseconds)[:-1] + "000Z"
    if "fraction-none" in switches:
        return lambda milliseconds: format_timestamp(milliseconds)[:-5] + "Z"
    return format_timestamp


class TransactionSerializer:
    """Builds the JSON of transactions. It stores no transactions."""

    def __init__(
        self,
        seed: int,
        accounts: tuple[SimulatedAccount, ...],
        *,
        members: int,
        labels: int,
        switches: Collection[str],
        opened: int,
        urls: SignedUrls,
    ) -> None:
        self._seed = seed
        self._accounts = accounts
        self._members = members
        self._labels = labels
        self._switches = switches
        self._opened = opened
        self.format_time = timestamp_format(switches)
        self.attachments = AttachmentSerializer(seed, self.format_time, urls)

    def uuid(self, number: int) -> str:
        """Return the UUID of transaction `number`."""
        return make_uuid(self._seed, "transaction", number)

    def find(self, transaction_id: str) -> int | None:
        """Return the number of a transaction's UUID, or None for any other text."""
        return number_from_uuid(self._seed, "transaction", transaction_id)

    def json(self, transaction: SimulatedTransaction, includes: Collection[str] = (), now: int = 0) -> Json:
        """Return the whole transaction with its fields in the bank's order."""
        kind = KINDS[transaction.kind]
        rng = seeded_random(self._seed, transaction.number + 1)
        texts = choose_texts(transaction.kind, transaction.number, rng)
        shown = self._amounts_and_times(kind, transaction, texts)
        shown.update(self._classification(kind, transaction, rng, texts))
        self._add_sub_object(shown, kind, rng, texts)
        if transaction.edits:
            shown.update(json.loads(transaction.edits))
        if includes:
            self._add_includes(shown, transaction, includes, now)
        return shown

    def _amounts_and_times(
        self, kind: OperationKind, transaction: SimulatedTransaction, texts: TransactionTexts
    ) -> Json:
        """Return the first half of the fields."""
        cents = abs(transaction.signed_cents)
        yen_times_hundred = "yen-times-hundred" in self._switches
        amount_in_currency, cents_in_currency = local_amount(kind, cents, yen_times_hundred=yen_times_hundred)
        has_balance = transaction.status == COMPLETED and not self._accounts[transaction.account].external
        balance = transaction.balance if has_balance else None
        return {
            "id": self.uuid(transaction.number),
            "transaction_id": self._readable_id(transaction),
            "amount": cents / 100,
            "amount_cents": cents,
            "settled_balance": None if balance is None else balance / 100,
            "settled_balance_cents": balance,
            "attachment_ids": self.attachments.uuids(transaction),
            "logo": _logo(texts.clean_name),
            "local_amount": amount_in_currency,
            "local_amount_cents": cents_in_currency,
            "side": "credit" if kind.credit else "debit",
            "operation_type": kind.operation,
            "currency": "EUR",
            "local_currency": kind.currency,
            "label": texts.label,
            "settled_at": None if transaction.settled is None else self.format_time(transaction.settled),
            "emitted_at": self.format_time(transaction.emitted),
            "created_at": self.format_time(transaction.created),
            "updated_at": self.format_time(transaction.updated),
            "status": STATUSES[transaction.status],
        }

    def _readable_id(self, transaction: SimulatedTransaction) -> str:
        """Return the transaction_id. Older ones end with a counter, newer ones with a version 7 UUID, split 6-6."""
        prefix = f"{company_slug(self._seed)}-{transaction.account + 1}-transaction"
        if transaction.created < self._opened - _OLD_ID_AGE:
            return f"{prefix}-{transaction.number + 1}"
        uuid = make_uuid7(self._seed, transaction.number, transaction.created + 2)
        return f"{prefix}-{uuid[:-6]}-{uuid[-6:]}"

    def _classification(
        self, kind: OperationKind, transaction: SimulatedTransaction, rng: Random, texts: TransactionTexts
    ) -> Json:
        """Return the second half of the fields: what the company and the bank added to the transaction."""
        number = transaction.number
        account = self._accounts[transaction.account]
        vat_cents, rate = vat_cents_and_rate(kind, abs(transaction.signed_cents), number, rng.random())
        cashflow = rng.randrange(len(CASHFLOW)) if rng.random() < 0.5 else None  # noqa: PLR2004 - half
        is_card = kind.operation == "card"
        return {
            "note": None if account.external else choose_note(number, rng),
            "reference": texts.reference,
            "vat_amount": None if vat_cents is None else vat_cents / 100,
            "vat_amount_cents": vat_cents,
            "vat_rate": rate,
            "initiator_id": self._initiator(kind, number),
            "label_ids": self._label_ids(rng),
            "attachment_lost": rng.random() < 0.01,  # noqa: PLR2004 - one in a hundred
            "attachment_required": not account.external,
            "card_last_digits": f"{5502 + number % 3}" if is_card else None,
            "category": kind.category,
            "cashflow_category": self._cashflow(cashflow, 0),
            "cashflow_subcategory": self._cashflow(cashflow, 1),
            "card_id": cached_uuid(self._seed, "card", number % 3) if is_card else None,
            "subject_type": kind.subject,
            "bank_account_id": account.id,
            "is_external_transaction": account.external,
            "clean_counterparty_name": texts.clean_name,
        }

    def _initiator(self, kind: OperationKind, number: int) -> str | None:
        """Return the member who made the payment; some were made by a former member, who is not listed any more."""
        if kind.operation not in _MADE_BY_MEMBERS or kind.credit:
            return None
        member = number % (self._members + 1)
        return cached_uuid(self._seed, "member", member if member < self._members else FORMER_MEMBER)

    def _label_ids(self, rng: Random) -> list[str]:
        if not self._labels or rng.random() < 0.5:  # noqa: PLR2004 - half have no labels
            return []
        first = rng.randrange(self._labels)
        chosen = {first, rng.randrange(self._labels)} if rng.random() < 0.2 else {first}  # noqa: PLR2004 - some two
        return [cached_uuid(self._seed, "label", number) for number in sorted(chosen)]

    def _cashflow(self, index: int | None, level: int) -> Json | None:
        """Return the category (level 0) or the subcategory (level 1)."""
        if index is None:
            return None
        return {"id": cash_flow_id(self._seed, index, level), "name": CASHFLOW[index][level]}

    def _add_sub_object(self, shown: Json, kind: OperationKind, rng: Random, texts: TransactionTexts) -> None:
        if "subobjects-null" in self._switches:
            shown.update(dict.fromkeys(SUB_OBJECTS))
        if kind.detail:
            shown[kind.detail] = sub_object(kind, rng, texts.mandate)
        if kind.subject == "QuantumSettlement":
            shown["quantum_channel"] = {"entangled": True, "probability": 0.5}

    def _add_includes(
        self, shown: Json, transaction: SimulatedTransaction, includes: Collection[str], now: int
    ) -> None:
        """Add the keys that `includes[]` asks for; without it they are absent."""
        if "attachments" in includes:
            shown["attachments"] = self.attachments.all_json(transaction, now)
        if "labels" in includes:
            numbers = (number_from_uuid(self._seed, "label", uuid) for uuid in shown["label_ids"])
            shown["labels"] = [label_json(self._seed, number) for number in numbers if number is not None]
        if "vat_details" in includes:
            shown["vat_details"] = self._vat_details(shown, transaction)

    def _vat_details(self, shown: Mapping[str, object], transaction: SimulatedTransaction) -> Json | None:
        if "vat-details-null" in self._switches:
            return None
        items = vat_items(abs(transaction.signed_cents), shown["vat_amount_cents"], shown["vat_rate"])
        if "vat-details-strings" in self._switches:
            items = [{key: f"{value}" for key, value in item.items()} for item in items]
        status: Json = {"status": "computed"} if "vat-details-status" in self._switches else {}
        return {**status, "items": items}


def _logo(clean_name: str | None) -> Json:
    if clean_name is None:
        return {}
    address = f"https://logos.example/{clean_name.replace(' ', '-').lower()}"
    return {"small": f"{address}-small.png", "medium": f"{address}-medium.png"}
