"""Journal entries for beancount, hledger and ledger: postings, metadata, account names. Pure.

The opening balance is a transaction against an equity account, as all three manuals advise for a journal that begins
in the middle of a company's life. beancount's ``pad`` would be shorter, but it inserts any missing amount: a file
with a gap would pass the check. The day of that transaction is the one before the first, so that reports of the
period show the period only. At both ends the bank's balance is asserted to the cent, where it is known and proven.
Balances are asserted between two days only. Where the last day is not over, or has rows of another file, the balance
at its beginning is asserted, before its first row: two files of neighbouring runs then agree.

An account is declared right before the first entry that names it: rows are streamed, and ledger, which reads a file
once, knows each account when it meets it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Posting, Statement, Transaction, Vat
from primanota.core.text import clean
from primanota.formats import statement_fields
from primanota.formats.charsets import Fitter
from primanota.formats.templates import Cell

Metadata = Sequence[tuple[str, str]]
_ROWS_AT_ONCE = 500
_RENAME = "Give the account another name in the settings."


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the file relates to the rest of a journal.

    ``alone``: the file checks by itself: it declares what it uses and takes the opening balance from the account
    ``equity``. False is for a file that is included in a journal, which has all that already: then the balance before
    the first day is only asserted, so that a gap between two files is found.
    """

    alone: bool = True
    equity: str = "Equity:Opening-Balances"


class PostingLine(NamedTuple):
    """A posting of an entry; ``account`` is a valid name of the format."""

    account: str
    amount: Money
    metadata: Metadata = ()


class Entry(NamedTuple):
    """A journal entry of one transaction: texts, metadata, and postings that sum to zero."""

    day: date
    payee: str
    purpose: str
    metadata: Metadata
    lines: list[PostingLine]


class DayBalance(NamedTuple):
    """The bank's balance at the end of a day."""

    day: date
    balance: Money


class AccountNames:
    """The account names of a file: valid in the format, and different for different accounts.

    Args:
        valid_name: turns a name into a valid one; empty if no valid character is left.
    """

    def __init__(self, valid_name: Callable[[str], str]) -> None:
        self._valid_name = valid_name
        self._names: dict[str, str] = {}
        self._undeclared: list[tuple[str, str]] = []

    def __call__(self, name: str) -> str:
        """Return an account's valid name.

        Raises:
            FormatRuleViolated: it has no valid name, or that of another account: two accounts would become one.
        """
        if name not in self._names:
            valid = self._valid_name(name)
            if not valid:
                raise FormatRuleViolated(f"“{name}” is not a possible account name in this format.", _RENAME)
            if valid in self._names.values():
                raise FormatRuleViolated(f"Two accounts would be called “{valid}”; one of them is “{name}”.", _RENAME)
            self._names[name] = valid
            self._undeclared.append((name, valid))
        return self._names[name]

    def take_undeclared(self) -> list[tuple[str, str]]:
        """Return the accounts named since the last call, as pairs of the name in the settings and the valid one."""
        undeclared, self._undeclared = self._undeclared, []
        return undeclared


