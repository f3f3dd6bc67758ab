"""A host of objects that behaves as S3 is documented to, and a mail server; requests to them are operations."""

import base64
import hashlib
import io
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from tests.torture.files.operations import current

AMAZON = "https://s3.eu-central-1.amazonaws.com"
Object = dict[str, Any]


class Objects:
    """The objects of a host, by their keys. A put compares its condition and takes effect at once."""

    def __init__(self, contents: dict[str, Object] | None = None) -> None:
        self.held: dict[str, Object] = dict(contents or {})

    def client(self, service: str, **_: Any) -> "Client":  # noqa: ANN401 - the arguments of the original
        """Return a client, as boto3 does."""
        assert service == "s3"
        return Client(self)

    def content(self, key: str) -> bytes:
        """Return the bytes of an object."""
        return bytes(self.held[key]["content"])


class Client:
    """The requests of boto3's client that the program makes."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.meta = SimpleNamespace(endpoint_url=AMAZON)

    def head_bucket(self, *, Bucket: str) -> Object:  # noqa: N803 - boto3's names
        """Answer that the bucket exists."""
        del Bucket
        return dict(_request("s3 head", "bucket", dict))

    def get_object(self, *, Bucket: str, Key: str, **_: Any) -> Object:  # noqa: N803, ANN401
        """Return an object."""
        del Bucket
        return dict(_request("s3 get", Key, partial(self._get, Key)))

    def head_object(self, *, Bucket: str, Key: str, **_: Any) -> Object:  # noqa: N803, ANN401
        """Return what the host knows of an object."""
        del Bucket
        return dict(_request("s3 head", Key, partial(self._head, Key)))

    def put_object(self, *, Bucket: str, Key: str, Body: Any, **more: Any) -> Object:  # noqa: N803, ANN401
        """Put an object, if its conditions hold."""
        del Bucket
        content = Body if isinstance(Body, bytes) else Body.read()
        kind = "s3 try" if "ContentMD5" in more else "s3 put"
        return dict(_request(kind, Key, partial(self._put, Key, content, more)))

    def _get(self, key: str) -> Object:
        content = bytes(self._known(key, "GetObject")["content"])
        return {**self._answer(key), "Body": SimpleNamespace(iter_chunks=partial(_chunks, content))}

    def _head(self, key: str) -> Object:
        self._known(key, "HeadObject")
        return self._answer(key)

    def _known(self, key: str, name: str) -> Object:
        if key not in self._objects.held:
            raise refusal(404, "NoSuchKey" if name == "GetObject" else "404", name)
        return self._objects.held[key]

    def _answer(self, key: str) -> Object:
        held = self._objects.held[key]
        return {"ETag": held["etag"], "ChecksumSHA256": held["sha256"], "Metadata": held["metadata"]}

    def _put(self, key: str, content: bytes, more: dict[str, Any]) -> Object:
        present = self._objects.held.get(key)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        if more.get("IfNoneMatch") == "*" and present:
            raise refusal(412, "PreconditionFailed", "PutObject")
        if "IfMatch" in more and not present:
            raise refusal(404, "NoSuchKey", "PutObject")
        if present and more.get("IfMatch", present["etag"]) != present["etag"]:
            raise refusal(412, "PreconditionFailed", "PutObject")
        if more.get("ChecksumSHA256", digest) != digest:
            raise refusal(400, "BadDigest", "PutObject")
        etag = f'"{hashlib.md5(content).hexdigest()}"'  # noqa: S324 - what S3 itself makes
        metadata = {name.lower(): text for name, text in more.get("Metadata", {}).items()}
        self._objects.held[key] = {"content": content, "etag": etag, "sha256": digest, "metadata": metadata}
        return {"ETag": etag, "ChecksumSHA256": digest}


def refusal(status: int, code: str, request: str) -> ClientError:
    """Return the error by which boto3 reports a refusal."""
    answer = {
        "Error": {"Code": code, "Message": "-"},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
    }
    return ClientError(answer, request)


def _chunks(content: bytes, size: int) -> Iterator[bytes]:
    file = io.BytesIO(content)
    yield from iter(partial(file.read, size), b"")


def _request(kind: str, key: str, call: Any) -> Any:  # noqa: ANN401
    process = current()
    return process.perform(kind, key, call) if process else call()


class Mails:
    """The mails that a server accepted."""

    def __init__(self, accepted: list[bytes] | None = None) -> None:
        self.accepted = list(accepted or ())

    def send(self, content: bytes, *_: Any) -> None:  # noqa: ANN401 - sender, recipients, server
        """Accept a mail."""
        _request("mail", "send", partial(self.accepted.append, content))
