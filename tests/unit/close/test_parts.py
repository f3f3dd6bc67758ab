"""The zip of a pack, and how receipts are packed for DATEV."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from primanota.close.datev_package import ReceiptDocument, datev_documents, packages, write_package
from primanota.close.pack_zip import PackZip
from primanota.close.rows import AccountRows, FileNaming, MonthRow, NamedFile
from primanota.close.tables import index_csv, missing_csv
from primanota.core.errors import FormatRuleViolated
from primanota.core.kept_files import KeptFile
from primanota.core.model import Account, Transaction
from tests.support import environment
from tests.support.files import statements
from tests.support.readers.datev_documents import read_documents

_MOST = 1_000_000
_ROW = next(iter(statements.make([-1_00]).rows))


def make(**changes: Any) -> Transaction:  # noqa: ANN401 - the fields have different types
    """Return a row with some fields changed."""
    return msgspec.structs.replace(_ROW, **changes)


def _named(number: int, size: int = 1_000) -> NamedFile:
    file = KeptFile(f"{number:064x}", size, "application/pdf")
    return NamedFile(f"{number}.pdf", "original", file, is_first=True)


def _documents(count: int, size: int = 1_000) -> list[ReceiptDocument]:
    return [ReceiptDocument(f"{number}", (_named(number, size),)) for number in range(count)]


def test_a_zip_follows_from_its_content(tmp_path: Path) -> None:
    """The same files in another order give a zip that lists them alike, with one time, readable by unzip."""
    found = []
    for names in (("b", "ä/a", "c"), ("c", "b", "ä/a")):
        file = io.BytesIO()
        with PackZip(file, date(2026, 10, 31)) as archive:
            for name in names:
                archive.add(name, [name.encode(), b"!"])
        found.append(file.getvalue())
        with zipfile.ZipFile(file) as read:
            assert read.namelist() == ["b", "c", "ä/a"]
            assert {info.date_time for info in read.infolist()} == {(2026, 10, 31, 0, 0, 0)}
            assert read.read("ä/a") == "ä/a!".encode()
    (tmp_path / "pack.zip").write_bytes(found[0])
    assert environment.run(["unzip", "-tq", tmp_path / "pack.zip"]).returncode == 0


def test_a_zip_of_a_day_before_there_were_zips() -> None:
    """The files of a month before 1980 have the first day that a zip can state."""
    file = io.BytesIO()
    with PackZip(file, date(1970, 1, 31)) as archive:
        archive.add("a", [b"!"])
    with zipfile.ZipFile(file) as read:
        assert read.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)


def test_packages_keep_to_the_limits() -> None:
    """Documents are split by number and by size, and none is lost."""
    by_number = packages(_documents(10), most_documents=4, most_bytes=_MOST)
    assert [len(one) for one in by_number] == [4, 4, 2]
    by_size = packages(_documents(10, 200_000), most_documents=100, most_bytes=_MOST)
    assert [len(one) for one in by_size] == [4, 4, 2]
    assert [one for package in by_size for one in package] == _documents(10, 200_000)


def test_a_receipt_that_no_package_can_have() -> None:
    """A receipt that is larger than a package is refused with its name."""
    with pytest.raises(FormatRuleViolated, match=r"0\.pdf"):
        packages(_documents(1, 2_000_000), most_documents=4, most_bytes=_MOST)


def test_a_package_of_a_shared_receipt() -> None:
    """Two rows with the same receipt are one document; each has its GUID, which depends on company and file alone."""
    shared, other = _named(1), _named(2)
    rows = [MonthRow(make(id=key), [], [shared], lacks_receipt=False, waiting=0) for key in "ab"]
    rows.append(MonthRow(make(id="c"), [], [shared, other], lacks_receipt=False, waiting=0))
    accounts = [AccountRows(Account("x", "Konto"), rows)]
    found = datev_documents("company", accounts)
    assert found.of_rows["a"] == found.of_rows["b"] != found.of_rows["c"]
    assert found.of_rows["a"] == "1f8aaa35-b8eb-52e4-9fd5-23cae109b0bd"
    assert datev_documents("another", accounts).of_rows["a"] != found.of_rows["a"]
    file = io.BytesIO()
    write_package(file, found.documents, datetime(2026, 10, 31), lambda kept: [kept.sha256.encode()])  # noqa: DTZ001 - DATEV's time is local
    file.seek(0)
    assert read_documents(file) == {
        found.of_rows["a"]: ["1.pdf"],
        found.of_rows["c"]: ["1.pdf", "2.pdf"],
    }


def test_names_of_receipts() -> None:
    """A file that two rows have has one name, and two files never have the same one."""
    naming, row = FileNaming(), make()
    first, again = (naming.of(row, 1, "original", _named(1).file) for _ in range(2))
    other = naming.of(row, 1, "original", _named(2).file)
    assert (first.name, first.is_first, again.is_first) == (again.name, True, False)
    assert other.name != first.name


def test_a_text_that_a_spreadsheet_would_compute() -> None:
    """A counterparty that looks like a formula is guarded, and rows without receipts come by member."""
    rows = [
        MonthRow(make(id="1", member="Zoë", counterparty="=cmd"), [], [], lacks_receipt=True, waiting=0),
        MonthRow(make(id="2", member="Anna"), [3, 4], [], lacks_receipt=False, waiting=2),
    ]
    accounts = [AccountRows(Account("x", "Konto"), rows)]
    index = b"".join(index_csv(accounts, lambda file: file.name)).decode("utf-8-sig")
    assert "'=cmd" in index
    assert index.splitlines()[2].endswith("not fetched,,,3 4")
    missing = b"".join(missing_csv(accounts)).decode("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in missing[1:]] == [["Anna", "not fetched"], ["Zoë", "missing"]]


@pytest.mark.parametrize("table", [missing_csv, lambda accounts: index_csv(accounts, lambda file: file.name)])
def test_no_cell_is_computed_or_ends_a_line(table: Callable[[list[AccountRows]], Iterator[bytes]]) -> None:
    """Names of accounts, members and counterparties, purposes and ids are guarded, and on one line each."""
    evil = "=1+1\r\n\0;=2+2"
    row = make(id="=id", member=evil, counterparty=evil, purpose=evil)
    accounts = [AccountRows(Account("x", evil), [MonthRow(row, [], [], lacks_receipt=True, waiting=0)])]
    lines = b"".join(table(accounts)).decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert lines[1].count("'=1+1 ;'=2+2") == 4
    assert "'=id" in lines[1].split(",")
