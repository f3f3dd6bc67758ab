"""Objects in S3: put once, completely and encrypted, never over another one; refusals become errors."""

import sys
from collections.abc import Callable, Iterable

import pytest

from primanota.adapters.storage import s3
from primanota.adapters.storage.s3 import Location, Store
from primanota.core.errors import ConfigurationError, DeliveryFailed, InvalidInput, PrimanotaError
from tests.support.servers import s3_server
from tests.support.servers.s3_server import (
    Application,
    Cloud,
    Environ,
    Fault,
    Start,
    every,
    lose_the_answer,
    once,
    refusing,
    that_refuses_conditions,
    without_checksums,
    without_conditions,
)

cloud = s3_server.cloud
_KEY = "books/2026/rows.csv"


def _put(cloud: Cloud, content: bytes = b"Id;Amount\r\n1;2,00\r\n", **metadata: str) -> None:
    s3.put(cloud.store, cloud.location(_KEY), content, metadata)


@pytest.mark.parametrize(
    ("url", "bucket", "key"),
    [
        ("s3://acme-files", "acme-files", ""),
        ("s3://acme-files/", "acme-files", ""),
        ("s3://acme.files/2026/", "acme.files", "2026/"),
        ("s3://123/Bücher/acme.book", "123", "Bücher/acme.book"),
    ],
)
def test_urls_are_parsed(url: str, bucket: str, key: str) -> None:
    """A URL is parsed into bucket and key."""
    assert Location.parse(url) == (bucket, key)


@pytest.mark.parametrize(
    "url",
    [
        "s3:/acme/x",
        "s3://",
        "s3://ab/x",
        "s3://Acme/x",
        "s3://acme_files/x",
        "s3://acme..files/x",
        "s3://192.168.0.1/x",
        "s3://xn--acme/x",
        "s3://acme-s3alias/x",
        "s3://-acme/x",
        f"s3://{'a' * 64}/x",
        "s3://acme//x",
        "s3://acme/x//y",
        "s3://acme/x/../y",
        "s3://acme/x\n",
        f"s3://acme/{'x' * 1025}",
        "https://acme.s3.amazonaws.com/x",
    ],
)
def test_wrong_urls_are_refused(url: str) -> None:
    """A URL with an invalid bucket or key is refused."""
    with pytest.raises(InvalidInput):
        Location.parse(url)


def test_names_are_joined_to_a_prefix() -> None:
    """A name is joined to a prefix with or without a slash at its end; only one with a slash is a folder."""
    assert str(Location.parse("s3://acme") / "x.csv") == "s3://acme/x.csv"
    assert str(Location.parse("s3://acme/2026/") / "x.csv") == "s3://acme/2026/x.csv"
    assert str(Location.parse("s3://acme/2026") / "x.csv") == "s3://acme/2026/x.csv"
    assert Location.parse("s3://acme/2026/").is_folder
    assert not Location.parse("s3://acme/2026").is_folder


def test_an_object_arrives(cloud: Cloud) -> None:
    """An object has its bytes, media type, encryption, checksum and metadata."""
    _put(cloud, account="Rücklage", batch="7", odd="a\nb")
    info = cloud.client().head_object(**cloud.location(_KEY).arguments, ChecksumMode="ENABLED")
    assert cloud.content(_KEY) == b"Id;Amount\r\n1;2,00\r\n"
    assert info["ContentType"] == "text/csv"
    assert info["ServerSideEncryption"] == "AES256"
    assert info["ChecksumSHA256"]
    assert info["Metadata"] == {"account": "Rucklage", "batch": "7", "odd": "a b"}


