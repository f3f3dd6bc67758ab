"""The bank itself: what is true, and everything that can happen to it while somebody reads."""

import json
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from primanota.simulator.bank.books import Books
from primanota.simulator.bank.transaction_table import Row
from primanota.simulator.data.company import EXTERNAL, MAIN
from primanota.simulator.data.identifiers import dice, number_of
from primanota.simulator.data.operation_kinds import (
    COMPLETED,
    DECLINED,
    KIND_LIST,
    NUMBER,
    PENDING,
    REVERSED,
    STATUSES,
)
from primanota.simulator.data.timestamps import HOUR
from primanota.simulator.data.transaction_facts import COMPLETES_OTHERWISE, GETS_RECEIPT, IS_DECLINED, Fact
from primanota.simulator.data.transaction_json import FIELDS, RECEIPTS_AT_MOST

_NEVER = 1 << 62
_AFTER_THE_PAST = 2_000_000_000  # a tie later than every tie of the opening's rows
_HANDFUL = 400
_NEWCOMERS = tuple(NUMBER[name] for name in ("income", "card", "transfer"))
_FOLLOW = "UPDATE rows SET balance = balance - ? WHERE account = ? AND (settled, tie, n) > (?, ?, ?)"


class Bank(Books):
    """Books in which things happen: by the clock when `advance` is called, and when a test says so."""

    def __init__(
        self,
        size: int,
        seed: int,
        clock: Callable[[], datetime],
        people: tuple[int, int],
        switches: Collection[str],
    ) -> None:
        super().__init__(size, seed, clock, people, switches)
        self._tie = _AFTER_THE_PAST
        self._rng = dice(seed, -1 & 0xFFFFFFFF)
        self._next_due = self._find_next_due()

    def advance(self) -> None:
        """Let everything happen that is due by now, in its order."""
        with self.lock:
            now = self.now()
            while self._next_due <= now:
                numbers = self.ledger.find("WHERE due IS NOT NULL AND due <= ? ORDER BY due, n", now)
                for row in self.ledger.rows(numbers[:400]):
                    self._fall_due(row)
                self._next_due = self._find_next_due()

    def arrive(self, n: int, account_id: str | None = None) -> list[str]:
        """`n` new rows, created now; every third is pending for a day. Returns their ids."""
        with self.lock:
            self.advance()
            now = self.now()
            account = MAIN if account_id is None else self._account(account_id)
            facts = [self._newcomer(account, now, place) for place in range(n)]
            numbers = self.ledger.add(facts)
            self._totals = None
            for number in numbers:
                row = self.ledger.rows([number])[0]
                if row.due is None:
                    self._settle(row, now, row.signed)
            self._changed()
            return [self.voucher.id_of(number) for number in numbers]

    def settle(self, transaction_id: str) -> None:
        """A pending row completes now."""
        with self.lock:
            row = self._known(transaction_id, PENDING)
            self._settle(row, self.now(), row.signed)
            self._changed()

    def decline(self, transaction_id: str) -> None:
        """A pending row is declined now."""
        with self.lock:
            self._decline(self._known(transaction_id, PENDING), self.now())
            self._changed()

    def edit(self, transaction_id: str, **fields: object) -> None:
        """Somebody changes fields of a row, by their names in the API; `updated_at` becomes now.

        A `vat_amount_cents` brings its `vat_amount` along.

        Raises:
            ValueError: a field that a transaction does not have.
        """
        with self.lock:
            row = self._known(transaction_id)
            self._edit(row, fields, self.now())
            self._changed()

    def mass_edit(self, ids: Sequence[str] | int) -> list[str]:
        """One edit of many rows: all get one identical `updated_at`. Returns their ids.

        Args:
            ids: the rows, or how many of the main account's latest settled ones.
        """
        with self.lock:
            if isinstance(ids, int):
                latest = self.ledger.find("WHERE account = 0 AND status = 0 ORDER BY settled DESC, n DESC")
                ids = [self.voucher.id_of(number) for number in latest[:ids]]
            now = self.now()
            for row in [self._known(one) for one in ids]:
                self._edit(row, {"note": "Sammeländerung"}, now)
            self._changed()
            return list(ids)

    def reverse(self, transaction_id: str) -> None:
        """A completed row becomes `reversed`: no list shows it, and the balances after it follow.

        Only its own `updated_at` moves, not that of the later rows whose balance changes.
        """
        with self.lock:
            row = self._known(transaction_id, COMPLETED)
            self.ledger.execute(_FOLLOW, row.signed, row.account, row.settled, row.tie, row.n)
            self.ledger.change([row.n], status=REVERSED, balance=None, updated=self.now())
            self._changed()

    def attach(self, transaction_id: str) -> str:
        """A receipt appears on a row now. Returns the attachment's id."""
        with self.lock:
            row = self._known(transaction_id)
            self._attach(row, self.now())
            self._changed()
            shown = self.voucher.attachments(self.ledger.rows([row.n])[0], 0)
            return str(shown[-1]["id"])

    def remove_member(self, member_id: str) -> None:
        """A member leaves: the list forgets them, the rows do not."""
        with self.lock:
            number = number_of(self.seed, "member", member_id)
            if number not in self.member_numbers:
                raise ValueError(f"no such member: {member_id}")
            self.member_numbers.remove(number)

    # --- how it happens ------------------------------------------------------------------------------------------

    def _find_next_due(self) -> int:
        found = self.ledger.value("SELECT MIN(due) FROM rows WHERE due IS NOT NULL")
        return _NEVER if found is None else found

    def _changed(self) -> None:
        self._totals = None
        self._next_due = self._find_next_due()

    def _known(self, transaction_id: str, status: int | None = None) -> Row:
        """The row of an id, after everything due has happened; it must have this status."""
        self.advance()
        row = self.row(transaction_id)
        if row is None:
            raise ValueError(f"no such transaction: {transaction_id}")
        if status not in {None, row.status}:
            raise ValueError(f"transaction {transaction_id} is {STATUSES[row.status]}, not {STATUSES[status or 0]}")
        return row

    def _newcomer(self, account: int, now: int, place: int) -> Fact:
        kind = NUMBER["external-in"] if account == EXTERNAL else _NEWCOMERS[place % len(_NEWCOMERS)]
        cents = self._rng.randrange(100, 90_000)
        signed = cents if KIND_LIST[kind].credit else -cents
        due = now + 26 * HOUR if place % 3 == 1 else None
        return Fact(account, kind, PENDING, signed, now, now, None, now, 0, due, None)

    def _fall_due(self, row: Row) -> None:
        """What was to become of a row becomes of it, at the moment it was due."""
        moment = row.due or 0
        if row.fate == GETS_RECEIPT:
            self._attach(row, moment)
        elif row.fate == IS_DECLINED:
            self._decline(row, moment)
        else:
            extra = row.signed // 12 if row.fate == COMPLETES_OTHERWISE else 0
            self._settle(row, moment, row.signed + extra)

    def _settle(self, row: Row, moment: int, signed: int) -> None:
        totals = self.totals(row.account)
        totals.settled += signed
        totals.pending -= row.signed
        totals.updated = max(totals.updated, moment)
        self._tie += 1
        self.ledger.change(
            [row.n],
            status=COMPLETED,
            signed=signed,
            settled=moment,
            updated=moment,
            tie=self._tie,
            balance=totals.settled,
            due=None,
        )

    def _decline(self, row: Row, moment: int) -> None:
        totals = self.totals(row.account)
        totals.pending -= row.signed
        totals.updated = max(totals.updated, moment)
        self.ledger.change([row.n], status=DECLINED, updated=moment, due=None)

    def _attach(self, row: Row, moment: int) -> None:
        if row.receipts == RECEIPTS_AT_MOST:
            raise ValueError(f"transaction {self.voucher.id_of(row.n)} has {RECEIPTS_AT_MOST} attachments already")
        self.voucher.receipt_arrives(row.n, row.receipts, moment)
        due = None if row.fate == GETS_RECEIPT else row.due
        self.ledger.change([row.n], receipts=row.receipts + 1, updated=moment, due=due)

    def _edit(self, row: Row, fields: dict[str, object], moment: int) -> None:
        if unknown := sorted(fields.keys() - FIELDS):
            raise ValueError(f"a transaction has no {', '.join(unknown)}")
        if isinstance(cents := fields.get("vat_amount_cents"), int):
            fields = {"vat_amount": cents / 100, **fields}
        edits = json.dumps({**json.loads(row.edits or "{}"), **fields})
        self.ledger.change([row.n], edits=edits, updated=moment)
