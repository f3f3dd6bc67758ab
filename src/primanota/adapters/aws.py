"""Amazon Web Services: one client and one table of errors for S3, SES, Secrets Manager and the Parameter Store.

boto3 finds credentials, profile, region and ``AWS_ENDPOINT_URL_*`` by itself; inside AWS it uses the role of the
function or machine. Hosts other than Amazon's that speak S3 are reached by the same client.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import Any, Literal, NamedTuple

from primanota.core.errors import ConfigurationError, PrimanotaError
from primanota.core.text import one_line

_NOT_INSTALLED = "AWS needs boto3, which is not installed."
_INSTALL = "Install the program again, in its clone: python3 install.py --aws"
_ATTEMPTS = 5
_CONNECT_SECONDS = 10
# Messages of AWS name the account (12 digits) of a user or role; it stays out of ours.
_ACCOUNT_ID = re.compile(r"\b\d{12}\b")
_REQUIRED_ACTION = re.compile(r"perform: ([a-z0-9]+:[A-Za-z]+)")
# The permission behind each request, where the answer does not name it.
_PERMISSIONS = {
    "PutObject": "s3:PutObject, and kms:GenerateDataKey where a KMS key encrypts",
    "GetObject": "s3:GetObject, and kms:Decrypt where a KMS key encrypts; where it does not exist, s3:ListBucket",
    "HeadObject": "s3:GetObject, and kms:Decrypt where a KMS key encrypts; where it does not exist, s3:ListBucket",
    "GetSecretValue": "secretsmanager:GetSecretValue, and kms:Decrypt where a KMS key of yours encrypts",
    "GetParameter": "ssm:GetParameter, and kms:Decrypt where a KMS key of yours encrypts",
    "SendEmail": "ses:SendRawEmail for the sender's identity",
}


class _Case(NamedTuple):
    """A kind of error, its sentence and its hint; ``{permission}`` is the missing permission."""

    kind: Literal["credentials", "refused", "unavailable"]
    message: str
    hint: str


_LATER = "The next run tries again."
_LOG_IN = "Log in again (“aws sso login”, or the tool that issued the credentials)."
_KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile in ~/.aws/credentials."
_CONFIGURE = "Run “aws configure”, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role."
_REGION = "Set AWS_DEFAULT_REGION, or the region in the settings (“region” of s3, ses:eu-central-1)."
_QUOTE = "The request for {subject} was refused: {reason} ({status}, {code})."
_VERIFY = "Verify the address or its domain in SES, in this region; in the sandbox, those of the recipients too."
_DENIED = _Case("refused", "{subject}: access denied.", "These credentials need the permission {permission}.")
_BUSY = _Case("unavailable", "The request for {subject} failed ({status}, {code}).", _LATER)
_QUOTED = _Case("refused", _QUOTE, "Check the settings.")
_REDIRECTED = _Case("refused", "The host for {subject} only redirects.", "Check the endpoint: is https missing?")
_NOT_SENT = _Case("refused", "The request for {subject} could not be made ({code}).", "Check the AWS settings.")
_ENCRYPTION = _Case(
    "refused", "The host for {subject} does not support this encryption.", 'Set encryption = "none", or another key.'
)
# By error codes of the services (S3, SES v2, Secrets Manager and SSM API references, "Errors" and "Common errors"),
# and by names of botocore's exceptions, each of which also stands for its subclasses.
_TABLE: tuple[tuple[str, _Case], ...] = (
    (
        "ExpiredToken ExpiredTokenException TokenRefreshRequired SSOError LoginError TokenRetrievalError",
        _Case("credentials", "The credentials for {subject} have expired.", _LOG_IN),
    ),
    (
        "InvalidToken InvalidAccessKeyId InvalidClientTokenId SignatureDoesNotMatch UnrecognizedClientException",
        _Case("credentials", "The credentials for {subject} are not valid.", _KEYS),
    ),
    ("NoCredentialsError", _Case("credentials", "No AWS credentials are configured for {subject}.", _CONFIGURE)),
    ("PartialCredentialsError", _Case("credentials", "The credentials for {subject} are incomplete.", _KEYS)),
    (
        "CredentialRetrievalError NoAuthTokenError",
        _Case("credentials", "The credentials for {subject} could not be retrieved.", _LOG_IN),
    ),
    ("ProfileNotFound", _Case("credentials", "The profile of AWS_PROFILE does not exist.", "See ~/.aws/config.")),
    ("NoRegionError", _Case("credentials", "No AWS region is configured for {subject}.", _REGION)),
    (
        "PermanentRedirect AuthorizationHeaderMalformed IllegalLocationConstraintException 301",
        _Case("refused", "{subject} is in another region.", _REGION),
    ),
    ("AccessDenied AccessDeniedException", _DENIED),
    ("NoSuchBucket", _Case("refused", "{subject}: there is no such bucket.", "Create it, or correct its name.")),
    ("NoSuchKey", _Case("refused", "{subject} does not exist.", "Check whether it was deleted.")),
    (
        "ResourceNotFoundException ParameterNotFound ParameterVersionNotFound",
        _Case("refused", "{subject} does not exist in this region.", "Check the name and AWS_DEFAULT_REGION."),
    ),
    ("ParamValidationError", _Case("refused", "AWS cannot be asked for “{subject}”.", "Check the name.")),
    (
        "RequestTimeTooSkewed",
        _Case("refused", "{subject}: the clock of this machine is wrong by more than 15 minutes.", "Set it by NTP."),
    ),
    ("ConditionalRequestConflict", _Case("refused", "{subject} is being written by another process.", "Try again.")),
    ("BadDigest", _Case("refused", "{subject} was changed on the way.", "Nothing was stored; try again.")),
    (
        "FlexibleChecksumError",
        _Case("refused", "{subject} has other bytes than were put there.", "Use an older version of it."),
    ),
    ("Throttling ThrottlingException TooManyRequestsException InternalServiceError InternalServerError", _BUSY),
    (
        "SSLError",
        _Case("unavailable", "The certificate of the host for {subject} is not valid.", "Check the endpoint."),
    ),
    (
        "HTTPClientError ConnectionError IncompleteReadError",
        _Case("unavailable", "The host for {subject} cannot be reached ({code}).", f"Check the network. {_LATER}"),
    ),
    ("LimitExceededException", _Case("unavailable", _QUOTE, _LATER)),
    ("MessageRejected NotFoundException", _Case("refused", _QUOTE, _VERIFY)),
    ("MailFromDomainNotVerifiedException", _Case("refused", _QUOTE, "Verify the MAIL FROM domain in SES.")),
    ("AccountSuspendedException", _Case("refused", _QUOTE, "AWS stopped the account's mail; its console says why.")),
    ("SendingPausedException", _Case("refused", _QUOTE, "Sending is paused in SES; resume it there.")),
)
_CASES = {name: case for names, case in _TABLE for name in names.split()}


def client(service: str, *, region: str = "", endpoint: str = "", read_seconds: int = 60) -> Any:  # noqa: ANN401 - boto3 has no types
    """Return boto3's client of a service.

    Args:
        service: as boto3 names it: ``s3``, ``sesv2``, ``secretsmanager``, ``ssm``.
        region: empty for the one of boto3's own settings.
        endpoint: empty for AWS's own, or the one of boto3's settings.
        read_seconds: how long to wait for an answer.

    Raises:
        ConfigurationError: boto3 is not installed, or the endpoint or the region cannot be one.
    """
    try:
        from botocore.config import Config
        from botocore.session import get_session
    except ImportError:
        raise ConfigurationError(_NOT_INSTALLED, _INSTALL) from None
    # S3: we send a SHA-256 of our own, and not every host understands what boto3 would add to it.
    config = Config(
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=read_seconds,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    session = get_session()
    session.register_component("data_loader", _data_loader())
    try:
        return session.create_client(
            service, region_name=region or None, endpoint_url=endpoint or None, config=config
        )
    except ValueError:
        what = f"“{endpoint}” is not a valid endpoint." if endpoint else "The AWS region is not valid."
        raise ConfigurationError(what, "Write them like https://s3.example.com and eu-central-1.") from None


@cache
def _data_loader() -> Any:  # noqa: ANN401
    """Return boto3's descriptions of the services: reading them takes ten times as long as the rest of a client."""
    from botocore.loaders import create_loader

    return create_loader()


