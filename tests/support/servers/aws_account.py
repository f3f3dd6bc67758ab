"""An AWS account on this machine, set up as the template does it, with a simulated bank.

Test modules assign ``cloud = s3_server.cloud`` and ``account = aws_account.account``, and use ``account``.
"""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from moto.ses.models import ses_backends

from primanota.app.workspace import Workspace
from primanota.aws_lambda import make_handler
from primanota.simulator import Simulator
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock
from tests.support.servers.s3_server import BUCKET, Cloud

SENDER, READER = "primanota@example.com", "office@example.com"


class Account(NamedTuple):
    """An AWS account, set up as the template does it."""

    cloud: Cloud
    simulator: Simulator
    clock: Clock

    def invoke(self, event: object, context: object) -> dict[str, Any]:
        """Call the function as Lambda does, at the time of this account's clock."""
        return make_handler(partial(Workspace, clock=self.clock))(event, context)

    def sent_mails(self) -> list[EmailMessage]:
        """Return the mails that SES has accepted, in order."""
        sent = ses_backends["123456789012"]["eu-central-1"].sent_messages
        return [message_from_bytes(_bytes(one.raw_data), policy=default) for one in sent]

    def files(self) -> dict[str, bytes]:
        """Return the content of every object below ``files/``, by key."""
        return {key: self.cloud.content(key) for key in [*self.cloud.keys()] if key.startswith("files/")}


def _bytes(raw: str | bytes) -> bytes:
    return raw.encode() if isinstance(raw, str) else raw


@pytest.fixture
def account(cloud: Cloud, clock: Clock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Account]:
    """Yield an account, a bank with past transactions, and the function's variables as in the template."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.url)
    with Simulator(size=250, clock=clock) as simulator, served(simulator) as url:
        boto3.client("ssm").put_parameter(Name="/primanota/acme", Value=simulator.secret, Type="SecureString")
        boto3.client("secretsmanager").create_secret(Name="primanota/acme", SecretString=simulator.secret)
        boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER)
        for name, value in {
            "LOGIN": simulator.login,
            "SECRET": "ssm:/primanota/acme",
            "BOOK": f"s3://{BUCKET}/books/{simulator.login}.book",
            "TO": f"s3://{BUCKET}/files/,mailto:{READER}",
            "PROFILE": "lexware",
            "SINCE": "2026-10-01",
            "TIMEZONE": "Europe/Berlin",
            "LANGUAGE": "en",
            "MAIL_FROM": SENDER,
            "MAIL_SERVER": "ses",
            "HOME": str(tmp_path / "primanota"),
            "API_URL": url,
        }.items():
            monkeypatch.setenv(f"PRIMANOTA_{name}", value)
        yield Account(cloud, simulator, clock)
