"""Every profile writes any statement into a file that independent programs read, or refuses it with a reason."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota import profiles
from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Account, Money, Organisation, Statement, Transaction
from primanota.core.redaction import redacted_error
from primanota.profiles import Profile
from tests.support.factories import quick
from tests.support.files import profile_inputs, statements
from tests.support.files.any_transaction import FIRST, LAST, ROWS, TEXT
from tests.support.files.documented_csv import LAYOUTS
from tests.support.files.independent_reading import READERS, DaysAndCents

_NAMES = profiles.names()
# Each of these files starts a program.
_SLOW = {"hledger", "ledger"}


def _in(currency: str, row: Transaction) -> Transaction:
    """Return the row in the currency of its account; the export refuses other rows."""
    balance = row.balance and Money(row.balance.cents, currency)
    return msgspec.structs.replace(row, amount=Money(row.amount.cents, currency), balance=balance)


@st.composite
def _statements(draw: st.DrawFn, profile: Profile) -> Statement:
    """Return a statement of any account, with or without balances, a company and ledger accounts."""
    own = profile_inputs.country_of(profile)
    country = draw(st.sampled_from([own, own, own, "DE", "FR", "ES", "BE", "IT", ""]))
    currency = draw(st.sampled_from(["EUR", "EUR", "EUR", "USD", "JPY"]))
    account = Account("account-1", f"Konto {draw(TEXT)}", statements.IBANS.get(country, ""), currency=currency)
    rows = [_in(currency, row) for row in draw(ROWS)]
    opening, known = draw(st.integers(-(10**12), 10**12)), draw(st.sampled_from([True, True, True, False]))
    wanted = profile_inputs.given_to(
        profile,
        Statement(
            account,
            rows,
            FIRST.date(),
            LAST.date(),
            proven=draw(st.booleans()),
            company=draw(st.none() | st.builds(Organisation, *map(st.just, ("o", "o")), TEXT, st.just("DE"))),
        ),
    )
    closing = opening + sum(row.amount.cents for row in wanted.rows)
    return msgspec.structs.replace(
        wanted,
        opening=Money(opening, currency) if known else None,
        closing=Money(closing, currency) if known else None,
        ledger=draw(st.sampled_from([wanted.ledger, wanted.ledger, None])),
    )


def _reader(profile: Profile) -> Callable[[Path], DaysAndCents]:
    """Return the reader of a profile's files; CSV is read as its tool documents it."""
    if profile.format != "csv":
        return READERS[profile.format]
    layout = LAYOUTS[profile.name]

    def read(path: Path) -> DaysAndCents:
        return [(f"{day}", cents) for day, cents in map(layout.day_and_cents, layout.rows(path.read_bytes()))]

    return read


@pytest.mark.parametrize("name", _NAMES)
def test_any_statement_is_written_or_refused(name: str, tmp_path: Path) -> None:
    """An independent program reads the same days and cents in the file, or the statement is refused with a hint."""
    profile = profiles.load(name)
    reader, file = _reader(profile), tmp_path / f"any{profile.suffix}"

    @settings(quick, max_examples=8 if profile.format in _SLOW else 25)
    @given(wanted=_statements(profile))
    def check(wanted: Statement) -> None:
        try:
            file.write_bytes(b"".join(profile.render(wanted)))
        except FormatRuleViolated as refused:
            assert refused.hint  # noqa: PT017 - whether there is a refusal is not known beforehand
            assert redacted_error(wanted.account.name) in refused.message  # noqa: PT017 - as above
            return
        assert reader(file) == [(f"{row.day}", row.amount.cents) for row in wanted.rows]

    check()
