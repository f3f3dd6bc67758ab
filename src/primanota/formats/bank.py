"""What the formats of bank statements have in common. Pure."""

from primanota.errors import RuleBroken
from primanota.formats.cells import Cell, clean
from primanota.model import Account, Ledger, Money, Statement

# For every format that has room for a sentence: somebody wanted the file although its statement is not proven.
DOUBT = "Not proven: the bank's balances do not show that nothing is missing here."


def balances(statement: Statement) -> tuple[Money, Money]:
    """The balances at both ends, which such a file cannot do without.

    Raises:
        RuleBroken: the bank states none, or the statement is not all rows between its ends.
    """
    if statement.opening is None or statement.closing is None:
        raise RuleBroken(
            f"{statement.account.name}: this format states the balances at both ends, and they are not known here.",
            "Export a whole period, or use a format without balances.",
        )
    return statement.opening, statement.closing


def iban(account: Account, country: str = "") -> str:
    """The account's IBAN.

    Raises:
        RuleBroken: it has none, or one of another country than the format is made for.
    """
    if not account.iban:
        raise RuleBroken(f"{account.name} has no IBAN, which this format needs.", "Leave it out with --account.")
    if country and not account.iban.startswith(country):
        what = f"{account.name} has an IBAN of {account.iban[:2]}; this format is for accounts of {country} only."
        raise RuleBroken(what, "Use a format that knows all countries: camt-de, camt-legacy, or a CSV.")
    return account.iban


def title(statement: Statement) -> str:
    """Whose account it is, and from when to when."""
    account = clean(f"{statement.account.name} {statement.account.iban}")
    return f"{account}, {statement.first} to {statement.last}"


def ledger(statement: Statement) -> Ledger:
    """What the account's entries are called.

    Raises:
        RuleBroken: nobody has said it.
    """
    if statement.ledger is None:
        raise RuleBroken(
            f"{statement.account.name}: this format writes entries, and the settings name no ledger accounts.",
            "Write a table “ledger” with bank and clearing into the settings, as docs/accounts.md shows.",
        )
    return statement.ledger


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
