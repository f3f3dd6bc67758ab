"""Close a month and deliver its pack: to a folder or a file, to buckets, by mail. Nothing is half written."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from primanota.adapters import mail
from primanota.adapters.storage import disk, s3
from primanota.app.closing.close_month import MonthQuestion, Obstacle, PreparedClose, obstacle, prepare, record
from primanota.app.closing.month_pack import PackSources
from primanota.app.closing.months import named_month
from primanota.app.closing.pack_letter import PackLetter, write_letter
from primanota.app.exporting.selection import choose_accounts
from primanota.app.exporting.try_destinations import try_destinations
from primanota.app.receipts.receipt_archive import ReceiptArchive
from primanota.app.receipts.receipt_stores import store_of
from primanota.app.send_outbox import Outbox
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book
from primanota.close.datev_package import MOST_BYTES
from primanota.core.errors import DeliveryFailed, PrimanotaError
from primanota.core.language.catalogue import language_of_country
from primanota.core.language.notation import notation
from primanota.core.month_close import MonthClose
from primanota.core.text import cut_bytes
from primanota.export.destinations import Destinations, mail_destination
from primanota.export.filenames import account_slugs
from primanota.profiles import Profile, load

_MIB = 1024 * 1024
_NAME_BYTES = 200
_AGAIN = "Move it away, or run the same command"


class _PackFile(NamedTuple):
    """The file that a pack is written into.

    ``target`` is the place on this machine, for which it is staged under a key; the key is empty for other places.
    ``is_file`` is whether the place is a file, and not a folder.
    """

    file: IO[bytes]
    target: Path = Path()
    staged_for: Path = Path()
    key: str = ""
    is_file: bool = False


class CloseRequest(NamedTuple):
    """A month to close, as a person asked for it.

    ``month`` is a word, ``wanted`` names accounts, empty for all. ``tool`` is None for the profile of the book's
    newest export. With ``must_fit``, a pack that is too large for a mail is refused if it goes nowhere else.
    ``package_mib`` is the limit of a package for DATEV.
    """

    month: str
    destinations: Destinations
    tool: Profile | None = None
    wanted: tuple[str, ...] = ()
    allow_unproven: bool = False
    must_fit: bool = True
    package_mib: int = MOST_BYTES // _MIB


class DeliveredClose(NamedTuple):
    """A closed month, whether it was closed before with the same pack, and the places that have the pack."""

    close: MonthClose
    is_known: bool
    places: list[str]


class Steps(NamedTuple):
    """What a caller does while a pack is delivered.

    ``record`` records the pack before it gets a name. ``arrived`` is called with each place that has it, inside the
    book's ``writing``. ``elsewhere`` are addresses that have the pack already.
    """

    record: Callable[[PreparedClose], None]
    arrived: Callable[[str], object] = lambda _: None
    elsewhere: Sequence[str] = ()


def close_month(workspace: Workspace, request: CloseRequest) -> DeliveredClose:
    """Close a month: write its pack, record it, deliver it.

    Raises:
        NotProven: the month is not over, or not proven.
        FormatRuleViolated: a row breaks a rule of the tool.
        DeliveryFailed: the pack cannot be delivered. What is recorded is delivered by the same command again.
    """
    recipients = request.destinations.recipients
    outbox = Outbox(workspace.mailer(recipients)) if recipients else None
    try_destinations(workspace, request.destinations)

    def work(book: Book) -> DeliveredClose:
        closing = MonthClosing(workspace, book, request)
        done = closing.run(Steps(closing.record))
        for error in outbox.flush(book, "") if outbox else ():
            raise error
        return done

    return workspace.transaction(work)


class MonthClosing:
    """Closes a month in an open book.

    Args:
        workspace: the organisation.
        book: its book.
        request: the month, and where its pack goes.
    """

    def __init__(self, workspace: Workspace, book: Book, request: CloseRequest) -> None:
        self._workspace, self._book, self._request = workspace, book, request
        self._journal = workspace.journal(book)
        self._tool = request.tool or _last_tool(book)

    def obstacle(self) -> Obstacle | None:
        """Return why the month cannot be closed yet; None if it can."""
        return obstacle(self._question(), self._journal)

    def run(self, steps: Steps) -> DeliveredClose:
        """Prepare, record and deliver; every place gets the same bytes.

        Raises:
            DeliveryFailed: a place does not have it; the others were tried.
        """
        question, sources = self._question(), self._sources()
        with self._pack_file() as pack:
            found = prepare(question, sources, lambda edition: self._name(question, edition), pack.file)
            self._require_fit(found.close)
            steps.record(found)
            if not pack.key:
                return DeliveredClose(*found, self._bring(pack.file, found.close, steps, []))
        path = self._named(pack, found.close)
        self._arrived(f"{pack.target}", steps)
        with path.open("rb") as file:
            return DeliveredClose(*found, self._bring(file, found.close, steps, [f"{path}"]))

    def record(self, found: PreparedClose) -> None:
        """Record a close, unless the book has it."""
        if not found.is_known:
            record(self._journal, found.close)

    def _question(self) -> MonthQuestion:
        journal, request, workspace = self._journal, self._request, self._workspace
        period = named_month(workspace.calendar(journal), request.month)
        accounts = choose_accounts(journal.accounts(), request.wanted)
        country = journal.organisation().country
        language = workspace.config.language(workspace.login) or language_of_country(country)
        wanted = tuple(sorted(account.id for account in accounts)) if request.wanted else ()
        return MonthQuestion(period, accounts, wanted, language, request.allow_unproven)

    def _sources(self) -> PackSources:
        workspace = self._workspace
        return PackSources(
            self._journal,
            ReceiptArchive(self._journal, store_of(workspace)),
            self._tool,
            workspace.ledgers(),
            workspace.login,
            most_bytes=self._request.package_mib * _MIB,
        )

    def _name(self, question: MonthQuestion, edition: int) -> str:
        """Return the name of the pack: like those of other months; a later edition has another one."""
        parts = [self._workspace.login, question.period.name, "close"]
        if self._tool:
            parts.append(self._tool.name)
        if question.wanted:
            parts += sorted(account_slugs(question.accounts).values())
        if edition > 1:
            parts.append(f"edition-{edition}")
        return f"{cut_bytes('_'.join(parts), _NAME_BYTES)}.zip"

    @contextmanager
    def _pack_file(self) -> Iterator[_PackFile]:
        """Yield the file that the pack is written into: staged in its folder, or a private one of this machine."""
        local = self._request.destinations.local
        if local is None:
            with TemporaryFile() as file:
                yield _PackFile(file)
            return
        target = disk.resolved(local)
        is_file = bool(target.suffix or target.is_file()) and not target.is_dir()
        staged_for, key = target if is_file else target / "close", f"close-{self._workspace.token()}"
        with disk.staging(staged_for, key) as file:
            yield _PackFile(file, target, staged_for, key, is_file=is_file)

    def _named(self, pack: _PackFile, close: MonthClose) -> Path:
        """Give the staged pack its name, unless it is there already.

        Raises:
            DeliveryFailed: another file has the name.
        """
        path = pack.target if pack.is_file else pack.target / close.name
        if not disk.name_staged(pack.staged_for, pack.key, path) and disk.sha256_of(path) != close.sha256:
            raise DeliveryFailed(f"{path} is already there, with other content.", f"{_AGAIN} with another --to.")
        return path

    def _bring(self, file: IO[bytes], close: MonthClose, steps: Steps, places: list[str]) -> list[str]:
        """Upload the pack, then mail it; return every address that has it, of which some are known already."""
        failed = []
        for bucket in self._request.destinations.buckets:
            try:
                places.append(self._upload(file, close, bucket))
            except DeliveryFailed as error:
                failed.append(error)
            else:
                self._arrived(bucket, steps)
        # A mail that only names the places waits until they have the pack.
        if close.size <= mail.MOST_BYTES or not failed:
            places += self._mail(file, close, steps, [*steps.elsewhere, *places])
        if failed:
            first, *others = failed
            raise DeliveryFailed(" Also: ".join(one.message for one in (first, *others)), first.hint)
        return places

    def _arrived(self, place: str, steps: Steps) -> None:
        with self._book.writing():
            steps.arrived(place)

    def _upload(self, file: IO[bytes], close: MonthClose, bucket: str) -> str:
        notes = {"month": close.month, "edition": f"{close.edition}", "sha256": close.sha256}
        where = s3.Location.parse(bucket) / close.name
        file.seek(0)
        s3.put_file(self._workspace.store_settings, where, file, close.sha256, notes)
        return f"{where}"

    def _require_fit(self, close: MonthClose) -> None:
        """Refuse to mail a pack that mail servers would refuse and that is nowhere else, before it is recorded."""
        destinations = self._request.destinations
        only_mail = destinations.recipients and not destinations.local and not destinations.buckets
        if only_mail and self._request.must_fit and close.size > mail.MOST_BYTES:
            size = notation("en").size(close.size)
            what = f"The pack has {size}, and a mail carries at most {notation('en').size(mail.MOST_BYTES)}."
            raise DeliveryFailed(what, "Name a folder or a bucket with --to.")

    def _mail(self, file: IO[bytes], close: MonthClose, steps: Steps, places: Sequence[str]) -> Iterator[str]:
        """Write the letter into the outbox: the same pack goes to the same people once."""
        if recipients := self._request.destinations.recipients:
            file.seek(0)
            content = file.read() if close.size <= mail.MOST_BYTES else None
            place = mail_destination(recipients)
            with self._book.writing():
                write_letter(self._workspace, self._journal, PackLetter(close, recipients, content, places))
                steps.arrived(place)
            yield place


def _last_tool(book: Book) -> Profile | None:
    """Return the profile of the book's newest export; None for a book without one, or if it is there no longer."""
    active = [batch for batch in Batches(book).all() if batch.is_active]
    with suppress(PrimanotaError):
        return load(active[-1].origin) if active else None
    return None
