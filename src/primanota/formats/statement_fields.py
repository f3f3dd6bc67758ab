"""Fields that several formats of bank statements write, and checks that they share. Pure."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Account, Ledger, Money, Posting, Statement, TextChange, TextChanges, Transaction
from primanota.core.short_ids import beginning
from primanota.core.text import clean
from primanota.formats.templates import Cell

PostingCell = Callable[[Posting], str]
# ISO 9362: four characters of the bank, two letters of its country, two of its place, three of its branch.
BIC = re.compile("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
# The bank whose API is read.
_BANK = "Qonto"
_IBAN = re.compile("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
# SWIFT, IBAN Registry: of the countries whose numbers of bank and account a format takes out of an IBAN.
_LENGTHS = {"AT": 20, "BE": 16, "DE": 22, "ES": 24, "FR": 27, "IT": 27, "NL": 18, "PT": 25}
_USUAL_ID = re.compile("[0-9A-Za-z-]{1,36}")
_SHORT_ID = 32
# For every format that has room for a sentence: the file was wanted although its statement is not proven.
NOT_PROVEN_NOTE = "Not proven: the bank's balances do not show that nothing is missing here."
# An account that a format cannot hold keeps the other accounts from being exported, too.
OTHER_ACCOUNTS_HINT = "Name the other accounts with --account to export those."


def balances(statement: Statement) -> tuple[Money, Money]:
    """Return the opening and the closing balance, for formats that must state both.

    Raises:
        FormatRuleViolated: the bank does not state them, or the statement leaves out rows between its ends.
    """
    if statement.opening is None or statement.closing is None:
        raise FormatRuleViolated(
            f"{statement.account.name}: this format states the balances at both ends, and they are not known here.",
            "Export a whole period. Where the bank states no balances, use a format without. " + OTHER_ACCOUNTS_HINT,
        )
    return statement.opening, statement.closing


def iban(account: Account, country: str = "") -> str:
    """Return the account's IBAN.

    Raises:
        FormatRuleViolated: the account has no IBAN, or one of another country than the format is made for.
    """
    if not account.iban:
        raise FormatRuleViolated(f"{account.name} has no IBAN, which this format needs.", OTHER_ACCOUNTS_HINT)
    if not _IBAN.fullmatch(account.iban) or len(account.iban) != _LENGTHS.get(account.iban[:2], len(account.iban)):
        what = f"{account.name} has “{account.iban}” as its IBAN, which is not one, and this format needs one."
        raise FormatRuleViolated(what, OTHER_ACCOUNTS_HINT)
    if country and not account.iban.startswith(country):
        what = f"{account.name} has an IBAN of {account.iban[:2]}; this format is for accounts of {country} only."
        hint = f"{OTHER_ACCOUNTS_HINT} For this one, camt-de, camt-legacy and CSV know all countries."
        raise FormatRuleViolated(what, hint)
    return account.iban


def bank_name(account: Account) -> str:
    """Return the name of the bank that gave an account's rows; empty for rows of files, which may be any bank's."""
    return "" if account.from_files else _BANK


def statement_id(statement: Statement) -> str:
    """Return an id that no other statement has, at most 35 characters: account, number, and the statement's key."""
    parts = (statement.account.tail, f"{statement.number}", statement.key[:20])
    return "-".join(filter(None, parts))


def statement_number(statement: Statement, most: int) -> int:
    """Return the statement's number for a field that counts up to ``most`` and then begins at 1 again."""
    return (statement.number - 1) % most + 1


def title(statement: Statement) -> str:
    """Return a title of the statement: name and IBAN of the account, first and last day."""
    account = clean(f"{statement.account.name} {statement.account.iban}")
    return f"{account}, {statement.first} to {statement.last}"


def ledger(statement: Statement) -> Ledger:
    """Return the statement's ledger, for formats that write entries.

    Raises:
        FormatRuleViolated: the settings do not name ledger accounts.
    """
    if statement.ledger is None:
        raise FormatRuleViolated(
            f"{statement.account.name}: this format writes entries, and the settings name no ledger accounts.",
            "Write a table “ledger” with bank and clearing into the settings: “primanota help accounts”.",
        )
    return statement.ledger


