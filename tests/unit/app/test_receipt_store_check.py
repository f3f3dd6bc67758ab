"""The examination of the store of receipts finds what is missing, altered, or open to others, and reads little."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from primanota.adapters.storage.folder_file_store import FolderFileStore
from primanota.app.receipts import receipt_store_check
from primanota.app.receipts.receipt_store_check import examine_store
from primanota.book.journal import Journal
from primanota.core.errors import ConfigurationError
from primanota.core.kept_files import KeptFile

_NUMBER = 120


def journal_of(files: list[KeptFile]) -> Journal:
    """Return a journal whose book names some files."""
    return cast("Journal", SimpleNamespace(receipts=lambda: SimpleNamespace(files=lambda: iter(files))))


@pytest.fixture
def store(tmp_path: Path) -> FolderFileStore:
    """Return an empty store in a private folder."""
    return FolderFileStore(tmp_path / "acme.receipts")


def filled(store: FolderFileStore, number: int = _NUMBER) -> list[KeptFile]:
    """Keep some files in a store, and return them."""
    found = []
    for place in range(number):
        content = b"%PDF-" + f"{place}".encode()
        file = KeptFile(hashlib.sha256(content).hexdigest(), len(content), "application/pdf", "a.pdf")
        with store.staged() as staged:
            staged.write(content)
            store.keep(staged, file)
        found.append(file)
    return found


def test_a_whole_store(store: FolderFileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole store is told with the number and size of its files; a sample of them is read, within its limits."""
    files = filled(store)
    found = examine_store(journal_of([*files, files[0]]), store)
    assert found == (_NUMBER, sum(file.size for file in files), 50)
    monkeypatch.setattr(receipt_store_check, "_MOST_BYTES", files[0].size * 3)
    assert 0 < examine_store(journal_of(files), store).read <= 3


def test_a_store_without_files(store: FolderFileStore) -> None:
    """A book without receipts needs no store."""
    assert examine_store(journal_of([]), store) == (0, 0, 0)


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.write_bytes(b"other"), "was changed"),
    ],
)
def test_a_file_that_is_not_whole(store: FolderFileStore, break_it: Callable[[Path], object], told: str) -> None:
    """A file of the sample that is missing or has other bytes is named, with the command that fetches it again."""
    (file,) = filled(store, 1)
    break_it(Path(store.place) / file.path)
    with pytest.raises(ConfigurationError, match=told) as refused:
        examine_store(journal_of([file]), store)
    assert file.path in refused.value.message
    assert "receipts --repair" in refused.value.hint


def test_a_store_that_is_gone(store: FolderFileStore, tmp_path: Path) -> None:
    """A store that is not there is named, if the book has receipts."""
    files = filled(store, 1)
    Path(store.place).rename(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="is missing"):
        examine_store(journal_of(files), store)


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_store_that_others_can_read(store: FolderFileStore, tmp_path: Path) -> None:
    """A private store that others can look into is told; that of a shared folder may be open like its book."""
    files = filled(store, 1)
    (Path(store.place) / files[0].path).parent.chmod(0o755)
    with pytest.raises(ConfigurationError, match="Other users"):
        examine_store(journal_of(files), store)
    (tmp_path / "acme.book").write_bytes(b"")
    shared = FolderFileStore(Path(store.place), book=tmp_path / "acme.book")
    assert examine_store(journal_of(files), shared).files == 1


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_a_store_that_cannot_be_written(store: FolderFileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store in which this user cannot write is told."""
    files = filled(store, 1)
    monkeypatch.setattr(os, "access", lambda *_: False)  # the superuser may write everywhere
    with pytest.raises(ConfigurationError, match="cannot be written"):
        examine_store(journal_of(files), store)
