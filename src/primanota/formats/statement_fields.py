"""What the formats of bank statements have in common. Pure."""

import re

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Account, Ledger, Money, Statement, TextChange, Transaction
from primanota.core.text import clean
from primanota.formats.templates import Cell

# ISO 9362: four characters of the bank, two letters of its country, two of its place, three of its branch.
BIC = re.compile("[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
# For every format that has room for a sentence: somebody wanted the file although its statement is not proven.
DOUBT = "Not proven: the bank's balances do not show that nothing is missing here."
# One account that a format cannot hold keeps the others from leaving, too.
OTHERS = "Name the other accounts with --account to export those."


def balances(statement: Statement) -> tuple[Money, Money]:
    """The balances at both ends, which such a file cannot do without.

    Raises:
        FormatRuleViolated: the bank states none, or the statement is not all rows between its ends.
    """
    if statement.opening is None or statement.closing is None:
        raise FormatRuleViolated(
            f"{statement.account.name}: this format states the balances at both ends, and they are not known here.",
            f"Export a whole period. Where the bank states no balances, use a format without. {OTHERS}",
        )
    return statement.opening, statement.closing


def iban(account: Account, country: str = "") -> str:
    """The account's IBAN.

    Raises:
        FormatRuleViolated: it has none, or one of another country than the format is made for.
    """
    if not account.iban:
        raise FormatRuleViolated(f"{account.name} has no IBAN, which this format needs.", OTHERS)
    if country and not account.iban.startswith(country):
        what = f"{account.name} has an IBAN of {account.iban[:2]}; this format is for accounts of {country} only."
        raise FormatRuleViolated(what, f"{OTHERS} For this one, camt-de, camt-legacy and CSV know all countries.")
    return account.iban


def title(statement: Statement) -> str:
    """Whose account it is, and from when to when."""
    account = clean(f"{statement.account.name} {statement.account.iban}")
    return f"{account}, {statement.first} to {statement.last}"


def ledger(statement: Statement) -> Ledger:
    """What the account's entries are called.

    Raises:
        FormatRuleViolated: nobody has said it.
    """
    if statement.ledger is None:
        raise FormatRuleViolated(
            f"{statement.account.name}: this format writes entries, and the settings name no ledger accounts.",
            "Write a table “ledger” with bank and clearing into the settings, as docs/accounts.md shows.",
        )
    return statement.ledger


def their_bank(row: Transaction, form: re.Pattern[str], fitted: list[TextChange]) -> str:
    """The other side's bank, where its code has the form that the file has a place for.

    Abroad a bank may have a national number alone, such as a sort code: that is left out, and reported.
    """
    if not row.bic or form.fullmatch(row.bic):
        return row.bic
    fitted.append(TextChange(row.id, "bank", row.bic, ""))
    return ""


def short_id(key: str) -> str:
    """A transaction's id without hyphens: 32 characters, as fields for 35 hold them."""
    return key.replace("-", "")


# What every statement shows of a row: which of its changes whoever has the file must hear of.
SHOWN: list[tuple[str, Cell]] = [
    ("day", lambda row: f"{row.day}"),
    ("amount", lambda row: f"{row.amount}"),
    ("counterparty", lambda row: row.counterparty),
    ("account", lambda row: row.counterparty_account),
    ("purpose", lambda row: row.purpose),
    ("original amount", lambda row: f"{row.original or ''}"),
]
# For those that also have a code or a word for its kind.
SHOWN_KIND: list[tuple[str, Cell]] = [*SHOWN, ("operation", lambda row: row.operation)]
