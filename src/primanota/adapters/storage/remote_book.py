"""Shelves for books that lie elsewhere: fetched whole, and put back only if nobody changed them meanwhile.

A book is a SQLite file, and SQLite's locks end where the disk ends. So a book in S3 or on a shared folder is never
opened there; who fetched it and who puts it back compare marks instead. Were it the last one who wins, rows that
another one wrote down as sent would be new again, and leave twice.
"""

import base64
import hashlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from primanota.adapters.storage import disk, lock_file, s3
from primanota.adapters.storage.refusals import explained, status_of
from primanota.core.errors import BookConflict, BookUnusable, ConfigurationError, DeliveryFailed, InvalidInput

SHARED = "shared:"
_S3 = "s3://"
_PIECE = 1 << 20
_BY_SQLITE = ("-wal", "-journal")
_REPEAT = "Fetch it again, and repeat what was done."
_RESTORE = "Restore it, from an older version or a backup, before anything else is done."


class BookStore(Protocol):
    """Where a book lies."""

    def fetch(self, to: Path) -> str:
        """Fetch the book into a file.

        Returns:
            The mark of what was fetched; empty where there is no book yet, and no file was made.

        Raises:
            ConfigurationError: it cannot be reached or read.
            BookUnusable: it was deleted, or is not what was put there.
        """

    def upload(self, source: Path, mark: str) -> str:
        """Put a book back where the one with this mark lies; with an empty mark, where none lies.

        Returns:
            The mark of what was put.

        Raises:
            BookConflict: somebody else put another one there. Nothing of ours is there.
            BookUnusable: the book that was there is gone; a new one is not begun in its place.
            ConfigurationError: it cannot be reached or written.
        """


def shelf(word: str, store: s3.Store, tell: Callable[[str], None] = lambda _: None) -> BookStore | None:
    """The shelf that ``--book`` means; None for the path of a book that is opened where it lies.

    Args:
        word: what was said.
        store: which host, for a book in S3.
        tell: hears what a person should know, such as that the lock of a crashed run was taken over.

    Raises:
        InvalidInput: it names a folder instead of a book, or something that cannot be.
    """
    if word.startswith(_S3):
        where = s3.Location.parse(word)
        if where.is_folder:
            raise InvalidInput(f"“{word}” is a folder.", "Name the book in it, like s3://bucket/acme.book.")
        return S3BookStore(store, where)
    if not word.startswith(SHARED):
        return None
    path = Path(word.removeprefix(SHARED)).expanduser()
    if not path.is_absolute() or path.is_dir():
        raise InvalidInput(f"“{word}” names no book.", f"Write its whole path, like {SHARED}/mnt/office/acme.book.")
    return SharedFolderBookStore(path, tell=tell)


class S3BookStore:
    """A book in S3, compared and swapped by the host itself: a put says over which ETag alone it may go.

    Args:
        store: which host.
        where: the object.
        token: a word that nobody else says, by which a put whose answer was lost is known again.
    """

    def __init__(
        self, store: s3.Store, where: s3.Location, *, token: Callable[[], str] = lambda: secrets.token_hex(8)
    ) -> None:
        self._store = store
        self._where = where
        self._token = token

    def __str__(self) -> str:
        return str(self._where)

    def fetch(self, to: Path) -> str:
        """Fetch the book into a file; see ``Shelf``."""
        with explained(self._where, ConfigurationError):
            from botocore.exceptions import ClientError

            try:
                answer = self._s3.get_object(**self._where.named, ChecksumMode="ENABLED")
            except ClientError as error:
                if status_of(error) != HTTPStatus.NOT_FOUND or error.response["Error"]["Code"] == "NoSuchBucket":
                    raise
                self._never_there(error)
                return ""
            digest = _poured(answer["Body"].iter_chunks(_PIECE), to)
        told = s3.whole_checksum(answer) or answer.get("Metadata", {}).get("sha256", "")
        if told not in {"", digest}:
            to.unlink()
            raise BookUnusable(f"The book {self._where} is not what was put there.", _RESTORE)
        return str(answer["ETag"])

    def upload(self, source: Path, mark: str) -> str:
        """Put a book back; see ``Shelf``."""
        with explained(self._where, ConfigurationError):
            from botocore.exceptions import ClientError

            self._check_host()
            request = self._request(source)
            condition = {"IfMatch": mark} if mark else {"IfNoneMatch": "*"}
            try:
                with source.open("rb") as book:
                    answer = self._s3.put_object(**request, **condition, Body=book)
            except ClientError as error:
                if (
                    status_of(error)
                    not in {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}
                    or error.response["Error"]["Code"] == "NoSuchBucket"
                ):
                    raise
                return self._ours(request["Metadata"]["put"], mark)
            digest, etag = request["ChecksumSHA256"], str(answer["ETag"])
            if (s3.whole_checksum(answer) or self._digest_of(etag) or digest) != digest:
                raise BookUnusable(f"The book {self._where} did not arrive as it left.", _RESTORE)
            return etag

    @cached_property
    def _s3(self) -> Any:
        return s3.client(self._store)

    @cached_property
    def _host_heeds(self) -> bool:
        beside = self._where._replace(key=f"{self._where.key}.probe")
        with explained(beside, ConfigurationError):
            return s3.supports_conditional_writes(self._s3, beside)

    def _request(self, source: Path) -> dict[str, Any]:
        digest = _digest(source)
        return {
            **self._where.named,
            **self._store.encrypted(),
            "ChecksumSHA256": digest,
            "ContentType": "application/vnd.sqlite3",
            "Metadata": {"sha256": digest, "put": self._token()},
        }

    def _check_host(self) -> None:
        """Refuse a host that would let the last one win."""
        if not self._host_heeds:
            raise ConfigurationError(
                f"The host of {self._where} knows no conditional writes: two runs could overwrite each other's work.",
                "Keep the book on a disk, on a shared folder, or at another host.",
            )

    def _never_there(self, error: Any) -> None:
        """Refuse to begin anew where a bucket with versions knows that there was a book."""
        headers = error.response["ResponseMetadata"].get("HTTPHeaders", {})
        if headers.get("x-amz-delete-marker") == "true":
            raise BookUnusable(f"The book {self._where} was deleted.", _RESTORE)

    def _ours(self, token: str, mark: str) -> str:
        """What lies there instead: what we put ourselves when the answer was lost, another book, or none."""
        there = s3.head(self._s3, self._where)
        if there and there.notes.get("put") == token:
            return there.etag
        if mark and not there:
            raise _gone(self._where)
        raise _moved(self._where)

    def _digest_of(self, etag: str) -> str:
        """What a host that states no checksum really has; empty where somebody has built upon it by now."""
        there = s3.head(self._s3, self._where)
        return s3.digest_of(self._s3, self._where) if there and there.etag == etag else ""


