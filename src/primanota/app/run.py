"""Run the weekly job: sync, review, export, upload, and report it by mail.

Everything is decided in the book, and the book is safe where it lives, before anything is delivered. So a run that is
killed, repeated or doubled does what is left to do, and nothing twice.
"""

from primanota.app import notices, notify
from primanota.app.export import export
from primanota.app.review import review
from primanota.app.run_report import RunReport
from primanota.app.run_request import RunRequest
from primanota.app.send_outbox import Outbox, letters_of_run
from primanota.app.sync import ShowProgress, no_progress, require_proven, sync
from primanota.app.workspace import Workspace, choose_accounts
from primanota.book import Batches, Book
from primanota.core.errors import BookConflict, BookUnusable, DeliveryFailed, PrimanotaError, mistake
from primanota.export.select import Export
from primanota.export.uploads import upload_pending

_LATER = "The book has the file, and the next run uploads it: do not export it again."


def execute_run(workspace: Workspace, request: RunRequest, progress: ShowProgress = no_progress) -> RunReport:
    """Execute a run, and where it has recipients, mail them its report in any case.

    A run whose key has its letter already is not executed again: only what is left of it is sent.

    Returns:
        The report. What ended the run is its ``failure``; the book has what was stored until then.

    Raises:
        ConfigurationError: there are recipients, and the settings do not say how mails are sent.
    """
    recipients = request.destinations.recipients
    outbox = Outbox(workspace.mailer(recipients)) if recipients else None
    try:
        return workspace.transaction(
            lambda book: _run(workspace, book, request, outbox, progress), create=request.reads_bank
        )
    except PrimanotaError as error:
        report = RunReport(failure=error)
        if outbox:
            report.unsent = notify.mail_at_once(workspace, request, report)
        return report


def _run(
    workspace: Workspace, book: Book, request: RunRequest, outbox: Outbox | None, progress: ShowProgress
) -> RunReport:
    report, bug = RunReport(), None
    letters = letters_of_run(book, request.run_key)
    report.repeated = any(not letter.failed and letter.state != "withdrawn" for letter in letters)
    for step in (_upload,) if report.repeated else (_sync_and_export, _upload):
        try:
            step(workspace, book, request, report, progress)
        except (BookConflict, BookUnusable):  # this copy does not count, or is another organisation's
            raise
        except PrimanotaError as error:
            report.failure = report.failure or error
        except Exception as error:  # noqa: BLE001 - somebody must hear of it, whatever it is
            report.failure, bug = mistake(error), error
    if outbox and not report.repeated:
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
    """Fill the report step by step, so that a letter tells how far the run came."""
    if request.reads_bank:
        with workspace.bank() as bank, progress() as shown:
            report.synced, report.notes = sync(bank, book, workspace.connector, shown)
    journal = workspace.journal(book)
    report.zone = workspace.time_zone(journal.organisation().country)
    report.selection = request.selection(book)
    if request.reads_bank or request.destinations.recipients:
        report.findings = review(journal, workspace.today(journal))
    if not request.allow_unproven:
        require_proven(report.synced)
    accounts = choose_accounts(journal.accounts(), request.wanted)
    proven = {one.account.id for one in report.synced if one.proven}
    unread = [one for one in accounts if one.id not in proven]
    report.notes += notices.not_read_to_the_end(journal, report.selection, unread)
    first_new_day = Batches(book).first_new_day(request.tool.name)
    wanted = Export(
        journal,
        request.tool,
        report.selection,
        workspace.ledgers(),
        request.destinations,
        request.run_key,
        # What is missing at the end of an account, its own rows cannot show.
        frozenset(one.account.id for one in report.synced if not one.proven),
    )
    report.exports, report.recovered = export(
        wanted, accounts, allow_unproven=request.allow_unproven, refuse_repeats=request.refuse_repeats
    )
    report.notes += notices.of_files(report.exports)
    report.notes += notices.of_selection(journal, request.tool, report.selection, first_new_day, accounts)


def _upload(workspace: Workspace, book: Book, *_: object) -> None:
    """Upload files that are still missing in buckets, even if the run failed."""
    if failed := upload_pending(book, workspace.upload):
        first, *others = failed
        also = "".join(f" Also: {error.message}" for error in others)
        raise DeliveryFailed(f"{first.message}{also}", f"{first.hint} {_LATER}".strip())
