"""Report a run by mail: compose the letter with its attached files, and store or send it."""

from collections.abc import Iterable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

from primanota.adapters import mail
from primanota.app.closing.pack_places import everyone
from primanota.app.running.run_report import RunReport
from primanota.app.running.run_request import RunRequest
from primanota.app.send_outbox import batches_to_mail, message_id
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book, Letter, Letters
from primanota.book.journal import Journal
from primanota.core.errors import PrimanotaError
from primanota.core.language.catalogue import language_of_country
from primanota.core.model import Organisation, account_of
from primanota.core.notice import Notice
from primanota.core.period import moment
from primanota.core.results import AccountExport, Batch, Span


def write_letter(workspace: Workspace, book: Book, request: RunRequest, report: RunReport) -> None:
    """Store the letter of a run in the outbox: one letter per run key and kind of outcome."""
    key = _key(workspace, request, report)
    # In one transaction: another run that looks meanwhile would attach the same files to its own letter.
    with book.writing():
        known = Letters(book).one(key)
        if known and known.state != "withdrawn":
            return
        recipients = everyone(workspace, request.destinations.recipients)
        Letters(book).withdraw_refused(recipients, Batches(book).now())
        letter, content = _letter(workspace, book, request, report, key)
        Letters(book).add(letter, content)


def _letter(
    workspace: Workspace, book: Book, request: RunRequest, report: RunReport, key: str
) -> tuple[Letter, bytes]:
    """Return the letter of a run, and its bytes, with every file that still has to be mailed."""
    sender, recipients, attached = workspace.sender, request.destinations.recipients, batches_to_mail(book)
    shown = _mail_report(workspace, book, request, report, attached)
    message = mail.compose(shown, sender=sender, to=recipients, message_id=f"<{key}>")
    content, now = bytes(message), Batches(book).now()
    letter = Letter(
        id=key,
        run_key=request.run_key,
        made=now,
        since=now,
        sender=sender,
        to=recipients,
        subject=str(message["Subject"]),
        batches=tuple(batch.number for batch in attached),
        failed=bool(report.failure),
    )
    return letter.of(content), content


def mail_at_once(workspace: Workspace, request: RunRequest, report: RunReport) -> list[PrimanotaError]:
    """Mail the report of a run whose book cannot be opened or uploaded.

    Returns:
        The error if it could not be sent, else an empty list.
    """
    sender, recipients = workspace.sender, request.destinations.recipients
    shown = _mail_report(workspace, None, request, report)
    message = mail.compose(shown, sender=sender, to=recipients, message_id=f"<{_key(workspace, request, report)}>")
    try:
        workspace.mailer(recipients)(bytes(message), sender, recipients)
    except PrimanotaError as error:
        return [error]
    return []


def _key(workspace: Workspace, request: RunRequest, report: RunReport) -> str:
    run_key = request.run_key or f"{workspace.began}"
    return message_id(workspace.login, run_key, workspace.sender, failed=report.failure_kind)


def _mail_report(
    workspace: Workspace,
    book: Book | None,
    request: RunRequest,
    report: RunReport,
    attached: Iterable[Batch] = (),
) -> mail.Report:
    company = _organisation(workspace, book)
    zone = workspace.time_zone(company.country)
    exports = tuple(_exports(workspace, book, request, report, attached)) if book else ()
    first, last = _days(book, report, zone, exports) if book else (None, None)
    return mail.Report(
        organisation=company.name,
        language=workspace.config.language(workspace.login) or language_of_country(company.country),
        tool=request.tool.title,
        period=str(report.period or ""),
        first=first,
        last=last,
        made=workspace.clock().astimezone(zone),
        zone=zone,
        exports=exports,
        attachments=tuple(_attachments(book, attached)) if book else (),
        findings=report.findings,
        failure=report.failure,
        notes=tuple(_notices(workspace, report)),
        secrets=workspace.secrets,
    )


def _notices(workspace: Workspace, report: RunReport) -> Iterator[Notice]:
    """Yield what the recipients should know, also of a run that failed."""
    yield from workspace.notices
    yield from report.notes
    yield from (one.notice for one in report.recovered)
    if report.failure:
        yield from report.failure.notices


def _organisation(workspace: Workspace, book: Book | None) -> Organisation:
    """Return the organisation; if the book is empty, one with its login as its name."""
    found = Journal(book, workspace.connector).find_organisation() if book else None
    return found or Organisation(workspace.login, workspace.login, workspace.login, "")


def _exports(
    workspace: Workspace, book: Book, request: RunRequest, report: RunReport, attached: Iterable[Batch]
) -> Iterator[AccountExport]:
    """Yield the exports that the letter reports: of this run, its earlier attempts, and other attached files."""
    ours = {batch.number for one in report.exports for batch in one.batches}
    accounts = Journal(book, workspace.connector).accounts()
    earlier = Batches(book).of_run(request.run_key)
    others = {batch.number: batch for batch in (*earlier, *attached) if batch.number not in ours}
    for batch in others.values():
        span = Span(batch.opening, batch.closing, batch.proven)
        yield AccountExport(account=account_of(batch.account, accounts), span=span, batches=(batch,))
    reported = {batch.account for batch in others.values()}
    yield from (one for one in report.exports if one.batches or one.account.id not in reported)


def _attachments(book: Book, attached: Iterable[Batch]) -> Iterator[mail.Attachment]:
    for batch in attached:
        places = [f"{batch.path or ''}", *(one.destination for one in batch.remote_deliveries if one.delivered)]
        link = next(filter(None, places), "")
        yield mail.Attachment(name=batch.name, content=Batches(book).content(batch), link=link)


def _days(
    book: Book, report: RunReport, zone: ZoneInfo, exports: Iterable[AccountExport]
) -> tuple[date | None, date | None]:
    """Return the first and last local day of the period, or else of the exported rows."""
    if report.period:
        return report.period.first, report.period.last
    span = Batches(book).span(batch.number for one in exports for batch in one.batches)
    if span is None:
        return None, None
    first, last = (moment(end).astimezone(zone).date() for end in span)
    return first, last
