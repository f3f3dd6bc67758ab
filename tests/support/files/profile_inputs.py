"""The input of each profile in a test: an account in its country, and a ledger if its format writes entries."""

import msgspec

from primanota.core.model import Ledger, Statement
from primanota.profiles import Profile
from tests.support.files import datev_ledger, fec_ledger, ledger_statements, statements

_LEDGERS: dict[str, Ledger] = {
    "datev": datev_ledger.LEDGER,
    "fec": fec_ledger.LEDGER,
    **dict.fromkeys(("beancount", "hledger", "ledger"), ledger_statements.LEDGER),
}


def country_of(profile: Profile) -> str:
    """Return the first of the profile's countries that has an invented IBAN, else Germany."""
    return next((country for country in profile.country.split() if country in statements.IBANS), "DE")


def ledger_of(profile: Profile) -> Ledger | None:
    """Return the ledger of an invented company for the formats that write entries."""
    return _LEDGERS.get(profile.format)


def given_to(profile: Profile, statement: Statement) -> Statement:
    """Return the statement that an export passes to the profile: without rows of 0.00 if the profile skips them."""
    rows = [row for row in statement.rows if row.amount.cents or profile.rules.zero == "keep"]
    return msgspec.structs.replace(statement, rows=rows, ledger=ledger_of(profile))
