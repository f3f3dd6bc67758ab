"""Readers of DATEV's packages of receipts: a strict one by the facts of archive v6.0, and DATEV's own schema.

The schema may not be handed on, so it is not here. That of archive v5.0 comes with an add-on of Odoo (OCA); in it the
elements and attributes that we write are the same, and it has other names for namespace and version.
"""

import re
import zipfile
from datetime import datetime
from importlib.resources import files
from pathlib import PurePosixPath
from typing import IO
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from lxml import etree

_NAMESPACE = "{http://xml.datev.de/bedi/tps/document/v06.0}"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_SCHEMA = files("odoo.addons") / "datev_export_xml" / "xsd_files" / "Document_v050.xsd"
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_TYPES = {".pdf", ".xml", ".tif", ".bmp", ".csv", ".gif", ".jpg", ".png", ".txt"}
_MOST_DOCUMENTS, _MOST_FILES, _MOST_BYTES = 4_999, 50, 20 * 1024 * 1024


def read_documents(package: IO[bytes]) -> dict[str, list[str]]:
    """Return the names of the files of each document, by its GUID.

    Raises:
        AssertionError: the package breaks a rule of DATEV's import.
    """
    with zipfile.ZipFile(package) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert not [name for name in names if "/" in name or "\\" in name], "folders are refused"
        assert all(info.file_size <= _MOST_BYTES for info in archive.infolist())
        root = ET.fromstring(archive.read("document.xml"))  # noqa: S314 - we wrote it
    found = _documents(root)
    files = {name for listed in found.values() for name in listed}
    assert files == set(names) - {"document.xml"}
    assert {PurePosixPath(name).suffix.lower() for name in files} <= _TYPES
    return found


def require_valid(package: IO[bytes]) -> None:
    """Validate the document.xml of a package by DATEV's own schema of archive v5.0.

    Raises:
        lxml.etree.DocumentInvalid: it breaks the schema.
    """
    with zipfile.ZipFile(package) as archive:
        written = archive.read("document.xml")
    assert b'version="6.0"' in written
    older = written.replace(b"/document/v06.0", b"/document/v05.0").replace(b'version="6.0"', b'version="5.0"')
    etree.XMLSchema(file=f"{_SCHEMA}").assertValid(etree.fromstring(older))


def _documents(root: Element) -> dict[str, list[str]]:
    assert root.tag == f"{_NAMESPACE}archive"
    assert root.get("version") == "6.0"
    assert root.get("generatingSystem")
    header, content = root
    assert (header.tag, content.tag) == (f"{_NAMESPACE}header", f"{_NAMESPACE}content")
    (date,) = header
    assert date.tag == f"{_NAMESPACE}date"
    assert datetime.strptime(date.text or "", "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007 - DATEV's has no zone
    assert 1 <= len(content) <= _MOST_DOCUMENTS
    found: dict[str, list[str]] = {}
    for document in content:
        assert document.tag == f"{_NAMESPACE}document"
        assert set(document.attrib) <= {"guid", "type", "processID"}
        assert document.get("processID") in {"1", "2"}
        guid = str(document.get("guid"))
        assert _GUID.fullmatch(guid)
        assert guid not in found
        assert 1 <= len(document) <= _MOST_FILES
        for extension in document:
            assert extension.tag == f"{_NAMESPACE}extension"
            assert dict(extension.attrib) == {f"{_XSI}type": "File", "name": extension.get("name")}
        found[guid] = [str(extension.get("name")) for extension in document]
    return found
