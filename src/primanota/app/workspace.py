"""One organisation at work: its book, its bank, its clock, opened when they are needed."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from primanota.adapters import mail
from primanota.adapters.settings import config
from primanota.adapters.storage import remote_book, s3
from primanota.adapters.storage.checkout import checked_out
from primanota.app import flow
from primanota.app.send_outbox import Post
from primanota.banks.qonto import normalise
from primanota.banks.qonto.bank import Bank
from primanota.book import Book
from primanota.core.errors import BookConflict, ConfigurationError, InvalidConfiguration, InvalidInput, PrimanotaError
from primanota.core.model import Account, Organisation
from primanota.core.period import microseconds
from primanota.core.posting_rules import ledger
from primanota.core.secret import Credentials, Secret
from primanota.export.build import Ledgers, no_ledger
from primanota.export.destinations import Destinations, bound

if TYPE_CHECKING:
    import httpx2

    from primanota.banks.qonto.client import Client


def now() -> datetime:
    """The present, UTC."""
    return datetime.now(UTC)


_T = TypeVar("_T")
_TRIES = 8


def _nobody_listens(_: str) -> None:
    """For a run without a person."""


class Workspace:
    """One organisation's book and bank, opened when they are needed.

    Args:
        organisation: its name, None for the default one.
        book: where its book is, None for where the settings say.
        settings: where things are; None for the settings in force.
        clock: the present, aware.
        transport: replaces the network, for the demo.
        tell: hears of what a person should know at once.
    """

    def __init__(
        self,
        organisation: str | None = None,
        book: str | None = None,
        *,
        settings: config.Config | None = None,
        clock: Callable[[], datetime] = now,
        transport: "httpx2.BaseTransport | None" = None,
        tell: Callable[[str], None] = _nobody_listens,
    ) -> None:
        self.config = settings or config.load()
        self.clock = clock
        self.began = microseconds(clock())  # a run has one name, however often it begins again
        self.login = self.config.login(organisation)
        self._transport = transport
        self._store = self.config.store(self.login)
        self.place = book or self.config.book(self.login)
        self._named = bool(book)
        self._shelf = remote_book.shelf(self.place, self._store, self._hear)
        self._tell = tell
        self.heard: list[str] = []

    @contextmanager
    def book(self, *, create: bool = False) -> Iterator[Book]:
        """The organisation's book; only what fills it may create it. One that lies elsewhere is put back at the end.

        Raises:
            ConfigurationError: there is none yet.
            BookConflict: somebody else changed it where it lies; nothing of ours is in it.
        """
        shelf = self._shelf
        if shelf is None:
            path = Path(self.place).expanduser()
            if not create and not path.exists():
                if self._named:
                    raise ConfigurationError(f"There is no book at {path}.", "Look whether its name is right.")
                raise ConfigurationError(f"There is no book of {self.login} yet.", "Run “primanota sync” first.")
            with self._opened(path) as book:
                yield book
            return
        with checked_out(shelf, f"{self.login}.book", begin=create) as loan:
            if not loan.path.exists():
                self._hear(f"A new book is begun at {self.place}. If there was one before, somebody took it away.")
            with self._opened(loan.path, loan.publish) as book:
                try:
                    yield book
                finally:
                    book.publish()  # what a failed run kept is kept

    def _hear(self, sentence: str) -> None:
        """Something that a person should know: at once, and in the mail."""
        self.heard.append(sentence)
        self._tell(sentence)

    def _opened(self, path: Path, published: Callable[[Callable[[], None]], object] | None = None) -> Book:
        return Book(path, lambda: microseconds(self.clock()), published=published)

    @contextmanager
    def client(self) -> Iterator["Client"]:
        """The bank's raw answers."""
        from primanota.banks.qonto.client import Client  # noqa: PLC0415 - slow to load, and an export asks no bank

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
        except InvalidConfiguration:
            raise
        except ConfigurationError:
            return no_ledger
        return lambda account: ledger(chart, rules, account)

    def bound(self, words: Iterable[str], occasion: str = "") -> Destinations:
        """Where files are bound for: as said, else as the settings say, else into the folder for exports.

        Raises:
            InvalidInput: a word is no place.
        """
        found = bound(tuple(words) or self.config.destinations(self.login), self.config.exports)
        for bucket in found.buckets:
            s3.Location.parse(bucket)
        return found._replace(occasion=occasion)

    def carry(self, place: str, content: bytes, notes: Mapping[str, str]) -> None:
        """Bring a file into a bucket.

        Raises:
            DeliveryFailed: it cannot be brought there.
        """
        s3.put(self._store, s3.Location.parse(place), content, notes)

    @property
    def sender(self) -> str:
        """Who sends the organisation's mails.

        Raises:
            ConfigurationError: nobody says it.
        """
        return self.config.mail(self.login).sender

    def post(self, people: Iterable[str]) -> Post:
        """Who brings mails to people.

        Raises:
            ConfigurationError: nobody says through which server, or there is no password for it.
            InvalidConfiguration: an address is none, or nobody here writes the language.
        """
        said = self.config.mail(self.login)
        for address in (said.sender, *people):  # before anything is done that a mail must tell
            mail.mailbox(address)
        self.config.language(self.login)
        self.config.zone(self.login, "")
        server = mail.server(said.server, said.user, self.config.mail_password(self.login))
        return lambda content, sender, to: mail.send(content, sender, to, server)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Whatever no mail may show."""
        found = list(self.config.secrets.values())
        with suppress(PrimanotaError):
            found.append(self.config.credentials(self.login).secret)
        with suppress(PrimanotaError):
            found += filter(None, [self.config.mail_password(self.login)])
        return tuple(found)

    def zone(self, book: Book) -> ZoneInfo:
        """The organisation's time zone."""
        return self.config.zone(self.login, flow.organisation(book).country)

    def today(self, zone: ZoneInfo) -> date:
        """The local day."""
        return self.clock().astimezone(zone).date()


def repeated(work: Callable[[], _T]) -> _T:
    """Do what may be done twice, again where somebody else changed the book meanwhile.

    Raises:
        BookConflict: somebody always did.
    """
    for _ in range(_TRIES - 1):
        with suppress(BookConflict):
            return work()
    return work()


def choose(accounts: list[Account], wanted: tuple[str, ...]) -> list[Account]:
    """The accounts that are meant: by name, IBAN, its last four characters, or id. All when none is named.

    Raises:
        InvalidInput: no account, or more than one, is called so.
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
        raise InvalidInput(f"“{word}” means {len(found)} accounts.", f"Name one by its IBAN: {known}.")
    raise InvalidInput(f"There is no account “{word}”.", f"There are: {known}.")


def read_company(
    credentials: Credentials, api_url: str, staging_token: str | None
) -> tuple[Organisation, list[Account]]:
    """Read the organisation and its accounts with an API key that the settings do not have yet.

    Raises:
        InvalidApiKey: the bank refused the key.
    """
    from primanota.banks.qonto.client import Client  # noqa: PLC0415 - slow to load, and only a login needs it here

    with Client(credentials, api_url=api_url, staging_token=staging_token) as client:
        bank = Bank(client, now)
        company = bank.organisation()
        accounts = [normalise.account(record.body) for record in bank.accounts(company)]
    return normalise.organisation(company), accounts


def refuse_open_line(api_url: str) -> None:
    """Refuse a URL over which an API key would travel unencrypted.

    Raises:
        InvalidConfiguration: it would.
    """
    from primanota.banks.qonto.client import Client  # noqa: PLC0415 - as above

    with Client(Credentials("example", Secret("example")), api_url=api_url):
        pass  # the client checks the URL when it is created, and sends nothing
