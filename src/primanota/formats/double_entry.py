"""What beancount, hledger and ledger have in common: entries, their facts, and accounts with legal names. Pure.

The opening balance is a transaction against an equity account, as all three manuals advise for a journal that begins
in the middle of a company's life. beancount's ``pad`` would be shorter, but it fills in whatever is missing: a file
with a gap would check. The day of that transaction is the one before the first, so that reports of the period show
nothing but the period. At both ends the bank's balance is asserted to the cent, wherever it is known and proven.

An account is declared right before the first entry that names it: rows are written as they come, and ledger, which
reads a file once, knows each account when it meets it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Posting, Statement, Transaction, Vat
from primanota.formats import statement_fields
from primanota.formats.charsets import Fitter
from primanota.formats.templates import Cell

Facts = Sequence[tuple[str, str]]
_ROWS_AT_ONCE = 500
_RENAME = "Give the account another name in the settings."


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the file stands to the rest of a journal.

    ``alone``: it checks by itself, because it declares what it uses and brings the opening balance from the account
    ``equity``. False is for a file that is included in a journal, which has all that already: then the balance before
    the first day is only asserted, so that a gap between two files is found.
    """

    alone: bool = True
    equity: str = "Equity:Opening-Balances"


class Line(NamedTuple):
    """A posting with its account's legal name."""

    account: str
    amount: Money
    facts: Facts = ()


class Entry(NamedTuple):
    """A transaction as it is written: both sides of its money, and what is known of it."""

    day: date
    payee: str
    purpose: str
    facts: Facts
    lines: list[Line]


class Accounts:
    """The legal names of accounts: each has one of its own.

    Args:
        legal: makes a name legal; empty where nothing is left of it.
    """

    def __init__(self, legal: Callable[[str], str]) -> None:
        self._legal = legal
        self._names: dict[str, str] = {}
        self._new: list[tuple[str, str]] = []

    def __call__(self, name: str) -> str:
        """An account's legal name.

        Raises:
            FormatRuleViolated: it has none, or the one of another account: two accounts would become one.
        """
        if name not in self._names:
            legal = self._legal(name)
            if not legal:
                raise FormatRuleViolated(f"No account of this format can be called “{name}”.", _RENAME)
            if legal in self._names.values():
                raise FormatRuleViolated(f"Two accounts would be called “{legal}”; one of them is “{name}”.", _RENAME)
            self._names[name] = legal
            self._new.append((name, legal))
        return self._names[name]

    def new(self) -> list[tuple[str, str]]:
        """The accounts that were named since this was asked last, each as it is called and legally."""
        new, self._new = self._new, []
        return new


class Journal:
    """A statement on its way to entries.

    Args:
        statement: with a ledger.
        options: how the file stands to others.
        legal: makes the name of an account legal.
        in_head: what payees and purposes cannot hold, and what stands for it.
        in_facts: the same for facts.

    Raises:
        FormatRuleViolated: the statement has no ledger.
    """

    def __init__(
        self,
        statement: Statement,
        options: Options,
        legal: Callable[[str], str],
        in_head: dict[str, str] | None = None,
        in_facts: dict[str, str] | None = None,
    ) -> None:
        self.statement = statement
        self.alone = options.alone
        self.accounts = Accounts(legal)
        self.ledger = statement_fields.ledger(statement)
        self.bank = self.accounts(self.ledger.bank)
        self._equity = options.equity
        self._head = Fitter("utf-8", statement.fitted, in_head)
        self._facts = Fitter("utf-8", statement.fitted, in_facts)

    @property
    def eve(self) -> date:
        """The day before the first."""
        return self.statement.first - timedelta(days=1)

    def brought(self) -> list[Line]:
        """The opening balance on its way from equity to the bank; nothing where none is known or wanted."""
        opening = self.statement.opening
        if opening is None or not self.alone:
            return []
        other = Money(-opening.cents, opening.currency)
        return [Line(self.bank, opening), Line(self.accounts(self._equity), other)]

    def asserted(self, balance: Money | None) -> Money | None:
        """A balance that may be asserted: a known one of a proven statement."""
        return balance if self.statement.proven else None

    def pieces(self, show: Callable[[Transaction], str]) -> Iterator[bytes]:
        """The rows as texts, many at once."""
        rows = iter(self.statement.rows)
        while piece := "".join(map(show, islice(rows, _ROWS_AT_ONCE))):
            yield piece.encode()

    def entry(self, row: Transaction) -> Entry:
        """A row as an entry.

        Raises:
            FormatRuleViolated: what stands against the bank is not the row's amount; the sentence names the row.
        """
        postings = self.ledger.assign(row)
        if sum(posting.cents for posting in postings) != row.amount.cents:
            what = f"Transaction {row.id} of {row.day} moves {row.amount!s}, and its postings move something else."
            raise FormatRuleViolated(what, "Mend the rules that say against which accounts it is posted.")
        return Entry(
            row.day,
            self._head.fit(row, "counterparty", row.counterparty),
            self._head.fit(row, "purpose", row.purpose),
            self._said(row, ((key, cell(row)) for key, cell in _FACTS)),
            [Line(self.bank, row.amount), *(self._against(row, posting) for posting in postings)],
        )

    def _against(self, row: Transaction, posting: Posting) -> Line:
        facts = (("tax", posting.tax), ("cost-centre", posting.cost_centre), ("text", posting.text))
        other = Money(-posting.cents, row.amount.currency)
        return Line(self.accounts(posting.account), other, self._said(row, facts))

    def _said(self, row: Transaction, facts: Iterable[tuple[str, str]]) -> Facts:
        """The facts that are known, in what the format can hold."""
        fit = self._facts.fit
        return [(key, fitted) for key, text in facts if text and (fitted := fit(row, key, text))]


def _vat(part: Vat, currency: str) -> str:
    return f"{part.rate.normalize():f} % = {Money(part.tax, currency)} in {Money(part.gross, currency)}"


_KNOWN: list[tuple[str, Cell]] = [
    ("vat", lambda row: "; ".join(_vat(part, row.amount.currency) for part in row.vat)),
    ("member", lambda row: row.member),
    ("labels", lambda row: "; ".join(row.labels)),
    ("note", lambda row: row.note),
]
_FACTS: list[tuple[str, Cell]] = [
    ("id", lambda row: row.id),
    ("account", lambda row: row.counterparty_account),
    ("original", lambda row: f"{row.original or ''}"),
    *_KNOWN,
]
# Every key that a fact can have, for the tools that want them declared.
KEYS = [*(key for key, _ in _FACTS), "purpose", "tax", "cost-centre", "text"]
SHOWN = [*statement_fields.SHOWN, *_KNOWN]
