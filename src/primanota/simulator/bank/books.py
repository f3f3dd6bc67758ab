"""What is true at the bank: its accounts, its rows, its totals."""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from threading import RLock

from primanota.simulator.bank.transaction_table import Ledger, Row
from primanota.simulator.data.company import MAIN, Account, Json, accounts_of, label_of, member_of
from primanota.simulator.data.history import history
from primanota.simulator.data.operation_kinds import COMPLETED, PENDING, STATUSES
from primanota.simulator.data.timestamps import SECOND, millis
from primanota.simulator.data.transaction_json import Voucher

_HANDFUL = 100  # rows that truth() holds at a time
# The switch updated-before-created concerns the rows that settle at once.
_EARLIER = "UPDATE rows SET updated = created - 68 WHERE settled - created < ? AND due IS NULL"


class Totals:
    """What an account has: cents settled, cents pending, and when anything last moved (milliseconds of UTC)."""

    def __init__(self, settled: int, pending: int, updated: int) -> None:
        self.settled = settled
        self.pending = pending
        self.updated = updated


class Books:
    """The state of the simulator, to be read. Every method may be called from any thread.

    The amounts are cents, the moments milliseconds of UTC; money out is negative inside and `side` outside.
    """

    def __init__(
        self,
        size: int,
        seed: int,
        clock: Callable[[], datetime],
        people: tuple[int, int],
        switches: Collection[str],
    ) -> None:
        self.lock = RLock()
        self._clock = clock
        self.seed = seed
        self.opened = self.now()
        self.holders: tuple[Account, ...] = accounts_of(seed)
        self.member_numbers = list(range(people[0]))
        self.label_numbers = range(people[1])
        self.ledger = Ledger(history(size, seed, self.opened))
        self.voucher = Voucher(seed, self.holders, people, switches, self.opened)
        self._totals: dict[int, Totals] | None = None
        if "updated-before-created" in switches:
            self.ledger.execute(_EARLIER, SECOND)

    def now(self) -> int:
        """The clock's present millisecond."""
        return millis(self._clock())

    def close(self) -> None:
        """Throw the bank away."""
        with self.lock:
            self.ledger.close()

    def account_ids(self) -> list[str]:
        """The uuids of all four accounts: main, savings, closed, external."""
        return [account.id for account in self.holders]

    def accounts(self) -> list[Json]:
        """All four accounts as /v2/organization embeds them, `balance_cents` included."""
        return [self.embedded(number) for number in range(len(self.holders))]

    def embedded(self, number: int) -> Json:
        """Account `number` as /v2/organization embeds it (Qonto docs: organization)."""
        account, totals = self.holders[number], self.totals(number)
        authorized = totals.settled + totals.pending
        return {
            "id": account.id,
            "slug": account.slug,
            "name": account.name,
            "status": account.status,
            "main": number == MAIN,
            "iban": account.iban,
            "bic": account.bic,
            "updated_at": self.voucher.time(totals.updated),
            "is_external_account": account.external,
            "account_number": "",
            "currency": "EUR",
            "balance": totals.settled / 100,
            "balance_cents": totals.settled,
            "authorized_balance": authorized / 100,
            "authorized_balance_cents": authorized,
        }

    def labels(self) -> list[Json]:
        """Every label."""
        return [label_of(self.seed, number) for number in self.label_numbers]

    def members(self) -> list[Json]:
        """Every member who has not left."""
        return [member_of(self.seed, number) for number in self.member_numbers]

    def truth(self, account_id: str) -> Iterator[Json]:
        """Every transaction of an account as the API would show it without includes, in the order of creation.

        Rows of every status, the reversed ones too (which no list shows). Nothing is held but one handful of rows.
        """
        with self.lock:
            self.advance()
            number = self._account(account_id)
            numbers = self.ledger.find("WHERE account = ? ORDER BY created, n", number)
        for start in range(0, len(numbers), _HANDFUL):
            with self.lock:
                rows = self.ledger.rows(numbers[start : start + _HANDFUL])
            yield from (self.voucher.transaction(row) for row in rows)

    def count(self, account_id: str, status: str | None = None) -> int:
        """How many transactions an account has, of one status or of all."""
        with self.lock:
            self.advance()
            where, also = ("", ()) if status is None else (" AND status = ?", (STATUSES.index(status),))
            sql = f"SELECT COUNT(*) FROM rows WHERE account = ?{where}"  # noqa: S608 - our own words only
            return self.ledger.value(sql, self._account(account_id), *also) or 0

    def totals(self, number: int) -> Totals:
        """What account `number` has."""
        with self.lock:
            if self._totals is None:
                self._totals = {place: self._sum(place) for place in range(len(self.holders))}
            return self._totals[number]

    def _sum(self, number: int) -> Totals:
        def total(column: str, status: int) -> int:
            sql = f"SELECT {column} FROM rows WHERE account = ? AND status = ?"  # noqa: S608 - our own words only
            return self.ledger.value(sql, number, status) or 0

        updated = self.ledger.value("SELECT MAX(updated) FROM rows WHERE account = ?", number)
        pending = total("SUM(signed)", PENDING)
        return Totals(total("SUM(signed)", COMPLETED), pending, self.opened if updated is None else updated)

    def middle_row(self) -> int | None:
        """The number of a settled row in the middle of the main account's, or None in an empty account."""
        with self.lock:
            settled = self.ledger.find("WHERE account = ? AND status = ? ORDER BY n", MAIN, COMPLETED)
            return settled[len(settled) // 2] if settled else None

    def row(self, transaction_id: str) -> Row | None:
        """The stored row of a transaction's uuid, or None."""
        number = self.voucher.number_of(transaction_id)
        if number is None or number >= self.ledger.size:
            return None
        return self.ledger.rows([number])[0]

    def advance(self) -> None:
        """Let everything happen that is due by now. Nothing happens in books that are only read."""

    def _account(self, account_id: str) -> int:
        """The number of an account's uuid."""
        ids = self.account_ids()
        if account_id not in ids:
            raise ValueError(f"no such account: {account_id}; there are {', '.join(ids)}")
        return ids.index(account_id)
