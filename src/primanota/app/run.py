"""The weekly job, by hand or by itself: sync, review, export, bring the files away, and tell the truth in a mail.

Everything is decided in the book, and the book is safe where it lives, before anything leaves. So a run that is
killed, repeated or doubled does what is left to do, and nothing twice.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

from primanota.app import flow, notices, notify
from primanota.app.notify import RunReport
from primanota.app.send_outbox import Outbox, of_occasion
from primanota.app.sync import insist
from primanota.app.workspace import Workspace, choose, repeated
from primanota.banks.qonto.paging import Progress
from primanota.book import Batches, Book
from primanota.core.errors import BookConflict, BookUnusable, DeliveryFailed, PrimanotaError, mistake
from primanota.core.selection import Selection
from primanota.export.destinations import Destinations
from primanota.export.uploads import carry
from primanota.profiles import Profile

_LATER = "The book has the file, and the next run brings it: do not export it again."


class RunRequest(NamedTuple):
    """What is to be done: for which tool, which rows of which accounts, to where.

    ``reads`` says whether the bank is read first, ``unproven`` that files are wanted even where the balance chain is
    broken, ``strict`` that rows of a period must not leave again.
    """

    tool: Profile
    selection: Callable[[Book], Selection]
    to: Destinations
    wanted: tuple[str, ...] = ()
    unproven: bool = False
    strict: bool = False
    reads: bool = True


class Silent:
    """Hears how a reading goes on, and tells nobody."""

    def expect(self, pages: int) -> None:
        """So many pages more are to come."""

    def page(self, rows: int) -> None:
        """A page came, with so many rows."""


def silent() -> AbstractContextManager[Progress]:
    """For a run that nobody watches."""
    return nullcontext(Silent())


def execute_run(
    session: Workspace, job: RunRequest, progress: Callable[[], AbstractContextManager[Progress]] = silent
) -> RunReport:
    """Do the job, and where people are among its places, write to them whatever became of it.

    A job of an occasion that has its letter already is not done again: what is left of it is sent.

    Returns:
        All that there is to tell. What ended the run is its ``failure``; the book has whatever was kept until then.

    Raises:
        ConfigurationError: nobody says how mails are sent, although there are people to write to.
    """
    outbox = Outbox(session.post(job.to.people)) if job.to.people else None
    try:
        return repeated(lambda: _with_the_book(session, job, outbox, progress))
    except PrimanotaError as error:
        told = RunReport(failure=error)
        if outbox:
            told.unsent = notify.write_at_once(session, job.tool, job.to, told)
        return told


def _with_the_book(
    session: Workspace,
    job: RunRequest,
    outbox: Outbox | None,
    progress: Callable[[], AbstractContextManager[Progress]],
) -> RunReport:
    told, ours = RunReport(), None
    with session.book(create=job.reads) as book:
        letters = of_occasion(book, job.to.occasion)
        told.again = any(not letter.failed and letter.state != "withdrawn" for letter in letters)
        for step in (_bring,) if told.again else (_do, _bring):
            try:
                step(session, book, job, told, progress)
            except (BookConflict, BookUnusable):  # it counts no more, or is another company's
                raise
            except PrimanotaError as error:
                told.failure = told.failure or error
            except Exception as error:  # noqa: BLE001 - somebody must hear of it, whatever it is
                told.failure, ours = mistake(error), error
        if outbox and not told.again:
            notify.write_letter(session, book, job.tool, job.to, told)
        if outbox:
            told.unsent = outbox.empty(book, job.to.occasion)
        told.look(book)
    if ours:
        raise ours
    return told


def _do(
    session: Workspace,
    book: Book,
    job: RunRequest,
    told: RunReport,
    progress: Callable[[], AbstractContextManager[Progress]],
) -> None:
    """The story, told as it goes on, so that a letter knows how far it came."""
    if job.reads:
        with session.bank() as bank, progress() as reading:
            told.synced, notes = flow.sync(bank, book, reading)
        told.notes += notes
    zone = session.zone(book)
    told.selection = job.selection(book)
    if job.reads or job.to.people:
        told.findings = flow.review(book, zone, session.today(zone))
    if not job.unproven:
        insist(told.synced)
    chosen = choose(flow.accounts(book), job.wanted)
    proven = {one.account.id for one in told.synced if one.proven}
    told.notes += notices.stale(book, told.selection, zone, [one for one in chosen if one.id not in proven])
    start = Batches(book).start(job.tool.name)
    told.files, told.settled = flow.export(
        book,
        job.tool,
        told.selection,
        zone,
        chosen=chosen,
        to=job.to,
        unproven=job.unproven,
        strict=job.strict,
        ledger=session.ledger(),
    )
    for file in told.files:  # what lacks at the end of an account, its own rows cannot show
        file.proven = False if told.synced and file.account.id not in proven else file.proven
    told.notes += notices.of_files(told.files)
    told.notes += notices.of_selection(book, job.tool, told.selection, start, zone, chosen)


def _bring(session: Workspace, book: Book, *_: object) -> None:
    """Bring what buckets lack, whatever became of the rest."""
    for error in carry(book, session.carry):
        raise DeliveryFailed(error.message, f"{error.hint} {_LATER}".strip())
