"""Gather a month and write its pack."""

from collections.abc import Iterable, Iterator, Mapping
from tempfile import TemporaryFile
from typing import IO, NamedTuple

import msgspec

from primanota.app.closing.month_rows import month_rows
from primanota.app.closing.months import month_period
from primanota.app.closing.tool_files import tool_files
from primanota.app.receipts.receipt_archive import ReceiptArchive
from primanota.app.receipts.statements import compared
from primanota.book import Batches
from primanota.book.journal import Journal
from primanota.book.rows.settled_rows import SettledSpan, batches_with
from primanota.close.certificate import CertificateFacts, PackedWitness, certificate
from primanota.close.datev_package import (
    MOST_BYTES,
    MOST_DOCUMENTS,
    DatevDocuments,
    ReceiptDocument,
    datev_documents,
    packages,
    write_package,
)
from primanota.close.manifest import manifest, sums
from primanota.close.pack_zip import PackZip
from primanota.close.readme import PackContents, readme
from primanota.close.rows import AccountRows, FileNaming, MonthRow, NamedFile
from primanota.close.tables import index_csv, later_csv, missing_csv, receipt_state
from primanota.core.kept_files import KeptStatement
from primanota.core.model import Account
from primanota.core.month_close import ClosedAccount, MonthClose, PackedFile, PackedReceipts
from primanota.core.period import midnight
from primanota.core.results import Batch
from primanota.export.filenames import account_slugs
from primanota.export.ledgers import Ledgers
from primanota.profiles import Profile

_PIECE = 1 << 18
_DATEV = "datev"


class PackSources(NamedTuple):
    """Where the parts of a pack come from.

    ``tool`` is None for a pack without a tool's file. ``before`` is the edition before, None for the first.
    ``most_documents`` and ``most_bytes`` are the limits of a package for DATEV.
    """

    journal: Journal
    archive: ReceiptArchive
    tool: Profile | None
    ledger_of: Ledgers
    login: str
    before: MonthClose | None = None
    most_documents: int = MOST_DOCUMENTS
    most_bytes: int = MOST_BYTES


def write_pack(file: IO[bytes], close: MonthClose, sources: PackSources) -> MonthClose:
    """Write the pack of a closed month; inside the book's ``reading``.

    Args:
        file: an empty file that can be read and written.
        close: the month, as it is recorded.
        sources: where the parts come from.

    Returns:
        The month with the files of its pack, by their paths, and how it stands with its receipts.

    Raises:
        FormatRuleViolated: a row breaks a rule of the tool.
        ConfigurationError: a kept receipt is missing.
        BookUnusable: a kept receipt was changed.
    """
    pack = _MonthPack(close, sources)
    with PackZip(file, pack.period.last) as archive:
        pack.write(archive)
    files = tuple(sorted(archive.files, key=lambda one: one.path))
    return msgspec.structs.replace(close, files=files, receipts=pack.receipts)


