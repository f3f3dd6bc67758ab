"""Send a mail through Amazon SES (API version 2)."""

from collections.abc import Sequence

import msgspec

from primanota.adapters import aws
from primanota.adapters.mail.redact import redacted
from primanota.core.errors import ConfigurationError, DeliveryFailed


class Ses(msgspec.Struct, frozen=True):
    """Amazon SES. ``region`` is empty for the one of AWS's settings, ``endpoint`` for AWS's own address."""

    region: str = ""
    endpoint: str = ""


def require_usable(server: Ses) -> None:
    """Refuse a server for which boto3 is missing or has no region; nothing is sent.

    Raises:
        ConfigurationError: boto3 is not installed, or the region cannot be one.
    """
    with aws.translated_errors("Amazon SES", ConfigurationError):
        aws.client("sesv2", region=server.region, endpoint=server.endpoint)


def send(message: bytes, sender: str, recipients: Sequence[str], server: Ses) -> None:
    """Send a mail to all of its recipients, or not at all.

    Raises:
        ConfigurationError: boto3 is not installed.
        DeliveryFailed: the mail was not sent.
    """
    with aws.translated_errors("Amazon SES", DeliveryFailed, credentials=DeliveryFailed, quoted=redacted):
        aws.client("sesv2", region=server.region, endpoint=server.endpoint).send_email(
            FromEmailAddress=sender,
            Destination={"ToAddresses": list(recipients)},
            Content={"Raw": {"Data": message}},
        )
