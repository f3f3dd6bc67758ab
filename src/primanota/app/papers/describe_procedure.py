"""Collect what the description of a procedure states: from the settings, from this machine, and from the book."""

import os
import platform
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, tzinfo
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from primanota import __version__, profiles
from primanota.adapters.settings.month_packs import close_settings
from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.adapters.storage import disk
from primanota.adapters.storage.shared_book import SHARED
from primanota.app.bank_of_book import asks_bank
from primanota.app.installation.schedule import RunSchedule, secret_references
from primanota.app.receipts.receipt_stores import store_of
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.book.closes import Closes
from primanota.book.file.schema import MIGRATIONS
from primanota.book.journal import Journal
from primanota.book.receptions import Reception, receptions
from primanota.book.rows.found_rows import RowQuery, sums
from primanota.book.rows.settled_rows import first_settled
from primanota.core.errors import ConfigurationError, PrimanotaError
from primanota.core.language.bookkeeping import bookkeeping
from primanota.core.model import COMPLETED, Account
from primanota.core.period import END_OF_TIME, Period, moment
from primanota.papers.procedure import (
    BookPlace,
    DescribedAccess,
    DescribedAccount,
    DescribedBook,
    DescribedProfile,
    LogSummary,
    MailDescription,
    Procedure,
    ProgramUse,
    ReadingsOfMonth,
    SecretPlace,
)

_S3 = "s3://"
_SECRETS: dict[str, SecretPlace] = {"keyring": "keyring", "file": "file", "command": "command", "fleet": "fleet"}
_OTHERS = 0o077


class DescribedMachine(NamedTuple):
    """What the papers say of the machine."""

    python: str
    system: str

    @classmethod
    def current(cls) -> "DescribedMachine":
        """Return this machine."""
        return cls(platform.python_version(), f"{platform.system()} {platform.machine()}".strip())


def procedure(
    workspace: Workspace,
    journal: Journal,
    made: datetime,
    language: str,
    machine: DescribedMachine,
    period: Period | None = None,
) -> Procedure:
    """Collect what the description states; inside the book's ``reading``.

    Args:
        workspace: the organisation.
        journal: its book.
        made: when the description is made, in the organisation's time zone.
        language: its language.
        machine: the machine that it names.
        period: the days of the log of receptions; None for the whole log.
    """
    settings, login, place = workspace.config, workspace.login, workspace.place
    own, company = settings.organisations.get(login, OrganisationSettings()), journal.organisation()
    destinations = settings.destinations(login) or (f"{settings.exports}",)
    packs, kept, (schedule, times) = close_settings(settings, login), journal.receipts(), _schedule(workspace)
    receipts, statements = sum(1 for _ in kept.all()), len(kept.statements())
    return Procedure(
        company=company.name,
        login=login,
        country=company.country,
        address=own.address,
        zone=str(journal.zone),
        made=made,
        program=__version__,
        python=machine.python,
        system=machine.system,
        responsible=own.responsible,
        adviser=own.adviser,
        api=settings.api_url(login),
        access=_access(workspace, journal.zone),
        reads_bank=asks_bank(workspace, journal.book),
        statement_folder=settings.statements(login),
        companies=len(settings.organisations),
        firm=settings.firm.to,
        accounts=tuple(_account(journal, one, language) for one in journal.accounts()),
        profile=settings.profile(login),
        destinations=destinations,
        packs=packs.to,
        pack_day=packs.day,
        profiles=tuple(_profiles(journal)),
        mail=MailDescription(own.mail.sender, own.mail.server) if own.mail else MailDescription("", ""),
        has_rules=bool(own.ledger or own.rule),
        book=_book(journal.book, place),
        encryption=_encryption(workspace, (place, *destinations, *packs.to)),
        store=store_of(workspace).place if receipts or statements else "",
        fetches_receipts=settings.receipts(login),
        receipts=receipts,
        statements=statements,
        closed_months=tuple(sorted({one.month for one in Closes(journal.book).newest()})),
        schedule=schedule,
        times=times,
        log=_log(journal, period),
    )


def _log(journal: Journal, period: Period | None) -> LogSummary:
    history = _History(journal.zone, period)
    history.follow(receptions(journal.book, 0, END_OF_TIME))
    first, last = (period.first, period.last) if period else (None, None)
    months, programs = tuple(history.months.values()), tuple(history.programs.values())
    return LogSummary(history.first, first, last, months, programs)


