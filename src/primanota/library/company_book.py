"""A company's book for other programs: list, sync, export and prove it, without a terminal."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from weakref import WeakSet

import msgspec

from primanota import profiles
from primanota.adapters.settings import config
from primanota.adapters.settings.config import Config
from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.app.exporting.selection import choose_accounts
from primanota.app.proving.account_proof import account_proof, first_day
from primanota.app.running.run import execute_run
from primanota.app.running.run_request import RunRequest
from primanota.app.running.sync_now import sync_now
from primanota.app.workspace import Workspace, now
from primanota.book.journal import Journal
from primanota.core import redaction
from primanota.core.errors import InvalidInput
from primanota.core.model import Account, Organisation, Transaction
from primanota.core.period import Days, Period, between, parse_days
from primanota.core.secret import Credentials, Secret
from primanota.library.results import BookExport, BookProof, BookSync, book_export, sentences, synced_account
from primanota.library.wanted_rows import selection_of

_T = TypeVar("_T")


def open_book(
    organisation: str | None = None,
    *,
    book: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    clock: Callable[[], datetime] = now,
) -> "CompanyBook":
    """Open the book of a company.

    Without arguments it is the book of the command line: that of the default organisation of the settings.

    Args:
        organisation: the login of the organisation (its slug), if it is not the default one.
        book: where the book is, if it is not where the settings say: a path, ``s3://BUCKET/KEY`` or ``shared:PATH``.
        environment: variables such as PRIMANOTA_HOME and PRIMANOTA_API_URL, instead of those of the process.
        clock: returns the present, aware.

    Raises:
        InvalidConfiguration: the settings file has a mistake.
    """
    settings = config.load() if environment is None else config.load(environment)
    if organisation is not None and not settings.has_organisation:
        settings = settings.with_organisation(organisation, OrganisationSettings())
    return CompanyBook(settings, organisation, None if book is None else f"{book}", clock)


class CompanyBook:
    """The book of a company. :func:`open_book` makes one; it is a context manager.

    Each call opens the book for as long as it takes, so that other processes can write it in between. At its end the
    ``with`` block ends iterations that were left in the middle. Nothing is asked, printed or logged. Use each object
    in one thread at a time, and one object for each thread.

    All methods raise :class:`PrimanotaError`:

    - ``ConfigurationError``: no organisation is known, or there is no book yet (``NoBookYet``).
    - ``BookLocked``, ``BookConflict``: another process is writing the book; try again later.
    - ``BookDamaged``: the book was changed from outside.
    """

    def __init__(
        self, settings: Config, organisation: str | None, book: str | None, clock: Callable[[], datetime]
    ) -> None:
        self._settings = settings
        self._organisation = organisation
        self._place = book
        self._clock = clock
        self._unfinished = WeakSet[Iterator[Transaction]]()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for rows in list(self._unfinished):
            if close := getattr(rows, "close", None):
                close()

    def organisation(self) -> Organisation:
        """Return the organisation that the book belongs to."""
        return self._read(Journal.organisation)

    def accounts(self) -> list[Account]:
        """Return the bank accounts, in the bank's order; ``balance`` is in cents, as of the last sync."""
        return self._read(Journal.accounts)

    def transactions(self, days: Days | None = None, *, accounts: Iterable[str] = ()) -> Iterator[Transaction]:
        """Yield completed transactions, account by account, each in the order of settlement.

        They are read while they are taken, so that a book of any size takes little memory; all of them show the book
        as it was when the first one was taken.

        Args:
            days: a period, by the local day of settlement: ``"2026-10"``, ``"last-month"``, a day, two days (both
                included), or another word that the command line knows. All transactions without it.
            accounts: the accounts, each by name, IBAN, its last four characters, or id; all by default.

        Raises:
            InvalidInput: the period cannot be read, or an account is not known.
        """
        rows = self._rows(days, _words(accounts))
        self._unfinished.add(rows)
        return rows

    def sync(self, credentials: Credentials | None = None, *, full: bool = False) -> BookSync:
        """Bring the book up to date with the bank, and prove it. The book is created if there is none.

        An account that is not proven is part of the result; its rows are not exported unless that is asked for.

        Args:
            credentials: the API key; None for the access that the settings name.
            full: read everything again, and find what vanished.

        Raises:
            BankRefused: the bank refused the key (``InvalidApiKey``), or the request.
            ServiceUnavailable: the bank did not answer, after all repetitions.
        """
        workspace = self._workspace
        if credentials:
            workspace = self._open(_with_key(self._settings, self._organisation, credentials))
            self._settings, self._workspace = workspace.config, workspace
        with _remembered(workspace.config):
            done, notes = sync_now(workspace, full=full)
        return BookSync(tuple(map(synced_account, done)), sentences(notes))

    def export(
        self,
        profile: str,
        days: Days | None = None,
        *,
        new: bool = False,
        since: date | None = None,
        changed: bool = False,
        to: str | Path | Iterable[str | Path] = (),
        accounts: Iterable[str] = (),
        allow_unproven: bool = False,
        refuse_repeats: bool = False,
    ) -> BookExport:
        """Write an accounting tool's files, one for each account, and record each as a batch: all, or nothing.

        Exactly one of ``days``, ``new`` and ``changed`` selects the rows.

        Args:
            profile: a name of ``primanota profiles``, such as ``lexware``, or the path of a profile of your own.
            days: the rows of a period, as in :meth:`transactions`.
            new: the rows that are in no batch of the profile yet.
            since: the first local day of new rows; needed once for each profile, then the book knows it.
            changed: the rows that changed since their export, as they are now.
            to: folders, files, ``s3://BUCKET/PREFIX/`` or ``mailto:ADDRESS``; else those of the settings.
            accounts: the accounts, as in :meth:`transactions`.
            allow_unproven: write rows that are not proven complete, too.
            refuse_repeats: refuse rows of a period that are in an earlier batch.

        Raises:
            InvalidInput: the rows, the profile, an account or a destination is not one.
            NotProven: the rows are not proven complete.
            FormatRuleViolated: a row breaks a rule of the tool, or was exported before (``AlreadyExported``).
            DeliveryFailed: a file could not be written to its destination.
        """
        workspace, tool = self._workspace, profiles.load(profile)
        request = RunRequest(
            tool,
            lambda book: selection_of(workspace, book, tool, days, new=new, since=since, changed=changed),
            workspace.destinations((f"{to}",) if isinstance(to, str | Path) else map(str, to)),
            wanted=_words(accounts),
            allow_unproven=allow_unproven,
            refuse_repeats=refuse_repeats,
            reads_bank=False,
        )
        with _remembered(workspace.config):
            report = execute_run(workspace, request)
        report.raise_if_failed()
        return book_export(report)

    def proof(self, days: Days | None = None, *, accounts: Iterable[str] = ()) -> BookProof:
        """Verify the whole book, and return what is proven of each account over a period.

        The bank is not asked: it is what the last sync has found. Reads every row: about two seconds for 100,000.

        Args:
            days: the period; from the account's first day up to the present by default.
            accounts: the accounts, as in :meth:`transactions`.

        Raises:
            InvalidInput: as :meth:`transactions`.
        """
        chosen = _words(accounts)

        def work(journal: Journal) -> BookProof:
            with journal.book.reading():
                named = choose_accounts(journal.accounts(), chosen)
                found = tuple(account_proof(journal, one, self._period(journal, one, days)) for one in named)
                return BookProof(found, journal.verify())

        return self._read(work)

    @cached_property
    def _workspace(self) -> Workspace:
        return self._open(self._settings)

    def _open(self, settings: Config) -> Workspace:
        return Workspace(self._organisation, self._place, settings=settings, clock=self._clock)

    def _read(self, work: Callable[[Journal], _T]) -> _T:
        workspace = self._workspace
        with _remembered(workspace.config):
            return workspace.transaction(lambda book: work(workspace.journal(book)))

    def _rows(self, days: Days | None, accounts: tuple[str, ...]) -> Iterator[Transaction]:
        workspace = self._workspace
        with workspace.book() as book, book.reading():
            journal = workspace.journal(book)
            period = None if days is None else parse_days(days, *workspace.calendar(journal))
            for account in choose_accounts(journal.accounts(), accounts):
                yield from journal.transactions(account, period)

    def _period(self, journal: Journal, account: Account, days: Days | None) -> Period:
        if days is not None:
            return parse_days(days, *self._workspace.calendar(journal))
        today = self._workspace.today(journal)
        return between(min(first_day(journal, account) or today, today), today)


def _words(accounts: Iterable[str]) -> tuple[str, ...]:
    return (accounts,) if isinstance(accounts, str) else tuple(accounts)


def _remembered(settings: Config) -> AbstractContextManager[None]:
    """Keep the secrets of the settings out of every error, also one that repeats what a server answered."""
    return redaction.remembering(secret.reveal() for secret in settings.secrets.values())


def _with_key(settings: Config, organisation: str | None, credentials: Credentials) -> Config:
    """Return the same settings with an API key, as if the environment named it."""
    if organisation not in {None, credentials.login}:
        raise InvalidInput(
            f"The key is that of {credentials.login}, and the book that of {organisation}.",
            "Use the key of this one.",
        )
    return msgspec.structs.replace(
        settings,
        environment={**settings.environment, "PRIMANOTA_LOGIN": credentials.login},
        secrets={**settings.secrets, "PRIMANOTA_SECRET_KEY": Secret(credentials.secret.reveal())},
    )
