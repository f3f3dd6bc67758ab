"""Secrets in AWS, read over HTTP from moto's server: references, refusals, missing settings."""

import socket
import sys
import traceback
from typing import Any

import pytest
from boto3.session import Session
from botocore.exceptions import ClientError

from primanota.adapters.aws import translated_errors
from primanota.adapters.secrets import aws
from primanota.core.errors import ConfigurationError, PrimanotaError, ServiceUnavailable
from tests.support.servers import s3_server
from tests.support.servers.s3_server import Cloud

_SECRET = "not-for-logs-7f3a"  # noqa: S105 - invented


cloud = s3_server.cloud


@pytest.fixture(autouse=True)
def _aws(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send every request for AWS to this machine."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)


@pytest.fixture
def _stored(_aws: None) -> None:
    """Store one secret of each kind."""
    secrets = Session().client("secretsmanager")
    secrets.create_secret(Name="primanota/acme", SecretString=f"{_SECRET}\n")
    secrets.create_secret(Name="primanota/json", SecretString=f'{{"qonto": "{_SECRET}", "port": 5}}')
    secrets.create_secret(Name="primanota/binary", SecretBinary=b"\0\1")
    Session().client("ssm").put_parameter(Name="/primanota/acme", Value=_SECRET, Type="SecureString")


@pytest.mark.usefixtures("_stored")
@pytest.mark.parametrize(
    "reference", ["secretsmanager:primanota/acme", "secretsmanager:primanota/json#qonto", "ssm:/primanota/acme"]
)
def test_a_secret_is_read_by_its_reference(reference: str) -> None:
    """A secret is read from a text, a field of a JSON object, or an encrypted parameter, without its line end."""
    assert aws.read(reference) == _SECRET


@pytest.mark.parametrize("reference", ["keyring", "file", "command:pass show qonto", "s3://bucket/key"])
def test_references_of_other_kinds_are_not_read(reference: str) -> None:
    """A reference to another kind of store returns no secret."""
    assert aws.read(reference) is None


@pytest.mark.usefixtures("_stored")
@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("secretsmanager:primanota/missing", "secretsmanager:primanota/missing does not exist in this region"),
        ("ssm:/primanota/missing", "ssm:/primanota/missing does not exist in this region"),
        ("secretsmanager:primanota/json#lexware", "not a JSON object with a “lexware”"),
        ("secretsmanager:primanota/acme#qonto", "not a JSON object with a “qonto”"),
        ("secretsmanager:primanota/binary", "is empty"),
        ("ssm:", "cannot be asked for “ssm:”"),
    ],
)
def test_a_missing_secret_is_named(reference: str, message: str) -> None:
    """The error about a missing or invalid secret names the reference; its traceback does not contain a secret."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        aws.read(reference)
    assert caught.value.hint
    assert _SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("operation", "code", "status", "kind", "message"),
    [
        ("GetParameter", "AccessDeniedException", 400, ConfigurationError, "permission ssm:GetParameter"),
        (
            "GetSecretValue",
            "AccessDeniedException",
            400,
            ConfigurationError,
            "permission secretsmanager:GetSecretValue",
        ),
        ("GetSecretValue", "ThrottlingException", 400, ServiceUnavailable, "The next run tries again"),
        ("GetSecretValue", "Unexpected", 503, ServiceUnavailable, "The next run tries again"),
        ("GetSecretValue", "ExpiredTokenException", 400, ConfigurationError, "have expired. Log in again"),
        ("GetSecretValue", "InvalidRequestException", 400, ConfigurationError, "400, InvalidRequestException"),
    ],
)
def test_a_refusal_is_translated(
    operation: str, code: str, status: int, kind: type[PrimanotaError], message: str
) -> None:
    """A refusal of AWS becomes an error that names its cause; a temporary failure has a class of its own."""
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with (
        pytest.raises(kind, match=message) as caught,
        translated_errors("ssm:/a", ConfigurationError, unavailable=ServiceUnavailable),
    ):
        raise ClientError(answer, operation)
    assert type(caught.value) is kind


def test_the_account_number_is_not_quoted() -> None:
    """The account number in a message of AWS is left out of the error."""
    answer: Any = {"Error": {"Code": "Odd", "Message": "arn:aws:iam::123456789012:user/x may not."}}
    with pytest.raises(ConfigurationError, match="arn:aws:iam::…:user/x may not") as caught:  # noqa: SIM117
        with translated_errors("ssm:/a", ConfigurationError):
            raise ClientError(answer, "GetParameter")
    assert "123456789012" not in str(caught.value)


def test_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a region, the error names the variable that sets it."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(ConfigurationError, match="AWS_DEFAULT_REGION"):
        aws.read("ssm:/primanota/acme")


def test_without_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials, the error says how to configure them."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(
        ConfigurationError, match=r"No AWS credentials are configured for ssm:/primanota/acme.*a role"
    ):
        aws.read("ssm:/primanota/acme")


def test_without_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(ConfigurationError, match=r"python3 install\.py --aws"):
        aws.read("ssm:/primanota/acme")


def test_an_unreachable_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed connection to AWS is a temporary failure."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(ServiceUnavailable, match=r"cannot be reached .*The next run tries again"):
            aws.read("ssm:/primanota/acme")