@pytest.mark.parametrize(
    ("store", "arguments"),
    [
        (Store(encryption="none"), {}),
        (Store(encryption="aws:kms"), {"ServerSideEncryption": "aws:kms"}),
        (Store(encryption="aws:kms", key="k-1"), {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k-1"}),
        (Store(key="k-1"), {"ServerSideEncryption": "AES256"}),
    ],
)
def test_encryption(store: Store, arguments: dict[str, str]) -> None:
    """The arguments of a put request the encryption of the settings."""
    assert store.encryption_arguments() == arguments


def test_the_same_bytes_again(cloud: Cloud) -> None:
    """An object with the same bytes is not put a second time."""
    _put(cloud)
    _put(cloud)
    assert cloud.request_count("PUT") == 1


def test_another_file_is_not_overwritten(cloud: Cloud) -> None:
    """An object with other bytes is not overwritten."""
    _put(cloud)
    with pytest.raises(DeliveryFailed, match="is another file"):
        _put(cloud, b"other")
    assert cloud.content(_KEY).startswith(b"Id")


@pytest.mark.parametrize("theirs", [b"mine", b"theirs"])
def test_another_process_puts_first(cloud: Cloud, theirs: bytes) -> None:
    """An object that another process puts after the check is kept; the same bytes count as a successful put."""

    def put_first(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        cloud.fault = None
        cloud.client().put_object(**cloud.location(_KEY).arguments, Body=theirs)
        return behind(environ, start)

    cloud.fault = once(put_first)
    if theirs == b"mine":
        _put(cloud, b"mine")
    else:
        with pytest.raises(DeliveryFailed, match="is another file"):
            _put(cloud, b"mine")
    assert cloud.content(_KEY) == theirs


def test_a_lost_answer_is_repeated(cloud: Cloud) -> None:
    """A put whose answer is lost is repeated, and the object exists once."""
    cloud.fault = once(lose_the_answer)
    _put(cloud)
    assert cloud.keys() == [_KEY]


def test_a_conflict_is_tried_again(cloud: Cloud) -> None:
    """A put that the host answers with 409 is tried again."""
    cloud.fault = once(refusing("409 Conflict", "ConditionalRequestConflict"))
    _put(cloud)
    assert cloud.request_count("PUT") == 2


def test_a_host_without_checksums(cloud: Cloud) -> None:
    """If the host does not return checksums, the object is read and compared."""
    cloud.fault = without_checksums
    _put(cloud)
    _put(cloud)
    with pytest.raises(DeliveryFailed, match="is another file"):
        _put(cloud, b"other")
    assert cloud.request_count("GET") == 3


@pytest.mark.parametrize("host", [without_conditions, that_refuses_conditions])
def test_a_host_without_conditions(cloud: Cloud, host: Fault) -> None:
    """At a host without conditional writes, an object with other bytes is not overwritten either."""
    cloud.fault = host
    _put(cloud)
    _put(cloud)
    with pytest.raises(DeliveryFailed, match="is another file"):
        _put(cloud, b"other")
    assert cloud.content(_KEY).startswith(b"Id")


def test_bytes_damaged_on_the_way(cloud: Cloud) -> None:
    """A put whose bytes do not match their checksum is an error, and no object is created."""

    def damage(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        environ["HTTP_X_AMZ_CHECKSUM_SHA256"] = "AAAA"
        return behind(environ, start)

    cloud.fault = once(damage)
    with pytest.raises(DeliveryFailed, match="changed on the way"):
        _put(cloud)
    assert cloud.keys() == []


def test_bytes_damaged_at_the_host(cloud: Cloud) -> None:
    """Other bytes at a host without checksums are an error."""

    def damage(environ: Environ, start: Start, behind: Application) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            body = b"Id;Amount\r\n1;3,00\r\n"
            start("200 OK", [("Content-Length", str(len(body))), ("ETag", '"x"')])
            return [body]
        return without_checksums(environ, start, behind)

    cloud.fault = damage
    with pytest.raises(DeliveryFailed, match="was stored with other bytes"):
        _put(cloud)


def test_the_permission_to_put_is_enough(cloud: Cloud) -> None:
    """An object is put with the permission to put only, without the permission to read."""
    cloud.fault = once(refusing("403 Forbidden", "AccessDenied"), "HEAD")
    _put(cloud)
    assert cloud.request_count("PUT") == 1


_DENIED = "User: arn:aws:iam::1:user/x is not authorized to perform: kms:GenerateDataKey on resource: y"


@pytest.mark.parametrize("refused", [every, lambda fault: fault], ids=["puts", "everything"])
@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        (refusing("404 Not Found", "NoSuchBucket"), DeliveryFailed, "no such bucket. Create it"),
        (refusing("403 Forbidden", "AccessDenied", "Access Denied"), DeliveryFailed, "permission s3:PutObject"),
        (refusing("403 Forbidden", "AccessDenied", _DENIED), DeliveryFailed, "permission kms:GenerateDataKey."),
        (refusing("400 Bad Request", "ExpiredToken"), ConfigurationError, "have expired. Log in again"),
        (
            refusing("403 Forbidden", "InvalidAccessKeyId"),
            ConfigurationError,
            "are not valid. Check AWS_ACCESS_KEY_ID",
        ),
        (
            refusing("403 Forbidden", "SignatureDoesNotMatch"),
            ConfigurationError,
            "are not valid. Check AWS_ACCESS_KEY_ID",
        ),
        (
            refusing("301 Moved Permanently", "PermanentRedirect"),
            DeliveryFailed,
            "in another region. Set AWS_DEFAULT_REGION|only redirects",
        ),
        (refusing("403 Forbidden", "RequestTimeTooSkewed"), DeliveryFailed, "the clock of this machine is wrong"),
        (
            refusing("400 Bad Request", "InvalidArgument", "No encryption here"),
            DeliveryFailed,
            "does not support this encryption",
        ),
        (
            refusing("501 Not Implemented", "NotImplemented", "KMS is not configured"),
            DeliveryFailed,
            "does not support this encryption",
        ),
        (refusing("503 Service Unavailable", "SlowDown"), DeliveryFailed, "failed .503, SlowDown.. The next run"),
        (refusing("409 Conflict", "ConditionalRequestConflict"), DeliveryFailed, "by another process. Try again"),
        (refusing("400 Bad Request", "EntityTooLarge", "Too big"), DeliveryFailed, "refused: Too big .400"),
    ],
)
def test_each_refusal_is_translated(
    cloud: Cloud, fault: Fault, kind: type[PrimanotaError], message: str, refused: Callable[[Fault], Fault]
) -> None:
    """Each refusal of a host becomes an error without credentials in it, and no object is created."""
    cloud.fault = refused(fault)
    with pytest.raises(kind, match=message) as caught:
        _put(cloud)
    assert "invented" not in str(caught.value)
    cloud.fault = None
    assert cloud.keys() == []


def _without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_without_credentials, "No AWS credentials are configured for s3://acme-files/"),
        (lambda patch: patch.delenv("AWS_SECRET_ACCESS_KEY"), "are incomplete"),
        (lambda patch: patch.setenv("AWS_PROFILE", "missing"), "AWS_PROFILE"),
    ],
)
def test_missing_credentials_are_reported(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, change: Callable[[pytest.MonkeyPatch], None], message: str
) -> None:
    """Missing or incomplete credentials are an error that names what is missing."""
    change(monkeypatch)
    with pytest.raises(ConfigurationError, match=message):
        _put(cloud)


