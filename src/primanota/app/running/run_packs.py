"""Make the packs of months that have ended, in a run: each month once, for every place of the settings.

A month becomes due when it has ended. As soon as it is proven its pack is recorded together with its places, and then
delivered; what a killed run has not delivered, the next one does.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from primanota import profiles
from primanota.adapters.settings.month_packs import close_settings
from primanota.adapters.storage import disk
from primanota.app.closing.close_month import PreparedClose, record
from primanota.app.closing.deliver_pack import CloseRequest, MonthClosing, Steps
from primanota.app.closing.months import ended_month, month_period, months_between
from primanota.app.closing.pack_letter import letter_id
from primanota.app.closing.pack_places import pack_destinations
from primanota.app.exporting.try_destinations import try_destinations
from primanota.app.progress import ShowProgress
from primanota.app.receipts.fetch_new import fetch_kindly
from primanota.app.running.run_report import RunReport
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book, Letters
from primanota.book.due_months import DueMonth, DueMonths
from primanota.core.errors import BookConflict, BookLocked, BookUnusable, InvalidConfiguration, PrimanotaError
from primanota.core.notice import Notice
from primanota.core.results import Delivery
from primanota.export.destinations import Destinations, mail_destination, parse_destinations


def close_due_months(
    workspace: Workspace, book: Book, recipients: Sequence[str], report: RunReport, progress: ShowProgress
) -> None:
    """Make and deliver the packs of months that have ended; the report gets notes.

    Args:
        workspace: the organisation.
        book: its book, which was synced before.
        recipients: everyone who gets mails of this run.
        report: gets what a person should know.
        progress: shows how receipts are fetched.

    Raises:
        PrimanotaError: the first error of a month; the others were tried.
    """
    packs = _RunPacks(workspace, book, report, progress)
    packs.find_due(recipients)
    packs.close()


class _RunPacks:
    def __init__(self, workspace: Workspace, book: Book, report: RunReport, progress: ShowProgress) -> None:
        self._workspace, self._book, self._report, self._progress = workspace, book, report, progress
        self._settings = close_settings(workspace.config, workspace.login)
        self._places = _folders_only(pack_destinations(workspace))
        self._months, self._journal = DueMonths(book), workspace.journal(book)

    def find_due(self, recipients: Sequence[str]) -> None:
        """Record the months that have ended, and renew the mails that were refused for an address that is gone."""
        if not self._places.words:
            return
        known = {one.month for one in self._months.all()}
        last = ended_month(self._workspace.today(self._journal), self._settings.day)
        first = self._settings.since or min(known, default=last)
        due = [month for month in months_between(first, last) if month not in known]
        with self._book.writing():
            for month in due:
                self._months.save(DueMonth(month=month, since=self._now))
            Letters(self._book).withdraw_refused(tuple(recipients), self._now)
            for renewed in list(self._refused()):
                self._months.save(renewed)

    def close(self) -> None:
        """Close what is due, and deliver what is pending; an error of one month does not concern the others."""
        failed = list[PrimanotaError]()
        for month in self._months.not_held():
            if month.is_done or not (month.is_decided or self._places.words):
                continue
            try:
                self._deliver(month) if month.is_decided else self._close(month)
            except (BookConflict, BookLocked, BookUnusable):
                raise
            except PrimanotaError as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def _close(self, month: DueMonth) -> None:
        """Close a month that is proven; else say why it is not closed yet."""
        closing = self._closing(month, self._places)
        if found := closing.obstacle():
            if found.kind != "not_over":  # else the clock was set back
                self._report.notes.append(Notice.of(f"month_{found.kind}", month=month.month, account=found.account))
            return
        try_destinations(self._workspace, self._places)
        if not self._workspace.config.receipts(self._workspace.login):
            period = month_period(month.month)
            self._report.notes += fetch_kindly(self._workspace, self._book, self._progress, period)
        deliveries = tuple(map(Delivery, self._places.words))
        self._run(closing, msgspec.structs.replace(month, deliveries=deliveries))

    def _deliver(self, month: DueMonth) -> None:
        """Deliver a pack that was decided to the places that lack it, which a killed run may have reached."""
        for place in month.pending:
            if _is_folder(place) and disk.sha256_of(Path(place) / month.name) == month.sha256:
                with self._book.writing():
                    month = self._arrived(month.month, place)
        if month.pending:
            destinations = parse_destinations(month.pending)
            try_destinations(self._workspace, destinations)
            self._run(self._closing(month, destinations), month)

    def _run(self, closing: MonthClosing, month: DueMonth) -> None:
        steps = Steps(
            lambda found: self._record(month, found),
            lambda place: self._arrived(month.month, place),
            list(_addresses(month)),
        )
        done = closing.run(steps)
        self._report.notes.append(Notice.of("month_packed", month=month.month, place=", ".join(done.places)))
        if waiting := done.close.receipts.waiting:
            self._report.notes.append(Notice.of("month_receipts_waiting", waiting, month=month.month))

    def _closing(self, month: DueMonth, destinations: Destinations) -> MonthClosing:
        tool = profiles.load(self._settings.profile) if self._settings.profile else None
        return MonthClosing(
            self._workspace, self._book, CloseRequest(month.month, destinations, tool, must_fit=False)
        )

    def _record(self, month: DueMonth, found: PreparedClose) -> None:
        """Record the pack and its places in one transaction; a remote book is uploaded then."""
        close = found.close
        decided = msgspec.structs.replace(
            month, edition=close.edition, name=close.name, sha256=close.sha256, since=self._now
        )
        if not found.is_known:
            record(self._journal, close, lambda: self._months.save(decided))
            return
        with self._book.writing():
            self._months.save(decided)
        self._book.publish()

    def _arrived(self, month: str, place: str) -> DueMonth:
        """Record that a place has a month's pack; inside ``writing``."""
        present = next(one for one in self._months.all() if one.month == month)
        present = present.delivered_to(place, self._now)
        self._months.save(present)
        return present

    def _refused(self) -> Iterator[DueMonth]:
        """Yield the months whose mail was refused and withdrawn, with a new one to the present recipients."""
        wanted = self._places.recipients
        for month in self._months.not_held() if wanted else ():
            for one in month.deliveries:
                recipients = parse_destinations([one.destination]).recipients
                if one.delivered and recipients and self._was_refused(month, recipients):
                    news = Delivery(mail_destination(wanted))
                    others = (news if other == one else other for other in month.deliveries)
                    yield msgspec.structs.replace(month, deliveries=tuple(others), since=self._now)

    def _was_refused(self, month: DueMonth, recipients: tuple[str, ...]) -> bool:
        letter = Letters(self._book).one(letter_id(self._workspace, month.sha256, recipients))
        return letter is not None and letter.state == "withdrawn" and bool(letter.reason)

    @property
    def _now(self) -> datetime:
        return Batches(self._book).now()


def _addresses(month: DueMonth) -> Iterator[str]:
    """Yield the addresses of a month's pack at the places that have it."""
    for one in month.deliveries:
        if one.delivered and one.kind != "mail":
            yield (
                f"{Path(one.destination) / month.name}" if one.kind == "folder" else f"{one.destination}{month.name}"
            )


def _is_folder(place: str) -> bool:
    return Delivery(place).kind == "folder"


def _folders_only(places: Destinations) -> Destinations:
    """Return places with a folder of this machine as its whole path.

    Raises:
        InvalidConfiguration: it is a file, which cannot have a pack of each month.
    """
    if places.local is None:
        return places
    target = disk.resolved(places.local)
    if (target.suffix or target.is_file()) and not target.is_dir():
        raise InvalidConfiguration(f"{target} is a file, not a folder for packs.", "Name a folder in “close”.")
    return places._replace(local=target)
