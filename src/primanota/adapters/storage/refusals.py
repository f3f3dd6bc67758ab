"""What a host of objects refuses, and why it is not reached, said to people: which permission, which setting."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from primanota.core.errors import ConfigurationError, PrimanotaError

BOTO3 = ("S3 needs boto3, which is not installed.", 'Run: pip install "primanota[aws]"')
_NEEDS = {
    "PutObject": "s3:PutObject, and kms:GenerateDataKey where a KMS key encrypts",
    "GetObject": "s3:GetObject, and kms:Decrypt where a KMS key encrypts; where it does not exist, s3:ListBucket",
}
_NEEDED = re.compile(r"perform: ([a-z0-9]+:[A-Za-z]+)")
_LOG_IN = "Log in again (“aws sso login”, or whatever gave you the credentials)."
_KEYS = "Look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or at the profile in ~/.aws/credentials."
_REGION = "Set the region of the bucket: AWS_REGION, or the profile's."
_EXPIRED = ("The credentials for {where} have expired.", _LOG_IN)
_WRONG = ("The host of {where} does not know these credentials.", _KEYS)
_CREDENTIALS = {
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": _WRONG,
    "InvalidAccessKeyId": _WRONG,
    "SignatureDoesNotMatch": _WRONG,
    "NoCredentialsError": ("There are no credentials for {where}.", _KEYS),
    "PartialCredentialsError": ("Half of the credentials for {where} is missing.", _KEYS),
    "CredentialRetrievalError": ("The credentials for {where} could not be had.", _LOG_IN),
    "ProfileNotFound": ("The profile that AWS_PROFILE names is not there.", "See ~/.aws/config."),
    "NoRegionError": ("Nobody says in which region {where} is.", _REGION),
}
_ELSEWHERE = ("{where} is in another region.", _REGION)
_CLOCK = ("{where}: the clock of this machine is wrong by more than a quarter of an hour.", "Set it, best by NTP.")
_REFUSED = {
    "NoSuchBucket": ("{where}: there is no such bucket.", "Make it, or correct its name."),
    "NoSuchKey": ("{where} is not there.", "Look whether somebody deleted it."),
    "PermanentRedirect": _ELSEWHERE,
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "IllegalLocationConstraintException": _ELSEWHERE,
    "301": _ELSEWHERE,
    "RequestTimeTooSkewed": _CLOCK,
    "ConditionalRequestConflict": ("{where} is being put by somebody else just now.", "Try again."),
    "BadDigest": ("{where} was changed on the way and refused.", "Nothing is there; try again."),
}
_ENCRYPTION = ("The host of {where} cannot encrypt so.", 'Set encryption = "none", or another key.')
_AGAIN = "The next run tries again."


@contextmanager
def explained(where: object, kind: type[PrimanotaError]) -> Iterator[None]:
    """Whatever the host or boto3 says inside is said to people.

    Args:
        where: what it is about.
        kind: the error's kind, where it is not of the credentials.

    Raises:
        ConfigurationError: boto3 is not installed, or credentials are missing, expired or wrong.
    """
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise ConfigurationError(*BOTO3) from None
    try:
        yield
    except ClientError as error:
        raise _refusal(error, f"{where}", kind) from None
    except BotoCoreError as error:
        raise _silence(error, f"{where}", kind) from None
    except RecursionError:
        raise _circle(f"{where}", kind) from None


def status_of(error: Any) -> int:
    """The HTTP status of a refusal."""
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_of_encryption(error: Any) -> bool:
    """Whether a host refused because of how we want it to encrypt."""
    told = error.response.get("Error", {})
    return bool(re.search("[Ee]ncrypt|KMS", f"{told.get('Code')} {told.get('Message')}"))


def _refusal(error: Any, where: str, kind: type[PrimanotaError]) -> PrimanotaError:
    """A host's refusal, by its code."""
    told = error.response.get("Error", {})
    code, message, status = str(told.get("Code", "")), str(told.get("Message", "")), status_of(error)
    if code in _CREDENTIALS:
        return ConfigurationError(*_filled(_CREDENTIALS[code], where))
    if code in _REFUSED:
        return kind(*_filled(_REFUSED[code], where))
    if status == HTTPStatus.FORBIDDEN:
        named = _NEEDED.search(message)
        asked = error.operation_name.replace("HeadObject", "GetObject")
        needs = named.group(1) if named else _NEEDS.get(asked, asked)
        return kind(f"{where}: access denied.", f"These credentials need the permission {needs}.")
    if is_of_encryption(error):
        return kind(*_filled(_ENCRYPTION, where))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
        return kind(f"The host of {where} failed ({status}, {code}).", _AGAIN)
    return kind(f"The host of {where} refused: {message or 'no reason given'} ({status}, {code}).", "")


def _silence(error: Exception, where: str, kind: type[PrimanotaError]) -> PrimanotaError:
    """What boto3 could not do, by the name of its error, or of one that it is a kind of."""
    if isinstance(getattr(error, "kwargs", {}).get("error"), RecursionError):
        return _circle(where, kind)
    names = [ancestor.__name__ for ancestor in type(error).__mro__]
    if known := next((name for name in names if name in _CREDENTIALS), None):
        return ConfigurationError(*_filled(_CREDENTIALS[known], where))
    if any(word in name for name in names for word in ("SSO", "Token", "Login")):
        return ConfigurationError(*_filled(_EXPIRED, where))
    if "FlexibleChecksumError" in names:
        return kind(
            f"{where} is not what was put there: its checksum does not match.", "Take an older version of it."
        )
    if "SSLError" in names:
        return kind(f"The certificate of the host of {where} is not good.", "Look at the endpoint.")
    return kind(f"The host of {where} cannot be reached ({names[0]}).", f"Look at network and endpoint. {_AGAIN}")


def _circle(where: str, kind: type[PrimanotaError]) -> PrimanotaError:
    """Boto3 follows a host that sends it from http to https for as long as Python lets it."""
    return kind(f"The host of {where} only redirects.", "Look at the endpoint: https, and the right one?")


def _filled(sentences: tuple[str, str], where: str) -> tuple[str, str]:
    what, do = sentences
    return what.format(where=where), do
