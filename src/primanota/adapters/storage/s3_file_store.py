"""A store of files in a bucket, beside a book in it."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

from primanota.adapters.aws import status_of, translated_errors
from primanota.adapters.storage import s3
from primanota.adapters.storage.checkout import private_folder
from primanota.adapters.storage.file_store import PIECE, FileState, IncomingFile, missing, staged_at
from primanota.adapters.storage.s3_trial import require_writable
from primanota.core.errors import ConfigurationError
from primanota.core.kept_files import KeptFile


class S3FileStore:
    """Files below a prefix of a bucket; each is received into a private file of this machine first.

    Args:
        store: the host.
        where: the prefix.
    """

    def __init__(self, store: s3.Store, where: s3.Location) -> None:
        self.place = str(where)
        self._store = store
        self._where = where

    @contextmanager
    def staged(self) -> Iterator[IncomingFile]:
        """Stage a file on this machine; see ``FileStore``."""
        with private_folder() as folder, staged_at(Path(folder) / "file") as staged:
            yield staged

    def keep(self, staged: IncomingFile, file: KeptFile) -> None:
        """Put a staged file, unless it is there with the same bytes; see ``FileStore``."""
        where = self._of(file)
        staged.complete()
        with translated_errors(where, ConfigurationError):
            if self._state(file) == "whole":
                return
            request = {
                **where.arguments,
                **self._store.encryption_arguments(),
                "ChecksumSHA256": _base64(file.sha256),
                "ContentType": file.type,
            }
            with staged.path.open("rb") as content:
                stored = s3.whole_checksum(self._s3.put_object(**request, Body=content))
            if stored != _base64(file.sha256) and self._state(file) != "whole":
                raise ConfigurationError(
                    f"{where} was stored with other bytes than were sent.", "The next run puts it again."
                )

    def pieces(self, file: KeptFile) -> Iterator[bytes]:
        """Yield the bytes of a file; see ``FileStore``."""
        where = self._of(file)
        with translated_errors(where, ConfigurationError):
            from botocore.exceptions import ClientError

            try:
                body = self._s3.get_object(**where.arguments)["Body"]
            except ClientError as error:
                if status_of(error) != HTTPStatus.NOT_FOUND or error.response["Error"]["Code"] == "NoSuchBucket":
                    raise
                raise missing(file, self.place) from None
            yield from body.iter_chunks(PIECE)

    def state(self, file: KeptFile) -> FileState:
        """Return whether a file is whole, by the host's own checksum if it keeps one; see ``FileStore``."""
        with translated_errors(self._of(file), ConfigurationError):
            return self._state(file)

    def require_usable(self) -> None:
        """Try whether the bucket takes files, without storing one; see ``FileStore``."""
        require_writable(self._store, self._where)

    def _state(self, file: KeptFile) -> FileState:
        found = s3.digest_of(self._s3, self._of(file))
        if not found:
            return "missing"
        return "whole" if found == _base64(file.sha256) else "changed"

    def _of(self, file: KeptFile) -> s3.Location:
        return self._where / file.path

    @cached_property
    def _s3(self) -> Any:  # noqa: ANN401 - boto3 has no types
        return s3.client(self._store)


def _base64(sha256: str) -> str:
    return base64.b64encode(bytes.fromhex(sha256)).decode()
