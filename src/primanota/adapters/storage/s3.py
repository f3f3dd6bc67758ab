"""Objects in S3, or at any host that speaks its language: put once, whole, encrypted, and never over another one.

Credentials, profiles and AWS_ENDPOINT_URL_S3 are boto3's own business; a session that runs in AWS has its role.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any, Literal, NamedTuple, Self

import msgspec
from anyascii import anyascii

from primanota.adapters.storage.refusals import BOTO3, explained, is_of_encryption, status_of
from primanota.core.errors import ConfigurationError, DeliveryFailed, InvalidInput

_SCHEME = "s3://"
_TRIES = 5
_PIECE = 1 << 20
_ANYTHING = '"nobody"'  # an ETag that no object has
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_RESERVED = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_KEY_BYTES = 1024
_UNSEEN = re.compile(r"[\x00-\x1f\x7f]+")
_NOTE_LETTERS = 256  # all of an object's notes together may have 2 KB
_TYPES = {
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".xml": "application/xml",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ofx": "application/x-ofx",
    ".qif": "application/x-qif",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".zip": "application/zip",
    ".book": "application/vnd.sqlite3",
}


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which host, and how it encrypts.

    ``endpoint`` and ``region`` are empty where boto3's own settings say them. ``encryption`` is ``none`` for hosts
    that know none; ``key`` is the id of a KMS key, empty for the account's own.
    """

    endpoint: str = ""
    region: str = ""
    encryption: Literal["AES256", "aws:kms", "none"] = "AES256"
    key: str = ""

    def encrypted(self) -> dict[str, str]:
        """What a put says of it."""
        if self.encryption == "none":
            return {}
        key = {"SSEKMSKeyId": self.key} if self.key and self.encryption == "aws:kms" else {}
        return {"ServerSideEncryption": self.encryption, **key}


class Location(NamedTuple):
    """An object, or a prefix that ends with a stroke, in a bucket; its text is its URL."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read ``s3://bucket/prefix/`` or ``s3://bucket/key``.

        Raises:
            InvalidInput: no bucket can be called so, or a part of the key is empty.
        """
        bucket, _, key = url.removeprefix(_SCHEME).partition("/")
        if not url.startswith(_SCHEME) or not _BUCKET.fullmatch(bucket) or bucket.endswith(_RESERVED):
            raise InvalidInput(
                f"“{url}” names no bucket.",
                "Write s3://bucket/prefix/; a bucket has 3 to 63 small letters, digits, hyphens and dots.",
            )
        parts = key.removesuffix("/").split("/") if key else []
        if not all(parts) or {".", ".."} & {*parts} or _UNSEEN.search(key):
            raise InvalidInput(
                f"“{url}” has an empty part, or one that nobody can see.", "Write s3://bucket/prefix/."
            )
        if len(key.encode()) > _KEY_BYTES:
            raise InvalidInput(f"“{url}” is longer than the 1024 bytes that S3 allows.", "Choose a shorter prefix.")
        return cls(bucket, key)

    @property
    def is_folder(self) -> bool:
        """Whether it is a prefix, below which objects lie, rather than an object."""
        return not self.key or self.key.endswith("/")

    def __truediv__(self, name: str) -> "Location":
        stroke = "" if self.is_folder else "/"
        return Location(self.bucket, f"{self.key}{stroke}{name}")

    def __str__(self) -> str:
        return f"{_SCHEME}{self.bucket}/{self.key}"

    @property
    def named(self) -> dict[str, str]:
        """What every request says of it."""
        return {"Bucket": self.bucket, "Key": self.key}


class ObjectInfo(NamedTuple):
    """What lies at a location: its mark, the SHA-256 that the host keeps of it (empty if none), and its notes."""

    etag: str
    digest: str
    notes: dict[str, str]


def client(store: Store) -> Any:
    """Somebody who speaks to the host.

    Raises:
        ConfigurationError: boto3 is not installed, or its settings name a profile that is not there.
    """
    try:
        from botocore.config import Config
        from botocore.session import get_session
    except ImportError:
        raise ConfigurationError(*BOTO3) from None
    # We send a SHA-256 of our own; what boto3 would add to it, not every host understands.
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _TRIES},
        connect_timeout=10,
        read_timeout=60,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = get_session()
    session.register_component("data_loader", _descriptions())
    try:
        return session.create_client(
            "s3", endpoint_url=store.endpoint or None, region_name=store.region or None, config=config
        )
    except ValueError:
        what = f"“{store.endpoint}” is no endpoint." if store.endpoint else "The region of S3 is written wrongly."
        raise ConfigurationError(what, "Write them like https://s3.example.com and eu-central-1.") from None


@cache
def _descriptions() -> Any:
    """What boto3 has been told of S3. To read it takes ten times as long as all else of a client."""
    from botocore.loaders import create_loader

    return create_loader()


