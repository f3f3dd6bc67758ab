"""A cloud on this machine: moto's server over HTTP, behind a door that makes it as strict as S3 is documented to be.

moto heeds If-Match and If-None-Match of a put, but does not keep two at once apart. It believes every checksum, keeps
a SHA-256 only where the request also names the algorithm in a header of its own, and does not tell who asks for a
deleted object that a bucket with versions knew it. The door does these four. Through it come the faults of hosts and
networks, too.

Tests say ``cloud = clouds.cloud`` and ask for it.
"""

import base64
import hashlib
import io
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

from primanota.adapters.storage import s3

BUCKET = "acme-files"
Environ = dict[str, Any]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]
# What happens at the door: it answers, or passes on to what lies behind.
Fault = Callable[[Environ, Start, Application], Iterable[bytes]]
_CHECKSUM = "HTTP_X_AMZ_CHECKSUM_SHA256"


class Cloud:
    """The door, and what was asked at it."""

    def __init__(self, behind: Application) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.fault: Fault | None = None
        self._speaker: Any = None
        self._behind = behind
        self._one_put = threading.Lock()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a request."""
        if environ["PATH_INFO"].startswith("/moto-api"):
            return self._behind(environ, start)
        self.asked.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return self.fault(environ, start, self.strictly) if self.fault else self.strictly(environ, start)

    def strictly(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer as S3 does."""
        putting = environ["REQUEST_METHOD"] == "PUT"
        if putting and _CHECKSUM in environ:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            if base64.b64encode(hashlib.sha256(body).digest()).decode() != environ[_CHECKSUM]:
                return refuse(start, "400 Bad Request", "BadDigest", "The SHA256 you specified did not match.")
            environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = "SHA256"
        with self._one_put if putting else nullcontext():
            return list(self._behind(environ, self._telling_of_deleted(environ, start)))

    def _telling_of_deleted(self, environ: Environ, start: Start) -> Start:
        """A beginning of an answer that says, where nothing is found, whether something was."""

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            found: list[tuple[str, str]] = []
            if status.startswith("404") and environ["REQUEST_METHOD"] == "GET":
                asked = {**environ, "REQUEST_METHOD": "HEAD", "wsgi.input": io.BytesIO()}
                self._behind(asked, lambda _status, headers, *_: found.extend(headers))
            return start(status, headers + [one for one in found if one[0].lower() == "x-amz-delete-marker"], *rest)

        return begin

    @property
    def store(self) -> s3.Store:
        """The settings that lead here."""
        return s3.Store(endpoint=self.url)

    def where(self, key: str = "") -> s3.Location:
        """A place in the bucket."""
        return s3.Location(BUCKET, key)

    def speaker(self) -> Any:
        """Somebody else who speaks to the host."""
        self._speaker = self._speaker or s3.client(self.store)
        return self._speaker

    def keys(self) -> list[str]:
        """What lies in the bucket."""
        return [one["Key"] for one in self.speaker().list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def content(self, key: str) -> bytes:
        """An object's bytes."""
        return bytes(self.speaker().get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def counted(self, method: str) -> int:
        """How often a method was asked for."""
        return sum(line.startswith(method) for line in self.asked)


def refuse(start: Start, status: str, code: str, message: str = "") -> list[bytes]:
    """An error in S3's form."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]


def every(fault: Fault, method: str = "PUT") -> Fault:
    """A fault that every request of a method meets."""
    return lambda environ, start, behind: (
        fault(environ, start, behind) if environ["REQUEST_METHOD"] == method else behind(environ, start)
    )


def once(fault: Fault, method: str = "PUT") -> Fault:
    """A fault that the first request of a method meets, and no other."""
    left = [fault]

    def only_first(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == method and left:
            return left.pop()(environ, start, behind)
        return behind(environ, start)

    return only_first


def refusing(status: str, code: str, message: str = "") -> Fault:
    """A host that refuses."""
    return lambda environ, start, _: refuse(start, status, code, message)[environ["REQUEST_METHOD"] == "HEAD" :]


def lose_the_answer(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
    """The request is done, and the line breaks before its answer."""
    list(behind(environ, lambda *_: None))
    del start
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError


def without_checksums(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
    """A host that states no checksum."""

    def bare(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        return start(status, [pair for pair in headers if "checksum" not in pair[0].lower()], *rest)

    return behind(environ, bare)


def without_conditions(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
    """A host that passes over conditions."""
    environ.pop("HTTP_IF_NONE_MATCH", None)
    environ.pop("HTTP_IF_MATCH", None)
    return behind(environ, start)


def that_refuses_conditions(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
    """A host that says that it knows no conditions."""
    if "HTTP_IF_NONE_MATCH" in environ:
        return refuse(start, "501 Not Implemented", "NotImplemented", "A header implies functionality …")
    return behind(environ, start)


@cache
def _started() -> Cloud:
    """The server, started once; it ends with the tests."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    inner = server._server
    assert inner is not None
    cloud = Cloud(inner.app)
    inner.app = cloud
    host, port = server.get_host_and_port()
    cloud.url = f"http://{host}:{port}"
    return cloud


def emptied(cloud: Cloud) -> Cloud:
    """The cloud as it was before anybody came: nothing fails, and one bucket is there."""
    with urlopen(Request(f"{cloud.url}/moto-api/reset", method="POST")):
        pass
    cloud.fault = None
    cloud.speaker().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    cloud.asked.clear()
    return cloud


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    """An empty cloud with one bucket, invented credentials, and no waiting between tries."""
    cloud = _started()
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "invented")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    yield emptied(cloud)
    cloud.fault = None