@contextmanager
def translated_errors(
    subject: object,
    error: type[PrimanotaError],
    *,
    credentials: type[PrimanotaError] = ConfigurationError,
    unavailable: type[PrimanotaError] | None = None,
    quoted: Callable[[str], str] = one_line,
) -> Iterator[None]:
    """Translate the errors of boto3 and of the host within the block.

    Args:
        subject: what the requests are about: the URL of an object, the reference of a secret, the service.
        error: the kind of error for a refusal.
        credentials: the kind for credentials that are missing, expired or wrong.
        unavailable: the kind where the host is not reached or fails; ``error`` if not given.
        quoted: prepares the host's own message for being shown.

    Raises:
        PrimanotaError: of one of these kinds.
        ConfigurationError: boto3 is not installed.
    """
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise ConfigurationError(_NOT_INSTALLED, _INSTALL) from None
    try:
        yield
    except ClientError as refusal:
        case, facts = _refusal(refusal)
    except (BotoCoreError, RecursionError) as failure:
        case, facts = _failure(failure), {"code": type(failure).__name__}
    else:
        return
    facts["reason"] = _ACCOUNT_ID.sub("…", quoted(facts.get("reason", ""))).rstrip(" .") or "no reason given"
    facts["subject"] = f"{subject}"
    kind = {"credentials": credentials, "refused": error, "unavailable": unavailable or error}[case.kind]
    raise kind(case.message.format_map(facts), case.hint.format_map(facts))


