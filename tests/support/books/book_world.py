"""A book that is kept from a simulated bank, and the files that are exported from it."""

from pathlib import Path
from typing import NamedTuple

from primanota.app.exporting.export import export
from primanota.app.progress import Silent
from primanota.app.reviewing import review
from primanota.app.reviewing.accept_findings import accept
from primanota.app.syncing.sync import sync
from primanota.banks.base import Bank
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.banks.qonto.http.client import Client
from primanota.book import Batches, Book
from primanota.book.journal import Journal
from primanota.core.model import Account
from primanota.core.proof_state import ProofState
from primanota.core.results import Batch, Finding, SyncedAccount
from primanota.core.selection import Selection
from primanota.export.destinations import Destinations
from primanota.export.ledgers import Ledgers, no_ledger
from primanota.export.select import Export
from primanota.profiles import Profile
from primanota.simulator import Simulator
from tests.support.clock import BERLIN, NOON, Clock

CONNECTOR = QontoConnector()
# The token of every staged file of an office: with one copy of its book, numbers alone tell them apart.
TOKEN = "token"  # noqa: S105 - it is no secret
TOOL = """
title = "A tool that looks for no duplicates"
format = "csv"
source = "invented"
[options]
columns = [
  ["Id", "{id}"], ["Day", "{booked:%Y-%m-%d}"], ["Amount", "{amount}"], ["Text", "{reference}"], ["By", "{member}"],
]
"""


def journal_of(book: Book) -> Journal:
    """Return the journal of a book, with days in Berlin."""
    return Journal(book, CONNECTOR, BERLIN)


def accept_rows(
    book: Book, ids: list[str], ledger_of: Ledgers = no_ledger, kinds: tuple[str, ...] = (), note: str = ""
) -> list[Finding]:
    """Put findings of rows away."""
    return accept(journal_of(book), ids, NOON.date(), ledger_of, kinds=kinds, note=note)


def mark_proven(book: Book) -> None:
    """Record of each account that it was read whole and is proven until now, for a book that no sync has made."""
    with book.writing():
        for account in journal_of(book).accounts():
            book.set_proof_state(account.id, ProofState("proven", book.clock(), (), book.clock()))


class CountingProgress(Silent):
    """Progress that shows nothing, and counts pages and rows."""

    def __init__(self) -> None:
        self.pages = 0
        self.rows = 0

    def expect(self, pages: int) -> None:
        """Count the expected pages."""
        self.pages += pages

    def page(self, rows: int) -> None:
        """Count the rows of a page."""
        self.rows += rows


class World(NamedTuple):
    """A simulated bank, the client that reads it, and the book that is synced from it."""

    simulator: Simulator
    client: Client
    bank: Bank
    book: Book
    clock: Clock

    @property
    def journal(self) -> Journal:
        """Return the journal of the book."""
        return journal_of(self.book)

    def sync(self, *, full: bool = False) -> list[SyncedAccount]:
        """Sync the book."""
        done, _ = sync(self.bank, self.book, CONNECTOR, CountingProgress(), full=full)
        return done


class Office(NamedTuple):
    """An invented company without past transactions: its bank, its book, and a folder for files."""

    world: World
    folder: Path
    tool: Profile

    @property
    def book(self) -> Book:
        """Return the company's book."""
        return self.world.book

    @property
    def journal(self) -> Journal:
        """Return the journal of the company's book."""
        return self.world.journal

    @property
    def batches(self) -> Batches:
        """Return the batches of the book."""
        return Batches(self.book)

    @property
    def accounts(self) -> list[Account]:
        """Return the accounts: the main one, savings, a closed one, one of another bank."""
        return self.journal.accounts()

    def arrive(self, rows: int = 1, account: int = 0) -> list[str]:
        """Add rows that settle, a minute apart, and sync; return their IDs."""
        found = []
        for _ in range(rows):
            self.world.clock.advance(minutes=1)
            found += self.world.simulator.bank.arrive(1, self.world.simulator.bank.account_ids()[account])
        self.sync()
        return found

    def edit(self, key: str, **fields: object) -> None:
        """Edit the fields of a row at the bank, and sync."""
        self.world.clock.advance(minutes=1)
        self.world.simulator.bank.edit(key, **fields)
        self.sync()

    def reverse(self, key: str) -> None:
        """Reverse a row at the bank, so that the bank no longer lists it, and sync."""
        self.world.simulator.bank.reverse(key)
        self.sync()

    def sync(self) -> None:
        """Sync the book, and check that it is proven."""
        self.world.clock.advance(minutes=1)
        assert all(account.proven for account in self.world.sync())

    def request(self, selection: Selection, *, tool: Profile | None = None, to: Path | None = None) -> Export:
        """Return the export of a selection into a folder."""
        return Export(
            self.journal,
            tool or self.tool,
            selection,
            destinations=Destinations(to or self.folder),
            token=lambda: TOKEN,
        )

    def export(
        self,
        selection: Selection,
        *,
        tool: Profile | None = None,
        accounts: list[Account] | None = None,
        to: Path | None = None,
        refuse_repeats: bool = False,
    ) -> list[Batch]:
        """Export to files for all accounts, or for some; return the batches."""
        request = self.request(selection, tool=tool, to=to)
        done, _ = export(request, self.accounts if accounts is None else accounts, refuse_repeats=refuse_repeats)
        return [batch for one in done for batch in one.batches]

    def export_repeats(self, selection: Selection, *, tool: Profile | None = None) -> list[dict[int, int]]:
        """Export all accounts; return for each file the number of rows that earlier batches have."""
        done, _ = export(self.request(selection, tool=tool), self.accounts)
        return [one.already_exported for one in done if one.batches]

    def changed(self) -> list[Finding]:
        """Return the findings of changed rows."""
        found = review.Review(self.journal, self.world.clock.now.date()).findings()
        return [one for one in found if one.kind == "changed"]
