"""A mail by Amazon SES, played by moto over HTTP."""

import sys
from collections.abc import Iterator
from email import message_from_bytes
from functools import partial
from typing import Any

import boto3
import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.sesv2.models import sesv2_backends

from primanota.adapters.mail import Ses, compose, send, ses
from primanota.core.errors import ConfigurationError, DeliveryFailed
from tests.support import mail_reports

REGION = "eu-central-1"
PEOPLE = ["office@example.com", "zoe@example.com"]
MAIL = compose(
    mail_reports.DONE, sender=mail_reports.SENDER, to=mail_reports.PEOPLE, message_id=mail_reports.ID
).as_bytes()
_send = partial(send, MAIL, mail_reports.SENDER, PEOPLE)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where an invented AWS is."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Invented keys, and nothing of the machine's own."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    words = {"AWS_ACCESS_KEY_ID": "invented", "AWS_SECRET_ACCESS_KEY": "invented", "NO_PROXY": "127.0.0.1"}
    nowhere = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), "/nonexistent")
    for name, value in {**words, **nowhere, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)


def test_a_mail_by_ses(url: str) -> None:
    """SES is given the very mail, for everybody at once."""
    client = boto3.client("sesv2", region_name=REGION, endpoint_url=url)
    client.create_email_identity(EmailIdentity="books@example.com")
    _send(Ses(REGION, url))
    *_, sent = sesv2_backends[DEFAULT_ACCOUNT_ID][REGION].core_backend.sent_messages  # others may have sent before
    assert {*PEOPLE} <= {*sent.destinations}  # moto adds those of the header once more
    taken, ours = message_from_bytes(sent.raw_data.encode()), message_from_bytes(MAIL)
    assert taken.items() == ours.items()


def test_a_sender_that_is_not_known_to_ses(url: str) -> None:
    """SES's own words, and what to do about them."""
    with pytest.raises(
        DeliveryFailed, match=r"Did not have authority to send.*Verify the address or its domain in SES"
    ):
        send(MAIL, "stranger@example.org", PEOPLE, Ses(REGION, url))


def test_no_credentials(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without AWS credentials the sentence says so."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(DeliveryFailed, match="no AWS credentials"):
        _send(Ses(REGION, url))


def test_no_region(url: str) -> None:
    """Where nobody says which region, the sentence says how to."""
    with pytest.raises(DeliveryFailed, match="ses:eu-central-1"):
        _send(Ses("", url))


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address where nothing is says that the next run sends it."""
    monkeypatch.setattr(ses, "_ATTEMPTS", 1)
    with pytest.raises(DeliveryFailed, match=r"SES could not be reached. Nothing to do"):
        _send(Ses(REGION, "http://127.0.0.1:9"))


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where boto3 is not installed the sentence says how to install it."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ConfigurationError, match=r'pip install "primanota\[aws\]"'):
        _send(Ses(REGION))


@pytest.mark.parametrize("code", [*ses._ADVICE, *ses._KEYS, "Strange"])
def test_every_answer_has_advice(code: str) -> None:
    """Whatever SES answers, the sentence has its words and something to do."""
    answer: dict[str, Any] = {"Code": code, "Message": "Its words."}
    what, do = ses._refused(answer)
    assert what == "SES refuses the mail: Its words."
    assert do
