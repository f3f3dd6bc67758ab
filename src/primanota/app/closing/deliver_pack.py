"""Close a month and deliver its pack: to a folder or a file, to buckets, by mail. Nothing is half written."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple
from zipfile import ZipFile

from primanota.adapters import mail
from primanota.adapters.storage import disk, s3
from primanota.app.closing.close_month import MonthQuestion, prepare, record
from primanota.app.closing.month_pack import PackSources
from primanota.app.closing.months import named_month
from primanota.app.receipt_archive import ReceiptArchive
from primanota.app.receipt_stores import store_of
from primanota.app.selection import choose_accounts
from primanota.app.send_outbox import Outbox, message_id
from primanota.app.try_destinations import try_destinations
from primanota.app.workspace import Workspace
from primanota.book import Batches, Book, Letter, Letters
from primanota.close.datev_package import MOST_BYTES
from primanota.close.texts import close_texts
from primanota.core.errors import DeliveryFailed, PrimanotaError
from primanota.core.language.catalogue import language_of_country
from primanota.core.language.notation import notation
from primanota.core.month_close import MonthClose
from primanota.core.text import cut_bytes
from primanota.export.destinations import Destinations
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
    newest export. ``package_mib`` is the limit of a package for DATEV.
    """

    month: str
    destinations: Destinations
    tool: Profile | None = None
    wanted: tuple[str, ...] = ()
    allow_unproven: bool = False
    package_mib: int = MOST_BYTES // _MIB


class DeliveredClose(NamedTuple):
    """A closed month, whether it was closed before with the same pack, and the places that have the pack."""

    close: MonthClose
    is_known: bool
    places: list[str]


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
    return workspace.transaction(lambda book: _Closing(workspace, book, request, outbox).run())


class _Closing:
    def __init__(self, workspace: Workspace, book: Book, request: CloseRequest, outbox: Outbox | None) -> None:
        self._workspace, self._book, self._request, self._outbox = workspace, book, request, outbox
        self._journal = workspace.journal(book)
        self._tool = request.tool or _last_tool(book)

    def run(self) -> DeliveredClose:
        """Prepare, record and deliver; every place gets the same bytes."""
        question, sources = self._question(), self._sources()
        with self._pack_file() as pack:
            found = prepare(question, sources, lambda edition: self._name(question, edition), pack.file)
            self._require_fit(found.close)
            if not found.is_known:
                record(self._journal, found.close)
            places = [*self._upload(pack.file, found.close), *self._mail(pack.file, found.close)]
        if pack.key:
            places.insert(0, f"{self._named(pack, found.close)}")
        return DeliveredClose(found.close, found.is_known, places)

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

    def _upload(self, file: IO[bytes], close: MonthClose) -> Iterator[str]:
        notes = {"month": close.month, "edition": f"{close.edition}", "sha256": close.sha256}
        for bucket in self._request.destinations.buckets:
            where = s3.Location.parse(bucket) / close.name
            s3.put_file(self._workspace.store_settings, where, file, close.sha256, notes)
            yield f"{where}"

    def _require_fit(self, close: MonthClose) -> None:
        """Refuse to mail a pack that mail servers would refuse, before it is recorded."""
        if self._request.destinations.recipients and close.size > mail.MOST_BYTES:
            size = notation("en").size(close.size)
            what = f"The pack has {size}, and a mail carries at most {notation('en').size(mail.MOST_BYTES)}."
            raise DeliveryFailed(what, "Name a folder or a bucket with --to.")

    def _mail(self, file: IO[bytes], close: MonthClose) -> Iterator[str]:
        """Mail the pack through the outbox: the same pack goes to the same people once."""
        recipients = self._request.destinations.recipients
        if not self._outbox:
            return
        file.seek(0)
        self._write_letter(recipients, file.read(), close)
        for error in self._outbox.flush(self._book, ""):
            raise error
        yield f"mailto:{','.join(recipients)}"

    def _write_letter(self, recipients: tuple[str, ...], content: bytes, close: MonthClose) -> None:
        sender, letters = self._workspace.sender, Letters(self._book)
        key = message_id(self._workspace.login, f"{close.sha256} {','.join(recipients)}", sender, failed="")
        with self._book.writing():
            if letters.one(key):
                return
            message = mail.compose_file(
                self._file_letter(content, close), sender=sender, to=recipients, message_id=f"<{key}>"
            )
            composed, now = bytes(message), Batches(self._book).now()
            letter = Letter(
                id=key,
                made=now,
                since=now,
                sender=sender,
                to=recipients,
                subject=str(message["Subject"]),
            )
            letters.add(letter.of(composed), composed)

    def _file_letter(self, content: bytes, close: MonthClose) -> mail.FileLetter:
        texts = close_texts(close.language)
        subject = texts.readme.title.format(month=close.month, company=self._journal.organisation().name)
        with ZipFile(BytesIO(content)) as pack:
            text = pack.read("README.txt").decode().replace("\r\n", "\n")
        return mail.FileLetter(subject, text, close.made, close.name, content)


def _last_tool(book: Book) -> Profile | None:
    """Return the profile of the book's newest export; None for a book without one, or if it is there no longer."""
    active = [batch for batch in Batches(book).all() if batch.is_active]
    with suppress(PrimanotaError):
        return load(active[-1].origin) if active else None
    return None
