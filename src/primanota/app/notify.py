"""What there is to tell of a run, and the letter that tells it."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from zoneinfo import ZoneInfo

import msgspec

from primanota.adapters import mail
from primanota.app import flow
from primanota.app.review import Finding, findings_of
from primanota.app.send_outbox import batches_to_mail, name_of
from primanota.app.sync import Synced
from primanota.app.workspace import Workspace
from primanota.book import Batch, Batches, Book, Letter, Letters
from primanota.core.errors import ConfigurationError, PrimanotaError
from primanota.core.model import Organisation
from primanota.core.period import Period, moment
from primanota.core.selection import Selection
from primanota.export.delivery import Recovered
from primanota.export.destinations import Destinations
from primanota.export.exported import Exported, of_batch
from primanota.profiles import Profile


class RunReport(msgspec.Struct):
    """A run, as far as it came.

    ``settled`` are batches of interrupted runs, ``notes`` sentences that a person should know, ``failure`` is what
    ended it. ``again`` says that a run of this occasion had written its letter before, ``unsent`` why letters wait,
    ``waiting`` which places have not got which batch's file.
    """

    synced: list[Synced] = []
    findings: list[Finding] = []
    selection: Selection | None = None
    files: list[Exported] = []
    settled: list[Recovered] = []
    notes: list[str] = []
    failure: PrimanotaError | None = None
    again: bool = False
    unsent: list[PrimanotaError] = []
    waiting: set[tuple[int, str]] = set()

    @property
    def ended(self) -> bool:
        """Whether it ended before anything could leave."""
        return bool(self.failure) and not self.files

    @property
    def kind(self) -> str:
        """What kind of failure ended it; empty where none did."""
        return type(self.failure).__name__ if self.failure else ""

    def look(self, book: Book) -> None:
        """See which places have the files by now."""
        ours = {file.batch for file in self.files}
        batches = [batch for batch in Batches(book).all() if batch.number in ours]
        self.waiting = {(one.number, copy.place) for one in batches for copy in one.copies if not copy.arrived}

    def insist(self) -> None:
        """Stop with what ended the run, or with why its letter waits.

        Raises:
            PrimanotaError: one of them.
        """
        for error in (self.failure, *self.unsent):
            if error:
                raise error

    @property
    def days(self) -> Period | None:
        """The period, where the selection is one."""
        return self.selection if isinstance(self.selection, Period) else None


def write_letter(session: Workspace, book: Book, tool: Profile, to: Destinations, told: RunReport) -> None:
    """Keep the letter of a run in the book, to be sent: one for an occasion and each way in which its tries ended.

    Args:
        session: whose book it is.
        book: the book.
        tool: whose files were written.
        to: the people, and the occasion.
        told: what there is to tell.
    """
    sender = session.sender
    key = name_of(session.login, to.occasion or f"{session.began}", sender, failed=told.kind)
    known = Letters(book).one(key)
    if known and known.state != "withdrawn":
        return
    with book.writing():
        Letters(book).give_up(to.people, Batches(book).present())
    batches = batches_to_mail(book)
    report = _report(session, book, tool, told, to.occasion, batches)
    message = mail.compose(report, sender=sender, to=to.people, message_id=f"<{key}>")
    content, now = bytes(message), Batches(book).present()
    letter = Letter(
        id=key,
        occasion=to.occasion,
        made=now,
        since=now,
        sender=sender,
        to=to.people,
        subject=str(message["Subject"]),
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        batches=tuple(batch.number for batch in batches),
        failed=bool(told.failure),
    )
    with book.writing():
        Letters(book).write(letter, content)


def write_at_once(session: Workspace, tool: Profile, to: Destinations, told: RunReport) -> list[PrimanotaError]:
    """Send the letter of a run that had no book to keep it in.

    Returns:
        Why it could not be sent.
    """
    sender = session.sender
    key = name_of(session.login, to.occasion or f"{session.began}", sender, failed=told.kind)
    report = _report(session, None, tool, told)
    message = mail.compose(report, sender=sender, to=to.people, message_id=f"<{key}>")
    try:
        session.post(to.people)(bytes(message), sender, to.people)
    except PrimanotaError as error:
        return [error]
    return []


def _report(
    session: Workspace,
    book: Book | None,
    tool: Profile,
    told: RunReport,
    occasion: str = "",
    batches: Iterable[Batch] = (),
) -> mail.Report:
    company = _company(session, book)
    zone = session.config.zone(session.login, company.country)
    files = tuple(_files(book, told, occasion, batches)) if book else ()
    first, last = _days(book, told, zone, files) if book else (None, None)
    return mail.Report(
        organisation=company.name,
        language=session.config.language(session.login) or mail.language(company.country),
        tool=tool.title,
        period=str(told.days or ""),
        first=first,
        last=last,
        made=session.clock().astimezone(zone),
        zone=zone,
        files=files,
        attachments=tuple(_attachments(book, batches)) if book else (),
        findings=tuple(findings_of(told.findings, told.days)),
        failure=told.failure,
        notes=(*session.heard, *told.notes, *(one.told for one in told.settled)),
        secrets=session.secrets,
    )


def _company(session: Workspace, book: Book | None) -> Organisation:
    try:
        if book:
            return flow.organisation(book)
    except ConfigurationError:  # the bank has never told
        pass
    return Organisation(session.login, session.login, session.login, "")


def _files(book: Book, told: RunReport, occasion: str, batches: Iterable[Batch]) -> Iterator[Exported]:
    """Those of this run, of an earlier try of it, and of an interrupted one that go with its letter."""
    ours = {file.batch for file in told.files}
    known = {account.id: account for account in flow.accounts(book)}
    earlier = Batches(book).of_occasion(occasion)
    others = {batch.number: batch for batch in (*earlier, *batches) if batch.number not in ours}
    before = [of_batch(batch, known[batch.account]) for batch in others.values()]
    accounts = {file.account.id for file in before}
    yield from before
    yield from (file for file in told.files if file.batch or file.account.id not in accounts)


def _attachments(book: Book, batches: Iterable[Batch]) -> Iterator[mail.Attachment]:
    for batch in batches:
        also = [batch.path, *(copy.place for copy in batch.copies if copy.arrived)]
        link = next(filter(None, also), "")
        yield mail.Attachment(name=batch.file, content=Batches(book).content(batch), link=link)


def _days(book: Book, told: RunReport, zone: ZoneInfo, files: Iterable[Exported]) -> tuple[date | None, date | None]:
    """The local days of a period, both included, or those of the rows that left."""
    if told.days:
        return told.days.first, told.days.last
    span = Batches(book).span(file.batch for file in files if file.batch)
    if span is None:
        return None, None
    first, last = (moment(end).astimezone(zone).date() for end in span)
    return first, last
