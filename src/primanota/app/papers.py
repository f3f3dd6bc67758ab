"""Write the papers of an installation: the description of its procedure, and the log of receptions."""

import platform
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from primanota import __version__, profiles
from primanota.adapters.storage import disk
from primanota.adapters.storage.shared_book import SHARED
from primanota.app.receipt_stores import store_of
from primanota.app.schedule import RunSchedule, secret_references
from primanota.app.workspace import Workspace
from primanota.book import Batches
from primanota.book.closes import Closes
from primanota.book.found_rows import RowQuery, sums
from primanota.book.journal import Journal
from primanota.book.receptions import Reception, receptions
from primanota.book.schema import MIGRATIONS
from primanota.book.settled_rows import first_settled
from primanota.core.errors import ConfigurationError, DeliveryFailed, PrimanotaError
from primanota.core.language.bookkeeping import bookkeeping
from primanota.core.model import Account
from primanota.core.period import END_OF_TIME, moment
from primanota.core.results import Batch
from primanota.papers.description import description
from primanota.papers.pdf import pdf
from primanota.papers.procedure import (
    BookPlace,
    DescribedAccount,
    DescribedProfile,
    MailDescription,
    Procedure,
    ReadingsOfMonth,
    SecretPlace,
)
from primanota.papers.receptions import reception_lines

_S3 = "s3://"
_SECRETS: dict[str, SecretPlace] = {"keyring": "keyring", "file": "file", "command": "command", "fleet": "fleet"}


class DescribedMachine(NamedTuple):
    """What the papers say of the machine."""

    python: str
    system: str

    @classmethod
    def current(cls) -> "DescribedMachine":
        """Return this machine."""
        return cls(platform.python_version(), f"{platform.system()} {platform.machine()}".strip())


class WrittenPaper(NamedTuple):
    """A file of the papers, and whether it was written now; the same one may have been there."""

    path: Path
    is_new: bool


def write_papers(
    workspace: Workspace, journal: Journal, folder: Path, language: str, machine: DescribedMachine
) -> list[WrittenPaper]:
    """Write the description as PDF and as Markdown, and the log as CSV; inside the book's ``reading``.

    A file there with other content is not replaced: the new one gets a number. The same settings, book and moment
    give the same bytes.

    Args:
        workspace: the organisation.
        journal: its book.
        folder: receives the files; it is made if it does not exist.
        language: the language of the description.
        machine: the machine that the description names.

    Raises:
        DeliveryFailed: a file cannot be written.
    """
    made = workspace.clock().astimezone(journal.zone).replace(microsecond=0)
    text = description(procedure(workspace, journal, made, language, machine), language)
    accounts = {one.id: (one.name, one.iban) for one in journal.accounts()}
    log = reception_lines(receptions(journal.book, 0, END_OF_TIME), accounts, journal.zone)
    stem, day, target = workspace.login, f"{made:%Y-%m-%d}", disk.resolved(folder)
    return [
        _write(target, f"procedure_{stem}_{day}_{language}", ".pdf", [pdf(text, language, made)]),
        _write(target, f"procedure_{stem}_{day}_{language}", ".md", [text.encode()]),
        _write(target, f"receptions_{stem}_{day}", ".csv", log),
    ]


def procedure(
    workspace: Workspace, journal: Journal, made: datetime, language: str, machine: DescribedMachine
) -> Procedure:
    """Collect what the description states; inside the book's ``reading``."""
    settings, login, book = workspace.config, workspace.login, journal.book
    own, company = settings.organisations.get(login), journal.organisation()
    end, (schedule, times) = _consent_end(workspace), _schedule(workspace)
    kept = journal.receipts()
    receipts, statements = sum(1 for _ in kept.all()), len(kept.statements())
    return Procedure(
        company=company.name,
        login=login,
        country=company.country,
        zone=str(journal.zone),
        made=made,
        program=__version__,
        python=machine.python,
        system=machine.system,
        responsible=own.responsible if own else "",
        adviser=own.adviser if own else "",
        api=settings.api_url(login),
        access="consent" if workspace.has_consented else "key",
        secret=_secret_place(workspace),
        consent_end=end.astimezone(journal.zone).date() if end else None,
        accounts=tuple(_account(journal, one, language) for one in journal.accounts()),
        profile=settings.profile(login),
        destinations=settings.destinations(login),
        profiles=tuple(_profiles(journal)),
        mail=MailDescription(own.mail.sender, own.mail.server) if own and own.mail else MailDescription("", ""),
        has_rules=bool(own and (own.ledger or own.rule)),
        book=workspace.place,
        book_place=_book_place(workspace.place),
        schema=len(MIGRATIONS),
        versions=book.newest_version,
        head=book.head.hex(),
        store=store_of(workspace).place if receipts or statements else "",
        fetches_receipts=settings.receipts(login),
        receipts=receipts,
        statements=statements,
        closed_months=tuple(sorted({one.month for one in Closes(book).newest()})),
        schedule=schedule,
        times=times,
        first_reading=_first_day(journal),
        months=tuple(_months(journal)),
    )


