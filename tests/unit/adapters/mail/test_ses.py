"""Mails through Amazon SES, for which moto's server stands in."""

import sys
from collections.abc import Iterator
from email import message_from_bytes
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.sesv2.models import sesv2_backends

from primanota.adapters import aws
from primanota.adapters.mail import Ses, compose, send
from primanota.core.errors import ConfigurationError, DeliveryFailed
from tests.support.servers import mail_reports

REGION = "eu-central-1"
RECIPIENTS = ["office@example.com", "zoe@example.com"]
MAIL = compose(
    mail_reports.DONE, sender=mail_reports.SENDER, to=mail_reports.PEOPLE, message_id=mail_reports.ID
).as_bytes()
_send = partial(send, MAIL, mail_reports.SENDER, RECIPIENTS)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The URL of moto's server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set invented credentials, and hide the machine's own."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    words = {"AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented", "NO_PROXY": "127.0.0.1"}
    nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), "/nonexistent")
    for name, value in {**words, **nowhere, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)


def test_a_mail_by_ses(url: str) -> None:
    """SES receives the mail with its headers, for all recipients at once."""
    client = boto3.client("sesv2", region_name=REGION, endpoint_url=url)
    client.create_email_identity(EmailIdentity="books@example.com")
    _send(Ses(REGION, url))
    *_, sent = sesv2_backends[DEFAULT_ACCOUNT_ID][
        REGION
    ].core_backend.sent_messages  # other tests may have sent mails before
    assert {*RECIPIENTS} <= {*sent.destinations}  # moto adds those of the header once more
    taken, ours = message_from_bytes(sent.raw_data.encode()), message_from_bytes(MAIL)
    assert taken.items() == ours.items()


def test_an_unverified_sender_is_refused(url: str) -> None:
    """The error about an unverified sender quotes SES, and says what to verify."""
    with pytest.raises(
        DeliveryFailed, match=r"Did not have authority to send.*Verify the address or its domain in SES"
    ):
        send(MAIL, "stranger@example.org", RECIPIENTS, Ses(REGION, url))


def test_no_credentials(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials, the error says that no AWS credentials are configured."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(DeliveryFailed, match="No AWS credentials are configured for Amazon SES"):
        _send(Ses(REGION, url))


def test_no_region(url: str) -> None:
    """Without a region, the error shows how to set one."""
    with pytest.raises(DeliveryFailed, match="ses:eu-central-1"):
        _send(Ses("", url))


def test_an_unreachable_ses(monkeypatch: pytest.MonkeyPatch) -> None:
    """If SES cannot be reached, the error says that the next run tries again."""
    monkeypatch.setattr(aws, "_ATTEMPTS", 1)
    with pytest.raises(DeliveryFailed, match=r"Amazon SES cannot be reached .*The next run tries again"):
        _send(Ses(REGION, "http://127.0.0.1:9"))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without boto3, the error says how to install it."""
    monkeypatch.setitem(sys.modules, "botocore.exceptions", None)
    with pytest.raises(ConfigurationError, match=r"python3 install\.py --aws"):
        _send(Ses(REGION))


@pytest.mark.parametrize("code", [*aws._CASES, "Strange"])
def test_every_refusal_has_a_hint(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each error of SES has a message and a hint; an unknown error is quoted."""
    answer: Any = {"Error": {"Code": code, "Message": "Its words."}, "ResponseMetadata": {"HTTPStatusCode": 400}}

    def refuse(*_: object, **__: object) -> None:
        raise ClientError(answer, "SendEmail")

    monkeypatch.setattr(aws, "client", refuse)
    with pytest.raises(DeliveryFailed) as caught:
        _send(Ses(REGION))
    quoted = aws._CASES.get(code, aws._QUOTED).message == aws._QUOTED.message
    assert quoted == (f"was refused: Its words (400, {code})." in caught.value.message)
    assert caught.value.hint
