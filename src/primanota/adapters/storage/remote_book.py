"""Books in S3 or on a shared folder: fetched whole, and put back only if they did not change meanwhile.

A book is a SQLite file, and SQLite's locks end where the disk ends. So a remote book is never opened in its place:
when it is put back, the revision that was fetched is compared with the present one. If the last writer won, rows
that another process recorded as exported would be new again, and be exported twice.
"""

import base64
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from primanota.adapters.aws import status_of, translated_errors
from primanota.adapters.storage import disk, lock_file, regular_file, s3
from primanota.adapters.storage.book_claims import Claims
from primanota.core.disk_errors import disk_error, place_error
from primanota.core.errors import (
    BookConflict,
    BookDamaged,
    BookUnusable,
    ConfigurationError,
    DeliveryFailed,
    InvalidInput,
)
from primanota.core.redaction import is_key

SHARED = "shared:"
_S3 = "s3://"
_PIECE = 1 << 20
_SQLITE_SUFFIXES = ("-wal", "-journal")
_REPEAT = "Fetch it again, and repeat what was done."
_RESTORE = "Restore it, from an older version or a backup, before anything else is done."


class BookStore(Protocol):
    """The place of a remote book."""

    def fetch(self, to: Path) -> str:
        """Fetch the book into a file.

        Returns:
            The revision that was fetched; empty if there is no book yet, and no file was made.

        Raises:
            ConfigurationError: the place cannot be reached or read.
            BookUnusable: the book was deleted, or has other bytes than were put.
        """

    def upload(self, source: Path, revision: str) -> str:
        """Put a book back in place of a revision; with an empty one, where there is no book yet.

        Returns:
            The new revision.

        Raises:
            BookConflict: the book has another revision. Nothing was written.
            BookUnusable: the book that was there is gone; a new one is not begun in its place.
            ConfigurationError: the place cannot be reached or written.
        """


def book_store(
    place: str,
    store: s3.Store,
    notify: Callable[[str], None] = lambda _: None,
    token: Callable[[], str] = disk.new_token,
) -> BookStore | None:
    """Return the store of a remote book; None for a path, whose book is opened in its place.

    Args:
        place: the value of ``--book``.
        store: the host, for a book in S3.
        notify: called with sentences for the user, such as that the lock of a crashed run was taken over.
        token: makes a unique word.

    Raises:
        InvalidInput: the place is a folder, or not valid.
    """
    if is_key(place) and "/" not in place:
        raise InvalidInput(f"“{place}” looks like an API key, not like the place of a book.", "Write a path.")
    if place.startswith(_S3):
        where = s3.Location.parse(place)
        if where.is_folder:
            raise InvalidInput(f"“{place}” is a folder.", "Name the book in it, like s3://bucket/acme.book.")
        return S3BookStore(store, where, token=token)
    if not place.startswith(SHARED):
        return None
    path = disk.path_of(place.removeprefix(SHARED))
    is_other = os.path.exists(path) and not path.is_file()  # noqa: PTH110 - also where a folder may not be read
    if not path.is_absolute() or is_other:
        raise InvalidInput(
            f"“{place}” is not the path of a book.", f"Write its whole path, like {SHARED}/mnt/office/acme.book."
        )
    return SharedFolderBookStore(path, notify=notify, token=token)


class S3BookStore:
    """A book in S3. Its revision is the ETag, which the host itself compares within a put.

    Args:
        store: the host.
        where: the object.
        token: makes a unique word, by which a put whose answer was lost is recognised.
    """

    def __init__(self, store: s3.Store, where: s3.Location, *, token: Callable[[], str] = disk.new_token) -> None:
        self._store = store
        self._where = where
        self._token = token

    def __str__(self) -> str:
        return str(self._where)

    def fetch(self, to: Path) -> str:
        """Fetch the book into a file; see ``BookStore``."""
        with translated_errors(self._where, ConfigurationError):
            from botocore.exceptions import ClientError

            try:
                answer = self._s3.get_object(**self._where.arguments, ChecksumMode="ENABLED")
            except ClientError as error:
                if status_of(error) != HTTPStatus.NOT_FOUND or error.response["Error"]["Code"] == "NoSuchBucket":
                    raise
                self._refuse_deleted(error)
                return ""
            digest = _write_pieces(answer["Body"].iter_chunks(_PIECE), to)
        stated = s3.whole_checksum(answer) or answer.get("Metadata", {}).get("sha256", "")
        if stated not in {"", digest}:
            to.unlink()
            raise BookDamaged(f"The book {self._where} has other bytes than were put there.", _RESTORE)
        return str(answer["ETag"])

    def upload(self, source: Path, revision: str) -> str:
        """Put a book back; see ``BookStore``."""
        with translated_errors(self._where, ConfigurationError):
            from botocore.exceptions import ClientError

            self._require_conditional_writes()
            request = self._request(source)
            condition = {"IfMatch": revision} if revision else {"IfNoneMatch": "*"}
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
                return self._resolve_conflict(request["Metadata"]["put"], revision)
            digest, etag = request["ChecksumSHA256"], str(answer["ETag"])
            if (s3.whole_checksum(answer) or self._stored_digest(etag) or digest) != digest:
                raise BookDamaged(f"The book {self._where} was stored with other bytes than were sent.", _RESTORE)
            return etag

    @cached_property
    def _s3(self) -> Any:  # noqa: ANN401 - boto3 has no types
        return s3.client(self._store)

    @cached_property
    def _supports_conditional_writes(self) -> bool:
        probe = self._where._replace(key=f"{self._where.key}.probe")
        with translated_errors(probe, ConfigurationError):
            return s3.supports_conditional_writes(self._s3, probe)

    def _request(self, source: Path) -> dict[str, Any]:
        digest = _digest(source)
        return {
            **self._where.arguments,
            **self._store.encryption_arguments(),
            "ChecksumSHA256": digest,
            "ContentType": "application/vnd.sqlite3",
            "Metadata": {"sha256": digest, "put": self._token()},
        }

    def _require_conditional_writes(self) -> None:
        """Refuse a host on which the last writer would win."""
        if not self._supports_conditional_writes:
            raise ConfigurationError(
                f"The host of {self._where} does not support conditional writes: two runs could overwrite each"
                " other's work.",
                "Keep the book on a disk, on a shared folder, or at another host.",
            )

    def _refuse_deleted(self, error: Any) -> None:  # noqa: ANN401
        """Refuse to begin a new book where a bucket with versioning records that there was one."""
        headers = error.response["ResponseMetadata"].get("HTTPHeaders", {})
        if headers.get("x-amz-delete-marker") == "true":
            raise BookUnusable(f"The book {self._where} was deleted.", _RESTORE)

    def _resolve_conflict(self, token: str, revision: str) -> str:
        """Return the revision if the object is our own put whose answer was lost; else raise."""
        info = s3.head(self._s3, self._where)
        if info and info.metadata.get("put") == token:
            return info.etag
        raise _conflict(self._where) if info or not revision else _gone(self._where)

    def _stored_digest(self, etag: str) -> str:
        """Return the SHA-256 of what a host without checksums stored; empty if it was replaced since."""
        info = s3.head(self._s3, self._where)
        return s3.digest_of(self._s3, self._where) if info and info.etag == etag else ""


