"""The store of receipts beside a book: on a disk, on a shared folder, in a bucket."""

import hashlib
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from primanota.adapters.storage.file_store import FileStore
from primanota.adapters.storage.folder_file_store import FolderFileStore
from primanota.adapters.storage.receipt_place import receipt_store
from primanota.adapters.storage.s3 import Store
from primanota.core.errors import ConfigurationError, PrimanotaError
from primanota.core.kept_files import KeptFile
from tests.support.servers import s3_server
from tests.support.servers.s3_server import Cloud

cloud = s3_server.cloud
PDF = b"%PDF-1.4 invented"
Open = Callable[[str], FileStore]


@pytest.fixture
def opened(cloud: Cloud, tmp_path: Path) -> Open:
    """Return a function that opens the store beside a book on a disk, on a shared folder or in a bucket."""
    (tmp_path / "acme.book").touch(0o640)
    places = {
        "disk": f"{tmp_path / 'acme.book'}",
        "shared": f"shared:{tmp_path / 'acme.book'}",
        "bucket": "s3://acme-files/books/acme.book",
    }
    return lambda place: receipt_store(places[place], cloud.store)


def kept(store: FileStore, content: bytes = PDF) -> KeptFile:
    """Keep a file in pieces, and return it."""
    with store.staged() as staged:
        for start in range(0, len(content), 5):
            staged.write(content[start : start + 5])
        file = KeptFile(staged.sha256, staged.size, "application/pdf", "a.pdf")
        store.keep(staged, file)
    return file


def damage(store: FileStore, cloud: Cloud, file: KeptFile, content: bytes | None) -> None:
    """Replace the bytes of a kept file from outside, or remove it."""
    if isinstance(store, FolderFileStore):
        path = Path(store.place) / file.path
        path.unlink() if content is None else path.write_bytes(content)
    elif content is None:
        cloud.client().delete_object(Bucket=s3_server.BUCKET, Key=f"books/acme.receipts/{file.path}")
    else:
        cloud.client().put_object(Bucket=s3_server.BUCKET, Key=f"books/acme.receipts/{file.path}", Body=content)


PLACES = pytest.mark.parametrize("place", ["disk", "shared", "bucket"])


@PLACES
def test_a_file_is_kept_under_its_hash(opened: Open, cloud: Cloud, place: str) -> None:
    """A file lies beside the book under its SHA-256, comes back byte for byte, and is kept once."""
    store = opened(place)
    file = kept(store)
    assert kept(store) == file
    assert file.sha256 == hashlib.sha256(PDF).hexdigest()
    assert b"".join(store.pieces(file)) == PDF
    assert store.state(file) == "whole"
    assert store.place.endswith("acme.receipts")
    if place == "bucket":
        assert cloud.keys() == [f"books/acme.receipts/{file.path}"]
        assert cloud.request_count("PUT") == 1
    else:
        assert [str(one.relative_to(store.place)) for one in Path(store.place).rglob("*.*")] == [file.path]


@PLACES
@pytest.mark.parametrize(("content", "state"), [(b"%PDF-1.4 other", "changed"), (None, "missing")])
def test_a_damaged_file_is_found_and_replaced(
    opened: Open, cloud: Cloud, place: str, content: bytes | None, state: str
) -> None:
    """A file that was changed or removed from outside is found, and is whole again once it is kept anew."""
    store = opened(place)
    file = kept(store)
    damage(store, cloud, file, content)
    assert store.state(file) == state
    if content is None:
        with pytest.raises(ConfigurationError, match="is missing from"):
            list(store.pieces(file))
    kept(store)
    assert store.state(file) == "whole"


@PLACES
def test_a_file_that_breaks_off_leaves_nothing(opened: Open, cloud: Cloud, place: str) -> None:
    """A file that breaks off while it is received leaves nothing behind."""
    store = opened(place)
    with suppress(ZeroDivisionError), store.staged() as staged:
        staged.write(PDF)
        raise ZeroDivisionError
    assert cloud.keys() == []
    if place != "bucket":
        assert list(Path(store.place).iterdir()) == []


def test_files_are_private(opened: Open) -> None:
    """On a disk only the owner can read the folder, its folders, and the files in them."""
    store = opened("disk")
    file = kept(store)
    paths = [Path(store.place), *Path(store.place).rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o700, 0o600}
    assert file.size == len(PDF)


def test_files_of_a_shared_book_are_shared(opened: Open) -> None:
    """Whoever may read a book on a shared folder may read its receipts, and no one else."""
    store = opened("shared")
    file = kept(store)
    path = Path(store.place) / file.path
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o750


def test_what_a_killed_run_left_is_removed(tmp_path: Path) -> None:
    """A staged file of a run that was killed is removed after a day, and not before."""
    folder = tmp_path / "acme.receipts"
    folder.mkdir()
    for name, age in (("old", 90_000), ("new", 80_000)):
        left = folder / f".primanota-{name}.part"
        left.touch()
        os.utime(left, (1_000_000 - age, 1_000_000 - age))
    kept(FolderFileStore(folder, clock=lambda: 1_000_000))
    assert [path.name for path in folder.glob(".*")] == [".primanota-new.part"]


def test_a_folder_without_rights_is_one_sentence(tmp_path: Path) -> None:
    """Where the folder cannot be made, one error names it."""
    (tmp_path / "acme.receipts").write_text("a file")
    with pytest.raises(PrimanotaError, match=r"acme\.receipts"):
        kept(receipt_store(f"{tmp_path / 'acme.book'}", Store()))