def test_an_unreachable_host(cloud: Cloud) -> None:
    """A host that cannot be reached is reported."""
    with pytest.raises(DeliveryFailed, match=r"cannot be reached \(EndpointConnectionError\)"):
        s3.put(Store(endpoint="http://127.0.0.1:9"), cloud.location(_KEY), b"x", {})


def test_invalid_endpoint_and_region(cloud: Cloud) -> None:
    """An invalid endpoint and an invalid region are refused."""
    with pytest.raises(ConfigurationError, match="The AWS region is not valid"):
        s3.client(Store(region="eu central 1"))
    with pytest.raises(ConfigurationError, match="is not a valid endpoint"):
        s3.put(Store(endpoint="not an endpoint"), cloud.location(_KEY), b"x", {})


def test_without_boto3(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(ConfigurationError, match=r"python3 install\.py --aws"):
        _put(cloud)


def test_the_endpoint_of_the_environment(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an endpoint in the settings, AWS_ENDPOINT_URL_S3 is used; only Amazon's own host counts as Amazon."""
    assert s3.is_amazon(s3.client(Store()))
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", cloud.url)
    assert not s3.is_amazon(s3.client(Store()))
    s3.put(Store(), cloud.location(_KEY), b"x", {})
    assert cloud.keys() == [_KEY]
