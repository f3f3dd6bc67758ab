"""Links to files: signed, valid for half an hour, and of another host than the API's (Qonto docs: attachments)."""

import hmac
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from primanota.simulator.data.timestamps import MINUTE, SECOND, format_timestamp, parse_microseconds

_VALID = 30 * MINUTE
_ALGORITHM = "AWS4-HMAC-SHA256"


class StorageError(Exception):
    """A refusal of the host that serves files: an HTTP status and a code, as S3 has them."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class FileAddress(NamedTuple):
    """A file by its kind (`attachments` or `statements`), its UUID, and its name."""

    kind: str
    id: str
    name: str


class SignedUrls:
    """Signs and checks links to files.

    Args:
        seed: selects the key of the signatures.
        base: the address of the host that serves the files, without a slash at its end.
    """

    def __init__(self, seed: int, base: str) -> None:
        self._key = f"invented-key-{seed}".encode()
        self.base = base

    def sign(self, file: FileAddress, now: int) -> str:
        """Return a link that is valid for half an hour from `now`."""
        path = f"/{file.kind}/{file.id}/{quote(file.name)}"
        date = format_timestamp(now - now % SECOND).translate({ord(character): None for character in "-:"})
        date = f"{date[:15]}Z"
        signature = self._signature(path, date)
        return (
            f"{self.base}{path}?X-Amz-Algorithm={_ALGORITHM}&X-Amz-Date={date}&X-Amz-Expires={_VALID // SECOND}"
            f"&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
        )

    def check(self, path: str, query: str, now: int) -> FileAddress:
        """Return the file that a link names; `path` is still percent-encoded.

        Raises:
            StorageError: the link is not signed, was changed, or has expired.
        """
        given = dict(parse_qsl(query))
        date, signature = given.get("X-Amz-Date", ""), given.get("X-Amz-Signature", "")
        if not signature:
            raise StorageError(403, "AccessDenied", "Access Denied")
        kind, _, rest = path.removeprefix("/").partition("/")
        file_id, _, name = rest.partition("/")
        file = FileAddress(kind, file_id, unquote(name))
        right = self._signature(f"/{kind}/{file_id}/{quote(file.name)}", date)
        if not hmac.compare_digest(signature.encode(), right.encode()):
            message = "The request signature we calculated does not match the signature you provided."
            raise StorageError(403, "SignatureDoesNotMatch", message)
        if now >= _milliseconds(date) + _VALID:
            raise StorageError(403, "AccessDenied", "Request has expired")
        return file

    def has_signed(self, path: str, query: str) -> bool:
        """Return whether a link is one of these, also if it has expired."""
        try:
            self.check(path, query, 0)
        except StorageError:
            return False
        return True

    def _signature(self, path: str, date: str) -> str:
        return hmac.new(self._key, f"{path}\n{date}\n{_VALID}".encode(), sha256).hexdigest()


def _milliseconds(date: str) -> int:
    """Return the time of `20261123T100000Z`; the signature was checked, so the form is right."""
    text = f"{date[:4]}-{date[4:6]}-{date[6:11]}:{date[11:13]}:{date[13:]}"
    return parse_microseconds(text) // 1_000
