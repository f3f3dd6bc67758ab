"""What each profile is given in a test: an account in its country, and a ledger where its format writes entries."""

import msgspec

from primanota.core.model import Ledger, Statement
from primanota.profiles import Profile
from tests.support import datev_ledger, fec_ledger, ledger_statements, statements

_LEDGERS: dict[str, Ledger] = {
    "datev": datev_ledger.LEDGER,
    "fec": fec_ledger.LEDGER,
    **dict.fromkeys(("beancount", "hledger", "ledger"), ledger_statements.LEDGER),
}


def country_of(profile: Profile) -> str:
    """Where the account is: in the first of the profile's countries that has an invented IBAN, else in Germany."""
    return next((country for country in profile.country.split() if country in statements.IBANS), "DE")


def ledger_of(profile: Profile) -> Ledger | None:
    """What an invented company has set for the formats that write entries."""
    return _LEDGERS.get(profile.format)


def given(profile: Profile, statement: Statement) -> Statement:
    """A statement as an export gives it to the profile: its rows, without those of nothing where it takes none."""
    rows = [row for row in statement.rows if row.amount.cents or profile.rules.zero == "keep"]
    return msgspec.structs.replace(statement, rows=rows, ledger=ledger_of(profile))
