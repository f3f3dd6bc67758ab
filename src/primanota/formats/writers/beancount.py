"""beancount: plain text, double entry. Pure, streaming.

Source: Beancount Language Syntax (Martin Blais), sections Accounts, Strings, Open, Transactions, Metadata, Balance
Assertions, Notes. A balance is asserted at the start of a day, so the closing one stands at the day after the last.
Without ``~ 0`` beancount would tolerate a difference of a cent (tried with beancount 3.2).
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Statement, Transaction
from primanota.core.text import clean
from primanota.formats import double_entry
from primanota.formats.double_entry import SHOWN, Entry, Facts, Journal, Line
from primanota.formats.option_errors import Wrong, refuse
from primanota.formats.statement_fields import DOUBT, title
from primanota.formats.templates import Cell

SUFFIX = ".beancount"
_ROOTS = ("Assets", "Liabilities", "Equity", "Income", "Expenses")


class Options(double_entry.Options, frozen=True, forbid_unknown_fields=True):
    """How the file stands to the rest of a journal, and where accounts belong that do not say it themselves.

    ``roots``: beginnings of account names, and below which of Assets, Liabilities, Equity, Income and Expenses such
    accounts belong; the longest that fits counts. For accounts that are numbers: ``{"1": "Assets", "4": "Income"}``.
    """

    roots: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse roots that beancount does not have.

        Raises:
            Impossible: a root is none of the five.
        """
        refuse(
            Wrong(f"“{root}” for accounts on “{begin}” is none of {', '.join(_ROOTS)}", "", ("roots", begin))
            for begin, root in self.roots.items()
            if root not in _ROOTS
        )


def render(statement: Statement, options: Options) -> Iterator[bytes]:
    """A statement as a file, in pieces of whole entries.

    Raises:
        FormatRuleViolated: no ledger, an account without a root, two accounts of one name, or postings that
            are not a row's amount.
    """
    journal = Journal(statement, options, partial(legal, roots=options.roots))
    eve, after = journal.eve, statement.last + timedelta(days=1)
    opening = ""
    if lines := journal.brought():
        opening = _transaction(Entry(eve, "", "Opening balance", [], lines))
    opening = _opened(journal) + opening + _balance(journal, statement.first, statement.opening)
    yield f"; {title(statement)}\n\n{opening}".encode()
    yield from journal.pieces(partial(_row, journal))
    if not statement.proven:
        yield f"{statement.last} note {journal.bank} {_string(DOUBT)}\n".encode()
    yield _balance(journal, after, statement.closing).encode()


def shows(_: Options) -> list[tuple[str, Cell]]:
    """What the file shows of a row."""
    return SHOWN


def legal(name: str, roots: dict[str, str]) -> str:
    """An account's name with a root, and parts that begin with a capital or a digit and have no blanks.

    Raises:
        FormatRuleViolated: nothing says below which root it belongs.
    """
    first, *rest = parts = [part for part in map(_part, name.split(":")) if part] or [""]
    root = next((root for root in _ROOTS if root.lower() == first.lower()), "")
    if root:
        return ":".join([root, *rest]) if rest else ""
    beginning = max((key for key in roots if name.startswith(key)), key=len, default=None)
    if beginning is None:
        raise FormatRuleViolated(
            f"beancount keeps accounts below {', '.join(_ROOTS)}, and the account “{name}” names none of them.",
            "Call it so in the settings, or say in the profile's “roots” where such accounts belong.",
        )
    return ":".join([roots[beginning], *parts]) if first else ""


def _part(text: str) -> str:
    plain = unicodedata.normalize("NFC", text)
    words = "".join(char if char.isalpha() or char.isdecimal() else " " for char in plain).split()
    part = "-".join(words)
    part = part[:1].upper() + part[1:]
    return part if not part or part[0].isupper() or part[0].isdecimal() else f"X{part}"


def _row(journal: Journal, row: Transaction) -> str:
    text = _transaction(journal.entry(row))
    return _opened(journal) + text


def _opened(journal: Journal) -> str:
    new = journal.accounts.new()
    if not new or not journal.alone:
        return ""
    names = journal.ledger.names
    return "".join(_open(journal, legal, names.get(name, "")) for name, legal in new) + "\n"


def _open(journal: Journal, account: str, name: str) -> str:
    return f"{journal.eve} open {account}\n{_facts([('name', clean(name))] if name else [], 2)}"


def _balance(journal: Journal, day: date, balance: Money | None) -> str:
    known = journal.asserted(balance)
    return f"{day} balance {journal.bank}  {known:.} ~ 0 {known.currency}\n\n" if known else ""


def _transaction(entry: Entry) -> str:
    payee = f"{_string(entry.payee)} " if entry.payee else ""
    head = f"{entry.day} * {payee}{_string(entry.purpose)}\n{_facts(entry.facts, 2)}"
    return f"{head}{_postings(entry.lines)}\n"


def _postings(lines: Iterable[Line]) -> str:
    return "".join(f"  {line.account:<42}  {line.amount!s:>16}\n{_facts(line.facts, 4)}" for line in lines)


def _facts(facts: Facts, indent: int) -> str:
    return "".join(f"{'':{indent}}{key}: {_string(text)}\n" for key, text in facts)


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
