"""Remote books: fetched, put back by one process at a time, and never overwritten, lost or damaged."""

import hashlib
import os
import re
import shutil
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from errno import EIO, ENOSPC, ESTALE
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from primanota.adapters.storage import disk, lock_file
from primanota.adapters.storage.book_place import BookStore
from primanota.adapters.storage.checkout import Checkout, checked_out
from primanota.adapters.storage.remote_book import book_store
from primanota.adapters.storage.s3 import Location, Store
from primanota.adapters.storage.s3_book import S3BookStore
from primanota.adapters.storage.shared_book import SharedFolderBookStore
from primanota.book import Book
from primanota.core.errors import BookConflict, BookLocked, BookUnusable, ConfigurationError, InvalidInput
from primanota.core.language.notices import english
from tests.support.clock import Clock
from tests.support.servers import s3_server
from tests.support.servers.s3_server import (
    BUCKET,
    Application,
    Cloud,
    Environ,
    Start,
    lose_the_answer,
    once,
    refusing,
    without_checksums,
    without_conditions,
)

cloud = s3_server.cloud
_KEY = "acme.book"
_NOW = 1_800_000_000.0


class Place(Protocol):
    """The place of a remote book, as seen by other processes."""

    def store(self) -> BookStore:
        """Return a store of the book."""

    def content(self) -> bytes:
        """Return the book's bytes."""

    def delete(self) -> None:
        """Delete the book."""


class InBucket(NamedTuple):
    """A book in S3."""

    cloud: Cloud

    def store(self) -> BookStore:
        """Return a store of the book."""
        return S3BookStore(self.cloud.store, self.cloud.location(_KEY))

    def content(self) -> bytes:
        """Return the book's bytes."""
        return self.cloud.content(_KEY)

    def delete(self) -> None:
        """Delete the book."""
        self.cloud.client().delete_object(Bucket=BUCKET, Key=_KEY)


class OnShare(NamedTuple):
    """A book on a shared folder."""

    folder: Path

    def store(self) -> BookStore:
        """Return a store of the book, which yields the processor instead of sleeping."""
        return SharedFolderBookStore(self.folder / _KEY, sleep=lambda _: os.sched_yield())

    def content(self) -> bytes:
        """Return the book's bytes."""
        return (self.folder / _KEY).read_bytes()

    def delete(self) -> None:
        """Delete the book."""
        (self.folder / _KEY).unlink()