class SharedFolderBookStore:
    """A book on a folder that several machines share. Its revision is its SHA-256 in base 64.

    Args:
        path: the book.
        clock: seconds since 1970.
        sleep: waits for some seconds.
        notify: called with sentences for the user.
        token: makes a unique word.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        notify: Callable[[str], None] = lambda _: None,
        token: Callable[[], str] = disk.new_token,
    ) -> None:
        self._path = path
        self._token = token
        self._claims = Claims(path, self._present, clock)
        self._lock = lock_file.Lock(path, clock=clock, sleep=sleep, notify=notify, token=token)

    def __str__(self) -> str:
        return f"{SHARED}{self._path}"

    def fetch(self, to: Path) -> str:
        """Fetch the book into a file; see ``BookStore``."""
        with self._translated_errors(), self._lock.held():
            self._claims.complete()
            if not disk.is_there(self._path):
                return ""
            if in_use := [
                suffix for suffix in _SQLITE_SUFFIXES if disk.is_there(self._path.with_name(self._path.name + suffix))
            ]:
                raise BookUnusable(
                    f"The book {self._path} is open in its place: {self._path.name}{in_use[0]} is next to it.",
                    f"Close what opened it, or after a crash open it once more, without {SHARED}",
                )
            with regular_file.opened(self._path) as book:
                return _write_pieces(iter(lambda: book.read(_PIECE), b""), to)

    def upload(self, source: Path, revision: str) -> str:
        """Put a book back; see ``BookStore``."""
        token = self._token()
        with self._translated_errors():
            with source.open("rb") as book:
                disk.stage(self._path, token, iter(lambda: book.read(_PIECE), b""))
            try:
                with self._lock.held() as require_held:
                    self._claims.complete()
                    self._compare(revision)
                    with suppress(OSError):  # its permissions stay; not every share has permissions
                        shutil.copymode(self._path, disk.staged(self._path, token))
                    self._claims.forget()
                    require_held()
                    try:
                        self._claims.replace(token, revision)
                    except FileExistsError:
                        raise _conflict(self._path) from None
            finally:
                disk.discard(self._path, token)
        return _digest(source)

    def _present(self) -> str:
        """Return the revision of the book that is in place; empty if there is none."""
        try:
            return _digest(self._path)
        except FileNotFoundError:
            return ""

    def _compare(self, revision: str) -> None:
        present = self._present()
        if present != revision:
            raise _conflict(self._path) if present else _gone(self._path)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Translate the errors of the operating system within the block."""
        if not self._path.parent.is_dir():
            raise ConfigurationError(
                f"The folder of the book {self._path} does not exist.", "Check whether it is mounted."
            )
        try:
            yield
        except DeliveryFailed as error:
            raise place_error(error) from None
        except OSError as error:
            message = f"The book {self._path} cannot be reached: {error.strerror or error}."
            failed = ConfigurationError(message, "Check the folder's permissions.")
            raise disk_error(error, f"The book {self._path}", otherwise=failed, action="reached") from None


def _write_pieces(pieces: Iterable[bytes], to: Path) -> str:
    """Write a file that only its owner can read; return the SHA-256 of its bytes in base 64."""
    digest = hashlib.sha256()
    to.touch(0o600)
    with to.open("wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
    return base64.b64encode(digest.digest()).decode()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return base64.b64encode(hashlib.file_digest(file, "sha256").digest()).decode()


def _conflict(place: object) -> BookConflict:
    return BookConflict(f"The book {place} was changed by another process meanwhile.", _REPEAT)


def _gone(place: object) -> BookUnusable:
    return BookUnusable(f"The book {place} is gone; it was there a moment ago.", _RESTORE)
