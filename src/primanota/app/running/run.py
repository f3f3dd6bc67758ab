"""Run the weekly job: sync, review, export, upload, and report it by mail.

Everything is decided and stored in the book, and a remote book is uploaded, before anything is delivered. So a run
that is killed, repeated or started twice completes what is missing, and does nothing twice.
"""

from primanota.app.bank_of_book import asks_bank, expect_files
from primanota.app.closing.pack_places import everyone, is_pack_wanted
from primanota.app.exporting import notices
from primanota.app.exporting.export import export
from primanota.app.exporting.selection import choose_accounts
from primanota.app.exporting.try_destinations import try_destinations
from primanota.app.importing.statement_folder import import_folder
from primanota.app.progress import ShowProgress, no_progress
from primanota.app.receipts.fetch_new import fetch_new
from primanota.app.reviewing.review import Review
from primanota.app.running import notify
from primanota.app.running.run_report import RunReport
from primanota.app.running.run_request import RunRequest
from primanota.app.send_outbox import Outbox, letters_of_run
from primanota.app.syncing.named_rows import name_vanished
from primanota.app.syncing.sync import require_proven, sync
from primanota.app.waiting import waiting
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.core.disk_errors import system_error
from primanota.core.errors import (
    BookConflict,
    BookLocked,
    BookUnusable,
    DeliveryFailed,
    NotProven,
    PrimanotaError,
    mistake,
)
from primanota.export.select import Export
from primanota.export.uploads import upload_pending

_RESERVED_SECONDS = 240
# Of each kind of findings a run reports this many; “primanota review” has all.
_FINDINGS_OF_EACH_KIND = 100
_LATER = "The book has the file, and the next run uploads it: do not export it again."


def seconds_for_bank(remaining: float) -> float:
    """Return how long a run may read the bank if its process is ended after this many seconds.

    The rest is for the book, the files and the mail.
    """
    return remaining - min(_RESERVED_SECONDS, remaining / 3)


def execute_run(workspace: Workspace, request: RunRequest, progress: ShowProgress = no_progress) -> RunReport:
    """Execute a run; if it has recipients, mail them its report, also if it fails.

    A run whose key already has a letter is not executed again: only its missing deliveries are completed.

    Returns:
        The report. ``failure`` is the error that ended the run; the book has everything that was stored before it.

    Raises:
        ConfigurationError: there are recipients, and no sender or server for mails is configured.
    """
    if request.reads_bank:
        expect_files(workspace)
    recipients = everyone(workspace, request.destinations.recipients)
    outbox = Outbox(workspace.mailer(recipients)) if recipients else None
    try:
        return workspace.transaction(
            lambda book: _run(workspace, book, request, outbox, progress), create=request.reads_bank
        )
    except PrimanotaError as error:
        report = RunReport(failure=error)
        if request.destinations.recipients:
            report.unsent = notify.mail_at_once(workspace, request, report)
        return report


def _run(
    workspace: Workspace, book: Book, request: RunRequest, outbox: Outbox | None, progress: ShowProgress
) -> RunReport:
    report, bug = RunReport(), None
    letters = letters_of_run(book, request.run_key)
    report.repeated = any(not letter.failed and letter.state != "withdrawn" for letter in letters)
    for step in (_upload,) if report.repeated else (_sync_and_export, _upload, _close_months):
        try:
            step(workspace, book, request, report, progress)
        except (BookConflict, BookLocked, BookUnusable):  # nothing of this run can be stored in this book
            raise
        except PrimanotaError as error:
            report.failure = report.failure or error
        except Exception as error:  # noqa: BLE001 - the mail must report every failure
            known = system_error(error)
            report.failure, bug = known or mistake(error), bug if known else error
    report.notes += waiting(book).notices
    if request.destinations.recipients and not report.repeated:
        notify.write_letter(workspace, book, request, report)
    if outbox:
        report.unsent = outbox.flush(book, request.run_key)
    report.refresh_deliveries(book)
    if bug:
        raise bug
    return report


def _sync_and_export(
    workspace: Workspace, book: Book, request: RunRequest, report: RunReport, progress: ShowProgress
) -> None:
    """Sync, review and export; fill the report step by step, so that it shows the progress of a failed run."""
    if request.reads_bank:
        report.notes += import_folder(workspace, book, progress).notes
    if request.reads_bank and asks_bank(workspace, book):
        with workspace.bank() as bank, progress() as shown:
            report.synced, notes = sync(bank, book, workspace.connector, shown)
            report.notes += notes
            report.notes += fetch_new(workspace, bank, book, shown)
    journal = workspace.journal(book)
    name_vanished(journal, report.synced)
    report.company = journal.organisation().name
    report.zone = workspace.time_zone(journal.organisation().country)
    report.selection = request.selection(book)
    if request.reads_bank or request.destinations.recipients:
        review = Review(journal, workspace.today(journal), report.period, workspace.ledgers())
        report.findings = review.newest(_FINDINGS_OF_EACH_KIND)
        report.findings_of_other_days = review.count_other_days()
    accounts = choose_accounts(journal.accounts(), request.wanted)
    ids = {account.id for account in accounts}
    report.notes += notices.gone(journal, accounts)
    if not request.allow_unproven:
        require_proven(one for one in report.synced if one.account.id in ids)
    report.notes += notices.not_read_to_the_end(journal, report.selection, accounts)
    try_destinations(workspace, request.destinations)
    first_new_day = Batches(book).first_new_day(request.tool.name)
    wanted = Export(
        journal,
        request.tool,
        report.selection,
        workspace.ledgers(),
        request.destinations,
        request.run_key,
        # All rows of an account that has gone, only if the user asks for it: the others are not kept back.
        frozenset(ids if request.wanted or request.allow_unproven else ()),
        workspace.token,
    )
    report.exports, report.recovered = export(
        wanted, accounts, allow_unproven=request.allow_unproven, refuse_repeats=request.refuse_repeats
    )
    report.failure = _open_batch(report)
    report.notes += notices.of_files(report.exports)
    report.notes += notices.of_statement_ends(wanted, accounts)
    report.notes += notices.of_selection(
        journal, request.tool, report.selection, first_new_day, accounts, wanted.ledger_of
    )


def _open_batch(report: RunReport) -> DeliveryFailed | None:
    """Return the error of a batch of an earlier run whose rows count as exported, and may be in no file."""
    for one in report.recovered:
        if one.is_open:
            return DeliveryFailed(one.message)
    return None


def _upload(workspace: Workspace, book: Book, *_: object) -> None:
    """Upload files that are still missing in buckets, even if the run failed."""
    if failed := upload_pending(book, workspace.upload):
        first, *others = failed
        also = "".join(f" Also: {error.message}" for error in others)
        raise DeliveryFailed(f"{first.message}{also}", f"{first.hint} {_LATER}".strip())


def _close_months(
    workspace: Workspace, book: Book, request: RunRequest, report: RunReport, progress: ShowProgress
) -> None:
    """Make and deliver the packs of months that have ended, unless the run failed; what is not proven is said."""
    has_failed = report.failure and not isinstance(report.failure, NotProven)
    if request.reads_bank and not has_failed and is_pack_wanted(workspace, book):
        from primanota.app.running.run_packs import close_due_months  # slow to import

        recipients = everyone(workspace, request.destinations.recipients)
        close_due_months(workspace, book, recipients, report, progress)