def postings(row: Transaction, ledger: Ledger) -> tuple[Posting, ...]:
    """Return the postings of a row against the bank's account.

    Raises:
        FormatRuleViolated: they do not sum to the row's amount; the message names the row.
    """
    found = ledger.assign(row)
    if sum(posting.cents for posting in found) != row.amount.cents:
        what = f"{row.title} ({beginning(row.id)}): its postings sum to another amount."
        raise FormatRuleViolated(what, "Correct the rules that assign accounts.")
    return found


def shown_postings(shows: Iterable[tuple[str, PostingCell]], found: Sequence[Posting]) -> list[tuple[str, str]]:
    """Return what a file shows of a row's postings: pairs of a name and a text, whatever the order of the postings.

    The texts of several postings are joined, or one of them stands for all if they are the same. The parts of the
    amount are shown if there are several.
    """
    ordered = sorted(found, key=msgspec.structs.astuple)
    columns = [(name, [cell(posting) for posting in ordered]) for name, cell in shows]
    parts = [f"{Money(posting.cents)}" for posting in ordered]
    shown = [(name, " + ".join(texts if len(set(texts)) > 1 else texts[:1])) for name, texts in columns]
    return [*shown, ("split by VAT rate", " + ".join(parts) if len(parts) > 1 else "")] if shown else []


def counterparty_bank(row: Transaction, form: re.Pattern[str], text_changes: TextChanges) -> str:
    """Return the code of the counterparty's bank if it has the form of the file's field, else an empty text.

    A bank abroad may have a national number only, such as a sort code: that is left out and reported.
    """
    if not row.bic or form.fullmatch(row.bic):
        return row.bic
    text_changes.append(TextChange(row.id, "bank", row.bic, ""))
    return ""


def operation_code(row: Transaction, codes: Mapping[str, tuple[str, str]], other: tuple[str, str]) -> str:
    """Return the format's code of a row's operation type. Each has two: for money in (or zero), and for money out."""
    money_in, money_out = codes.get(row.operation, other)
    return money_out if row.amount.cents < 0 else money_in


def joined_memo(row: Transaction) -> str:
    """Return purpose and details on one line, for formats that have one field for both."""
    return ", ".join(filter(None, map(clean, (row.purpose, row.details))))


def short_id(key: str) -> str:
    """Return a transaction's id without hyphens, for fields of letters and digits that hold 32.

    An id that they cannot hold is replaced by its digest, which is as different from those of other rows.
    """
    plain = key.replace("-", "")
    return plain if is_usual_id(key) and len(plain) <= _SHORT_ID else _digest(key)


def is_usual_id(key: str) -> bool:
    """Return whether an id has letters, digits and hyphens only, and no more of them than a UUID."""
    return _USUAL_ID.fullmatch(key) is not None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:_SHORT_ID]


# What every statement shows of a row: a change of one of these concerns those who have the file.
SHOWN: list[tuple[str, Cell]] = [
    ("day", lambda row: f"{row.day}"),
    ("amount", lambda row: f"{row.amount}"),
    ("counterparty", lambda row: row.counterparty),
    ("account", lambda row: row.counterparty_account),
    ("purpose", lambda row: row.purpose),
    ("original amount", lambda row: f"{row.original or ''}"),
]
# For formats that also have a code or a word for the operation type.
SHOWN_WITH_OPERATION: list[tuple[str, Cell]] = [*SHOWN, ("operation", lambda row: row.operation)]
# What every file of entries shows of a posting, beside its amount, which is that of the row where it has one only.
SHOWN_OF_POSTING: list[tuple[str, PostingCell]] = [
    ("ledger account", lambda posting: posting.account),
    ("posting text", lambda posting: posting.text),
]
# For formats that also have a tax key and a cost centre.
SHOWN_OF_FULL_POSTING: list[tuple[str, PostingCell]] = [
    *SHOWN_OF_POSTING,
    ("tax key", lambda posting: posting.tax),
    ("cost centre", lambda posting: posting.cost_centre),
]