class EntryWriter:
    """Makes journal entries of a statement's rows.

    Args:
        statement: a statement with a ledger.
        options: how the file relates to a journal.
        valid_name: turns an account's name into a valid one.
        banned_in_head: characters that payees and purposes cannot have, each with its replacement.
        banned_in_metadata: the same for metadata.

    Raises:
        FormatRuleViolated: the statement has no ledger.
    """

    def __init__(
        self,
        statement: Statement,
        options: Options,
        valid_name: Callable[[str], str],
        banned_in_head: dict[str, str] | None = None,
        banned_in_metadata: dict[str, str] | None = None,
    ) -> None:
        self.statement = statement
        self.alone = options.alone
        self.accounts = AccountNames(valid_name)
        self.ledger = statement_fields.ledger(statement)
        self.bank = self.accounts(self.ledger.bank)
        self._equity = options.equity
        self._running = statement.opening
        self._asserts_before_last_day = not statement.ends_day and statement.first < statement.last
        self._head_fitter = Fitter("utf-8", statement.text_changes, banned_in_head)
        self._metadata_fitter = Fitter("utf-8", statement.text_changes, banned_in_metadata)

    @property
    def day_before(self) -> date:
        """The day before the first day of the statement."""
        return self.statement.first - timedelta(days=1)

    def opening_lines(self) -> list[PostingLine]:
        """Return the postings of the opening balance, from equity to the bank; empty if unknown or not ``alone``."""
        opening = self.statement.opening
        if opening is None or not self.alone:
            return []
        other = Money(-opening.cents, opening.currency)
        return [PostingLine(self.bank, opening), PostingLine(self.accounts(self._equity), other)]

    def opening_balance(self) -> DayBalance | None:
        """Return the balance to assert at the beginning of the first day: a known one of a proven statement."""
        statement = self.statement
        asserts = statement.proven and (self.alone or statement.starts_day)
        return DayBalance(self.day_before, statement.opening) if asserts and statement.opening else None

    def balance_before(self, row: Transaction) -> DayBalance | None:
        """Return the balance to assert before a row, the first of a last day that the statement does not end."""
        return self._balance_before_last_day() if row.day >= self.statement.last else None

    def closing_balance(self) -> DayBalance | None:
        """Return the balance to assert after the last row."""
        statement = self.statement
        if not statement.ends_day:
            return self._balance_before_last_day()
        known = statement.proven and statement.closing
        return DayBalance(statement.last, known) if known else None

    def _balance_before_last_day(self) -> DayBalance | None:
        wanted, self._asserts_before_last_day = self._asserts_before_last_day, False
        known = wanted and self.statement.proven and self.statement.closing and self._running
        return DayBalance(self.statement.last - timedelta(days=1), known) if known else None

    def undeclared_accounts(self) -> list[tuple[str, str]]:
        """Return the accounts to declare before the next entry: valid names, and what the company calls them.

        There are none in a file that is included in a journal, which declares them.
        """
        undeclared, names = self.accounts.take_undeclared(), self.ledger.names
        return [(valid, clean(names.get(name, ""))) for name, valid in undeclared] if self.alone else []

    def render_rows(self, render_row: Callable[[Transaction], str]) -> Iterator[bytes]:
        """Yield the rows as text, many at once."""
        rows = iter(self.statement.rows)
        while piece := "".join(map(render_row, islice(rows, _ROWS_AT_ONCE))):
            yield piece.encode()

    def entry(self, row: Transaction) -> Entry:
        """Return the journal entry of a row.

        Raises:
            FormatRuleViolated: the postings do not sum to the row's amount; the message names the row.
        """
        ledger = self.statement.ledgers.get(row.account_id, self.ledger)
        postings = statement_fields.postings(row, ledger)
        if self._running:
            self._running = Money(self._running.cents + row.amount.cents, self._running.currency)
        return Entry(
            row.day,
            self._head_fitter.fit(row, "counterparty", row.counterparty),
            self._head_fitter.fit(row, "purpose", row.purpose),
            self._fit_metadata(row, ((key, cell(row)) for key, cell in _METADATA)),
            [
                PostingLine(self.accounts(ledger.bank), row.amount),
                *(self._line(row, posting) for posting in postings),
            ],
        )

    def _line(self, row: Transaction, posting: Posting) -> PostingLine:
        metadata = (("tax", posting.tax), ("cost-centre", posting.cost_centre), ("text", posting.text))
        other = Money(-posting.cents, row.amount.currency)
        return PostingLine(self.accounts(posting.account), other, self._fit_metadata(row, metadata))

    def _fit_metadata(self, row: Transaction, metadata: Iterable[tuple[str, str]]) -> Metadata:
        """Return the metadata that are not empty, in the characters of the format."""
        fit = self._metadata_fitter.fit
        return [(key, fitted) for key, text in metadata if text and (fitted := fit(row, key, text))]


def _vat(part: Vat, currency: str) -> str:
    return f"{part.rate.normalize():f} % = {Money(part.tax, currency)} in {Money(part.gross, currency)}"


_OWN_METADATA: list[tuple[str, Cell]] = [
    ("vat", lambda row: "; ".join(_vat(part, row.amount.currency) for part in row.vat)),
    ("member", lambda row: row.member),
    ("labels", lambda row: "; ".join(row.labels)),
    ("note", lambda row: row.note),
]
_METADATA: list[tuple[str, Cell]] = [
    ("id", lambda row: row.id),
    ("account", lambda row: row.counterparty_account),
    ("original", lambda row: f"{row.original or ''}"),
    *_OWN_METADATA,
]
# All metadata keys, for the tools that want them declared.
KEYS = [*(key for key, _ in _METADATA), "purpose", "tax", "cost-centre", "text"]
SHOWN = [*statement_fields.SHOWN, *_OWN_METADATA]


def shows(_: Options) -> list[tuple[str, Cell]]:
    """Return what the file shows of a row."""
    return SHOWN