def is_amazon(s3: Any) -> bool:
    """Whether this is S3 itself, of which it is documented that it heeds the conditions of a put."""
    return re.search(r"\.amazonaws\.com(\.cn)?(:\d+)?/?$", s3.meta.endpoint_url) is not None


def put(store: Store, where: Location, content: bytes, notes: Mapping[str, str]) -> None:
    """Put an object where none is; once the same bytes are there, whoever put them, it has arrived.

    The condition “only if nothing is there” makes that certain also when two come at once, and makes a put whose
    answer was lost arrive once when it is repeated. Hosts other than Amazon's are asked beforehand what is there:
    some know no conditions, and either say so (501) or pass over them. There, two who come in the same instant with
    different files cannot be told apart.

    Args:
        store: which host.
        where: the object.
        content: all of it.
        notes: what is kept beside it, in ASCII; other letters are spelled out.

    Raises:
        DeliveryFailed: it could not be put, or another file is there. Nothing is overwritten.
        ConfigurationError: the credentials are missing, expired or wrong.
    """
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    request = {
        **where.named,
        **store.encrypted(),
        "Body": content,
        "ChecksumSHA256": digest,
        "ContentType": _TYPES.get(PurePosixPath(where.key).suffix.lower(), "application/octet-stream"),
        "Metadata": {name: _UNSEEN.sub(" ", anyascii(text))[:_NOTE_LETTERS] for name, text in notes.items()},
    }
    with explained(where, DeliveryFailed):
        s3 = client(store)
        found = None if is_amazon(s3) else _if_readable(s3, where)
        put_here = None if found else _put_new(s3, request)
        arrived = (put_here or {}).get("ChecksumSHA256") or found or digest_of(s3, where)
    if arrived != digest and put_here:
        raise DeliveryFailed(f"{where} did not arrive as it left.", "Delete that object; the next run puts it again.")
    if arrived != digest:
        raise DeliveryFailed(
            f"{where} is another file.", "Nothing was overwritten: move that object, or name another place."
        )


def _put_new(s3: Any, request: dict[str, Any]) -> dict[str, Any] | None:
    """Put it if nothing is there; the answer, or None where something is."""
    from botocore.exceptions import ClientError

    tries = _TRIES
    while True:
        tries -= 1
        try:
            return dict(s3.put_object(**request, IfNoneMatch="*"))
        except ClientError as error:
            status = status_of(error)
            if status == HTTPStatus.PRECONDITION_FAILED:
                return None
            if status == HTTPStatus.NOT_IMPLEMENTED and not is_of_encryption(error):
                return dict(s3.put_object(**request))
            if status != HTTPStatus.CONFLICT or not tries:  # 409: somebody puts or deletes it in this very moment
                raise


def _if_readable(s3: Any, where: Location) -> str:
    """The SHA-256 of what lies there; empty if nothing does, or if we may not read it."""
    from botocore.exceptions import ClientError

    try:
        return digest_of(s3, where)
    except ClientError:  # the put that follows says why, and in more words than the answer to a HEAD has
        return ""


def digest_of(s3: Any, where: Location) -> str:
    """The SHA-256, in base 64, of what lies there, read whole where the host keeps none; empty if nothing does."""
    there = head(s3, where)
    if there is None or there.digest:
        return there.digest if there else ""
    whole = hashlib.sha256()
    for piece in s3.get_object(**where.named)["Body"].iter_chunks(_PIECE):
        whole.update(piece)
    return base64.b64encode(whole.digest()).decode()


def head(s3: Any, where: Location) -> ObjectInfo | None:
    """What lies there, if anything does."""
    from botocore.exceptions import ClientError

    try:
        answer = s3.head_object(**where.named, ChecksumMode="ENABLED")
    except ClientError as error:
        if status_of(error) != HTTPStatus.NOT_FOUND:
            raise
        return None
    return ObjectInfo(answer["ETag"], whole_checksum(answer), answer.get("Metadata", {}))


def whole_checksum(answer: Mapping[str, Any]) -> str:
    """The SHA-256 of a whole object that an answer states; empty where it states none, or one of its parts."""
    told = str(answer.get("ChecksumSHA256", ""))
    return "" if "-" in told else told


def supports_conditional_writes(s3: Any, beside: Location) -> bool:
    """Whether a host refuses a put whose condition does not hold; one that does not leaves an empty object.

    Args:
        s3: who speaks to it.
        beside: a name that nobody uses.
    """
    from botocore.exceptions import ClientError

    if is_amazon(s3):
        return True
    try:
        s3.put_object(**beside.named, Body=b"", IfMatch=_ANYTHING)
    except ClientError as error:
        if status_of(error) not in {HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.NOT_IMPLEMENTED}:
            raise
        return status_of(error) != HTTPStatus.NOT_IMPLEMENTED
    return False