def _account(journal: Journal, account: Account, language: str) -> DescribedAccount:
    book, key = journal.book, account.id
    first, last = first_settled(book, key), book.last_settled(key)
    first_day, last_day = (
        moment(one).astimezone(journal.zone).date() if one is not None else None for one in (first, last)
    )
    rows = sum(one.rows for one in sums(book, RowQuery((key,), 0, END_OF_TIME)))
    state = bookkeeping(language).proof.of(book.proof_state(key).state)
    described = (account.name, account.iban, account.currency, rows, first_day, last_day, state)
    return DescribedAccount(*described, from_files=account.from_files)


def _profiles(journal: Journal) -> Iterator[DescribedProfile]:
    def name(batch: Batch) -> str:
        return batch.profile

    for profile, found in groupby(sorted(Batches(journal.book).all(), key=name), name):
        batches: Sequence[Batch] = list(found)
        days = [one.made.astimezone(journal.zone).date() for one in batches]
        undone = sum(one.state == "undone" for one in batches)
        yield DescribedProfile(profile, _title(profile), len(batches), undone, min(days), max(days))


def _title(profile: str) -> str:
    try:
        return profiles.load(profile).title
    except PrimanotaError:  # a profile of the user's own that is not there any more
        return profile


def _months(journal: Journal) -> Iterator[ReadingsOfMonth]:
    def month(one: Reception) -> str:
        return f"{moment(one.started).astimezone(journal.zone):%Y-%m}"

    for name, found in groupby(receptions(journal.book, 0, END_OF_TIME), month):
        readings = failed = new = changed = absent = 0
        head = ""
        for one in found:
            readings += 1
            failed += not one.is_done
            new += sum(stored.new for stored in one.accounts)
            changed += sum(stored.changed for stored in one.accounts)
            absent += sum(stored.absent for stored in one.accounts)
            head = one.head if one.is_done else head
        yield ReadingsOfMonth(name, readings, failed, new, changed, absent, head)


def _first_day(journal: Journal) -> date | None:
    first = next(receptions(journal.book, 0, END_OF_TIME), None)
    return moment(first.started).astimezone(journal.zone).date() if first else None


def _consent_end(workspace: Workspace) -> datetime | None:
    try:
        return workspace.consent_end() if workspace.has_consented else None
    except PrimanotaError:  # the tokens cannot be read here; the description says that there is a consent
        return None


def _schedule(workspace: Workspace) -> tuple[str, str]:
    """Return the name of the scheduler that starts the run, and its times; empty texts if there is none here."""
    schedule = RunSchedule(workspace)
    with suppress(ConfigurationError):  # a machine without a scheduler
        if schedule.installed:
            return schedule.scheduler.name, f"{schedule.scheduler.times or ''}"
    return "", ""


def _secret_place(workspace: Workspace) -> SecretPlace:
    references = secret_references(workspace)
    if not references or (workspace.config.secrets.get("PRIMANOTA_SECRET_KEY") and not workspace.has_consented):
        return "environment"
    words = references[0].removeprefix("oauth:")
    return _SECRETS.get(words.split(":", 1)[0], "aws")


def _book_place(place: str) -> BookPlace:
    return "bucket" if place.startswith(_S3) else "shared" if place.startswith(SHARED) else "local"


def _write(folder: Path, stem: str, suffix: str, pieces: Iterable[bytes]) -> WrittenPaper:
    """Write a file under the first name that no other file has; the same file is not written again."""
    key = disk.new_token()
    staged_for = folder / f"{stem}{suffix}"
    disk.stage(staged_for, key, pieces)
    try:
        return _named(folder, stem, suffix, staged_for, key)
    finally:
        disk.discard(staged_for, key)


def _named(folder: Path, stem: str, suffix: str, staged_for: Path, key: str) -> WrittenPaper:
    digest = disk.sha256_of(disk.staged(staged_for, key))
    for number in range(1, 1000):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}_{number}{suffix}")
        if disk.is_there(path):
            if disk.sha256_of(path) == digest:
                return WrittenPaper(path, is_new=False)
        elif disk.name_staged(staged_for, key, path):
            return WrittenPaper(path, is_new=True)
    raise DeliveryFailed(f"{folder} has too many papers of this day.", "Name another folder with --to.")