def status_of(refusal: Any) -> int:  # noqa: ANN401
    """Return the HTTP status of a refusal (botocore's ``ClientError``)."""
    return int(refusal.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_about_encryption(refusal: Any) -> bool:  # noqa: ANN401
    """Return whether a host refused a put because of the encryption that it asks for."""
    answer = refusal.response.get("Error", {})
    text = f"{answer.get('Code')} {answer.get('Message')}"
    return refusal.operation_name == "PutObject" and re.search("[Ee]ncrypt|KMS", text) is not None


def _refusal(refusal: Any) -> tuple[_Case, dict[str, str]]:  # noqa: ANN401
    """Return the case of an AWS error, found by its error code or else its HTTP status, and its message's values."""
    answer, status = refusal.response.get("Error", {}), status_of(refusal)
    code, reason = f"{answer.get('Code', '')}", f"{answer.get('Message', '')}"
    named = _REQUIRED_ACTION.search(reason)
    permission = named[1] if named else _PERMISSIONS.get(refusal.operation_name, refusal.operation_name)
    facts = {"code": code, "status": f"{status}", "reason": reason, "permission": permission}
    if code in _CASES:
        return _CASES[code], facts
    if status == HTTPStatus.FORBIDDEN:
        return _DENIED, facts
    if is_about_encryption(refusal):
        return _ENCRYPTION, facts
    busy = status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS
    return _BUSY if busy else _QUOTED, facts


def _failure(failure: Exception) -> _Case:
    """Return the case of an error that boto3 itself raises, found by its class or else its nearest base class."""
    # boto3 follows a host that redirects from http to https and back until Python stops it.
    if isinstance(failure, RecursionError) or isinstance(getattr(failure, "kwargs", {}).get("error"), RecursionError):
        return _REDIRECTED
    names = (ancestor.__name__ for ancestor in type(failure).__mro__)
    return next((_CASES[name] for name in names if name in _CASES), _NOT_SENT)
