"""A book that is kept from a simulated bank, and the files that are exported from it."""

from pathlib import Path
from typing import NamedTuple

from primanota.app import flow
from primanota.app.review import Finding
from primanota.app.sync import Synced
from primanota.banks.qonto.bank import Bank
from primanota.banks.qonto.client import Client
from primanota.book import Batches, Book
from primanota.core.model import Account
from primanota.core.selection import Selection
from primanota.export.destinations import Destinations
from primanota.export.exported import Exported
from primanota.profiles import Profile
from primanota.simulator import Simulator
from tests.support.clock import BERLIN, Clock

TOOL = """
title = "A tool that looks for no duplicates"
format = "csv"
source = "invented"
[options]
columns = [
  ["Id", "{id}"], ["Day", "{booked:%Y-%m-%d}"], ["Amount", "{amount}"], ["Text", "{reference}"], ["By", "{member}"],
]
"""


class Quiet:
    """A progress display that shows nothing and counts pages and rows."""

    def __init__(self) -> None:
        self.pages = 0
        self.rows = 0

    def expect(self, pages: int) -> None:
        """Add pages that are expected."""
        self.pages += pages

    def page(self, rows: int) -> None:
        """Add the rows of a page."""
        self.rows += rows


class World(NamedTuple):
    """A simulated bank, the client that reads it, and the book that is kept from it."""

    simulator: Simulator
    client: Client
    bank: Bank
    book: Book
    clock: Clock

    def sync(self, *, full: bool = False) -> list[Synced]:
        """Sync the book."""
        done, _ = flow.sync(self.bank, self.book, Quiet(), full=full)
        return done


class Office(NamedTuple):
    """A company without past transactions: its bank, its book, and a folder for exported files."""

    world: World
    folder: Path
    tool: Profile

    @property
    def book(self) -> Book:
        """The company's book."""
        return self.world.book

    @property
    def batches(self) -> Batches:
        """Its batches."""
        return Batches(self.book)

    @property
    def accounts(self) -> list[Account]:
        """Its accounts: the main one, savings, a closed one, one of another bank."""
        return flow.accounts(self.book)

    def arrive(self, rows: int = 1, account: int = 0) -> list[str]:
        """Let rows arrive and settle, a minute apart, and sync; return their ids."""
        found = []
        for _ in range(rows):
            self.world.clock.advance(minutes=1)
            found += self.world.simulator.bank.arrive(1, self.world.simulator.bank.account_ids()[account])
        self.sync()
        return found

    def edit(self, key: str, **fields: object) -> None:
        """Change a row at the bank, by the bank's names of fields, and sync."""
        self.world.clock.advance(minutes=1)
        self.world.simulator.bank.edit(key, **fields)
        self.sync()

    def reverse(self, key: str) -> None:
        """Let the bank take a row back, so that no list shows it any more, and sync."""
        self.world.simulator.bank.reverse(key)
        self.sync()

    def sync(self) -> None:
        """Sync the book, and assert that all accounts are proven."""
        self.world.clock.advance(minutes=1)
        assert all(account.proven for account in self.world.sync())

    def export(
        self,
        selection: Selection,
        *,
        tool: Profile | None = None,
        chosen: list[Account] | None = None,
        to: Path | None = None,
        strict: bool = False,
    ) -> list[Exported]:
        """Write files of all accounts, or of chosen ones; return those that became batches."""
        chosen = self.accounts if chosen is None else chosen
        words = (self.book, tool or self.tool, selection, BERLIN)
        done, _ = flow.export(*words, chosen=chosen, to=Destinations(to or self.folder), strict=strict)
        return [one for one in done if one.batch]

    def changed(self) -> list[Finding]:
        """Return the findings of kind “changed”."""
        found = flow.review(self.book, BERLIN, self.world.clock.now.date())
        return [one for one in found if one.kind == "changed"]
