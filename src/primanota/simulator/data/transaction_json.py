"""A stored row, written out as the bank shows it. The rest of the row's text follows from the seed and its number."""

import json
from collections.abc import Callable, Collection, Mapping
from random import Random
from typing import NamedTuple

from primanota.simulator.bank.transaction_table import Row
from primanota.simulator.data.company import GONE, SLUG, Account, Json, label_of
from primanota.simulator.data.identifiers import dice, number_of, uuid7_of, uuid_of
from primanota.simulator.data.operation_kinds import COMPLETED, KIND_LIST, KIND_NAMES, STATUSES, Kind
from primanota.simulator.data.sample_texts import (
    CASHFLOW,
    DEBTORS,
    NOTES,
    PAYEES,
    PAYERS,
    PROBATIVE,
    RECEIPT_TYPES,
    RECEIPTS,
    REFERENCES,
    SHOPS,
)
from primanota.simulator.data.timestamps import MINUTE, SECOND, written
from primanota.simulator.data.transaction_details import SUBOBJECTS, local, subobject, vat, vat_items

INCLUDES = ("vat_details", "labels", "attachments")
RECEIPTS_AT_MOST = 5
# What people may change of a row, by the names in the API.
FIELDS = frozenset(
    {
        "note",
        "reference",
        "label",
        "label_ids",
        "vat_amount",
        "vat_amount_cents",
        "vat_rate",
        "category",
        "cashflow_category",
        "cashflow_subcategory",
        "attachment_lost",
        "attachment_required",
        "initiator_id",
        "clean_counterparty_name",
    }
)
_PER_ROW = 8  # numbers of attachments that one row may use
_FIRST = 200  # rows whose texts are taken in turn, so that each text is seen
_MEMBERS_DO = frozenset({"transfer", "card"})
_LINK = (
    "https://qonto.s3.eu-central-1.amazonaws.com/uploads/attachment/{id}/{name}?X-Amz-Date={date}&X-Amz-Expires=1800"
)


class _Text(NamedTuple):
    """Who and what a row names."""

    label: str
    clean: str | None
    reference: str | None
    mandate: str | None = None


def time_form(switches: Collection[str]) -> Callable[[int], str]:
    """How this bank writes moments."""
    if "fraction-microseconds" in switches:
        return lambda ms: written(ms)[:-1] + "000Z"
    if "fraction-none" in switches:
        return lambda ms: written(ms)[:-5] + "Z"
    return written


