"""Books that lie elsewhere: of several who put one back, one does, nobody's lines are lost, and none vanishes."""

import os
import shutil
import socket
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from errno import ENOSPC
from functools import partial
from io import StringIO
from pathlib import Path
from typing import NamedTuple, Protocol, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from primanota.adapters.storage.checkout import Checkout, checked_out
from primanota.adapters.storage.remote_book import BookStore, S3BookStore, SharedFolderBookStore, book_store
from primanota.adapters.storage.s3 import Location, Store
from primanota.book import Book
from primanota.core.errors import BookConflict, BookLocked, BookUnusable, ConfigurationError, InvalidInput
from tests.support import s3_server
from tests.support.clock import Clock
from tests.support.s3_server import (
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


class Office(Protocol):
    """Where a book lies, whatever the place, and what else can be done there."""

    def store(self) -> BookStore:
        """One who fetches and puts back."""

    def content(self) -> bytes:
        """The book's bytes."""

    def delete(self) -> None:
        """Take the book away."""


class InBucket(NamedTuple):
    """A book in S3."""

    cloud: Cloud

    def store(self) -> BookStore:
        """One who fetches and puts back."""
        return S3BookStore(self.cloud.store, self.cloud.location(_KEY))

    def content(self) -> bytes:
        """The book's bytes."""
        return self.cloud.content(_KEY)

    def delete(self) -> None:
        """Take the book away."""
        self.cloud.client().delete_object(Bucket=BUCKET, Key=_KEY)


class OnShare(NamedTuple):
    """A book on a shared folder."""

    folder: Path

    def store(self) -> BookStore:
        """One who fetches and puts back, and who waits for others by letting them come first."""
        return SharedFolderBookStore(self.folder / _KEY, sleep=lambda _: os.sched_yield())

    def content(self) -> bytes:
        """The book's bytes."""
        return (self.folder / _KEY).read_bytes()

    def delete(self) -> None:
        """Take the book away."""
        (self.folder / _KEY).unlink()


@pytest.fixture(params=["s3", "shared"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    """Each kind of place."""
    if request.param == "s3":
        return InBucket(request.getfixturevalue("cloud"))
    (tmp_path / "share").mkdir()
    return OnShare(tmp_path / "share")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A file to fetch into, and to put back."""
    return tmp_path / "copy.book"


def _filled(desk: Path, content: bytes = b"one") -> Path:
    desk.write_bytes(content)
    return desk


def _settled() -> None:
    """Nothing to do: no SQLite here."""


def test_words(tmp_path: Path) -> None:
    """The word decides which shelf it is; a plain path is none."""
    assert isinstance(book_store("s3://acme-files/acme.book", Store()), S3BookStore)
    assert str(book_store("s3://acme-files/acme.book", Store())) == "s3://acme-files/acme.book"
    assert isinstance(book_store("shared:/mnt/office/acme.book", Store()), SharedFolderBookStore)
    assert str(book_store("shared:/mnt/office/acme.book", Store())) == "shared:/mnt/office/acme.book"
    assert book_store("/home/me/acme.book", Store()) is None
    for wrong in ("s3://acme-files", "s3://acme-files/books/", "shared:acme.book", f"shared:{tmp_path}"):
        with pytest.raises(InvalidInput):
            book_store(wrong, Store())


def test_there_is_none_yet(office: Office, desk: Path) -> None:
    """Where no book lies, the mark is empty and no file is made."""
    assert office.store().fetch(desk) == ""
    assert not desk.exists()


def test_there_and_back(office: Office, desk: Path) -> None:
    """What was put is what is fetched, under the mark that the put gave; putting moves the mark."""
    first = office.store().upload(_filled(desk, b"one"), "")
    assert office.store().fetch(desk) == first
    assert desk.read_bytes() == b"one"
    second = office.store().upload(_filled(desk, b"two"), first)
    assert second != first
    assert office.content() == b"two"


@pytest.mark.parametrize("mark_known", [True, False])
def test_somebody_was_quicker(office: Office, desk: Path, *, mark_known: bool) -> None:
    """Who puts back over another book than the fetched one is refused, and the other one stays."""
    mark = office.store().upload(_filled(desk, b"one"), "")
    office.store().upload(_filled(desk, b"theirs"), mark)
    with pytest.raises(BookConflict, match="was changed by another process"):
        office.store().upload(_filled(desk, b"mine"), mark if mark_known else "")
    assert office.content() == b"theirs"


def test_gone(office: Office, desk: Path) -> None:
    """A book that vanished meanwhile is not made anew: that is no change to repeat after, but a loss to look at."""
    mark = office.store().upload(_filled(desk), "")
    office.delete()
    with pytest.raises(BookUnusable, match="is gone"):
        office.store().upload(_filled(desk, b"two"), mark)
    assert office.store().fetch(desk) == ""


def test_one_of_two_wins(office: Office, tmp_path: Path) -> None:
    """Of two who put back over the same book at once, exactly one does; the other one hears it."""
    both, reader = [office.store(), office.store()], office.store()
    mark = reader.upload(_filled(tmp_path / "first"), "")
    for turn in range(20):
        sources = [_filled(tmp_path / who, f"{turn}{who}".encode()) for who in "ab"]
        together = threading.Barrier(2)
        with ThreadPoolExecutor(2) as hands:
            heard = [*hands.map(_try, both, sources, [mark] * 2, [together] * 2)]
        assert heard.count("moved") == 1
        (mark,) = (said for said in heard if said != "moved")
        assert reader.fetch(tmp_path / "again") == mark


def _try(mine: BookStore, source: Path, mark: str, together: threading.Barrier) -> str:
    """Put a book back as soon as the other one does, too; the new mark, or that it had moved."""
    together.wait()
    try:
        return mine.upload(source, mark)
    except BookConflict:
        return "moved"


class Borrowers(RuleBasedStateMachine):
    """Several who each add lines to one book, in any order, and repeat what they did when somebody was quicker."""

    def __init__(self, office: Office, shelves: list[BookStore], folder: Path) -> None:
        super().__init__()
        self._office = office
        self._shelves = shelves
        self._folder = folder
        self._hands = [ExitStack() for _ in range(3)]
        self._held: list[Checkout | None] = [None] * 3
        self._pending: list[list[str]] = [[], [], []]
        self._published: list[str] = []
        self._count = 0

    @rule(who=st.integers(0, 2))
    def write(self, who: int) -> None:
        """Somebody adds a line to their copy."""
        held = self._held[who] or self._fetch(who)
        self._count += 1
        self._pending[who].append(f"line {self._count} of {who}")
        _append(held.path, self._pending[who][-1:])

    @rule(who=st.integers(0, 2))
    def publish(self, who: int) -> None:
        """Somebody puts theirs back, with as many repetitions as it takes."""
        held = self._held[who] or self._fetch(who)
        try:
            assert held.publish(_settled) == bool(self._pending[who])
        except BookConflict:
            self._hands[who].close()
            _append(self._fetch(who).path, self._pending[who])
            self.publish(who)
        else:
            self._published += self._pending[who]
            self._pending[who] = []

    @rule(who=st.integers(0, 2))
    def leave(self, who: int) -> None:
        """Somebody goes home without a word, and what they did not put back is gone with them."""
        self._hands[who].close()
        self._held[who], self._pending[who] = None, []

    @invariant()
    def nothing_is_lost(self) -> None:
        """Every line that was put back is there, once."""
        if self._published:
            assert self._office.content().decode().split("\n")[:-1] == self._published

    def teardown(self) -> None:
        """Everybody goes home, and no copy is left."""
        for hand in self._hands:
            hand.close()
        assert not any(self._folder.iterdir())
        if self._published:
            self._office.delete()

    def _fetch(self, who: int) -> Checkout:
        folder = _Private(self._folder / str(who))
        held = self._hands[who].enter_context(
            checked_out(self._shelves[who], _KEY, create=not self._published, folder=lambda: folder)
        )
        self._held[who] = held
        return held


class _Private:
    """A folder for a while."""

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


def test_no_line_is_lost(office: Office, tmp_path: Path) -> None:
    """Whatever the order in which several write, put back and repeat, every line that was put back stays."""
    (tmp_path / "copies").mkdir()
    few = settings(
        max_examples=15 if isinstance(office, InBucket) else 60,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    shelves = [office.store() for _ in range(3)]
    factory = cast("type[Borrowers]", partial(Borrowers, office, shelves, tmp_path / "copies"))
    run_state_machine_as_test(factory, settings=few)


def test_a_real_book(office: Office, clock: Clock) -> None:
    """A book of SQLite comes whole, and goes back only when something is new in it."""
    for begin in (True, False):
        with checked_out(office.store(), _KEY, create=begin) as held, Book(held.path, clock.micros) as book:
            settle = _checkpoint(held.path)
            with book.run("sync"):
                pass
            assert held.publish(settle)
            assert not held.publish(settle)
            with book.run("review"):
                pass
            assert held.publish(settle)
    with checked_out(office.store(), _KEY, create=False) as held, Book(held.path, clock.micros) as book:
        assert book.is_sound()
        assert [command for (command,) in book.rows("SELECT command FROM run")] == ["sync", "review"] * 2


def _checkpoint(path: Path) -> Callable[[], None]:
    def settle() -> None:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    return settle


def test_a_book_that_is_still_read(office: Office, clock: Clock) -> None:
    """A copy that cannot be made whole is not put back."""
    with checked_out(office.store(), _KEY, create=True) as held, Book(held.path, clock.micros) as book:
        with book.run("sync"):
            pass
        with pytest.raises(BookLocked, match="still being read"):
            held.publish(_settled)
        assert office.store().fetch(held.path.with_name("other")) == ""


def test_the_private_folder(office: Office) -> None:
    """The copy lies where only we can read it, and is gone afterwards, even after an error."""
    seen: list[Path] = []

    def fail() -> None:
        with checked_out(office.store(), _KEY, create=True) as held:
            seen.append(held.path.parent)
            assert seen[0].stat().st_mode & 0o777 == 0o700
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not seen[0].exists()


def test_none_is_begun_unasked(office: Office) -> None:
    """Where a book should be and none is, none is begun."""
    with (
        pytest.raises(ConfigurationError, match="There is no book at"),
        checked_out(office.store(), _KEY, create=False),
    ):
        pass


def test_a_lost_answer(cloud: Cloud, desk: Path) -> None:
    """A put whose answer was lost is known again as ours."""
    bucket = S3BookStore(cloud.store, cloud.location(_KEY))
    mark = bucket.upload(_filled(desk), "")
    cloud.fault = once(lose_the_answer)
    mark = bucket.upload(_filled(desk, b"two"), mark)
    assert bucket.fetch(desk) == mark
    assert desk.read_bytes() == b"two"


def test_the_same_bytes_of_another(cloud: Cloud, desk: Path) -> None:
    """Two who put the same bytes are not taken for one: what follows from a book, one of them does."""
    mark = S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(desk), "")
    S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(desk, b"two"), mark)
    with pytest.raises(BookConflict):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(desk, mark)


def test_a_conflict(cloud: Cloud, desk: Path) -> None:
    """A conflict in the very moment of the put means that somebody else is at it."""
    bucket = S3BookStore(cloud.store, cloud.location(_KEY))
    mark = bucket.upload(_filled(desk), "")
    cloud.fault = once(refusing("409 Conflict", "ConditionalRequestConflict"))
    with pytest.raises(BookConflict):
        bucket.upload(_filled(desk, b"two"), mark)


def test_deleted_with_versions(cloud: Cloud, desk: Path) -> None:
    """Where the bucket keeps versions, a deleted book is not taken for one that never was."""
    versioning = {"Status": "Enabled"}
    cloud.client().put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versioning)
    S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(desk), "")
    cloud.client().delete_object(Bucket=BUCKET, Key=_KEY)
    with pytest.raises(BookUnusable, match="was deleted"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(desk)


def test_a_host_that_lets_the_last_one_win(cloud: Cloud, desk: Path) -> None:
    """A host that passes over conditions gets no book."""
    cloud.fault = without_conditions
    with pytest.raises(ConfigurationError, match="does not support conditional writes"):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(desk), "")
    cloud.fault = once(refusing("501 Not Implemented", "NotImplemented", "A header"))
    with pytest.raises(ConfigurationError, match="does not support conditional writes"):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(desk, "")
    assert S3BookStore(cloud.store, cloud.location(_KEY)).fetch(desk) == ""


def test_a_host_without_checksums(cloud: Cloud, desk: Path) -> None:
    """Where no answer states a checksum, the book is read again and compared."""
    cloud.fault = without_checksums
    bucket = S3BookStore(cloud.store, cloud.location(_KEY))
    mark = bucket.upload(_filled(desk), "")
    assert cloud.request_count("GET") == 1
    assert bucket.fetch(desk) == mark


def _damaged(behind_checksums: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """A host that gives other bytes than it got."""

    def damage(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        return [piece.replace(b"one", b"0ne") for piece in behind_checksums(environ, start, behind)]

    return damage


@pytest.mark.parametrize("states_checksums", [True, False])
def test_damaged(cloud: Cloud, desk: Path, *, states_checksums: bool) -> None:
    """A book that is not what was put there is refused, whether the host states a checksum or only our note does."""
    S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(desk), "")
    passing = (lambda environ, start, behind: behind(environ, start)) if states_checksums else without_checksums
    cloud.fault = _damaged(passing)
    with pytest.raises(ConfigurationError, match="has other bytes than were put there"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(desk)


@pytest.mark.parametrize("code", ["NoSuchBucket", "AccessDenied"])
def test_refusals(cloud: Cloud, desk: Path, code: str) -> None:
    """A bucket that is not there is not taken for a book that is not there, nor is one that may not be read."""
    status = "404 Not Found" if code == "NoSuchBucket" else "403 Forbidden"
    cloud.fault = refusing(status, code)
    with pytest.raises(ConfigurationError, match="no such bucket" if code == "NoSuchBucket" else "s3:GetObject"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(desk)
    with pytest.raises(ConfigurationError, match="no such bucket" if code == "NoSuchBucket" else "s3:PutObject"):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(desk), "")


def test_a_line_that_breaks(cloud: Cloud, desk: Path) -> None:
    """Half of a book is not taken for the whole."""

    def half(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        content = b"".join(behind(environ, start))
        yield content[: len(content) // 2]
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)

    S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(desk, bytes(1 << 20)), "")
    cloud.fault = half
    with pytest.raises(ConfigurationError, match="cannot be reached"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(desk)


def test_without_boto3(cloud: Cloud, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where boto3 is not installed, the sentence says how to install it."""
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(ConfigurationError, match="pip install"):
        S3BookStore(cloud.store, cloud.location(_KEY)).fetch(desk)
    with pytest.raises(ConfigurationError, match="pip install"):
        S3BookStore(cloud.store, cloud.location(_KEY)).upload(_filled(desk), "")


def test_it_is_encrypted(cloud: Cloud, desk: Path) -> None:
    """The book is encrypted as every object is."""
    S3BookStore(cloud.store, Location(BUCKET, _KEY)).upload(_filled(desk), "")
    assert cloud.client().head_object(Bucket=BUCKET, Key=_KEY)["ServerSideEncryption"] == "AES256"


class Share(NamedTuple):
    """A shared folder on which time passes only while somebody waits."""

    path: Path
    times: list[float]
    told: list[str]

    def folder(self) -> SharedFolderBookStore:
        """One who fetches and puts back."""
        return SharedFolderBookStore(
            self.path, clock=lambda: self.times[0], sleep=self._sleep, notify=self.told.append
        )

    def lock(self, age: float, holder: str = "process 7 on till abc") -> Path:
        """Somebody holds the lock, since some seconds."""
        lock = self.path.with_name(f"{self.path.name}.lock")
        lock.write_text(holder, encoding="utf-8")
        os.utime(lock, (_NOW - age, _NOW - age))
        return lock

    def _sleep(self, seconds: float) -> None:
        self.times[0] += seconds


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Share]:
    """A shared folder; afterwards nothing lies in it but the book."""
    folder = tmp_path / "share"
    folder.mkdir()
    yield Share(folder / _KEY, [_NOW], [])
    assert {path.name for path in folder.iterdir()} <= {_KEY}


def test_a_lock_that_is_held(share: Share, desk: Path) -> None:
    """Who finds the book locked waits a minute, then says who holds it and since when."""
    lock = share.lock(age=30)
    with pytest.raises(BookLocked, match="by process 7 on till, since 07:59 UTC"):
        share.folder().fetch(desk)
    assert 60 <= share.times[0] - _NOW <= 61
    lock.unlink()


def test_who_is_waited_for_is_told_once(share: Share, desk: Path) -> None:
    """Who waits longer than a moment is told for whom, once."""
    lock = share.lock(age=30)
    with pytest.raises(BookLocked):
        share.folder().fetch(desk)
    assert share.told == [f"Waiting for the book {share.path}, which process 7 on till is using."]
    lock.unlink()


def test_a_lock_that_cannot_be_written(share: Share, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is too full for a lock, none is left that would keep everybody out."""

    class Full(StringIO):
        def write(self, _: str) -> int:
            raise OSError(ENOSPC, "No space left on device")

    def full(descriptor: int, *_: object, **__: object) -> Full:
        os.close(descriptor)
        return Full()

    monkeypatch.setattr(os, "fdopen", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        share.folder().fetch(desk)
    assert [*share.path.parent.iterdir()] == []


def test_a_lock_that_is_released(share: Share, desk: Path) -> None:
    """Who waits goes on as soon as the lock is released."""
    lock = share.lock(age=30)
    folder = SharedFolderBookStore(share.path, clock=lambda: _NOW, sleep=lambda _: lock.unlink())
    assert folder.upload(_filled(desk), "")


def test_a_lock_of_the_dead(share: Share, desk: Path) -> None:
    """A lock older than ten minutes is taken over, and that is told."""
    share.lock(age=601)
    share.folder().upload(_filled(desk), "")
    assert share.told == [f"The lock of {share.path}, left by process 7 on till, was taken over."]


def test_a_lock_that_was_taken_over(share: Share) -> None:
    """Whoever finds another's lock in place of their own puts nothing back, and leaves that lock alone."""
    folder = share.folder()
    with folder._lock.held() as require_held:
        lock = share.lock(age=0)
        with pytest.raises(BookConflict, match="was taken over"):
            require_held()
    assert lock.exists()
    lock.unlink()


def test_a_living_lock_is_put_back(share: Share) -> None:
    """Who moves a living lock away by mistake puts it back."""
    lock = share.lock(age=0, holder="process 8 on till xyz")
    share.folder()._lock._take_over("process 7 on till abc")
    assert lock.read_text(encoding="utf-8") == "process 8 on till xyz"
    assert share.told == []
    lock.unlink()


def test_a_book_that_is_open_in_its_place(share: Share, desk: Path) -> None:
    """A book beside which SQLite's log lies is not fetched: part of it is in that log."""
    share.path.write_bytes(b"one")
    beside = share.path.with_name(f"{_KEY}-wal")
    beside.touch()
    with pytest.raises(BookUnusable, match="is open in its place"):
        share.folder().fetch(desk)
    beside.unlink()


def test_a_folder_that_is_not_there(tmp_path: Path, desk: Path) -> None:
    """A folder that is not mounted is neither taken for an empty one nor made."""
    folder = SharedFolderBookStore(tmp_path / "office" / _KEY)
    with pytest.raises(ConfigurationError, match="Check whether it is mounted"):
        folder.fetch(desk)
    with pytest.raises(ConfigurationError, match="Check whether it is mounted"):
        folder.upload(_filled(desk), "")
    assert not (tmp_path / "office").exists()


def test_who_may_read_it_stays(share: Share, desk: Path) -> None:
    """The rights that the office gave to its book outlive a new version of it."""
    mark = share.folder().upload(_filled(desk), "")
    assert share.path.stat().st_mode & 0o777 == 0o600
    share.path.chmod(0o660)
    share.folder().upload(_filled(desk, b"two"), mark)
    assert share.path.stat().st_mode & 0o777 == 0o660