class _MonthPack:
    def __init__(self, close: MonthClose, sources: PackSources) -> None:
        self._close, self._sources = close, sources
        self._journal = sources.journal
        self.period = month_period(close.month)
        self._batches = [
            one for one in Batches(self._journal.book).all() if one.is_active and one.number <= close.batch
        ]
        numbers, naming = [one.number for one in self._batches], FileNaming()
        self._accounts = [
            AccountRows(one, [*month_rows(self._journal, one, self.period, numbers, naming)])
            for one in (closed.proof.account for closed in close.accounts)
        ]
        self._slugs = account_slugs([one.account for one in self._accounts])
        self._documents = self._datev_documents()
        self._places: dict[str, str] = {}
        self._packages: list[str] = []
        self._tool_files: dict[str, list[PackedFile]] = {}

    def write(self, archive: PackZip) -> None:
        """Write every part: what the certificates name comes first."""
        for found in self._packages_of_receipts():
            self._add_package(archive, *found)
        self._add_receipts(archive)
        self._add_tool_files(archive)
        witnesses = dict(self._add_statements(archive))
        for one in self._close.accounts:
            self._add_certificate(archive, one, witnesses)
        archive.add("index.csv", index_csv(self._accounts, self._place_of))
        archive.add("missing-receipts.csv", missing_csv(self._accounts))
        if self._close.later:
            archive.add("after-the-close.csv", later_csv(self._close.later, self._journal.accounts()))
        archive.add("README.txt", [readme(self._contents(has_statements=bool(witnesses)), self._close.language)])
        self._add_manifest(archive)

    @property
    def receipts(self) -> PackedReceipts:
        """How it stands with the receipts of all accounts, once they were added."""
        return self._counts(found for account in self._accounts for found in account.rows)

    # --- receipts ---------------------------------------------------------------------------------------------

    def _datev_documents(self) -> DatevDocuments:
        """Return the documents for DATEV; none for another format, whose receipts are in a folder."""
        if self._sources.tool and self._sources.tool.format == _DATEV:
            return datev_documents(self._journal.organisation().id, self._accounts)
        return DatevDocuments([], {})

    def _packages_of_receipts(self) -> Iterator[tuple[str, list[ReceiptDocument]]]:
        found = packages(self._documents.documents, self._sources.most_documents, self._sources.most_bytes)
        for number, documents in enumerate(found, 1):
            name = f"datev-receipts_{self._close.month}" + (f"_{number}" if len(found) > 1 else "")
            yield f"{name}.zip", documents

    def _add_package(self, archive: PackZip, name: str, documents: list[ReceiptDocument]) -> None:
        made = midnight(self.period.last, self._journal.zone)
        with TemporaryFile() as file:
            write_package(file, documents, made, self._sources.archive.pieces)
            file.seek(0)
            archive.add(name, _pieces(file))
        self._packages.append(name)
        for one in (file for document in documents for file in document.files):
            self._places[one.name] = f"{name}/{one.name}"

    def _add_receipts(self, archive: PackZip) -> None:
        """Add the receipts that no package has, each once."""
        for one in (file for account in self._accounts for found in account.rows for file in found.files):
            if one.name not in self._places:
                self._places[one.name] = f"receipts/{one.name}"
                archive.add(self._places[one.name], self._sources.archive.pieces(one.file))

    def _place_of(self, file: NamedFile) -> str:
        return self._places[file.name]

    # --- the tool's files, the bank's statements --------------------------------------------------------------

    def _add_tool_files(self, archive: PackZip) -> None:
        tool, accounts = self._sources.tool, [one.account for one in self._accounts]
        if tool is None:
            return
        of_rows, newest = self._documents.of_rows, self._close.batch
        for one in tool_files(self._journal, tool, self.period, accounts, self._sources.ledger_of, of_rows, newest):
            packed = archive.add(f"files/{one.name}", one.pieces)
            for key in one.accounts:
                self._tool_files.setdefault(key, []).append(packed)

    def _add_statements(self, archive: PackZip) -> Iterator[tuple[str, PackedWitness]]:
        """Add the bank's own statements; yield how each account's compares with the book."""
        closed = {one.account.id for one in self._accounts}
        taken: set[str] = set()
        for found in compared(self._journal):
            statement = found.statement
            if statement.month == self._close.month and statement.account in closed:
                archive.add(self._statement_path(statement, taken), self._sources.archive.pieces(statement.file))
                yield statement.account, found.witness

    def _statement_path(self, statement: KeptStatement, taken: set[str]) -> str:
        stem = f"statements/{statement.month}_{self._slugs[statement.account]}"
        path = next(
            name
            for name in (f"{stem}{'' if number == 1 else f'_{number}'}.pdf" for number in range(1, len(taken) + 2))
            if name not in taken
        )
        taken.add(path)
        return path

    # --- certificates, README, manifest -----------------------------------------------------------------------

    def _add_certificate(
        self, archive: PackZip, closed: ClosedAccount, witnesses: Mapping[str, PackedWitness]
    ) -> None:
        close, account, before = self._close, closed.proof.account, self._sources.before
        facts = CertificateFacts(
            proof=closed.proof,
            month=close.month,
            company=self._journal.organisation().name,
            login=self._sources.login,
            edition=close.edition,
            before=before.made.date() if before else None,
            complete=close.complete,
            program=close.program,
            files=self._tool_files.get(account.id, []),
            exported=[*dict.fromkeys(one.name for one in self._exported(closed))],
            receipts=self._counts(self._rows_of(account)),
            witness=witnesses.get(account.id, "none"),
            later=len([one for one in close.later if one.account == account.id]),
        )
        page = certificate(facts, close.language, self._journal.zone)
        archive.add(f"certificate_{close.month}_{self._slugs[account.id]}.pdf", [page])

    def _rows_of(self, account: Account) -> list[MonthRow]:
        return next(one.rows for one in self._accounts if one.account.id == account.id)

    def _exported(self, closed: ClosedAccount) -> list[Batch]:
        span = SettledSpan(closed.proof.account.id, *self.period.span(self._journal.zone))
        found = batches_with(self._journal.book, span, closed.rows)
        tool = self._sources.tool
        return [one for one in self._batches if one.number in found and tool and one.profile == tool.name]

    def _counts(self, rows: Iterable[MonthRow]) -> PackedReceipts:
        rows = list(rows)
        return PackedReceipts(
            rows=len([one for one in rows if one.files]),
            files=len({self._places[file.name] for one in rows for file in one.files}),
            missing=len([one for one in rows if receipt_state(one) == "missing"]),
            waiting=sum(one.waiting for one in rows),
        )

    def _contents(self, *, has_statements: bool) -> PackContents:
        close, before, tool = self._close, self._sources.before, self._sources.tool
        files = dict.fromkeys(one.path for found in self._tool_files.values() for one in found)
        return PackContents(
            month=close.month,
            company=self._journal.organisation().name,
            edition=close.edition,
            before=before.made.date() if before else None,
            complete=close.complete,
            tool=tool.title if tool else "",
            tool_files=list(files),
            is_exported=any(self._exported(one) for one in close.accounts),
            has_receipts=any(place.startswith("receipts/") for place in self._places.values()),
            packages=self._packages,
            has_statements=has_statements,
            has_later=bool(close.later),
        )

    def _add_manifest(self, archive: PackZip) -> None:
        replaces = self._sources.before.sha256 if self._sources.before else ""
        company = self._journal.organisation().name
        archive.add("manifest.json", [manifest(self._close, company, self._sources.login, replaces, archive.files)])
        archive.add("SHA256SUMS", [sums(archive.files)])


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece
