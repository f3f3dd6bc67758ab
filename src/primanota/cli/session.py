"""What every command needs: which organisation, its book, its bank, its clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import click

from primanota import config, flow
from primanota.accounts import ledger
from primanota.book import Book
from primanota.cli.grouped import grouped
from primanota.errors import ConfigMistake, NotConfigured, WrongWords
from primanota.leaving import Ledgers, no_ledger
from primanota.model import Account
from primanota.period import microseconds
from primanota.qonto.bank import Bank

if TYPE_CHECKING:
    import httpx2

    from primanota.qonto.client import Client


class Door(NamedTuple):
    """What can be said to every command: whose book, and how to answer."""

    organisation: str | None
    as_json: bool
    verbose: bool


everywhere = grouped(
    "door",
    Door,
    {
        "organisation": click.option(
            "--organisation", metavar="NAME", help="Which organisation, where there are several."
        ),
        "as_json": click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout."),
        "verbose": click.option("-v", "--verbose", is_flag=True, help="Tell more on stderr."),
    },
)


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


class Session:
    """One organisation's book and bank, opened when they are needed.

    Args:
        organisation: its name, None for the default one.
        settings: where things are; None for the settings in force.
        clock: the present, aware.
        transport: replaces the network, for the demo.
    """

    def __init__(
        self,
        organisation: str | None = None,
        *,
        settings: config.Config | None = None,
        clock: Callable[[], datetime] = now,
        transport: "httpx2.BaseTransport | None" = None,
    ) -> None:
        self.config = settings or config.load()
        self.clock = clock
        self.login = self.config.login(organisation)
        self._transport = transport

    @contextmanager
    def book(self, *, create: bool = False) -> Iterator[Book]:
        """The organisation's book; only what fills it may create it.

        Raises:
            NotConfigured: there is none yet.
        """
        path = self.config.book(self.login)
        if not create and not path.exists():
            raise NotConfigured(f"There is no book of {self.login} yet.", "Run “primanota sync” first.")
        with Book(path, lambda: microseconds(self.clock())) as book:
            yield book

    @contextmanager
    def client(self) -> Iterator["Client"]:
        """The bank's raw answers."""
        from primanota.qonto.client import Client  # noqa: PLC0415 - slow to load, and an export asks no bank

        with Client(
            self.config.credentials(self.login),
            api_url=self.config.api_url(self.login),
            staging_token=self.config.staging_token,
            transport=self._transport,
        ) as client:
            yield client

    @contextmanager
    def bank(self) -> Iterator[Bank]:
        """The bank."""
        with self.client() as client:
            yield Bank(client, self.clock)

    def ledger(self) -> Ledgers:
        """What the accounts' entries are called, where the settings say it."""
        try:
            chart, rules = self.config.accounting(self.login)
        except ConfigMistake:
            raise
        except NotConfigured:
            return no_ledger
        return lambda account: ledger(chart, rules, account)

    def zone(self, book: Book) -> ZoneInfo:
        """The organisation's time zone."""
        return self.config.zone(self.login, flow.organisation(book).country)

    def today(self, zone: ZoneInfo) -> date:
        """The local day."""
        return self.clock().astimezone(zone).date()


def choose(accounts: list[Account], wanted: tuple[str, ...]) -> list[Account]:
    """The accounts that are meant: by name, IBAN, its last four characters, or id. All when none is named.

    Raises:
        WrongWords: no account, or more than one, is called so.
    """
    return [_one(accounts, word) for word in dict.fromkeys(wanted)] if wanted else accounts


def _one(accounts: list[Account], word: str) -> Account:
    plain = word.replace(" ", "").casefold()
    found = [
        account
        for account in accounts
        if (plain and plain in {account.id.casefold(), account.iban.casefold(), account.tail.casefold()})
        or word.casefold() == account.name.casefold()
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"“{account.name}” ({account.tail})" for account in accounts)
    if found:
        raise WrongWords(f"“{word}” means {len(found)} accounts.", f"Name one by its IBAN: {known}.")
    raise WrongWords(f"There is no account “{word}”.", f"There are: {known}.")
