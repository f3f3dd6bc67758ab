"""A book in S3, whose host compares revisions itself."""

from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

from primanota.adapters.aws import status_of, translated_errors
from primanota.adapters.storage import disk, s3
from primanota.adapters.storage.book_place import PIECE, RESTORE, StoredNote, conflict, digest_of, gone, write_pieces
from primanota.core.errors import BookDamaged, BookUnusable, ConfigurationError


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
        self.note = StoredNote()

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
            digest = write_pieces(answer["Body"].iter_chunks(PIECE), to)
        noted = answer.get("Metadata", {})
        stated = s3.whole_checksum(answer) or noted.get("sha256", "")
        if stated not in {"", digest}:
            to.unlink()
            raise BookDamaged(f"The book {self._where} has other bytes than were put there.", RESTORE)
        self.note = StoredNote(noted.get("note", "").encode(), is_current=noted.get("sha256", "") == digest)
        return str(answer["ETag"])

    def upload(self, source: Path, revision: str, note: bytes = b"") -> str:
        """Put a book back; see ``BookStore``."""
        with translated_errors(self._where, ConfigurationError):
            from botocore.exceptions import ClientError

            self._require_conditional_writes()
            request = self._request(source, note)
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
                raise BookDamaged(f"The book {self._where} was stored with other bytes than were sent.", RESTORE)
            return etag

    @cached_property
    def _s3(self) -> Any:  # noqa: ANN401 - boto3 has no types
        return s3.client(self._store)

    @cached_property
    def _supports_conditional_writes(self) -> bool:
        probe = self._where._replace(key=f"{self._where.key}.probe")
        with translated_errors(probe, ConfigurationError):
            return s3.supports_conditional_writes(self._s3, probe)

    def _request(self, source: Path, note: bytes) -> dict[str, Any]:
        digest = digest_of(source)
        return {
            **self._where.arguments,
            **self._store.encryption_arguments(),
            "ChecksumSHA256": digest,
            "ContentType": "application/vnd.sqlite3",
            "Metadata": {"sha256": digest, "put": self._token(), "note": note.decode()},
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
            raise BookUnusable(f"The book {self._where} was deleted.", RESTORE)

    def _resolve_conflict(self, token: str, revision: str) -> str:
        """Return the revision if the object is our own put whose answer was lost; else raise."""
        info = s3.head(self._s3, self._where)
        if info and info.metadata.get("put") == token:
            return info.etag
        raise conflict(self._where) if info or not revision else gone(self._where)

    def _stored_digest(self, etag: str) -> str:
        """Return the SHA-256 of what a host without checksums stored; empty if it was replaced since."""
        info = s3.head(self._s3, self._where)
        return s3.digest_of(self._s3, self._where) if info and info.etag == etag else ""
