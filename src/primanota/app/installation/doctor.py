"""Examine an organisation, from its book to its schedule; where something is not well, say what to do."""

from collections.abc import Callable, Collection, Iterator
from typing import Literal, NamedTuple

from primanota.adapters.storage import disk
from primanota.app.bank_of_book import asks_bank
from primanota.app.exporting.try_destinations import try_destinations
from primanota.app.importing.statement_folder import statement_files_in
from primanota.app.installation.schedule import RunSchedule
from primanota.app.receipts.receipt_store_check import examine_store
from primanota.app.receipts.receipt_stores import store_of
from primanota.app.reviewing.check import Check, check_bank, check_book
from primanota.app.workspace import Workspace
from primanota.book.file.run_log import LoggedRun, last_runs
from primanota.book.journal import Journal
from primanota.core.advice import read_all_again
from primanota.core.errors import BookDamaged, ConfigurationError, ConsentEnded, NotProven, PrimanotaError
from primanota.core.language.notation import notation
from primanota.core.language.notices import english
from primanota.core.oauth import consent_ends

_RUNS = 20
# What is examined, in the order in which it is shown.
Subject = Literal[
    "book", "chain", "accounts", "key", "consent", "limits", "statements", "places", "receipts", "mail", "schedule"
]


class Examined(NamedTuple):
    """The result of an examination: without an error it is well; ``value`` is what was found."""

    subject: Subject
    value: str = ""
    error: PrimanotaError | None = None


def examine(workspace: Workspace, journal: Journal) -> list[Examined]:
    """Examine everything, and ask the bank; inside the book's ``reading``. Nothing is changed."""
    found = check_book(journal)
    return [
        Examined("book", error=None if found.sound else BookDamaged("The file of the book is damaged.", _RESTORE)),
        Examined("chain", journal.book.head.hex(), _chain_error(found)),
        Examined("accounts", str(len(found.accounts)), _proof_error(found, found.accounts)),
        *_access(workspace, journal, found),
        *_statements(workspace),
        _examined("places", lambda: _places(workspace)),
        *_receipts(workspace, journal),
        _examined("mail", lambda: _mail(workspace)),
        _examined("schedule", lambda: _schedule(workspace)),
    ]


def logged_runs(journal: Journal) -> list[LoggedRun]:
    """Return the last runs of any command, the newest first."""
    return last_runs(journal.book, _RUNS)


_RESTORE = "Do not delete it. Bring the last backup back, see “primanota help reliability”."


def _examined(subject: Subject, look: Callable[[], str]) -> Examined:
    try:
        return Examined(subject, look())
    except PrimanotaError as error:
        return Examined(subject, error=error)


def _chain_error(found: Check) -> PrimanotaError | None:
    return BookDamaged(found.inconsistency, _RESTORE) if found.inconsistency else None


def _proof_error(found: Check, accounts: Collection[str]) -> PrimanotaError | None:
    """Return why some of the accounts are not proven, and what to do; None if they are."""
    doubtful = [
        (found.accounts[proof.account_id], state.reasons)
        for proof, state in found.each
        if proof.account_id in accounts and state.reasons
    ]
    sentences = (f"{account.name}: {reason}." for account, reasons in doubtful for reason in reasons)
    return NotProven(" ".join(sentences), f"{read_all_again(one for one, _ in doubtful)}.") if doubtful else None


def _access(workspace: Workspace, journal: Journal, found: Check) -> Iterator[Examined]:
    """Yield how the bank answers; nothing for a book of files alone."""
    if asks_bank(workspace, journal.book):
        yield _examined("key", lambda: _ask(workspace, journal, found))
        if workspace.has_consented:
            yield _examined("consent", lambda: _consent(workspace))
        yield _examined("limits", lambda: str(workspace.config.connections(workspace.login)))


def _statements(workspace: Workspace) -> Iterator[Examined]:
    """Yield how the folder of statements is, if the settings name one."""
    if folder := workspace.config.statements(workspace.login):
        yield _examined("statements", lambda: f"{folder} ({len(statement_files_in(disk.path_of(folder)))})")


def _ask(workspace: Workspace, journal: Journal, found: Check) -> str:
    """Ask the bank for the present balances and counts, and compare them with the book."""
    with workspace.bank() as bank:
        compared = check_bank(bank, journal, found)
    if error := _proof_error(compared, {key for key, one in found.accounts.items() if not one.from_files}):
        raise error
    return workspace.login


def _consent(workspace: Workspace) -> str:
    end = workspace.consent_end()
    if end and (ends := consent_ends(workspace.login, end, workspace.clock())):
        raise ConsentEnded(english(ends))
    return f"{end:%Y-%m-%d}"


def _places(workspace: Workspace) -> str:
    destinations = workspace.destinations()
    try_destinations(workspace, destinations)
    return ", ".join(filter(None, (str(destinations.local or ""), *destinations.buckets, *destinations.recipients)))


def _receipts(workspace: Workspace, journal: Journal) -> Iterator[Examined]:
    """Yield how the store of receipts is, if the book has receipts, or the settings ask for them."""

    def look() -> str:
        store = store_of(workspace)
        return f"{store.place} ({notation('en').size(examine_store(journal, store).size)})"

    if workspace.config.receipts(workspace.login) or any(True for _ in journal.receipts().files()):
        yield _examined("receipts", look)


def _mail(workspace: Workspace) -> str:
    recipients = workspace.destinations().recipients
    if recipients:
        workspace.mailer(recipients)
    return ", ".join(recipients)


def _schedule(workspace: Workspace) -> str:
    schedule = RunSchedule(workspace)
    if not schedule.installed:
        raise ConfigurationError("No run is scheduled on this machine.", "Run “primanota schedule install”.")
    return ""
