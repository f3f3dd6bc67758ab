"""The monthly account statements (Qonto docs: statements): one PDF for each account and month."""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from primanota.simulator.bank.transaction_table import TransactionTable
from primanota.simulator.data.company import Json, SimulatedAccount
from primanota.simulator.data.identifiers import make_uuid, number_from_uuid
from primanota.simulator.data.operation_kinds import COMPLETED
from primanota.simulator.data.timestamps import DAY, HOUR, to_datetime, to_milliseconds
from primanota.simulator.files.documents import document
from primanota.simulator.files.signed_urls import FileAddress, SignedUrls

_MONTHS = 12  # of a year
_PER_ACCOUNT = 1_000_000  # statement numbers reserved for each account
_PUBLISHED_AFTER = DAY + 4 * HOUR  # on the second of the next month


class _Words(NamedTuple):
    period: str
    opening: str
    closing: str
    rows: str
    marks: str  # what is written in place of the comma and the point of 1,234.50

    def amount(self, cents: int) -> str:
        """Return an amount as the language writes it."""
        return f"{cents / 100:,.2f}".translate(str.maketrans(",.", self.marks))


_ENGLISH = _Words("Period", "Opening balance", "Closing balance", "Transactions", ",.")
_GERMAN = _Words("Zeitraum", "Anfangssaldo", "Endsaldo", "Umsätze", ".,")


class MonthlyStatement(NamedTuple):
    """The statement of one account for one month; `month` counts from January of the year 0."""

    account: int
    month: int

    @property
    def period(self) -> str:
        """The month as MM-YYYY, the bank's form."""
        return f"{self.month % _MONTHS + 1:02d}-{self.month // _MONTHS}"

    @property
    def first_day(self) -> str:
        """The first day of the month as a date (ISO 8601)."""
        return f"{self.month // _MONTHS}-{self.month % _MONTHS + 1:02d}-01"


class MonthlyStatements:
    """The statements of all accounts that the bank keeps itself; nothing about them is stored."""

    def __init__(
        self,
        seed: int,
        table: TransactionTable,
        accounts: tuple[SimulatedAccount, ...],
        urls: SignedUrls,
        switches: Collection[str] = (),
    ) -> None:
        self._switches = switches
        self._seed = seed
        self._table = table
        self._accounts = accounts
        self._urls = urls

    def published(self, now: int) -> Iterator[MonthlyStatement]:
        """Yield the statements that exist by `now`, account by account, the earliest month first."""
        for number, account in enumerate(self._accounts):
            first, last = (self._settled(f"{end}(settled)", number) for end in ("MIN", "MAX"))
            if first is None or last is None or account.external:
                continue
            end = last if account.status == "closed" else now
            for month in range(_month(first), _month(end) + 1):
                if _start(month + 1) + _PUBLISHED_AFTER <= now:
                    yield MonthlyStatement(number, month)

    def find(self, statement_id: str, now: int) -> MonthlyStatement | None:
        """Return the statement with this UUID, or None."""
        number = number_from_uuid(self._seed, "statement", statement_id)
        if number is None:
            return None
        statement = MonthlyStatement(*divmod(number, _PER_ACCOUNT))
        return statement if statement in self.published(now) else None

    def json(self, statement: MonthlyStatement, now: int, size_form: Callable[[int], object]) -> Json:
        """Return the JSON of a statement; its link is valid for half an hour from `now`."""
        account = self._accounts[statement.account]
        file = FileAddress("statements", self._uuid(statement), f"{account.slug}-{statement.period}.pdf")
        return {
            "id": file.id,
            "bank_account_id": account.id,
            "period": statement.first_day if "statement-period-date" in self._switches else statement.period,
            "file": {
                "file_name": file.name,
                "file_content_type": "application/pdf",
                "file_size": size_form(len(self.pdf(statement))),
                "file_url": self._urls.sign(file, now),
            },
        }

    def pdf(self, statement: MonthlyStatement) -> bytes:
        """Return the document: the balances at the start and the end of the month, and the number of rows."""
        account = self._accounts[statement.account]
        start, end = _start(statement.month), _start(statement.month + 1)
        opening, closing = (
            self._settled("SUM(signed_cents)", statement.account, until) or 0 for until in (start, end)
        )
        if "statement-without-text" in self._switches:
            return document("application/pdf", ())
        if "statement-balance-wrong" in self._switches:
            closing += 1
        count, before = (self._settled("COUNT(*)", statement.account, until) or 0 for until in (end, start))
        words = _GERMAN if "statement-german" in self._switches else _ENGLISH
        lines = (
            f"{account.name}  {account.iban}",
            f"{words.period} {statement.period}",
            f"{words.opening} {words.amount(opening)} EUR",
            f"{words.closing} {words.amount(closing)} EUR",
            f"{words.rows} {count - before}",
        )
        return document("application/pdf", lines)

    def _uuid(self, statement: MonthlyStatement) -> str:
        return make_uuid(self._seed, "statement", statement.account * _PER_ACCOUNT + statement.month)

    def _settled(self, what: str, account: int, until: int = 1 << 62) -> int | None:
        """Return an aggregate of the settled transactions before `until`."""
        sql = f"SELECT {what} FROM transactions WHERE account = ? AND status = ? AND settled < ?"  # noqa: S608 - our own words
        return self._table.value(sql, account, COMPLETED, until)


def _month(milliseconds: int) -> int:
    moment = to_datetime(milliseconds)
    return moment.year * _MONTHS + moment.month - 1


def _start(month: int) -> int:
    """Return the first millisecond of a month."""
    return to_milliseconds(datetime(month // _MONTHS, month % _MONTHS + 1, 1, tzinfo=UTC))
