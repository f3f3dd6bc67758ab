"""The bank: its accounts and transactions, and what a test can make happen to them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import RLock

from primanota.simulator.bank.balances import Balances
from primanota.simulator.bank.statements import MonthlyStatements
from primanota.simulator.bank.transaction_changes import TransactionChanges
from primanota.simulator.bank.transaction_json import TransactionSerializer
from primanota.simulator.bank.transaction_table import TransactionTable
from primanota.simulator.data.company import EXTERNAL, MAIN, Json, company_accounts, label_json, member_json
from primanota.simulator.data.daily_transactions import DailyTransactions
from primanota.simulator.data.history import generate_history
from primanota.simulator.data.identifiers import number_from_uuid, seeded_random
from primanota.simulator.data.operation_kinds import COMPLETED, KIND_NUMBERS, KINDS, PENDING, STATUSES
from primanota.simulator.data.timestamps import HOUR, SECOND, to_milliseconds
from primanota.simulator.data.transaction import SimulatedTransaction
from primanota.simulator.files.signed_urls import SignedUrls

_READ_AT_A_TIME = 100  # transactions that truth() holds in memory
_NEW_KINDS = tuple(KIND_NUMBERS[name] for name in ("income", "card", "transfer"))
_RANDOM_OF_NEW = 0xFFFFFFFF  # the random generator of transactions that arrive after the opening
_END_OF_TIME = to_milliseconds(datetime(2200, 1, 1, tzinfo=UTC))
_FIRST_ARRIVAL = 1 << 28  # the number of the first transaction that arrives between those of the calendar days
# The switch updated-before-created concerns the transactions that settle at once.
_UPDATE_BEFORE_CREATION = "UPDATE transactions SET updated = created - 68 WHERE settled - created < ? AND due IS NULL"


class SimulatedBank:
    """The bank of the invented company. Every method may be called from any thread.

    Amounts are cents, timestamps milliseconds of UTC. A debit is negative inside, a `side` in the JSON.

    Args:
        size: the number of transactions of the history, of all accounts together.
        seed: selects the invented data.
        clock: returns the present time, aware.
        opened: the end of the history, after which each day brings transactions; without it the history ends at the
            clock's first value, and nothing arrives by itself.
        members: the number of members.
        labels: the number of labels.
        switches: names of `SWITCHES`.
        urls: signs the links to files.
    """

    def __init__(
        self,
        size: int,
        seed: int,
        clock: Callable[[], datetime],
        *,
        opened: datetime | None,
        members: int,
        labels: int,
        switches: Collection[str],
        urls: SignedUrls,
    ) -> None:
        self.lock = RLock()
        self._clock = clock
        self._passed = 0
        self.seed = seed
        opening = self.now() if opened is None else to_milliseconds(opened)
        self.account_details = company_accounts(seed)
        self._member_numbers = list(range(members))
        self._label_numbers = range(labels)
        self.table = TransactionTable(generate_history(size, seed, opening))
        self.serializer = TransactionSerializer(
            seed, self.account_details, members=members, labels=labels, switches=switches, opened=opening, urls=urls
        )
        self.statements = MonthlyStatements(seed, self.table, self.account_details, urls, switches)
        if "updated-before-created" in switches:
            self.table.execute(_UPDATE_BEFORE_CREATION, SECOND)
        self.balances = Balances(self.table, len(self.account_details), opening)
        self._changes = TransactionChanges(self.table, self.balances, self.serializer, switches)
        self._random = seeded_random(seed, _RANDOM_OF_NEW)
        settled = [self.balances.totals(number).settled for number in range(len(self.account_details))]
        self._days = None if opened is None else DailyTransactions(size, seed, opening, settled)
        self._next_arrival = size if opened is None else _FIRST_ARRIVAL
        self.advance()

    def now(self) -> int:
        """Return the present millisecond: the clock's, and the time that was made to pass."""
        return to_milliseconds(self._clock()) + self._passed

    def close(self) -> None:
        """Delete all data."""
        with self.lock:
            self.table.close()

    # --- what the bank knows ---

    def account_ids(self) -> list[str]:
        """Return the UUIDs of all four accounts: main, savings, closed, external."""
        return [account.id for account in self.account_details]

    def accounts(self) -> list[Json]:
        """Return all four accounts as /v2/organization shows them, with `balance_cents`."""
        with self.lock:
            self.advance()
            return [self.account_json(number) for number in range(len(self.account_details))]

    def account_json(self, number: int) -> Json:
        """Return account `number` as /v2/organization shows it (Qonto docs: organization)."""
        with self.lock:
            account, totals = self.account_details[number], self.balances.totals(number)
            authorized = totals.settled + totals.pending
            return {
                "id": account.id,
                "slug": account.slug,
                "name": account.name,
                "status": account.status,
                "main": number == MAIN,
                "iban": account.iban,
                "bic": account.bic,
                "updated_at": self.serializer.format_time(self.balances.last_update(number)),
                "is_external_account": account.external,
                "account_number": "",
                "currency": "EUR",
                "balance": totals.settled / 100,
                "balance_cents": totals.settled,
                "authorized_balance": authorized / 100,
                "authorized_balance_cents": authorized,
            }

    def labels(self) -> list[Json]:
        """Return every label."""
        return [label_json(self.seed, number) for number in self._label_numbers]

    def members(self) -> list[Json]:
        """Return every member who has not left."""
        return [member_json(self.seed, number) for number in self._member_numbers]

    def truth(self, account_id: str) -> Iterator[Json]:
        """Yield every transaction of an account as the API shows it without includes, in the order of creation.

        Transactions of every status are included. Only 100 transactions are in memory at a time.
        """
        with self.lock:
            self.advance()
            account = self._account_number(account_id)
            order = "created, settled NULLS LAST, tie_breaker, number"
            numbers = self.table.find(f"WHERE account = ? ORDER BY {order}", account)
        for start in range(0, len(numbers), _READ_AT_A_TIME):
            with self.lock:
                transactions = self.table.get(numbers[start : start + _READ_AT_A_TIME])
            yield from map(self.serializer.json, transactions)

    def count(self, account_id: str, status: str | None = None) -> int:
        """Return the number of transactions of an account, of one status or of all."""
        with self.lock:
            self.advance()
            where, values = ("", ()) if status is None else (" AND status = ?", (STATUSES.index(status),))
            sql = f"SELECT COUNT(*) FROM transactions WHERE account = ?{where}"  # noqa: S608 - our own SQL
            return self.table.value(sql, self._account_number(account_id), *values) or 0

    def find(self, transaction_id: str) -> SimulatedTransaction | None:
        """Return the stored transaction with this UUID, or None."""
        number = self.serializer.find(transaction_id)
        return None if number is None else self.table.one(number)

    # --- what happens to the bank ---

    def advance(self) -> None:
        """Apply everything that is due by now, in the order of the due times."""
        with self.lock:
            now = self.now()
            if self._days is not None:
                with self.table.many_changes():
                    inserted = self.table.insert(self._days.until(now))
                if inserted:
                    self._changes.finish()
            self._changes.apply_due(now)

    def pass_time(self, **span: float) -> None:
        """Let time pass, a `timedelta` of these units, beyond that of the clock.

        Raises:
            ValueError: the time would be after the year 2200.
        """
        milliseconds = timedelta(**span) // timedelta(milliseconds=1)
        with self.lock:
            if self.now() + milliseconds > _END_OF_TIME:
                raise ValueError("the bank's time ends in the year 2200")
            self._passed += milliseconds
            self.advance()

    def arrive(self, count: int, account_id: str | None = None) -> list[str]:
        """Add new transactions, created now; every third is pending for 26 hours.

        Args:
            count: how many.
            account_id: the account, the main one by default.

        Returns:
            Their UUIDs.
        """
        with self.lock:
            self.advance()
            now = self.now()
            account = MAIN if account_id is None else self._account_number(account_id)
            new = [self._new_transaction(account, now, place) for place in range(count)]
            numbers = self.table.add(new, self._next_arrival)
            self._next_arrival += count
            self.balances.invalidate()
            for transaction in self.table.get(numbers):
                if transaction.due is None:
                    self._changes.settle(transaction, now, transaction.signed_cents)
            self._changes.finish()
            return [self.serializer.uuid(number) for number in numbers]

    def settle(self, transaction_id: str) -> None:
        """Complete a pending transaction now."""
        with self.lock:
            transaction = self._require(transaction_id, PENDING)
            self._changes.settle(transaction, self.now(), transaction.signed_cents)
            self._changes.finish()

    def decline(self, transaction_id: str) -> None:
        """Decline a pending transaction now."""
        with self.lock:
            self._changes.decline(self._require(transaction_id, PENDING), self.now())
            self._changes.finish()

    def release(self, transaction_id: str) -> None:
        """Reverse a pending transaction now: a card authorisation that the merchant never claimed."""
        with self.lock:
            self._changes.release(self._require(transaction_id, PENDING), self.now())
            self._changes.finish()

    def disappear(self, transaction_id: str) -> None:
        """Remove a pending transaction: the bank does not know its id any more."""
        with self.lock:
            self._changes.disappear(self._require(transaction_id, PENDING))
            self._changes.finish()

    def edit(self, transaction_id: str, **fields: object) -> None:
        """Change fields of a transaction, by their names in the API; `updated_at` becomes now.

        A `vat_amount_cents` sets `vat_amount` as well.

        Raises:
            ValueError: a field cannot be changed.
        """
        with self.lock:
            self._changes.edit(self._require(transaction_id), fields, self.now())
            self._changes.finish()

    def mass_edit(self, ids: Sequence[str] | int) -> list[str]:
        """Edit many transactions at once: all get one identical `updated_at`. Returns their UUIDs.

        Args:
            ids: the transactions, or how many of the main account's latest settled ones.
        """
        with self.lock:
            if isinstance(ids, int):
                latest = self.table.find("WHERE account = 0 AND status = 0 ORDER BY settled DESC, number DESC")
                ids = [self.serializer.uuid(number) for number in latest[:ids]]
            now = self.now()
            for transaction in [self._require(transaction_id) for transaction_id in ids]:
                self._changes.edit(transaction, {"note": "Sammeländerung"}, now)
            self._changes.finish()
            return list(ids)

    def reverse(self, transaction_id: str) -> None:
        """Reverse a completed transaction: lists of completed ones omit it, and later balances change.

        `updated_at` changes for this transaction only, not for the later ones whose balance changes.
        """
        with self.lock:
            self._changes.reverse(self._require(transaction_id, COMPLETED), self.now())
            self._changes.finish()

    def attach(self, transaction_id: str) -> str:
        """Attach a receipt to a transaction now. Returns the attachment's UUID.

        Raises:
            ValueError: the transaction has five already.
        """
        with self.lock:
            transaction = self._require(transaction_id)
            self._changes.attach(transaction, self.now())
            self._changes.finish()
            return self.serializer.attachments.uuid(transaction.number, transaction.attachments)

    def detach(self, transaction_id: str) -> str:
        """Take the newest receipt off a transaction now. Returns the attachment's UUID.

        Raises:
            ValueError: the transaction has none.
        """
        with self.lock:
            transaction = self._require(transaction_id)
            self._changes.detach(transaction, self.now())
            self._changes.finish()
            return self.serializer.attachments.uuid(transaction.number, transaction.attachments - 1)

    def remove_member(self, member_id: str) -> None:
        """Remove a member from the list. Transactions still refer to them."""
        with self.lock:
            number = number_from_uuid(self.seed, "member", member_id)
            if number not in self._member_numbers:
                raise ValueError(f"no such member: {member_id}")
            self._member_numbers.remove(number)

    def _new_transaction(self, account: int, now: int, place: int) -> SimulatedTransaction:
        kind = KIND_NUMBERS["external-in"] if account == EXTERNAL else _NEW_KINDS[place % len(_NEW_KINDS)]
        cents = self._random.randrange(100, 90_000)
        signed_cents = cents if KINDS[kind].credit else -cents
        due = now + 26 * HOUR if place % 3 == 1 else None
        return SimulatedTransaction(account, kind, PENDING, signed_cents, now, now, None, now, 0, due, None)

    def _account_number(self, account_id: str) -> int:
        ids = self.account_ids()
        if account_id not in ids:
            raise ValueError(f"no such account: {account_id}; there are {', '.join(ids)}")
        return ids.index(account_id)

    def _require(self, transaction_id: str, status: int | None = None) -> SimulatedTransaction:
        """Return a transaction, after everything due was applied; it must have this status."""
        self.advance()
        transaction = self.find(transaction_id)
        if transaction is None:
            raise ValueError(f"no such transaction: {transaction_id}")
        if status not in {None, transaction.status}:
            actual, required = STATUSES[transaction.status], STATUSES[status or 0]
            raise ValueError(f"transaction {transaction_id} is {actual}, not {required}")
        return transaction
