"""beancount: plain text, double entry. Pure, streaming.

Source: Beancount Language Syntax (Martin Blais), sections Accounts, Strings, Open, Transactions, Metadata, Balance
Assertions, Notes. A balance is asserted at the start of a day, so the closing one stands at the day after the last.
Without ``~ 0`` beancount would tolerate a difference of a cent (tried with beancount 3.2).
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Statement, Transaction
from primanota.core.toml_validation import Mistake
from primanota.formats import Format, double_entry
from primanota.formats.double_entry import DayBalance, Entry, EntryWriter, Metadata, PostingLine, shows
from primanota.formats.option_errors import refuse
from primanota.formats.statement_fields import NOT_PROVEN_NOTE, SHOWN_OF_FULL_POSTING, title

_ROOTS = ("Assets", "Liabilities", "Equity", "Income", "Expenses")


class Options(double_entry.Options, frozen=True, forbid_unknown_fields=True):
    """How the file relates to the rest of a journal, and the roots of accounts whose names have none.

    ``roots``: beginnings of account names, and below which of Assets, Liabilities, Equity, Income and Expenses such
    accounts belong; the longest that fits counts. For accounts that are numbers: ``{"1": "Assets", "4": "Income"}``.
    """

    roots: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse roots that beancount does not have.

        Raises:
            InvalidOptions: a root is not one of the five.
        """
        refuse(
            Mistake(f"“{root}” for accounts on “{begin}” is not one of {', '.join(_ROOTS)}", "", ("roots", begin))
            for begin, root in self.roots.items()
            if root not in _ROOTS
        )


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """Yield the file in pieces of whole entries.

    Raises:
        FormatRuleViolated: the statement has no ledger, an account has no root, two accounts would have one name, or
            postings do not sum to a row's amount.
    """
    writer = EntryWriter(statement, options, partial(valid_name, roots=options.roots))
    opening = ""
    if lines := writer.opening_lines():
        opening = _transaction(Entry(writer.day_before, "", "Opening balance", [], lines))
    opening = _declarations(writer) + opening + _balance(writer, writer.opening_balance())
    yield f"; {title(statement)}\n\n{opening}".encode()
    yield from writer.render_rows(partial(_row, writer))
    if not statement.proven:
        yield f"{statement.last} note {writer.bank} {_string(NOT_PROVEN_NOTE)}\n".encode()
    yield _balance(writer, writer.closing_balance()).encode()


FORMAT = Format(".beancount", Options, render, shows, shows_posting=SHOWN_OF_FULL_POSTING, asserts_balances=True)


def valid_name(name: str, roots: dict[str, str]) -> str:
    """Return an account's name with a root, and parts that begin with a capital or a digit and have no blanks.

    Raises:
        FormatRuleViolated: the name has no root, and the options do not name one.
    """
    first, *rest = parts = [part for part in map(_part, name.split(":")) if part] or [""]
    root = next((root for root in _ROOTS if root.lower() == first.lower()), "")
    if root:
        return ":".join([root, *rest]) if rest else ""
    beginning = max((key for key in roots if name.startswith(key)), key=len, default=None)
    if beginning is None:
        raise FormatRuleViolated(
            f"beancount keeps accounts below {', '.join(_ROOTS)}, and the account “{name}” names none of them.",
            "Change its name in the settings, or write in the profile's “roots” where such accounts belong.",
        )
    return ":".join([roots[beginning], *parts]) if first else ""


def _part(text: str) -> str:
    plain = unicodedata.normalize("NFC", text)
    words = "".join(char if char.isalpha() or char.isdecimal() else " " for char in plain).split()
    part = "-".join(words)
    part = part[:1].upper() + part[1:]
    return part if not part or part[0].isupper() or part[0].isdecimal() else f"X{part}"


def _row(writer: EntryWriter, row: Transaction) -> str:
    balance = _balance(writer, writer.balance_before(row))
    text = _transaction(writer.entry(row))
    return balance + _declarations(writer) + text


def _declarations(writer: EntryWriter) -> str:
    accounts = writer.undeclared_accounts()
    return "".join(_open(writer, account, name) for account, name in accounts) + ("\n" if accounts else "")


def _open(writer: EntryWriter, account: str, name: str) -> str:
    return f"{writer.day_before} open {account}\n{_metadata([('name', name)] if name else [], 2)}"


def _balance(writer: EntryWriter, known: DayBalance | None) -> str:
    if known is None:
        return ""
    day, balance = known.day + timedelta(days=1), known.balance
    return f"{day} balance {writer.bank}  {balance:.} ~ 0 {balance.currency}\n\n"


def _transaction(entry: Entry) -> str:
    payee = f"{_string(entry.payee)} " if entry.payee else ""
    head = f"{entry.day} * {payee}{_string(entry.purpose)}\n{_metadata(entry.metadata, 2)}"
    return f"{head}{_postings(entry.lines)}\n"


def _postings(lines: Iterable[PostingLine]) -> str:
    return "".join(f"  {line.account:<42}  {line.amount!s:>16}\n{_metadata(line.metadata, 4)}" for line in lines)


def _metadata(metadata: Metadata, indent: int) -> str:
    return "".join(f"{'':{indent}}{key}: {_string(text)}\n" for key, text in metadata)


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
