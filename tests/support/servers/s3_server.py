"""S3 on this machine: moto's server over HTTP, in a wrapper that makes it as strict as S3 is documented to be.

moto checks If-Match and If-None-Match of a put, but not atomically. It accepts every checksum, keeps a SHA-256 only
if the request also names the algorithm in a header of its own, and does not mark the answer for a deleted object in a
bucket with versioning. The wrapper corrects these four, and injects faults of hosts and networks.

Use: ``cloud = s3_server.cloud`` in the test module, and the fixture ``cloud``.
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
# A fault answers a request, or passes it on to the application behind.
Fault = Callable[[Environ, Start, Application], Iterable[bytes]]
_CHECKSUM = "HTTP_X_AMZ_CHECKSUM_SHA256"


class Cloud:
    """The wrapper, and the requests that it got."""

    def __init__(self, behind: Application) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.fault: Fault | None = None
        self._client: Any = None
        self._behind = behind
        self._one_put = threading.Lock()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer a request."""
        if environ["PATH_INFO"].startswith("/moto-api"):
            return self._behind(environ, start)
        self.requests.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
        return self.fault(environ, start, self.strictly) if self.fault else self.strictly(environ, start)

    def strictly(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer as S3 is documented to."""
        putting = environ["REQUEST_METHOD"] == "PUT"
        if putting and _CHECKSUM in environ:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            if base64.b64encode(hashlib.sha256(body).digest()).decode() != environ[_CHECKSUM]:
                return refuse(start, "400 Bad Request", "BadDigest", "The SHA256 you specified did not match.")
            environ["HTTP_X_AMZ_SDK_CHECKSUM_ALGORITHM"] = "SHA256"
        with self._one_put if putting else nullcontext():
            return list(self._behind(environ, self._marking_deleted(environ, start)))

    def _marking_deleted(self, environ: Environ, start: Start) -> Start:
        """Return a ``start_response`` that adds the delete marker to a 404."""

        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401
            found: list[tuple[str, str]] = []
            if status.startswith("404") and environ["REQUEST_METHOD"] == "GET":
                head = {**environ, "REQUEST_METHOD": "HEAD", "wsgi.input": io.BytesIO()}
                self._behind(head, lambda _status, headers, *_: found.extend(headers))
            return start(
                status, headers + [pair for pair in found if pair[0].lower() == "x-amz-delete-marker"], *rest
            )

        return begin

    @property
    def store(self) -> s3.Store:
        """Return the settings of this host."""
        return s3.Store(endpoint=self.url)

    def location(self, key: str = "") -> s3.Location:
        """Return the location of an object, or of the bucket."""
        return s3.Location(BUCKET, key)

    def client(self) -> Any:  # noqa: ANN401 - boto3 has no types
        """Return a client that is not the program's."""
        self._client = self._client or s3.client(self.store)
        return self._client

    def keys(self) -> list[str]:
        """Return the keys of all objects."""
        return [item["Key"] for item in self.client().list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def content(self, key: str) -> bytes:
        """Return the bytes of an object."""
        return bytes(self.client().get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def request_count(self, method: str) -> int:
        """Return the number of requests with a method."""
        return sum(line.startswith(method) for line in self.requests)


def refuse(start: Start, status: str, code: str, message: str = "") -> list[bytes]:
    """Answer with an error in S3's XML."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    start(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]


def every(fault: Fault, method: str = "PUT", *, within: str = "") -> Fault:
    """Apply a fault to every request with a method whose path contains a text."""
    return lambda environ, start, behind: (
        fault(environ, start, behind)
        if environ["REQUEST_METHOD"] == method and within in environ["PATH_INFO"]
        else behind(environ, start)
    )


def once(fault: Fault, method: str = "PUT") -> Fault:
    """Apply a fault to the first request with a method."""
    left = [fault]

    def only_first(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == method and left:
            return left.pop()(environ, start, behind)
        return behind(environ, start)

    return only_first


def refusing(status: str, code: str, message: str = "") -> Fault:
    """Return a fault that refuses the request."""
    return lambda environ, start, _: refuse(start, status, code, message)[environ["REQUEST_METHOD"] == "HEAD" :]


def lose_the_answer(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
    """Carry out the request, and close the connection before the answer."""
    list(behind(environ, lambda *_: None))
    del start
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError


def without_checksums(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
    """Act as a host that does not return checksums."""

    def bare(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401
        return start(status, [pair for pair in headers if "checksum" not in pair[0].lower()], *rest)

    return behind(environ, bare)


def without_conditions(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
    """Act as a host that ignores conditions."""
    environ.pop("HTTP_IF_NONE_MATCH", None)
    environ.pop("HTTP_IF_MATCH", None)
    return behind(environ, start)


def that_refuses_conditions(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
    """Act as a host that refuses conditions."""
    if "HTTP_IF_NONE_MATCH" in environ:
        return refuse(start, "501 Not Implemented", "NotImplemented", "A header implies functionality …")
    return behind(environ, start)


@cache
def _started() -> Cloud:
    """Start the server once; it ends with the tests."""
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
    """Remove all faults and objects, and create the bucket."""
    with urlopen(Request(f"{cloud.url}/moto-api/reset", method="POST")):  # noqa: S310 - the server is ours
        pass
    cloud.fault = None
    cloud.client().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    cloud.requests.clear()
    return cloud


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    """An S3 host with one empty bucket, invented credentials, and no delay between attempts."""
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