class Voucher:
    """Writes rows out. Holds no rows itself; `late` tells when attachments appeared that came after the opening."""

    def __init__(
        self,
        seed: int,
        accounts: tuple[Account, ...],
        people: tuple[int, int],
        switches: Collection[str],
        opened: int,
    ) -> None:
        self._seed = seed
        self._accounts = accounts
        self._members, self._labels = people
        self._switches = switches
        self._opened = opened
        self.time = time_form(switches)
        self.late: dict[int, int] = {}

    def id_of(self, n: int) -> str:
        """The uuid of transaction `n`."""
        return uuid_of(self._seed, "transaction", n)

    def number_of(self, transaction_id: str) -> int | None:
        """The number of a transaction's uuid, or None when no transaction could have it."""
        return number_of(self._seed, "transaction", transaction_id)

    def attachment_owner(self, attachment_id: str) -> tuple[int, int] | None:
        """(transaction, place) of an attachment's uuid, or None."""
        number = number_of(self._seed, "attachment", attachment_id)
        return None if number is None else divmod(number, _PER_ROW)

    def readable_id(self, row: Row) -> str:
        """The transaction_id: older rows have a counter, newer ones a version 7 uuid split 6-6 at its end."""
        if row.created < self._opened - 300 * 24 * 60 * MINUTE:
            return f"{SLUG}-{row.account + 1}-transaction-{row.n + 1}"
        uuid = uuid7_of(self._seed, row.n, row.created + 2)
        return f"{SLUG}-{row.account + 1}-transaction-{uuid[:-6]}-{uuid[-6:]}"

    def transaction(self, row: Row, includes: Collection[str] = (), now: int = 0) -> Json:
        """The whole transaction, fields in the bank's order (Qonto docs: transactions)."""
        kind = KIND_LIST[row.kind]
        rng = dice(self._seed, row.n + 1)
        text = self._text(kind, row, rng)
        shown = self._money(kind, row, text)
        shown.update(self._circumstances(kind, row, rng, text))
        self._add_detail(shown, kind, rng, text)
        if row.edits:
            shown.update(json.loads(row.edits))
        if includes:
            self._include(shown, row, includes, now)
        return shown

    def _money(self, kind: Kind, row: Row, text: _Text) -> Json:
        """The first half of the fields: ids, amounts, moments."""
        cents = abs(row.signed)
        local_amount, local_cents = local(kind, cents, yen_times_hundred="yen-times-hundred" in self._switches)
        balance = row.balance if row.status == COMPLETED and not self._accounts[row.account].external else None
        return {
            "id": self.id_of(row.n),
            "transaction_id": self.readable_id(row),
            "amount": cents / 100,
            "amount_cents": cents,
            "settled_balance": None if balance is None else balance / 100,
            "settled_balance_cents": balance,
            "attachment_ids": [self._attachment_id(row.n, place) for place in range(row.receipts)],
            "logo": _logo(text.clean),
            "local_amount": local_amount,
            "local_amount_cents": local_cents,
            "side": "credit" if kind.credit else "debit",
            "operation_type": kind.operation,
            "currency": "EUR",
            "local_currency": kind.currency,
            "label": text.label,
            "settled_at": None if row.settled is None else self.time(row.settled),
            "emitted_at": self.time(row.emitted),
            "created_at": self.time(row.created),
            "updated_at": self.time(row.updated),
            "status": STATUSES[row.status],
        }

    def _circumstances(self, kind: Kind, row: Row, rng: Random, text: _Text) -> Json:
        """The second half: what people and the bank noted about it."""
        account = self._accounts[row.account]
        vat_cents, rate = vat(kind, abs(row.signed), row.n, rng.random())
        flow = CASHFLOW[rng.randrange(len(CASHFLOW))] if rng.random() < 0.5 else None  # noqa: PLR2004 - half
        is_card = kind.operation == "card"
        return {
            "note": None if account.external else NOTES[_turn(row.n, rng, len(NOTES))],
            "reference": text.reference,
            "vat_amount": None if vat_cents is None else vat_cents / 100,
            "vat_amount_cents": vat_cents,
            "vat_rate": rate,
            "initiator_id": self._initiator(kind, row.n),
            "label_ids": self._label_ids(rng),
            "attachment_lost": rng.random() < 0.01,  # noqa: PLR2004 - one in a hundred
            "attachment_required": not account.external,
            "card_last_digits": f"{5502 + row.n % 3}" if is_card else None,
            "category": kind.category,
            "cashflow_category": self._flow(flow, 0),
            "cashflow_subcategory": self._flow(flow, 1),
            "card_id": uuid_of(self._seed, "card", row.n % 3) if is_card else None,
            "subject_type": kind.subject,
            "bank_account_id": account.id,
            "is_external_transaction": account.external,
            "clean_counterparty_name": text.clean,
        }

    def _add_detail(self, shown: Json, kind: Kind, rng: Random, text: _Text) -> None:
        if "subobjects-null" in self._switches:
            shown.update(dict.fromkeys(SUBOBJECTS))
        if kind.detail:
            shown[kind.detail] = subobject(kind, rng, text.mandate)
        if kind.subject == "QuantumSettlement":
            shown["quantum_channel"] = {"entangled": True, "probability": 0.5}

    def _text(self, kind: Kind, row: Row, rng: Random) -> _Text:
        name = KIND_NAMES[row.kind]
        if name.startswith("external"):
            return _Text("" if row.n % 2 else "Überweisung extern", None, None)
        if kind.operation == "card":
            label, clean = SHOPS[_turn(row.n, rng, len(SHOPS))]
            return _Text(label, clean, None)
        if kind.operation == "direct_debit":
            label, mandate = DEBTORS[_turn(row.n, rng, len(DEBTORS))]
            return _Text(label, None, REFERENCES[_turn(row.n, rng, len(REFERENCES))], mandate)
        if kind.operation in {"qonto_fee", "account_remuneration", "financing_installment"}:
            return _Text("Qonto", "Qonto", None)
        if kind.subject == "WalletToWallet":
            return _Text("Morgenrot Fahrradbau GmbH", None, "Umbuchung")
        names = PAYERS if kind.credit else PAYEES
        label = names[_turn(row.n, rng, len(names))]
        return _Text(label, None, REFERENCES[_turn(row.n, rng, len(REFERENCES))])

    def _initiator(self, kind: Kind, n: int) -> str | None:
        """Who did it: now and then somebody who has left the company since and is on no list."""
        if kind.operation not in _MEMBERS_DO or kind.credit:
            return None
        place = n % (self._members + 1)
        return uuid_of(self._seed, "member", place if place < self._members else GONE)

    def _label_ids(self, rng: Random) -> list[str]:
        if not self._labels or rng.random() < 0.5:  # noqa: PLR2004 - half have none
            return []
        first = rng.randrange(self._labels)
        chosen = {first, rng.randrange(self._labels)} if rng.random() < 0.2 else {first}  # noqa: PLR2004 - some two
        return [uuid_of(self._seed, "label", number) for number in sorted(chosen)]

    def _flow(self, flow: tuple[str, str] | None, level: int) -> Json | None:
        if flow is None:
            return None
        return {"id": uuid7_of(self._seed, CASHFLOW.index(flow) * 2 + level, 1_700_000_000_000), "name": flow[level]}

    def _include(self, shown: Json, row: Row, includes: Collection[str], now: int) -> None:
        """Add what `includes[]` asks for; the keys are absent otherwise."""
        if "attachments" in includes:
            shown["attachments"] = self.attachments(row, now)
        if "labels" in includes:
            numbers = (number_of(self._seed, "label", text) for text in shown["label_ids"])
            shown["labels"] = [label_of(self._seed, number) for number in numbers if number is not None]
        if "vat_details" in includes:
            shown["vat_details"] = self._vat_details(shown, row)

    def _vat_details(self, shown: Mapping[str, object], row: Row) -> Json | None:
        if "vat-details-null" in self._switches:
            return None
        items = vat_items(abs(row.signed), shown["vat_amount_cents"], shown["vat_rate"])
        if "vat-details-strings" in self._switches:
            items = [{key: f"{value}" for key, value in item.items()} for item in items]
        status: Json = {"status": "computed"} if "vat-details-status" in self._switches else {}
        return {**status, "items": items}

    def _attachment_id(self, n: int, place: int) -> str:
        return uuid_of(self._seed, "attachment", n * _PER_ROW + place)

    def attachments(self, row: Row, now: int) -> list[Json]:
        """Every attachment of a row."""
        return [self.attachment(row, place, now) for place in range(row.receipts)]

    def attachment(self, row: Row, place: int, now: int) -> Json:
        """One attachment; its link is good for half an hour from `now` (Qonto docs: attachments)."""
        number = row.n * _PER_ROW + place
        name = RECEIPTS[number % len(RECEIPTS)]
        status = PROBATIVE[number % 16] if number % 16 < len(PROBATIVE) else PROBATIVE[0]
        shown: Json = {
            "id": self._attachment_id(row.n, place),
            "created_at": self.time(self.late.get(number, row.created + (place + 1) * MINUTE)),
            **self._file(number, name, now),
            "probative_attachment": {"status": status},
        }
        if status == "available":
            shown["probative_attachment"] = {"status": status, **self._file(number, f"sealed-{name}.pdf", now)}
        return shown

    def receipt_arrives(self, n: int, place: int, moment: int) -> None:
        """Remember that attachment `place` of row `n` appeared at `moment`."""
        self.late[n * _PER_ROW + place] = moment

    def _file(self, number: int, name: str, now: int) -> Json:
        date = written(now - now % SECOND).translate({ord(sign): None for sign in "-:"})
        return {
            "file_name": name,
            "file_size": f"{20_000 + number % 90_001}",
            "file_content_type": RECEIPT_TYPES[name[-3:]],
            "url": _LINK.format(id=number, name=name.replace(" ", "%20"), date=date),
        }


def _turn(n: int, rng: Random, length: int) -> int:
    """Which of `length` texts a row gets: the first rows in turn, later ones by chance."""
    return n % length if n < _FIRST else rng.randrange(length)


def _logo(clean: str | None) -> Json:
    if clean is None:
        return {}
    address = f"https://logos.example/{clean.replace(' ', '-').lower()}"
    return {"small": f"{address}-small.png", "medium": f"{address}-medium.png"}
