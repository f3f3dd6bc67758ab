"""A mail on its way through Amazon SES (API version 2)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from primanota.adapters.mail.redact import redacted
from primanota.core.errors import ConfigurationError, DeliveryFailed

_SECONDS = 30
_ATTEMPTS = 4
_LATER = "Nothing to do: the next run sends it."
# What SES answers (SES API v2 reference, SendEmail; common errors), and what to do about it.
_ADVICE = {
    "MessageRejected": "Verify the address or its domain in SES; in the sandbox, those of the recipients too.",
    "MailFromDomainNotVerifiedException": "Verify the MAIL FROM domain in SES.",
    "AccountSuspendedException": "AWS has stopped this account's mail; its console says why.",
    "SendingPausedException": "Sending is paused in SES; resume it there.",
    "AccessDeniedException": "The role needs the right ses:SendRawEmail for the sender's identity.",
    "NotFoundException": "Verify the sender's address or its domain in this region's SES.",
    "LimitExceededException": _LATER,
    "TooManyRequestsException": _LATER,
}
_KEYS = {
    "AccessDenied": _ADVICE["AccessDeniedException"],
    "ExpiredTokenException": "Renew the AWS credentials.",
    "InvalidClientTokenId": "The AWS credentials are wrong.",
    "SignatureDoesNotMatch": "The AWS credentials are wrong.",
    "UnrecognizedClientException": "The AWS credentials are wrong.",
}


class Ses(msgspec.Struct, frozen=True):
    """Amazon SES. ``region`` is empty where AWS's settings say it, ``endpoint`` where AWS's own address is meant."""

    region: str = ""
    endpoint: str = ""


def send(message: bytes, sender: str, recipients: Sequence[str], through: Ses) -> None:
    """Send a mail to all of its recipients, or to none of them.

    Raises:
        ConfigurationError: the package for AWS is not installed.
        DeliveryFailed: it was not sent.
    """
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise ConfigurationError(
            "Mail by SES needs a package that is not here.", 'pip install "primanota[aws]"'
        ) from None
    patience = Config(
        connect_timeout=_SECONDS, read_timeout=_SECONDS, retries={"mode": "standard", "total_max_attempts": _ATTEMPTS}
    )
    place = {"region_name": through.region or None, "endpoint_url": through.endpoint or None}
    with _told():
        boto3.Session().client("sesv2", config=patience, **place).send_email(
            FromEmailAddress=sender,
            Destination={"ToAddresses": list(recipients)},
            Content={"Raw": {"Data": message}},
        )


@contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong on the way, as a sentence."""
    from botocore import exceptions

    try:
        yield
    except exceptions.ClientError as error:
        raise DeliveryFailed(*_refused(error.response.get("Error", {}))) from None
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.CredentialRetrievalError):
        what = "There are no AWS credentials to send mail with."
        raise DeliveryFailed(what, "Give the machine a role, or run “aws configure”.") from None
    except exceptions.NoRegionError:
        raise DeliveryFailed("Nobody says in which region SES is.", "Write it like ses:eu-central-1.") from None
    except (exceptions.ConnectionError, exceptions.HTTPClientError):
        raise DeliveryFailed("SES could not be reached.", _LATER) from None
    except exceptions.BotoCoreError as error:
        raise DeliveryFailed(f"SES could not be asked: {redacted(f'{error}')}", "Look at “server”.") from None


def _refused(error: dict[str, Any]) -> tuple[str, str]:
    code, said = f"{error.get('Code', '')}", redacted(f"{error.get('Message', '')}").rstrip(" .")
    return f"SES refuses the mail: {said or code}.", (_ADVICE | _KEYS).get(code, "Look at what it says.")
