"""Objects in S3, or at another host that speaks its API: put once, whole, encrypted, and never over another one."""

import base64
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import IO, Any, Literal, NamedTuple, Self

import msgspec
from anyascii import anyascii

from primanota.adapters import aws
from primanota.core.errors import DeliveryFailed, InvalidInput
from primanota.core.media_types import media_type
from primanota.core.secret import masked

_SCHEME = "s3://"
_TRIES = 5
_PIECE = 1 << 20
_NO_ETAG = '"nobody"'  # an ETag that no object has
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"(?!xn--|sthree-|\d+\.\d+\.\d+\.\d+$)[a-z0-9](?:[a-z0-9-]|\.(?!\.)){1,61}[a-z0-9]")
_RESERVED = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
_KEY_BYTES = 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_METADATA_LETTERS = 256  # S3 takes 2 KB of metadata for an object


class Store(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An S3 host, and the encryption that it is asked for.

    ``endpoint`` and ``region`` are empty for those of boto3's own settings. ``encryption`` is ``none`` for hosts
    without encryption; ``key`` is the id of a KMS key, empty for the account's own.
    """

    endpoint: str = ""
    region: str = ""
    encryption: Literal["AES256", "aws:kms", "none"] = "AES256"
    key: str = ""

    def encryption_arguments(self) -> dict[str, str]:
        """Return the arguments of a put that ask for the encryption."""
        if self.encryption == "none":
            return {}
        key = {"SSEKMSKeyId": self.key} if self.key and self.encryption == "aws:kms" else {}
        return {"ServerSideEncryption": self.encryption, **key}


class Location(NamedTuple):
    """An S3 object or prefix (ending in ``/``). ``str()`` gives its URL."""

    bucket: str
    key: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read ``s3://bucket/prefix/`` or ``s3://bucket/key``.

        Raises:
            InvalidInput: the bucket's name is not valid, or a part of the key is empty or has a control character.
        """
        bucket, _, key = url.removeprefix(_SCHEME).partition("/")
        if not url.startswith(_SCHEME) or not _BUCKET.fullmatch(bucket) or bucket.endswith(_RESERVED):
            raise InvalidInput(
                f"“{masked(bucket)}” in “{masked(url)}” is not a valid bucket name.",
                "Write s3://bucket/prefix/; a bucket has 3 to 63 small letters, digits, hyphens and dots.",
            )
        parts = key.removesuffix("/").split("/") if key else []
        if not all(parts) or {".", ".."} & {*parts} or _CONTROL.search(key):
            raise InvalidInput(
                f"“{url}” contains an empty part, a relative one, or a control character.",
                "Write s3://bucket/prefix/.",
            )
        if len(key.encode()) > _KEY_BYTES:
            raise InvalidInput(f"“{url}” is longer than the 1024 bytes that S3 allows.", "Choose a shorter prefix.")
        return cls(bucket, key)

    @property
    def is_folder(self) -> bool:
        """Whether this is a prefix rather than an object."""
        return not self.key or self.key.endswith("/")

    def __truediv__(self, name: str) -> "Location":
        separator = "" if self.is_folder else "/"
        return Location(self.bucket, f"{self.key}{separator}{name}")

    def __str__(self) -> str:
        return f"{_SCHEME}{self.bucket}/{self.key}"

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of every request that name the object."""
        return {"Bucket": self.bucket, "Key": self.key}


class ObjectInfo(NamedTuple):
    """What a host knows of an object; ``digest`` is its SHA-256 in base 64, empty if the host keeps none."""

    etag: str
    digest: str
    metadata: dict[str, str]


def client(store: Store) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return boto3's client for a host.

    Raises:
        ConfigurationError: boto3 is not installed, or the endpoint or the region cannot be one.
    """
    return aws.client("s3", region=store.region, endpoint=store.endpoint)


def is_amazon(s3: Any) -> bool:  # noqa: ANN401
    """Return whether a client speaks to Amazon S3, which is documented to apply the conditions of a put."""
    return re.search(r"\.amazonaws\.com(\.cn)?(:\d+)?/?$", s3.meta.endpoint_url) is not None


def put(store: Store, where: Location, content: bytes, metadata: Mapping[str, str]) -> None:
    """Put an object that does not exist yet. If one with the same bytes exists, it counts as put.

    The condition “only if it does not exist” holds also when two processes put at once, and makes a put whose answer
    was lost arrive once when it is repeated. Hosts other than Amazon's are asked beforehand what exists: some do not
    support conditions, and either say so (501) or ignore them. There, two processes that put different files in the
    same instant cannot be told apart.

    Args:
        store: the host.
        where: the object.
        content: all of its bytes.
        metadata: kept with the object, in ASCII; other letters are transliterated.

    Raises:
        DeliveryFailed: it could not be put, or another file exists. Nothing is overwritten.
        ConfigurationError: the credentials are missing, expired or wrong.
    """
    put_file(store, where, BytesIO(content), hashlib.sha256(content).hexdigest(), metadata)


def put_file(store: Store, where: Location, content: IO[bytes], sha256: str, metadata: Mapping[str, str]) -> None:
    """Put an open file as an object that does not exist yet, as ``put`` does; a large one takes no memory.

    Args:
        store: the host.
        where: the object.
        content: the file.
        sha256: its SHA-256 in hex.
        metadata: kept with the object.

    Raises:
        DeliveryFailed, ConfigurationError: as ``put``.
    """
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    request = {
        **where.arguments,
        **store.encryption_arguments(),
        "Body": content,
        "ChecksumSHA256": digest,
        "ContentType": media_type(where.key),
        "Metadata": {name: _CONTROL.sub(" ", anyascii(text))[:_METADATA_LETTERS] for name, text in metadata.items()},
    }
    with aws.translated_errors(where, DeliveryFailed):
        s3 = client(store)
        found = None if is_amazon(s3) else _digest_if_readable(s3, where)
        answer = None if found else _put_new(s3, request)
        stored = (answer or {}).get("ChecksumSHA256") or found or digest_of(s3, where)
    if stored == digest:
        return
    if answer:
        raise DeliveryFailed(
            f"{where} was stored with other bytes than were sent.", "Delete that object; the next run puts it again."
        )
    raise DeliveryFailed(
        f"{where} is another file.", "Nothing was overwritten: move that object, or name another place."
    )


def _put_new(s3: Any, request: dict[str, Any]) -> dict[str, Any] | None:  # noqa: ANN401
    """Put an object if it does not exist; return the answer, or None if it exists."""
    from botocore.exceptions import ClientError

    tries = _TRIES
    while True:
        tries -= 1
        request["Body"].seek(0)
        try:
            return dict(s3.put_object(**request, IfNoneMatch="*"))
        except ClientError as error:
            status = aws.status_of(error)
            if status == HTTPStatus.PRECONDITION_FAILED:
                return None
            if status == HTTPStatus.NOT_IMPLEMENTED and not aws.is_about_encryption(error):
                request["Body"].seek(0)
                return dict(s3.put_object(**request))
            # 409: another process is writing or deleting it at this moment
            if status != HTTPStatus.CONFLICT or not tries:
                raise


def _digest_if_readable(s3: Any, where: Location) -> str:  # noqa: ANN401
    """Return the SHA-256 of an object in base 64; empty if it does not exist or may not be read."""
    from botocore.exceptions import ClientError

    try:
        return digest_of(s3, where)
    except ClientError:  # the put that follows gets the reason, which the answer to a HEAD does not have
        return ""


def digest_of(s3: Any, where: Location) -> str:  # noqa: ANN401
    """Return the SHA-256 of an object in base 64, read whole if the host keeps none; empty if it does not exist."""
    info = head(s3, where)
    if info is None or info.digest:
        return info.digest if info else ""
    digest = hashlib.sha256()
    for piece in s3.get_object(**where.arguments)["Body"].iter_chunks(_PIECE):
        digest.update(piece)
    return base64.b64encode(digest.digest()).decode()


def head(s3: Any, where: Location) -> ObjectInfo | None:  # noqa: ANN401
    """Return what the host knows of an object; None if it does not exist."""
    from botocore.exceptions import ClientError

    try:
        answer = s3.head_object(**where.arguments, ChecksumMode="ENABLED")
    except ClientError as error:
        if aws.status_of(error) != HTTPStatus.NOT_FOUND:
            raise
        return None
    return ObjectInfo(answer["ETag"], whole_checksum(answer), answer.get("Metadata", {}))


def whole_checksum(answer: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the whole object that an answer states; empty if it states none, or one of the parts."""
    stated = str(answer.get("ChecksumSHA256", ""))
    return "" if "-" in stated else stated


def supports_conditional_writes(s3: Any, probe: Location) -> bool:  # noqa: ANN401
    """Return whether a host refuses a put whose condition is false. A host that does not keeps an empty object.

    Args:
        s3: a client of the host.
        probe: the name of an object that is not in use.
    """
    from botocore.exceptions import ClientError

    if is_amazon(s3):
        return True
    try:
        s3.put_object(**probe.arguments, Body=b"", IfMatch=_NO_ETAG)
    except ClientError as error:
        status = aws.status_of(error)
        if status not in {HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.NOT_IMPLEMENTED}:
            raise
        return status != HTTPStatus.NOT_IMPLEMENTED
    return False
