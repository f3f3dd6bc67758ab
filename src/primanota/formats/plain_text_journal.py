"""The journal that hledger and ledger both read, in their dialects. Pure, streaming.

Sources: hledger manual, “Journal” (Transactions, Postings, Tags, Directives, Balance assertions); Ledger 3 manual,
“Keeping a Journal” (Metadata, Balance assertions, Command Directives). hledger checks assertions by day and ledger in
the order of the file; a transaction that moves nothing, on the last day and in the last place, suits both. It says
how much it moves, for ledger takes a posting without an amount as an order to make the balance right.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import NamedTuple

from primanota.core.model import Money, Statement, Transaction
from primanota.core.text import clean
from primanota.formats.double_entry import KEYS, Entry, Facts, Journal, Line, Options
from primanota.formats.statement_fields import DOUBT, title

# Two blanks end the name of an account, a semicolon begins a comment, brackets make a posting virtual.
_ILLEGAL = re.compile(r"[^\w .&/+'-]+")


class Dialect(NamedTuple):
    """Where the two differ.

    ``banned_in_head`` and ``banned_in_facts`` are what texts cannot hold, and what stands for it. ``purpose`` is what
    parts it from the payee; empty where it is a fact. ``named`` comes before what an account is called by people.
    """

    banned_in_head: dict[str, str]
    banned_in_facts: dict[str, str]
    purpose: str
    named: str


def render(statement: Statement, options: Options, dialect: Dialect) -> Iterator[bytes]:
    """A statement as a file, in pieces of whole entries.

    Raises:
        FormatRuleViolated: no ledger, two accounts of one name, or postings that are not a row's amount.
    """
    journal = Journal(statement, options, legal, dialect.banned_in_head, dialect.banned_in_facts)
    brought = _asserting("Opening balance", journal.eve, journal, statement.opening, journal.brought())
    yield (_head(journal) + _declared(journal, dialect) + brought).encode()
    yield from journal.pieces(partial(_row, journal, dialect))
    yield _asserting("Closing balance", statement.last, journal, statement.closing, []).encode()


def legal(name: str) -> str:
    """An account's name whose parts begin with a letter or a digit, without what would end or change it."""
    parts = (" ".join(_ILLEGAL.sub("-", part).split()) for part in name.split(":"))
    return ":".join(filter(None, (part.strip(" .&/+'-_") for part in parts)))


def _head(journal: Journal) -> str:
    statement = journal.statement
    doubt = "" if statement.proven else f"; {DOUBT}\n"
    currency = statement.account.currency
    declared = f"commodity {currency}\n    format 1000.00 {currency}\n" + "".join(f"tag {key}\n" for key in KEYS)
    return f"; {title(statement)}\n{doubt}\n{declared if journal.alone else ''}\n"


def _declared(journal: Journal, dialect: Dialect) -> str:
    new = journal.accounts.new()
    if not new or not journal.alone:
        return ""
    names = journal.ledger.names
    return "".join(_account(account, clean(names.get(name, "")), dialect) for name, account in new) + "\n"


def _account(account: str, name: str, dialect: Dialect) -> str:
    return f"account {account}\n" + (f"    {dialect.named} {name}\n" if name else "")


def _row(journal: Journal, dialect: Dialect, row: Transaction) -> str:
    entry = journal.entry(row)
    return _declared(journal, dialect) + _transaction(entry, dialect)


def _transaction(entry: Entry, dialect: Dialect) -> str:
    if dialect.purpose:
        head, facts = f"{entry.payee}{dialect.purpose}{entry.purpose}", entry.facts
    else:
        head, facts = entry.payee or entry.purpose, [*entry.facts, ("purpose", entry.purpose)]
    # What stands in brackets here would be the transaction's code, were there none before it.
    code = "() " if head.startswith("(") else ""
    return f"{entry.day} * {code}{head}\n{_facts(facts)}{_postings(entry.lines)}\n"


def _asserting(title: str, day: date, journal: Journal, balance: Money | None, lines: list[Line]) -> str:
    """A transaction after which the bank has a balance; it moves nothing, unless there are lines of it."""
    known = journal.asserted(balance)
    if not known and not lines:
        return ""
    bank, *rest = lines or [Line(journal.bank, Money(0, journal.statement.account.currency))]
    asserted = f" = {known!s}" if known else ""
    return f"{day} * {title}\n{_posting(bank)}{asserted}\n{_postings(rest)}\n"


def _postings(lines: Iterable[Line]) -> str:
    return "".join(f"{_posting(line)}\n{_facts(line.facts)}" for line in lines)


def _posting(line: Line) -> str:
    return f"    {line.account:<40}  {line.amount!s:>16}"


def _facts(facts: Facts) -> str:
    return "".join(f"    ; {key}: {text}\n" for key, text in facts)