class _History:
    """What the readings add up to: by month, as far as the log goes, and by the version of the program."""

    def __init__(self, zone: tzinfo, period: Period | None) -> None:
        self.first: date | None = None
        self.months: dict[str, ReadingsOfMonth] = {}
        self.programs: dict[str, ProgramUse] = {}
        self._zone = zone
        self._span = period.span(zone) if period else (0, END_OF_TIME)

    def follow(self, found: Iterable[Reception]) -> None:
        """Take all readings, the earliest first."""
        for one in found:
            local = moment(one.started).astimezone(self._zone)
            day = local.date()
            self.first = self.first or day
            use = self.programs.get(one.program, ProgramUse(one.program, 0, day, day))
            self.programs[one.program] = use._replace(readings=use.readings + 1, last=day)
            if self._span[0] <= one.started < self._span[1]:
                self._add(f"{local:%Y-%m}", one)

    def _add(self, name: str, one: Reception) -> None:
        known = self.months.get(name, ReadingsOfMonth(name, 0, 0, 0, 0, 0, 0, ""))
        self.months[name] = ReadingsOfMonth(
            name,
            known.readings + 1,
            known.failed + (not one.is_done),
            known.unproven + bool(one.unproven),
            known.new + sum(rows.new for rows in one.accounts),
            known.changed + sum(rows.changed for rows in one.accounts),
            known.absent + sum(rows.absent for rows in one.accounts),
            one.head if one.is_done else known.head,
        )


def _account(journal: Journal, account: Account, language: str) -> DescribedAccount:
    book, key, proof = journal.book, account.id, journal.book.proof_state(account.id)
    first, last, until = (
        moment(one).astimezone(journal.zone).date() if one is not None else None
        for one in (first_settled(book, key), book.last_settled(key), proof.until)
    )
    rows = sum(one.rows for one in sums(book, RowQuery((key,), statuses=(COMPLETED,))))
    state = bookkeeping(language).proof.of(proof.state)
    described = (account.name, account.iban, account.currency, rows, first, last, state, until)
    return DescribedAccount(*described, from_files=account.from_files)


def _profiles(journal: Journal) -> Iterator[DescribedProfile]:
    by_name = attrgetter("profile")
    for profile, found in groupby(sorted(Batches(journal.book).all(), key=by_name), by_name):
        batches = list(found)
        days = [one.made.astimezone(journal.zone).date() for one in batches]
        undone, texts = sum(one.state == "undone" for one in batches), len({one.digest for one in batches})
        title, file = _title_and_file(profile)
        yield DescribedProfile(profile, title, file, texts, len(batches), undone, min(days), max(days))


def _title_and_file(name: str) -> tuple[str, str]:
    try:
        profile = profiles.load(name)
    except PrimanotaError:  # a profile of the user's own that is not there any more
        return name, ""
    return profile.title, f"{profile.file}{profile.suffix}"


def _access(workspace: Workspace, zone: tzinfo) -> DescribedAccess:
    secret, reference = _secret(workspace)
    if not workspace.has_consented:
        return DescribedAccess("key", secret, reference, (), None)
    try:
        tokens, end = workspace.config.tokens(workspace.login), workspace.consent_end()
        scopes = tokens.load().scopes if tokens else ()
    except PrimanotaError:  # the tokens cannot be read here; the description says that there is a consent
        scopes, end = (), None
    return DescribedAccess("consent", secret, reference, scopes, end.astimezone(zone).date() if end else None)


def _schedule(workspace: Workspace) -> tuple[str, str]:
    """Return the name of the scheduler that starts the run, and its times; empty texts if there is none here."""
    schedule = RunSchedule(workspace)
    with suppress(ConfigurationError):  # a machine without a scheduler
        if schedule.installed:
            return schedule.scheduler.name, f"{schedule.scheduler.times or ''}"
    return "", ""


def _secret(workspace: Workspace) -> tuple[SecretPlace, str]:
    """Return where the secret is, and the reference to it; without that of a command, whose words may be private."""
    references = secret_references(workspace)
    if not references or (workspace.config.secrets.get("PRIMANOTA_SECRET_KEY") and not workspace.has_consented):
        return "environment", ""
    place = _SECRETS.get(references[0].removeprefix("oauth:").split(":", 1)[0], "aws")
    return place, "" if place == "command" else references[0]


def _encryption(workspace: Workspace, places: Iterable[str]) -> str:
    return workspace.store_settings.encryption if any(map(_is_bucket, places)) else ""


def _book(book: Book, place: str) -> DescribedBook:
    kind, mode = _kind(place), 0
    if kind == "local" and os.name == "posix":
        mode = disk.path_of(place).stat().st_mode & 0o777
    shown, is_open = f"{mode:04o}" if mode else "", bool(mode & _OTHERS)
    return DescribedBook(place, kind, shown, is_open, len(MIGRATIONS), book.newest_version, book.head.hex())


def _kind(place: str) -> BookPlace:
    return "bucket" if _is_bucket(place) else "shared" if place.startswith(SHARED) else "local"


def _is_bucket(place: str) -> bool:
    return place.startswith(_S3)
