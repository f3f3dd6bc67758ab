"""The plain text journals of hledger and ledger: one format in two dialects. Pure, streaming.

Sources: hledger manual, “Journal” (Transactions, Postings, Tags, Directives, Balance assertions); Ledger 3 manual,
“Keeping a Journal” (Metadata, Balance assertions, Command Directives). hledger checks assertions by day and ledger in
the order of the file; a transaction of amount zero, on the last day and in the last place, suits both. Its amount is
written, for ledger takes a posting without an amount as an order to make the balance right.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import NamedTuple

from primanota.core.model import Money, Statement, Transaction
from primanota.formats import Format
from primanota.formats.double_entry import (
    KEYS,
    DayBalance,
    Entry,
    EntryWriter,
    Metadata,
    Options,
    PostingLine,
    shows,
)
from primanota.formats.statement_fields import NOT_PROVEN_NOTE, SHOWN_OF_FULL_POSTING, title

# Two blanks end the name of an account, a semicolon begins a comment, brackets make a posting virtual.
_NOT_IN_ACCOUNTS = re.compile(r"[^\w .&/+'-]+")


class _Dialect(NamedTuple):
    """Where the two differ.

    ``banned_in_head`` and ``banned_in_metadata`` are the characters that texts cannot have, with replacements.
    ``separator`` stands between payee and purpose; empty if the purpose is metadata. ``account_note`` comes before
    what the company calls an account.
    """

    banned_in_head: dict[str, str]
    banned_in_metadata: dict[str, str]
    separator: str
    account_note: str


# hledger manual, “Journal”: a description is ``payee | note``, a semicolon in it begins a comment, and a comma ends
# the value of a tag. A posting's comment that has ``[2026-01-31]`` sets its day, and is refused where that is not a
# date (tried with hledger 1.25).
_HLEDGER = _Dialect(
    banned_in_head={";": ",", "|": "/"},
    banned_in_metadata={",": ";", "[": "(", "]": ")"},
    separator=" | ",
    account_note=";",
)
# Ledger 3 manual, “Keeping a Journal”: a transaction has a payee and, below it, notes; notes of the form
# ``key: value`` are metadata. Two blanks and a semicolon end a payee.
_LEDGER = _Dialect(banned_in_head={";": ","}, banned_in_metadata={}, separator="", account_note="note")


def _render(dialect: _Dialect, statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole entries.

    Raises:
        FormatRuleViolated: the statement has no ledger, two accounts would have one name, or postings do not sum to a
            row's amount.
    """
    writer = EntryWriter(statement, options, valid_name, dialect.banned_in_head, dialect.banned_in_metadata)
    known = writer.opening_balance()
    asserted = known.balance if known else None
    lines = writer.opening_lines()
    # An assertion alone has the first day: on the day before, a file that is included later may have rows.
    day = writer.day_before if lines else statement.first
    opening = _asserting("Opening balance", day, writer, asserted, lines)
    yield (_head(writer) + _declarations(writer, dialect) + opening).encode()
    yield from writer.render_rows(partial(_row, writer, dialect))
    yield _closing(writer, writer.closing_balance()).encode()


HLEDGER = Format(
    ".journal",
    Options,
    partial(_render, _HLEDGER),
    shows,
    shows_posting=SHOWN_OF_FULL_POSTING,
    asserts_balances=True,
)
LEDGER = HLEDGER._replace(suffix=".ledger", render=partial(_render, _LEDGER))


def valid_name(name: str) -> str:
    """Return an account's name, whose parts begin with a letter or a digit and have no special characters."""
    parts = (" ".join(_NOT_IN_ACCOUNTS.sub("-", part).split()) for part in name.split(":"))
    return ":".join(filter(None, (part.strip(" .&/+'-_") for part in parts)))


def _head(writer: EntryWriter) -> str:
    statement = writer.statement
    note = "" if statement.proven else f"; {NOT_PROVEN_NOTE}\n"
    currency = statement.account.currency
    declared = f"commodity {currency}\n    format 1000.00 {currency}\n" + "".join(f"tag {key}\n" for key in KEYS)
    return f"; {title(statement)}\n{note}\n{declared if writer.alone else ''}\n"


def _declarations(writer: EntryWriter, dialect: _Dialect) -> str:
    accounts = writer.undeclared_accounts()
    return "".join(_declaration(account, name, dialect) for account, name in accounts) + ("\n" if accounts else "")


def _declaration(account: str, name: str, dialect: _Dialect) -> str:
    return f"account {account}\n" + (f"    {dialect.account_note} {name}\n" if name else "")


def _row(writer: EntryWriter, dialect: _Dialect, row: Transaction) -> str:
    balance = _closing(writer, writer.balance_before(row))
    entry = writer.entry(row)
    return balance + _declarations(writer, dialect) + _transaction(entry, dialect)


def _transaction(entry: Entry, dialect: _Dialect) -> str:
    if dialect.separator:
        head, metadata = f"{entry.payee}{dialect.separator}{entry.purpose}", entry.metadata
    else:
        head, metadata = entry.payee or entry.purpose, [*entry.metadata, ("purpose", entry.purpose)]
    # A text in brackets at this place would be read as the transaction's code, unless there is one before it.
    code = "() " if head.startswith("(") else ""
    return f"{entry.day} * {code}{head}\n{_metadata(metadata)}{_postings(entry.lines)}\n"


def _closing(writer: EntryWriter, known: DayBalance | None) -> str:
    return _asserting("Closing balance", known.day, writer, known.balance, []) if known else ""


def _asserting(title: str, day: date, writer: EntryWriter, balance: Money | None, lines: list[PostingLine]) -> str:
    """Return a transaction that asserts the bank's balance after it; its amount is zero if there are no lines."""
    if not balance and not lines:
        return ""
    bank, *rest = lines or [PostingLine(writer.bank, Money(0, writer.statement.account.currency))]
    asserted = f" = {balance!s}" if balance else ""
    return f"{day} * {title}\n{_posting(bank)}{asserted}\n{_postings(rest)}\n"


def _postings(lines: Iterable[PostingLine]) -> str:
    return "".join(f"{_posting(line)}\n{_metadata(line.metadata)}" for line in lines)


def _posting(line: PostingLine) -> str:
    return f"    {line.account:<40}  {line.amount!s:>16}"


def _metadata(metadata: Metadata) -> str:
    return "".join(f"    ; {key}: {text}\n" for key, text in metadata)
