"""Packages of receipts for DATEV: ``document.xml`` (archive v6.0) and the files beside it, in the root of a zip.

Source: DATEV's “XML-Schnittstelle online”, archive v6.0; the limits are those of its import as other programs state
them. The booking batch names a document by its GUID, so the package must be imported before the batch.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import IO, NamedTuple
from uuid import UUID, uuid5
from xml.sax.saxutils import quoteattr

from primanota.close.pack_zip import PackZip
from primanota.close.rows import AccountRows, NamedFile
from primanota.core.errors import FormatRuleViolated
from primanota.core.kept_files import KeptFile

_NAMESPACE = "http://xml.datev.de/bedi/tps/document/v06.0"
# The GUIDs of all documents are made from it: it must never change.
_OUR_DOCUMENTS = UUID("5f0c7b1e-6d0a-5c55-9b0e-3a8f9c4d2e71")
MOST_DOCUMENTS, MOST_BYTES = 4_999, 465 * 1024 * 1024
# Beside a file, what its entry in the zip and in ``document.xml`` may take.
_OVERHEAD = 2_048


class ReceiptDocument(NamedTuple):
    """A document of DATEV: the receipts of a row; its GUID is the same wherever the same files are."""

    guid: str
    files: tuple[NamedFile, ...]

    @property
    def size(self) -> int:
        """The most bytes that it takes in a package."""
        return sum(one.file.size + _OVERHEAD for one in self.files) + _OVERHEAD


class DatevDocuments(NamedTuple):
    """The documents of a month, each once, and the GUID of each row that has one, by the row's id."""

    documents: list[ReceiptDocument]
    of_rows: dict[str, str]


def datev_documents(organisation: str, accounts: Iterable[AccountRows]) -> DatevDocuments:
    """Return the documents of rows: the originals of their receipts, without the bank's sealed copies.

    Args:
        organisation: the bank's id of the company.
        accounts: the rows.
    """
    ours = uuid5(_OUR_DOCUMENTS, organisation)
    documents: dict[str, ReceiptDocument] = {}
    of_rows: dict[str, str] = {}
    for account in accounts:
        for found in account.rows:
            files = {one.file.sha256: one for one in found.files if one.kind == "original"}
            if files:
                guid = str(uuid5(ours, " ".join(sorted(files))))
                documents.setdefault(guid, ReceiptDocument(guid, tuple(files.values())))
                of_rows[found.row.id] = guid
    return DatevDocuments(list(documents.values()), of_rows)


def packages(
    documents: Iterable[ReceiptDocument], most_documents: int = MOST_DOCUMENTS, most_bytes: int = MOST_BYTES
) -> list[list[ReceiptDocument]]:
    """Return the documents by packages, each within the limits.

    Raises:
        FormatRuleViolated: one document alone is too large.
    """
    found: list[list[ReceiptDocument]] = []
    size = 0
    for one in documents:
        if one.size > most_bytes:
            what = f"The receipt {one.files[0].name} is larger than a package for DATEV may be ({most_bytes} bytes)."
            raise FormatRuleViolated(what, "Name a higher limit with --package-mib.")
        if not found or len(found[-1]) == most_documents or size + one.size > most_bytes:
            found.append([])
            size = 0
        found[-1].append(one)
        size += one.size
    return found


def write_package(
    file: IO[bytes], documents: list[ReceiptDocument], made: datetime, pieces: Callable[[KeptFile], Iterable[bytes]]
) -> None:
    """Write a package.

    Args:
        file: an empty file that can be read and written.
        documents: what is in it; a file of several documents is there once.
        made: the local time of its header.
        pieces: returns the bytes of a kept file.
    """
    names: set[str] = set()
    with PackZip(file, made.date()) as archive:
        archive.add("document.xml", _xml(documents, made))
        for one in (file for document in documents for file in document.files):
            if one.name not in names:
                archive.add(one.name, pieces(one.file))
                names.add(one.name)


def _xml(documents: Iterable[ReceiptDocument], made: datetime) -> Iterator[bytes]:
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<archive xmlns="{_NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xsi:schemaLocation="{_NAMESPACE} Document_v060.xsd" version="6.0" generatingSystem="Primanota">\n'
        f"  <header>\n    <date>{made:%Y-%m-%dT%H:%M:%S}</date>\n  </header>\n  <content>\n"
    ).encode()
    for document in documents:
        files = "".join(f'      <extension xsi:type="File" name={quoteattr(one.name)}/>\n' for one in document.files)
        yield f'    <document guid="{document.guid}" processID="1">\n{files}    </document>\n'.encode()
    yield b"  </content>\n</archive>\n"