@pytest.fixture(params=["s3", "shared"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each kind of place of a remote book."""
    if request.param == "s3":
        return InBucket(request.getfixturevalue("cloud"))
    (tmp_path / "share").mkdir()
    return OnShare(tmp_path / "share")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The path of a copy."""
    return tmp_path / "copy.book"


def _filled(copy: Path, content: bytes = b"one") -> Path:
    copy.write_bytes(content)
    return copy


def _no_checkpoint() -> bytes:
    """Do nothing: the copy is not a SQLite file, and has no note."""
    return b""


def test_the_place_decides_on_the_store(tmp_path: Path) -> None:
    """The form of the place decides on the store; a plain path has no store, and an invalid place is refused."""
    assert isinstance(book_store("s3://acme-files/acme.book", Store()), S3BookStore)
    assert str(book_store("s3://acme-files/acme.book", Store())) == "s3://acme-files/acme.book"
    assert isinstance(book_store("shared:/mnt/office/acme.book", Store()), SharedFolderBookStore)
    assert str(book_store("shared:/mnt/office/acme.book", Store())) == "shared:/mnt/office/acme.book"
    assert book_store("/home/me/acme.book", Store()) is None
    for wrong in ("s3://acme-files", "s3://acme-files/books/", "shared:acme.book", f"shared:{tmp_path}"):
        with pytest.raises(InvalidInput):
            book_store(wrong, Store())


def test_a_missing_book(place: Place, copy: Path) -> None:
    """The revision of a missing book is empty, and no file is created."""
    assert place.store().fetch(copy) == ""
    assert not copy.exists()


def test_a_book_is_put_and_fetched(place: Place, copy: Path) -> None:
    """A fetch returns the bytes and the revision of the last put, and each put has a new revision."""
    first = place.store().upload(_filled(copy, b"one"), "")
    assert place.store().fetch(copy) == first
    assert copy.read_bytes() == b"one"
    second = place.store().upload(_filled(copy, b"two"), first)
    assert second != first
    assert place.content() == b"two"


@pytest.mark.parametrize("revision_known", [True, False])
def test_a_conflict_is_refused(place: Place, copy: Path, *, revision_known: bool) -> None:
    """A put over another revision than the fetched one is refused, and the book is unchanged."""
    revision = place.store().upload(_filled(copy, b"one"), "")
    place.store().upload(_filled(copy, b"theirs"), revision)
    with pytest.raises(BookConflict, match="was changed by another process"):
        place.store().upload(_filled(copy, b"mine"), revision if revision_known else "")
    assert place.content() == b"theirs"


def test_a_deleted_book_is_not_created_again(place: Place, copy: Path) -> None:
    """A book that is deleted between fetch and put is an error, and is not created again."""
    revision = place.store().upload(_filled(copy), "")
    place.delete()
    with pytest.raises(BookUnusable, match="is gone"):
        place.store().upload(_filled(copy, b"two"), revision)
    assert place.store().fetch(copy) == ""


def test_one_of_two_puts_succeeds(place: Place, tmp_path: Path) -> None:
    """Of two simultaneous puts over the same revision, one succeeds, and the other one is a conflict."""
    both, reader = [place.store(), place.store()], place.store()
    revision = reader.upload(_filled(tmp_path / "first"), "")
    for turn in range(20):
        sources = [_filled(tmp_path / process, f"{turn}{process}".encode()) for process in "ab"]
        together = threading.Barrier(2)
        with ThreadPoolExecutor(2) as hands:
            results = [*hands.map(_try, both, sources, [revision] * 2, [together] * 2)]
        assert results.count("conflict") == 1
        (revision,) = (result for result in results if result != "conflict")
        assert reader.fetch(tmp_path / "again") == revision


def _try(mine: BookStore, source: Path, revision: str, together: threading.Barrier) -> str:
    """Put a book back at the same moment as another thread; return the new revision, or “conflict”."""
    together.wait()
    try:
        return mine.upload(source, revision)
    except BookConflict:
        return "conflict"


class Processes(RuleBasedStateMachine):
    """Several processes that add lines to one book, in any order, and repeat their work after a conflict."""

    def __init__(self, place: Place, stores: list[BookStore], folder: Path) -> None:
        super().__init__()
        self._place = place
        self._stores = stores
        self._folder = folder
        self._hands = [ExitStack() for _ in range(3)]
        self._held: list[Checkout | None] = [None] * 3
        self._pending: list[list[str]] = [[], [], []]
        self._published: list[str] = []
        self._count = 0

    @rule(process=st.integers(0, 2))
    def write(self, process: int) -> None:
        """Add a line to the copy of a process."""
        held = self._held[process] or self._fetch(process)
        self._count += 1
        self._pending[process].append(f"line {self._count} of {process}")
        _append(held.path, self._pending[process][-1:])

    @rule(process=st.integers(0, 2))
    def publish(self, process: int) -> None:
        """Publish the copy of a process, and repeat its work until that succeeds."""
        held = self._held[process] or self._fetch(process)
        try:
            assert held.publish(_no_checkpoint) == bool(self._pending[process])
        except BookConflict:
            self._hands[process].close()
            _append(self._fetch(process).path, self._pending[process])
            self.publish(process)
        else:
            self._published += self._pending[process]
            self._pending[process] = []

    @rule(process=st.integers(0, 2))
    def leave(self, process: int) -> None:
        """End a process without publishing its work."""
        self._hands[process].close()
        self._held[process], self._pending[process] = None, []

    @invariant()
    def nothing_is_lost(self) -> None:
        """Assert that every published line is in the book, once."""
        if self._published:
            assert self._place.content().decode().split("\n")[:-1] == self._published

    def teardown(self) -> None:
        """End all processes, and assert that no copy remains."""
        for hand in self._hands:
            hand.close()
        assert not any(self._folder.iterdir())
        if self._published:
            self._place.delete()

    def _fetch(self, process: int) -> Checkout:
        folder = _FixedFolder(self._folder / str(process))
        held = self._hands[process].enter_context(
            checked_out(self._stores[process], _KEY, create=not self._published, folder=lambda: folder)
        )
        self._held[process] = held
        return held


class _FixedFolder:
    """A temporary folder with a fixed name."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> str:
        self._path.mkdir()
        return str(self._path)

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path)


def _append(path: Path, lines: Iterable[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def test_no_line_is_lost(place: Place, tmp_path: Path) -> None:
    """In any order of writes, puts and repetitions, every published line is in the book, once."""
    (tmp_path / "copies").mkdir()
    few = settings(
        max_examples=15 if isinstance(place, InBucket) else 60,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    stores = [place.store() for _ in range(3)]
    factory = cast("type[Processes]", partial(Processes, place, stores, tmp_path / "copies"))
    run_state_machine_as_test(factory, settings=few)


def test_a_real_book(place: Place, clock: Clock) -> None:
    """A SQLite book is fetched completely, and put back only if it has changed."""
    for create in (True, False):
        with checked_out(place.store(), _KEY, create=create) as held, Book(held.path, clock.micros) as book:
            checkpoint = _checkpoint(held.path)
            with book.run("sync"):
                pass
            assert held.publish(checkpoint)
            assert not held.publish(checkpoint)
            with book.run("review"):
                pass
            assert held.publish(checkpoint)
    with checked_out(place.store(), _KEY, create=False) as held, Book(held.path, clock.micros) as book:
        assert book.is_sound()
        assert [command for (command,) in book.rows("SELECT command FROM run")] == ["sync", "review"] * 2


def _checkpoint(path: Path) -> Callable[[], bytes]:
    def checkpoint() -> bytes:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return b""

    return checkpoint


def test_a_book_that_is_still_read(place: Place, clock: Clock) -> None:
    """A copy whose write-ahead log cannot be emptied is not put back."""
    with checked_out(place.store(), _KEY, create=True) as held, Book(held.path, clock.micros) as book:
        with book.run("sync"):
            pass
        with pytest.raises(BookLocked, match="still being read"):
            held.publish(_no_checkpoint)
        assert place.store().fetch(held.path.with_name("other")) == ""


def test_the_copy_is_private_and_temporary(place: Place) -> None:
    """The folder of the copy is accessible only to its owner, and is removed even after an error."""
    seen: list[Path] = []

    def fail() -> None:
        with checked_out(place.store(), _KEY, create=True) as held:
            seen.append(held.path.parent)
            assert seen[0].stat().st_mode & 0o777 == 0o700
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not seen[0].exists()


def test_a_missing_book_is_not_created(place: Place) -> None:
    """A missing book is an error, unless its creation is requested."""
    with (
        pytest.raises(ConfigurationError, match="There is no book at"),
        checked_out(place.store(), _KEY, create=False),
    ):
        pass


def test_a_lost_answer(cloud: Cloud, copy: Path) -> None:
    """A put whose answer is lost counts as successful."""
    bucket = S3BookStore(cloud.store, cloud.location(_KEY))
    revision = bucket.upload(_filled(copy), "")
    cloud.fault = once(lose_the_answer)
    revision = bucket.upload(_filled(copy, b"two"), revision)
    assert bucket.fetch(copy) == revision
    assert copy.read_bytes() == b"two"


def test_the_same_bytes_of_another_process(cloud: Cloud, copy: Path) -> None:
    """A put of the same bytes as another process over the same revision is a conflict."""
    revision = S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(copy), "")
    S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(copy, b"two"), revision)
    with pytest.raises(BookConflict):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(copy, revision)


def test_a_conflict_at_the_host(cloud: Cloud, copy: Path) -> None:
    """A put that the host answers with 409 is a conflict."""
    bucket = S3BookStore(cloud.store, cloud.location(_KEY))
    revision = bucket.upload(_filled(copy), "")
    cloud.fault = once(refusing("409 Conflict", "ConditionalRequestConflict"))
    with pytest.raises(BookConflict):
        bucket.upload(_filled(copy, b"two"), revision)


def test_a_deleted_book_in_a_versioned_bucket(cloud: Cloud, copy: Path) -> None:
    """In a bucket with versioning, a deleted book is an error, unlike one that never existed."""
    versioning = {"Status": "Enabled"}
    cloud.client().put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versioning)
    S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(copy), "")
    cloud.client().delete_object(Bucket=BUCKET, Key=_KEY)
    with pytest.raises(BookUnusable, match="was deleted"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(copy)


def test_a_host_without_conditional_writes(cloud: Cloud, copy: Path) -> None:
    """A host without conditional writes is refused, and no book is stored there."""
    cloud.fault = without_conditions
    with pytest.raises(ConfigurationError, match="does not support conditional writes"):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(copy), "")
    cloud.fault = once(refusing("501 Not Implemented", "NotImplemented", "A header"))
    with pytest.raises(ConfigurationError, match="does not support conditional writes"):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(copy, "")
    assert S3BookStore(cloud.store, cloud.location(_KEY)).fetch(copy) == ""


def test_a_host_without_checksums(cloud: Cloud, copy: Path) -> None:
    """If the host does not return checksums, the book is read once after the put, to be compared."""
    cloud.fault = without_checksums
    bucket = S3BookStore(cloud.store, cloud.location(_KEY))
    revision = bucket.upload(_filled(copy), "")
    assert cloud.request_count("GET") == 1
    assert bucket.fetch(copy) == revision


def _damaged(behind_checksums: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Return a host that returns other bytes than were put."""

    def damage(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        return [piece.replace(b"one", b"0ne") for piece in behind_checksums(environ, start, behind)]

    return damage


@pytest.mark.parametrize("states_checksums", [True, False])
def test_a_damaged_book_is_refused(cloud: Cloud, copy: Path, *, states_checksums: bool) -> None:
    """A book with other bytes is refused, by the host's checksum or by the one in the metadata."""
    S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(copy), "")
    passing = (lambda environ, start, behind: behind(environ, start)) if states_checksums else without_checksums
    cloud.fault = _damaged(passing)
    with pytest.raises(ConfigurationError, match="has other bytes than were put there"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(copy)


@pytest.mark.parametrize("code", ["NoSuchBucket", "AccessDenied"])
def test_a_refusal_is_not_a_missing_book(cloud: Cloud, copy: Path, code: str) -> None:
    """A missing bucket or permission is an error, unlike a missing book."""
    status = "404 Not Found" if code == "NoSuchBucket" else "403 Forbidden"
    cloud.fault = refusing(status, code)
    with pytest.raises(ConfigurationError, match="no such bucket" if code == "NoSuchBucket" else "s3:GetObject"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(copy)
    with pytest.raises(ConfigurationError, match="no such bucket" if code == "NoSuchBucket" else "s3:PutObject"):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(copy), "")


def test_a_broken_connection(cloud: Cloud, copy: Path) -> None:
    """A connection that breaks while a book is fetched is an error."""

    def half(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        content = b"".join(behind(environ, start))
        yield content[: len(content) // 2]
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)

    S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(copy, bytes(1 << 20)), "")
    cloud.fault = half
    with pytest.raises(ConfigurationError, match="cannot be reached"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(copy)


def test_without_boto3(cloud: Cloud, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(ConfigurationError, match=r"python3 install\.py --aws"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(copy)
    with pytest.raises(ConfigurationError, match=r"python3 install\.py --aws"):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(copy), "")


def test_a_book_is_encrypted(cloud: Cloud, copy: Path) -> None:
    """A book in a bucket is encrypted by the host."""
    S3BookStore(cloud.store, Location(BUCKET, _KEY)).upload(_filled(copy), "")
    assert cloud.client().head_object(Bucket=BUCKET, Key=_KEY)["ServerSideEncryption"] == "AES256"


class Share(NamedTuple):
    """A shared folder, with a clock that only waiting advances."""

    path: Path
    times: list[float]
    messages: list[str]

    def store(self) -> SharedFolderBookStore:
        """Return a store of the book."""
        return SharedFolderBookStore(
            self.path,
            clock=lambda: self.times[0],
            sleep=self._sleep,
            notify=lambda told: self.messages.append(english(told)),
        )

    def lock(self, age: float, holder: str = "process 7 on till abc") -> Path:
        """Create a lock of some age in seconds."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        lock.write_text(holder, encoding="utf-8")
        os.utime(lock, (_NOW - age, _NOW - age))
        return lock

    def _sleep(self, seconds: float) -> None:
        self.times[0] += seconds


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    """Yield a shared folder; assert afterwards that it contains no file but the book, its note and claims on it."""
    folder = tmp_path / "share"
    folder.mkdir()
    yield Share(folder / _KEY, [_NOW], [])
    assert {path.name for path in folder.iterdir() if ".after-" not in path.name} <= {_KEY, f"{_KEY}-note"}


def test_the_wait_for_a_lock_has_a_limit(share: Share, copy: Path) -> None:
    """The wait for a locked book ends after a minute with an error that names the holder and the time."""
    lock = share.lock(age=30)
    with pytest.raises(BookLocked, match="by process 7 on till, since 07:59 UTC"):
        share.store().fetch(copy)
    assert 60 <= share.times[0] - _NOW <= 61
    lock.unlink()


def test_a_wait_is_reported_once(share: Share, copy: Path) -> None:
    """A wait of more than two seconds is reported once, with the holder."""
    lock = share.lock(age=30)
    with pytest.raises(BookLocked):
        share.store().fetch(copy)
    [message] = share.messages
    assert re.fullmatch(
        rf"Waiting for the book {re.escape(str(share.path))}, in use by process 7 on till since \d\d:\d\d UTC:"
        r" 60 seconds at most\.",
        message,
    )
    lock.unlink()


def test_a_lock_that_cannot_be_written(share: Share, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk is too full for a lock, no empty lock remains."""

    class Full(StringIO):
        def write(self, _: str) -> int:
            raise OSError(ENOSPC, "No space left on device")

    def full(descriptor: int, *_: object, **__: object) -> Full:
        os.close(descriptor)
        return Full()

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(ConfigurationError, match="the disk is full"):
        share.store().fetch(copy)
    assert [*share.path.parent.iterdir()] == []


def test_a_lock_that_is_released(share: Share, copy: Path) -> None:
    """A wait ends as soon as the lock is released."""
    lock = share.lock(age=30)
    folder = SharedFolderBookStore(share.path, clock=lambda: _NOW, sleep=lambda _: lock.unlink())
    assert folder.upload(_filled(copy), "")


def test_a_stale_lock_is_taken_over(share: Share, copy: Path) -> None:
    """A lock older than ten minutes is taken over, and that is reported."""
    share.lock(age=601)
    share.store().upload(_filled(copy), "")
    assert share.messages == [f"The lock of {share.path}, left by process 7 on till, was taken over."]


def test_a_lock_that_was_taken_over(share: Share) -> None:
    """A process whose lock was taken over does not put its book, and does not remove the new lock."""
    folder = share.store()
    with folder._lock.held() as require_held:
        lock = share.lock(age=0)
        with pytest.raises(BookConflict, match="was taken over"):
            require_held()
    assert lock.exists()
    lock.unlink()


def test_a_valid_lock_is_put_back(share: Share) -> None:
    """A valid lock that was removed as stale is put back."""
    lock = share.lock(age=0, holder="process 8 on till xyz")
    share.store()._lock._take_over("process 7 on till abc")
    assert lock.read_text(encoding="utf-8") == "process 8 on till xyz"
    assert share.messages == []
    lock.unlink()


def test_a_lock_that_is_taken_over_at_the_last_moment(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock that another process made between the look at it and its removal is put back."""
    rename = os.rename

    def late(source: Path, target: Path) -> None:
        share.lock(age=0, holder="process 8 on till xyz")
        rename(source, target)

    with share.store()._lock.held():
        monkeypatch.setattr(os, "rename", late)
    monkeypatch.undo()
    lock = share.path.with_name(f"{_KEY}.lock")
    assert lock.read_text(encoding="utf-8") == "process 8 on till xyz"
    lock.unlink()


def test_a_lock_that_cannot_be_removed(share: Share, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A put whose lock cannot be removed has succeeded; the lock becomes stale."""

    def fail(*_: object) -> None:
        raise OSError(ESTALE, "Stale file handle")

    monkeypatch.setattr(os, "rename", fail)
    revision = share.store().upload(_filled(copy), "")
    monkeypatch.undo()
    share.times[0] += 100_000_000
    assert share.store().fetch(copy.with_name("again")) == revision


def _claim(share: Share, token: str, revision: str = "") -> Path:
    """Make the claim that a process makes before it puts a book in place."""
    mark = hashlib.sha256(revision.encode()).hexdigest()[:24]
    claim = share.path.with_name(f".{_KEY}.after-{mark}")
    claim.write_text(token, encoding="ascii")
    return claim


def test_a_claim_is_completed(share: Share, copy: Path) -> None:
    """The book of a process that was killed after its claim is put in place by the next one."""
    disk.stage(share.path, "abc", [b"one"])
    _claim(share, "abc")
    assert share.store().fetch(copy)
    assert copy.read_bytes() == share.path.read_bytes() == b"one"


def test_a_claim_keeps_others_out(share: Share, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that claims a revision after another one has a conflict, also if its lock was never seen."""
    link, claimed = os.link, []

    def late(source: Path, target: Path) -> None:
        claimed.append(_claim(share, "abc"))
        link(source, target)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(BookConflict):
        share.store().upload(_filled(copy), "")
    assert claimed
    assert not share.path.exists()


def test_an_older_book_that_a_person_put_back(share: Share, copy: Path) -> None:
    """A book that was restored from a backup goes on, although its revision was claimed before."""
    first = share.store().upload(_filled(copy), "")
    share.store().upload(_filled(copy, b"two"), first)
    share.path.write_bytes(b"one")
    assert share.store().fetch(copy) == first
    assert share.store().upload(_filled(copy, b"three"), first)
    assert share.path.read_bytes() == b"three"


def test_old_claims_are_forgotten(share: Share, copy: Path) -> None:
    """A claim of yesterday is removed by the next put; a file of another program stays."""
    old, other = _claim(share, "abc", "of yesterday"), share.path.with_name(f".{_KEY}.after-lunch")
    other.write_bytes(b"menu")
    for path in (old, other):
        os.utime(path, (_NOW - 100_000, _NOW - 100_000))
    share.store().upload(_filled(copy), "")
    assert (old.exists(), other.exists()) == (False, True)


def test_a_book_that_cannot_be_seen_is_not_missing(share: Share, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of the disk is not taken for a missing book, in whose place another one would be begun."""
    share.path.write_bytes(b"one")
    stat = os.stat

    def fail(path: Path, **options: Any) -> os.stat_result:  # noqa: ANN401 - the options of the original
        if path == share.path:
            raise OSError(EIO, "Input/output error")
        return stat(path, **options)

    monkeypatch.setattr(os, "stat", fail)
    with pytest.raises(ConfigurationError, match="the disk fails"):
        share.store().fetch(copy)


def test_an_open_book_is_not_fetched(share: Share, copy: Path) -> None:
    """A book with a SQLite log next to it is not fetched, because a part of it is in that log."""
    share.path.write_bytes(b"one")
    log = share.path.with_name(f"{_KEY}-wal")
    log.touch()
    with pytest.raises(BookUnusable, match="is open in its place"):
        share.store().fetch(copy)
    log.unlink()


def test_a_missing_folder(tmp_path: Path, copy: Path) -> None:
    """A shared folder that does not exist is an error that names the mount."""
    folder = SharedFolderBookStore(tmp_path / "office" / _KEY)
    with pytest.raises(ConfigurationError, match="Check whether it is mounted"):
        folder.fetch(copy)
    with pytest.raises(ConfigurationError, match="Check whether it is mounted"):
        folder.upload(_filled(copy), "")
    assert not (tmp_path / "office").exists()


def test_the_permissions_are_kept(share: Share, copy: Path) -> None:
    """A put keeps the permissions of the book's file."""
    revision = share.store().upload(_filled(copy), "")
    assert share.path.stat().st_mode & 0o777 == 0o600
    share.path.chmod(0o660)
    share.store().upload(_filled(copy, b"two"), revision)
    assert share.path.stat().st_mode & 0o777 == 0o660


def test_a_lock_of_a_long_name(tmp_path: Path) -> None:
    """A lock is released although its own name is as long as a name can be."""
    path = tmp_path / ("x" * 250)
    lock = lock_file.Lock(
        path,
        clock=lambda: _NOW,
        sleep=lambda _: pytest.fail("it waits"),
        notify=lambda told: pytest.fail(english(told)),
        token=disk.new_token,
    )
    for _ in range(2):
        with lock.held() as require_held:
            require_held()
    assert list(tmp_path.iterdir()) == []
