"""Files of several accounts: each row is shown and booked with its own account."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from primanota import profiles
from primanota.app.exporting.export import export
from primanota.core.errors import FormatRuleViolated, InvalidProfile
from primanota.core.model import Account, Ledger, Posting
from primanota.core.selection import New
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from primanota.profiles import Profile
from tests.support.books.book_world import Office
from tests.support.files import statements

_NEW = New(date(2026, 1, 1))
_TOGETHER = 'title = "All"\nformat = "{}"\nsource = "invented"\n[rules]\naccounts = "together"\n[options]\n{}\n'
_COLUMNS = 'columns = [["Account", "{account}"], ["IBAN", "{iban}"], ["Amount", "{amount}"]]'


def _tool(form: str, options: str = "") -> Profile:
    return profiles.parse("joint", _TOGETHER.format(form, options), "joint")


def _lines(office: Office, tool: Profile, *banks: str, other: str = "1370") -> list[str]:
    """Return the lines of the file of two accounts, with a row in each; these are their ledger accounts."""
    chosen = office.accounts[: len(banks)]
    bank_of = dict(zip((account.id for account in chosen), banks, strict=True))

    def ledger_of(account: Account) -> Ledger:
        bank = bank_of[account.id]
        return Ledger(bank, lambda row: (Posting(other, row.amount.cents),), consultant=1001, client=1)

    for place, _ in enumerate(chosen):
        office.arrive(account=place)
    done, _ = export(Export(office.journal, tool, _NEW, ledger_of, Destinations(office.folder)), chosen)
    (path,) = [batch.path for one in done for batch in one.batches]
    return (path or Path()).read_text(encoding="utf-8", errors="replace").splitlines()


@pytest.mark.parametrize("form", ["beancount", "hledger", "ledger"])
def test_each_row_is_posted_to_its_own_account(office: Office, form: str) -> None:
    """A journal of two accounts posts each row to the ledger account of its bank account."""
    lines = _lines(office, _tool(form), "Assets:Main", "Assets:Savings", other="Assets:Other")
    posted = [line.split()[0] for line in lines if line.startswith("  ") and "Assets:" in line]
    assert posted == ["Assets:Main", "Assets:Other", "Assets:Savings", "Assets:Other"]


def test_each_entry_has_its_own_account(office: Office) -> None:
    """A DATEV file of two accounts has in “Konto” the ledger account of each row's bank account."""
    lines = _lines(office, _tool("datev"), "1800", "1810")
    assert [line.split(";")[6] for line in lines[2:]] == ["1800", "1810"]


def test_each_row_shows_its_own_account(office: Office) -> None:
    """A CSV of two accounts shows the name and the IBAN of each row's account."""
    lines = _lines(office, _tool("csv", _COLUMNS), "1800", "1810")
    wanted = [f"{account.name},{account.iban}" for account in office.accounts[:2]]
    assert [line.rpartition(",")[0] for line in lines[1:]] == wanted


def test_accounts_of_several_currencies_are_refused() -> None:
    """Accounts in several currencies are not written into one file, and the error names them."""
    euros = statements.account()
    accounts = {"a": euros, "b": msgspec.structs.replace(euros, name="Dollars", currency="USD")}
    statement = msgspec.structs.replace(statements.make([1_00]), accounts=accounts)
    with pytest.raises(FormatRuleViolated, match="several currencies: Hauptkonto in EUR, Dollars in USD") as refused:
        b"".join(_tool("csv", _COLUMNS).render(statement))
    assert "--account" in refused.value.hint


@pytest.mark.parametrize("form", ["camt053", "mt940", "ofx", "coda", "cfonb120", "norma43"])
def test_a_statement_of_several_accounts_is_refused(form: str) -> None:
    """A profile that wants all accounts in a file that states one account's balances is refused when it is read."""
    with pytest.raises(InvalidProfile, match=r"line 5: a file of .* states the balances of one account"):
        _tool(form)
