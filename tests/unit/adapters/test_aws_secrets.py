"""Secrets that AWS keeps, asked for over HTTP from a server that plays AWS."""

import socket
import sys
import traceback

import pytest
from boto3.session import Session

from primanota.adapters.secrets import aws
from primanota.core.errors import ConfigurationError, ServiceUnavailable
from tests.support import s3_server
from tests.support.s3_server import Cloud

_SECRET = "not-for-logs-7f3a"


cloud = s3_server.cloud


@pytest.fixture(autouse=True)
def _aws(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of AWS is on this machine."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)


@pytest.fixture
def _kept(_aws: None) -> None:
    """One secret of each kind."""
    secrets = Session().client("secretsmanager")
    secrets.create_secret(Name="primanota/acme", SecretString=f"{_SECRET}\n")
    secrets.create_secret(Name="primanota/json", SecretString=f'{{"qonto": "{_SECRET}", "port": 5}}')
    secrets.create_secret(Name="primanota/binary", SecretBinary=b"\0\1")
    Session().client("ssm").put_parameter(Name="/primanota/acme", Value=_SECRET, Type="SecureString")


@pytest.mark.usefixtures("_kept")
@pytest.mark.parametrize(
    "reference", ["secretsmanager:primanota/acme", "secretsmanager:primanota/json#qonto", "ssm:/primanota/acme"]
)
def test_a_secret_is_read_by_its_reference(reference: str) -> None:
    """The secret comes back bare: as a text, as a field of JSON, decrypted; without the end of its line."""
    assert aws.read(reference) == _SECRET


@pytest.mark.parametrize("reference", ["keyring", "file", "command:pass show qonto", "s3://bucket/key"])
def test_other_places_are_left_to_others(reference: str) -> None:
    """What AWS does not keep is not asked of AWS."""
    assert aws.read(reference) is None


@pytest.mark.usefixtures("_kept")
@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("secretsmanager:primanota/nobody", "keeps no secretsmanager:primanota/nobody in this region"),
        ("ssm:/primanota/nobody", "keeps no ssm:/primanota/nobody in this region"),
        ("secretsmanager:primanota/json#lexware", "no JSON object with a “lexware”"),
        ("secretsmanager:primanota/acme#qonto", "no JSON object with a “qonto”"),
        ("secretsmanager:primanota/binary", "is empty"),
        ("ssm:", "cannot be asked for “ssm:”"),
    ],
)
def test_what_is_not_there_is_told(reference: str, told: str) -> None:
    """The sentence names the reference and says what to look at, and never has the secret in it."""
    with pytest.raises(ConfigurationError, match=told) as caught:
        aws.read(reference)
    assert caught.value.hint
    assert _SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("reference", "code", "status", "kind", "told"),
    [
        ("ssm:/a", "AccessDeniedException", 400, ConfigurationError, "Allow ssm:GetParameter"),
        ("secretsmanager:a", "AccessDeniedException", 400, ConfigurationError, "Allow secretsmanager:GetSecretValue"),
        ("secretsmanager:a", "ThrottlingException", 400, ServiceUnavailable, "Try again later"),
        ("secretsmanager:a", "Whatever", 503, ServiceUnavailable, "Try again later"),
        ("secretsmanager:a", "ExpiredTokenException", 400, ConfigurationError, "ExpiredTokenException"),
    ],
)
def test_a_refusal_is_told(reference: str, code: str, status: int, kind: type[Exception], told: str) -> None:
    """A right that lacks is named; what may mend itself is told apart from what does not."""
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    refusal = aws._refusal(answer, reference)
    assert type(refusal) is kind
    assert told in str(refusal)


def test_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no region is set, the sentence says which variable sets it."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(ConfigurationError, match="AWS_DEFAULT_REGION"):
        aws.read("ssm:/primanota/acme")


def test_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody may ask, the sentence says how somebody may."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(ConfigurationError, match="give a role"):
        aws.read("ssm:/primanota/acme")


def test_without_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, the sentence says how to install it."""
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    with pytest.raises(ConfigurationError, match=r"primanota\[aws\]"):
        aws.read("ssm:/primanota/acme")


def test_aws_out_of_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """No connection is a failure that may mend itself."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        monkeypatch.setitem(aws._SECONDS, "retries", {"mode": "standard", "total_max_attempts": 1})
        with pytest.raises(ServiceUnavailable, match="Try again later"):
            aws.read("ssm:/primanota/acme")