class SharedFolderBookStore:
    """A book on a folder that several machines share. Its mark is its SHA-256.

    Args:
        path: the book.
        clock: seconds since 1970.
        sleep: waits for some seconds.
        tell: hears what a person should know.
        token: a word that nobody else says.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        tell: Callable[[str], None] = lambda _: None,
        token: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._path = path
        self._token = token
        self._lock = lock_file.Lock(path, clock=clock, sleep=sleep, tell=tell, token=token)

    def __str__(self) -> str:
        return f"{SHARED}{self._path}"

    def fetch(self, to: Path) -> str:
        """Fetch the book into a file; see ``Shelf``."""
        with self._said(), self._lock.held():
            if not self._path.exists():
                return ""
            if open_here := [
                suffix for suffix in _BY_SQLITE if self._path.with_name(self._path.name + suffix).exists()
            ]:
                raise BookUnusable(
                    f"The book {self._path} is open in its place: beside it lies {self._path.name}{open_here[0]}.",
                    f"Close what opened it, or after a crash open it once more, without {SHARED}",
                )
            with self._path.open("rb") as book:
                return _poured(iter(lambda: book.read(_PIECE), b""), to)

    def upload(self, source: Path, mark: str) -> str:
        """Put a book back; see ``Shelf``."""
        token = self._token()
        with self._said():
            with source.open("rb") as book:
                disk.stage(self._path, token, iter(lambda: book.read(_PIECE), b""))
            try:
                with self._lock.held() as still_ours:
                    self._compare(mark)
                    with suppress(OSError):  # who may read it, stays; not every share knows rights
                        shutil.copymode(self._path, disk.staged(self._path, token))
                    still_ours()
                    disk.finish(self._path, token)
            finally:
                disk.discard(self._path, token)
        return _digest(source)

    def _compare(self, mark: str) -> None:
        there = _digest(self._path) if self._path.exists() else ""
        if there == mark:
            return
        raise _moved(self._path) if there else _gone(self._path)

    @contextmanager
    def _said(self) -> Iterator[None]:
        """Whatever the system says inside is said to people."""
        if not self._path.parent.is_dir():
            raise ConfigurationError(
                f"The folder of the book {self._path} is not there.", "Look whether it is mounted."
            )
        try:
            yield
        except DeliveryFailed as error:
            raise ConfigurationError(error.message, "Look at the folder's rights, and at the room on it.") from None
        except OSError as error:
            raise ConfigurationError(
                f"The book {self._path} cannot be reached: {error.strerror or error}.", "Look at the folder's rights."
            ) from None


def _poured(pieces: Iterable[bytes], to: Path) -> str:
    """Fill a file; the SHA-256 of what it holds then, in base 64."""
    whole = hashlib.sha256()
    to.touch(0o600)
    with to.open("wb") as file:
        for piece in pieces:
            whole.update(piece)
            file.write(piece)
    return base64.b64encode(whole.digest()).decode()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha256").digest()).decode()


def _moved(where: object) -> BookConflict:
    return BookConflict(f"Somebody else changed the book {where} meanwhile.", _REPEAT)


def _gone(where: object) -> BookUnusable:
    return BookUnusable(f"The book {where} is gone; it was there a moment ago.", _RESTORE)
