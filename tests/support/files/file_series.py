"""Files that are exported from one book one after the other, as an accounting tool receives them."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from primanota import profiles
from primanota.app.exporting import batches
from primanota.app.exporting.export import export
from primanota.core.model import Account, Ledger, Money
from primanota.core.period import parse
from primanota.core.results import Batch
from primanota.core.selection import New, Selection
from primanota.formats.double_entry import KEYS
from primanota.profiles import Profile
from tests.support.books.book_world import Office
from tests.support.clock import BERLIN
from tests.support.files.profile_inputs import country_of, ledger_of
from tests.support.files.statements import IBANS
from tests.support.readers import (
    StatementFacts,
    camt053,
    cfonb120,
    coda,
    journals,
    mt940,
    norma43,
    ofx,
)

# The first day of new rows: the clock of the tests stands at 13:00 of the day before.
SINCE = date(2026, 11, 24)
_FACTS: dict[str, Callable[[Path], StatementFacts]] = {
    "camt053": camt053.facts,
    "cfonb120": cfonb120.facts,
    "coda": coda.facts,
    "mt940": mt940.facts,
    "norma43": norma43.facts,
    "ofx": ofx.facts,
}


class FileSeries(NamedTuple):
    """The files of one profile, for some accounts of a company whose fiscal year begins on (month, day)."""

    office: Office
    profile: Profile
    accounts: list[Account]
    year_start: tuple[int, int] = (1, 1)

    def at(self, day: int, hour: int, *, month: int = 11) -> None:
        """Move the clock to an hour of a day, and sync."""
        moment = datetime(2026, month, day, hour, tzinfo=BERLIN)
        assert moment >= self.office.world.clock.now
        self.office.world.clock.now = moment
        self.office.sync()

    def arrive(self, account: int = 0) -> None:
        """Add three rows that settle in one millisecond, in and out, and sync."""
        bank = self.office.world.simulator.bank
        _, pending, _ = bank.arrive(3, self.office.accounts[account].id)
        bank.settle(pending)
        self.office.sync()

    def new(self) -> list[Batch]:
        """Export the new rows; return the batches."""
        return self.export(New(SINCE))

    def period(self, text: str, *accounts: int) -> list[Batch]:
        """Export a period, of all accounts of the series or of some; return the batches."""
        return self.export(parse(text, SINCE), *accounts)

    def export(self, selection: Selection, *accounts: int) -> list[Batch]:
        """Export a selection, of all accounts of the series or of some; return the batches."""
        request = self.office.request(selection, tool=self.profile)._replace(ledger_of=self._ledger)
        done, _ = export(request, [self.accounts[place] for place in accounts] or self.accounts)
        return [batch for one in done for batch in one.batches]

    def undo(self, batch: Batch) -> None:
        """Undo a batch."""
        batches.undo(self.office.book, batch.number)

    def _ledger(self, account: Account) -> Ledger | None:
        """Return the ledger of an account; each account has a number of its own: 512000, 512100, ..."""
        ledger, place = ledger_of(self.profile), [one.id for one in self.accounts].index(account.id)
        if ledger is None:
            return None
        bank = f"{ledger.bank[:3]}{place}00" if place else ledger.bank
        return msgspec.structs.replace(ledger, bank=bank, year_start=self.year_start)


def series(office: Office, name: str, accounts: Iterable[int] = (0,)) -> FileSeries:
    """Return a series of files of a profile, for accounts with IBANs of its country."""
    profile = profiles.load(name)
    iban = IBANS[country_of(profile)]
    found = [office.accounts[place] for place in accounts]
    # They differ in the middle and share the last characters.
    ibans = [f"{iban[:8]}{place or iban[8]}{iban[9:]}" for place in accounts]
    renamed = [msgspec.structs.replace(one, iban=iban) for one, iban in zip(found, ibans, strict=True)]
    return FileSeries(office, profile, renamed)


def included(office: Office, name: str) -> FileSeries:
    """Return a series of files of an own profile, which a journal of the company includes."""
    text = profiles.load(name).text.replace("alone = true", "alone = false")
    return FileSeries(office, profiles.parse("own", text, "own"), office.accounts[:1])


def path_of(batch: Batch) -> Path:
    """Return the path of a batch's file."""
    assert batch.path
    return batch.path


def read_statement(profile: Profile, path: Path) -> StatementFacts:
    """Return what a foreign reader finds in a profile's statement, whose rows must lead to its closing balance."""
    facts = _FACTS[profile.format](path)
    assert facts.opening + facts.total == facts.closing
    return facts


def facts_of(files: FileSeries, batch: Batch) -> StatementFacts:
    """Return what a foreign reader finds in a batch's statement, which must be what the batch says of it."""
    facts = read_statement(files.profile, path_of(batch))
    assert (facts.opening, facts.closing, len(facts.keys)) == (batch.opening, batch.closing, batch.rows)
    return facts


def main_journal(name: str, opening: int, parts: Iterable[Path], folder: Path) -> Path:
    """Write a journal that opens the accounts, books the opening balance in cents, and includes files in order."""
    day, euros = "2026-10-31", f"{Money(opening):.}"
    accounts = [journals.BANK, "Equity:Opening-Balances", "Income:Sales", "Expenses:Office", "Assets:Input-Tax"]
    if name == "beancount":
        head = [f"{day} open {account}" for account in accounts]
        head += [f'{day} * "Opening"', f"  {accounts[0]}  {euros} EUR", f"  {accounts[1]}"]
        lines = head + [f'include "{part}"' for part in parts]
    else:
        head = [*(f"account {account}" for account in accounts), "commodity EUR", "    format 1000.00 EUR"]
        head += [f"tag {key}" for key in KEYS]
        head += [f"{day} * Opening balance", f"    {accounts[0]}  {euros} EUR", f"    {accounts[1]}"]
        lines = [*head, "", *(f"include {part}" for part in parts)]
    path = folder / f"main.{name}"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def joined(paths: Iterable[Path]) -> Path:
    """Write files into one, one after the other, beside the first; return its path."""
    first, *others = paths
    target = first.with_name(f"joined{first.suffix}")
    target.write_bytes(b"".join(path.read_bytes() for path in (first, *others)))
    return target
