"""The workspace of one organisation: its book, bank, mail and clock, opened when they are needed.

This is the composition root: besides ``bank_access.py`` and ``cli/get.py`` the only module above the book that knows
which bank is used.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from primanota.adapters import mail
from primanota.adapters.settings import config
from primanota.adapters.storage import disk, remote_book, s3, shared_book
from primanota.adapters.storage.checkout import checked_out
from primanota.app.books_of_files import known_by_books
from primanota.app.progress import ShowSteps, no_steps
from primanota.app.same_company import CompanyBooks, login_of
from primanota.app.send_outbox import Mailer
from primanota.app.whole_book import held_whole, opened
from primanota.banks.base import Bank, Connector, connector
from primanota.book import Book
from primanota.book.file.file_state import CopyNotes, FileNotes, Notes
from primanota.book.journal import Journal
from primanota.core.commands import weekly_run
from primanota.core.errors import BookConflict, ConfigurationError, InvalidConfiguration, NoBookYet, PrimanotaError
from primanota.core.model import Organisation
from primanota.core.notice import Notice
from primanota.core.oauth import TokenStore, consent_ends
from primanota.core.period import Calendar, microseconds
from primanota.core.posting_rules import Chart, Rule, ledger
from primanota.core.secret import Secret
from primanota.export.destinations import Destinations, parse_destinations
from primanota.export.ledgers import Ledgers, no_ledger

if TYPE_CHECKING:
    import httpx2

    from primanota.app.bank_access import SharedAddress
    from primanota.banks.qonto.http.client import Client

_T = TypeVar("_T")
_ATTEMPTS = 8


def now() -> datetime:
    """Return the present, UTC."""
    return datetime.now(UTC)


class Workspace:
    """One organisation's book and bank, opened when they are needed.

    Args:
        organisation: the login name of the organisation; None for the default one.
        book: the place of the book; None for the place in the settings.
        settings: the settings; None to load them.
        clock: returns the present, aware.
        transport: replaces the network, for the demo and for tests.
        notify: is called with each notice for the user.
        token: makes a word that no other process makes.
        address: what it shares with other organisations that read the bank from here.
        tokens: the tokens of a consent that are not where the settings say.
    """

    def __init__(
        self,
        organisation: str | None = None,
        book: str | None = None,
        *,
        settings: config.Config | None = None,
        clock: Callable[[], datetime] = now,
        transport: "httpx2.BaseTransport | None" = None,
        notify: Callable[[Notice], None] = lambda _: None,
        token: Callable[[], str] = disk.new_token,
        address: "SharedAddress | None" = None,
        tokens: TokenStore | None = None,
    ) -> None:
        self.config = known_by_books(settings or config.load(), "" if book else organisation)
        self.clock = clock
        self.token = token
        self.began = microseconds(clock())  # identifies this run, also when it starts again after a conflict
        self.connector: Connector = connector()
        self.login = self._login(organisation, book)
        self.config.require_readable(self.login)
        self.place = book or self.config.book(self.login)
        self.notices: list[Notice] = []
        self.owner: Organisation | None = None  # of a book that is begun by files, for which no bank is asked
        self.takes_damaged_book = False  # a command that reports damage, or repairs the index, sets this
        self.show_update: ShowSteps = no_steps  # a command at a terminal sets how an update of the book is shown
        self.bank_end = inf  # of the monotonic clock, where the process has a limited time
        self._transport = transport
        self._address = address
        self._tokens = tokens
        self.store_settings = self.config.store(self.login)
        self._is_named = bool(book)
        self._book_store = remote_book.book_store(self.place, self.store_settings, self._notice, token)
        self._notify = notify

    # --- the book ---------------------------------------------------------------------------------------------

    def transaction(self, work: Callable[[Book], _T], *, create: bool = False) -> _T:
        """Open the book, call ``work`` with it, and upload the book if it is remote.

        If another run changed the remote book meanwhile, ``work`` is repeated with the changed book. This is the only
        place that retries.

        Args:
            work: is called with the book, possibly several times.
            create: create a book if it does not exist.

        Raises:
            BookConflict: another run changed the book each time.
            ConfigurationError: there is no book yet.
        """
        for _ in range(_ATTEMPTS - 1):
            with suppress(BookConflict), self.book(create=create) as book:
                return work(book)
        with self.book(create=create) as book:
            return work(book)

    @contextmanager
    def book(self, *, create: bool = False) -> Iterator[Book]:
        """Open the organisation's book once; a remote book is uploaded at the end.

        Raises:
            ConfigurationError: there is no book yet.
            BookConflict: another run changed the remote book; the changes of this run are not in it.
            BookDamaged: the book was changed from outside.
        """
        store = self._book_store
        if store is None:
            with self._local_book(create=create) as book:
                yield book
            return
        with checked_out(store, f"{self.login}.book", create=create) as checkout:
            if not checkout.path.exists():
                self._require_only_book()
                self._notice(Notice.of("new_book", place=self.place))
            notes = CopyNotes(checkout.note.content, is_as_left=checkout.note.is_current)
            with self._opened(checkout.path, notes, checkout.publish) as book:
                try:
                    yield book
                finally:
                    book.publish()  # also after a failure: what was stored is kept

    def journal(self, book: Book) -> Journal:
        """Return the journal of the book, with the organisation's time zone.

        Raises:
            ConfigurationError: the book is still empty.
        """
        organisation = Journal(book, self.connector).organisation()
        return Journal(book, self.connector, self.time_zone(organisation.country))

    def time_zone(self, country: str) -> ZoneInfo:
        """Return the organisation's time zone: the configured one, or else that of its country."""
        return self.config.zone(self.login, country)

    def today(self, journal: Journal) -> date:
        """Return the organisation's local day."""
        return self.clock().astimezone(journal.zone).date()

    def calendar(self, journal: Journal) -> Calendar:
        """Return the calendar in which days are written: the organisation's local day and country."""
        return Calendar(self.today(journal), journal.organisation().country)

    def calendar_here(self) -> Calendar:
        """Return a calendar for days that are written before the book is read: this machine's local day."""
        return Calendar(self.clock().astimezone().date(), None)

    # --- the bank ---------------------------------------------------------------------------------------------

    @contextmanager
    def client(self) -> Iterator["Client"]:
        """Open the HTTP client of the bank."""
        from primanota.app.bank_access import HeldTokens, SharedAddress, open_client  # slow to import

        address = self._address or SharedAddress()
        held = HeldTokens(store, self.clock) if (store := self._token_store()) else None
        with open_client(self.config, self.login, self.bank_end, self._transport, address, held) as client:
            yield client
        # Afterwards, since a renewal may have moved the end.
        if held:
            end, command = held.store.load().refresh_end, held.store.consent_command
            if (ends := consent_ends(self.login, end, self.clock(), command)) and ends not in self.notices:
                self._notice(ends)

    @contextmanager
    def bank(self) -> Iterator[Bank]:
        """Open the bank."""
        from primanota.banks.qonto.bank import QontoBank  # as above

        with self.client() as client:
            yield QontoBank(client, self.clock)

    @property
    def has_consented(self) -> bool:
        """Whether the organisation's access are the tokens of a consent, not an API key."""
        return self._token_store() is not None

    def consent_end(self) -> datetime | None:
        """Return when the organisation's consent ends, UTC; None if it has an API key."""
        store = self._token_store()
        return store.load().refresh_end if store else None

    # --- exports ----------------------------------------------------------------------------------------------

    def accounting(self) -> tuple[Chart, tuple[Rule, ...]] | None:
        """Return the ledger accounts of the settings and their rules; None if the settings have none."""
        try:
            return self.config.accounting(self.login)
        except InvalidConfiguration:
            raise
        except ConfigurationError:
            return None

    def ledgers(self) -> Ledgers:
        """Return the function that returns an account's ledger accounts; they are None if the settings have none."""
        found = self.accounting()
        return (lambda account: ledger(*found, account)) if found else no_ledger

    def destinations(self, words: Iterable[str] = (), *, takes_output: bool = False) -> Destinations:
        """Return the destinations of files: the given ones, or else those of the settings, or else the export folder.

        Raises:
            InvalidInput: a word does not name a destination, or ``-`` names standard output without ``takes_output``.
        """
        wanted = tuple(words) or self.config.destinations(self.login)
        found = parse_destinations(wanted, self.config.exports, takes_output=takes_output)
        for bucket in found.buckets:
            s3.Location.parse(bucket)
        return found

    def upload(self, address: str, content: bytes, notes: Mapping[str, str]) -> None:
        """Upload a file into a bucket, or raise ``DeliveryFailed``."""
        s3.put(self.store_settings, s3.Location.parse(address), content, notes)

    # --- mail -------------------------------------------------------------------------------------------------

    @property
    def sender(self) -> str:
        """Return the sender of the organisation's mails, or raise ``ConfigurationError``."""
        return self.config.mail(self.login).sender

    def mailer(self, recipients: Iterable[str]) -> Mailer:
        """Return the function that sends mails, after all settings that it needs were checked.

        Raises:
            ConfigurationError: no mail server is configured, or its password is missing.
            InvalidConfiguration: an address is not valid, or the language is not known.
        """
        settings = self.config.mail(self.login)
        for address in (settings.sender, *recipients):
            mail.mailbox(address)
        self.config.language(self.login)
        self.config.zone(self.login, "")
        server = mail.parse_server(settings.server, settings.user, self.config.mail_password(self.login))
        if isinstance(server, mail.Ses):
            mail.require_usable(server)
        return lambda content, sender, to: mail.send(content, sender, to, server)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return all secrets, which must not appear in a mail."""
        found: list[Secret | None] = [*self.config.secrets.values()]
        with suppress(PrimanotaError):
            if store := self._token_store():
                tokens = store.load()
                found += (tokens.access, tokens.refresh)
            else:
                found.append(self.config.credentials(self.login).secret)
        with suppress(PrimanotaError):
            found.append(self.config.mail_password(self.login))
        return tuple(filter(None, found))

    # --- details ----------------------------------------------------------------------------------------------

    def _token_store(self) -> TokenStore | None:
        return self._tokens or self.config.tokens(self.login)

    def _login(self, organisation: str | None, book: str | None) -> str:
        """Return the login: of the settings, or else that of the named book, so that a book alone can be read."""
        if book and organisation is None and not self.config.has_organisation:
            return login_of(book, self.connector) or self.config.login(None)
        return self.config.login(organisation)

    @contextmanager
    def _local_book(self, *, create: bool) -> Iterator[Book]:
        path = self._find_local(create=create)
        if not create and not path.exists():
            if self._is_named:
                raise ConfigurationError(f"There is no book at {path}.", "Look whether its name is right.")
            raise NoBookYet(f"There is no book of {self.login} yet.", f"Run “{weekly_run()}” first.")
        with self._opened(path, FileNotes(path)) as book:
            yield book

    def _find_local(self, *, create: bool) -> Path:
        """Return the path of the local book, which may be called after another login of the same company."""
        path = disk.path_of(self.place)
        books = CompanyBooks(path, self.connector)
        if self._is_named or self.place != self.config.default_book(self.login):
            if create:
                books.require_only(self._company, self._notice, was_asked_for=self._is_named)
            return path
        found = books.find(self.login, self._company if create else None, self._notice)
        self.place = str(found)
        return found

    def _require_only_book(self) -> None:
        """Refuse to begin a second book of the company in a shared folder. A bucket is not searched."""
        if self.place.startswith(shared_book.SHARED):
            path = self.place.removeprefix(shared_book.SHARED)
            books = CompanyBooks(disk.path_of(path), self.connector, shared=True)
            books.require_only(self._company, self._notice, was_asked_for=self._is_named)

    def _company(self) -> Organisation:
        """Ask the bank for the organisation, unless files say it."""
        if self.owner:
            return self.owner
        from primanota.banks.qonto.bank import QontoBank  # as above

        with self.client() as client:
            return self.connector.organisation(QontoBank(client, self.clock).organisation())

    @contextmanager
    def _opened(
        self, path: Path, notes: Notes, upload: Callable[[Callable[[], bytes]], object] | None = None
    ) -> Iterator[Book]:
        """Open a book; verify it first if anything but this program may have changed it."""
        clock, show = lambda: microseconds(self.clock()), self.show_update
        with (
            opened(path, clock, notes, self._notify, upload=upload, show_update=show) as book,
            held_whole(book, self.connector, may_be_damaged=self.takes_damaged_book),
        ):
            yield book

    def _notice(self, notice: Notice) -> None:
        """Show a notice to the user now, and add it to the mail."""
        self.notices.append(notice)
        self._notify(notice)
