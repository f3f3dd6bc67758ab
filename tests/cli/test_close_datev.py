"""``primanota close --for datev``: packages of receipts, and the booking batch that links to them."""

import csv
import io
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from lxml.etree import DocumentInvalid

from primanota.simulator import Simulator
from tests.cli.test_close import MONTH, manifest, october_row, packed, table
from tests.support.readers import datev
from tests.support.readers.datev_documents import read_documents, require_valid
from tests.support.screens.command_line import Terminal

Make = Callable[..., Terminal]
_LEDGER = """[organisation.{login}.ledger]
bank = "1800"
clearing = "1370"
chart = "04"
consultant = 29098
client = 55003
"""
_BELEGLINK = 19  # field 20


def settled_in_datev(simulator: Simulator, home: Path) -> None:
    """Write settings with a ledger that DATEV takes."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(_LEDGER.format(login=simulator.login), encoding="utf-8")


@pytest.fixture
def filled(terminal: Make, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a command line with a synced book, its receipts, and a ledger for DATEV."""
    monkeypatch.setenv("PRIMANOTA_RECEIPTS", "true")
    made = terminal(size=120)
    settled_in_datev(made.simulator, made.home)
    made.sync()
    return made


def documents(pack: Path) -> dict[str, list[str]]:
    """Return the documents of all packages of a pack, as a strict reader finds them."""
    found: dict[str, list[str]] = {}
    with zipfile.ZipFile(pack) as archive:
        for name in archive.namelist():
            if name.startswith("datev-receipts"):
                found |= read_documents(io.BytesIO(archive.read(name)))
    return found


def links(pack: Path) -> dict[str, str]:
    """Return the links of the entries of a pack, by the beginning of the row's id (“Belegfeld 1”)."""
    found: dict[str, str] = {}
    with zipfile.ZipFile(pack) as archive:
        for name in archive.namelist():
            if name.startswith("files/"):
                text = archive.read(name).decode("cp1252")
                _, heads, *lines = csv.reader(io.StringIO(text), delimiter=";")
                assert heads[_BELEGLINK] == "Beleglink"
                found |= {line[heads.index("Belegfeld 1")]: line[_BELEGLINK] for line in lines}
    return found


def test_every_receipt_is_linked(filled: Terminal, tmp_path: Path) -> None:
    """A strict reader takes each package; each row with receipts links to its document, other rows to none."""
    pack = packed(filled, tmp_path, "--for", "datev")
    found, linked = documents(pack), links(pack)
    assert found
    assert {f'BEDI "{guid}"' for guid in found} == {link for link in linked.values() if link}
    index = table(pack, "index.csv")
    with_receipts = [line for line in index if line["receipts"]]
    assert len(with_receipts) == len([link for link in linked.values() if link])
    inside = {f"datev-receipts_{MONTH}.zip/{name}" for names in found.values() for name in names}
    named = {path for line in index for path in line["receipts"].split()}
    assert inside == {path for path in named if not path.startswith("receipts/")}
    assert all(path.removesuffix(".pdf").endswith("_sealed") for path in named - inside)


def test_datevs_schema_takes_every_package(filled: Terminal, tmp_path: Path) -> None:
    """The document.xml of each package is valid by DATEV's own schema of the archive before ours (v5.0)."""
    found = 0
    with zipfile.ZipFile(packed(filled, tmp_path, "--for", "datev")) as archive:
        for name in archive.namelist():
            if name.startswith("datev-receipts"):
                require_valid(io.BytesIO(archive.read(name)))
                found += 1
    assert found


def test_datevs_schema_refuses_what_is_wrong() -> None:
    """DATEV's own schema is in force: an element or an id that it does not know is refused."""
    document = (
        '<archive xmlns="http://xml.datev.de/bedi/tps/document/v06.0" version="6.0" xmlns:xsi='
        '"http://www.w3.org/2001/XMLSchema-instance"><header><date>2026-10-31T00:00:00</date></header><content>'
        '<document guid="{}" processID="1"><{} xsi:type="File" name="a.pdf"/></document></content></archive>'
    )
    guid = "f9a0475d-d0df-4054-af36-993d5d68f040"
    for text, is_valid in (
        (document.format(guid, "extension"), True),
        (document.format("not-a-guid", "extension"), False),
        (document.format(guid, "file"), False),
    ):
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("document.xml", text)
        with nullcontext() if is_valid else pytest.raises(DocumentInvalid):
            require_valid(package)


def test_a_foreign_reader_takes_the_batch(filled: Terminal, tmp_path: Path) -> None:
    """A ledger library finds the certificates' sums in the booking batches, and Apache Arrow the links."""
    pack = packed(filled, tmp_path, "--for", "datev")
    sums = {one["name"]: one["in"] + one["out"] for one in manifest(pack)["accounts"]}
    with zipfile.ZipFile(pack) as archive:
        names = [name for name in archive.namelist() if name.startswith("files/")]
        archive.extractall(tmp_path, names)
    found = [datev.german_ledger(tmp_path / name) for name in names]
    assert sorted(one.total for one in found) == sorted(cents for cents in sums.values() if cents)
    linked = {link for name in names for link in datev.links(tmp_path / name)}
    assert linked == {f'BEDI "{guid}"' for guid in documents(pack)}


def test_documents_keep_their_guids(filled: Terminal, tmp_path: Path) -> None:
    """A later edition gives the same receipts the same GUIDs."""
    first = documents(packed(filled, tmp_path, "--for", "datev"))
    filled.clock.advance(days=1)
    filled.edit(october_row(filled), reference="Corrected later")
    second = packed(filled, tmp_path, "--for", "datev")
    assert manifest(second)["edition"] == 2
    assert documents(second).keys() == first.keys()


def test_the_limit_of_a_package(filled: Terminal, tmp_path: Path) -> None:
    """Receipts that exceed the limit of a package are split; README.txt says what is imported first."""
    for row in [line["row"] for line in table(packed(filled, tmp_path, "--for", "datev"), "index.csv")]:
        for _ in range(4):
            filled.simulator.bank.attach(row)
    filled.clock.advance(minutes=20)
    filled.sync()
    pack = packed(filled, tmp_path, "--for", "datev", "--package-mib", "1")
    with zipfile.ZipFile(pack) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("datev-receipts"))
        readme = archive.read("README.txt").decode()
        assert all(archive.getinfo(name).file_size <= 1024 * 1024 for name in names)
    assert len(names) > 1
    assert all(name in readme for name in names)
    assert readme.index("1. Zuerst die Belege") < readme.index("2. Danach den Buchungsstapel")
