"""A secret that AWS keeps, by reference: ``secretsmanager:NAME``, ``secretsmanager:NAME#key`` or ``ssm:/NAME``.

Only the answer is a secret; the reference may stand in settings, logs and errors. Region and rights come from where
boto3 always looks: on Lambda from the function's role, elsewhere from the environment or ``~/.aws``.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from primanota.core.errors import ConfigurationError, PrimanotaError, ServiceUnavailable

_MISSING = {"ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound"}
_DENIED = {"AccessDeniedException", "AccessDenied"}
_BUSY = {
    "ThrottlingException",
    "Throttling",
    "TooManyRequestsException",
    "InternalServiceError",
    "InternalServerError",
}
_SECONDS = {"connect_timeout": 5, "read_timeout": 10, "retries": {"mode": "standard", "total_max_attempts": 4}}


def read(reference: str) -> str | None:
    """What AWS keeps under a reference; None where the reference is of another kind.

    Raises:
        ConfigurationError: there is nothing, or nothing we may read; the sentence names the missing permission.
        ServiceUnavailable: AWS did not answer, or answered with its own failure.
    """
    kind, _, name = reference.partition(":")
    if kind not in _VAULTS:
        return None
    with _in_sentences(reference):
        secret = _VAULTS[kind](name).strip()
    if not secret:
        raise ConfigurationError(f"What AWS keeps as {reference} is empty.", "Put the secret there again.")
    return secret


def _from_secrets_manager(name: str) -> str:
    name, _, key = name.partition("#")
    text = str(_client("secretsmanager").get_secret_value(SecretId=name).get("SecretString", ""))
    return _field(text, name, key) if key else text


def _from_parameter_store(name: str) -> str:
    return str(_client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


_VAULTS: dict[str, Callable[[str], str]] = {"secretsmanager": _from_secrets_manager, "ssm": _from_parameter_store}


def _field(text: str, name: str, key: str) -> str:
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):  # the text stays out of it: it is the secret
        raise ConfigurationError(
            f"The secret {name} is no JSON object with a “{key}”.", "Leave the part after # out, or mend it."
        ) from None


def _client(service: str) -> Any:
    try:
        from boto3.session import Session
        from botocore.config import Config
    except ImportError:
        raise ConfigurationError("A secret in AWS needs boto3.", 'Run: pip install "primanota[aws]"') from None
    return Session().client(service, config=Config(**_SECONDS))


@contextmanager
def _in_sentences(reference: str) -> Iterator[None]:
    """Say what AWS refuses in a sentence; what it answered in full may hold account numbers, and stays out."""
    try:
        yield
    except PrimanotaError:
        raise
    except Exception as error:
        sentence = _sentence(error, reference)
        if sentence is None:
            raise
        raise sentence from None


def _sentence(error: Exception, reference: str) -> PrimanotaError | None:
    from botocore import exceptions as botocore

    match error:
        case botocore.NoRegionError():
            return ConfigurationError(
                "Nothing says which AWS region is meant.", "Set AWS_DEFAULT_REGION=eu-central-1."
            )
        case botocore.NoCredentialsError() | botocore.PartialCredentialsError() | botocore.TokenRetrievalError():
            return ConfigurationError(
                f"Nothing here may ask AWS for {reference}.", "Run “aws configure”, or give a role."
            )
        case botocore.ClientError():
            return _refusal(error.response, reference)
        case botocore.HTTPClientError() | botocore.ConnectionError():
            return ServiceUnavailable(f"AWS could not be reached for {reference}.", "Try again later.")
        case botocore.BotoCoreError():
            return ConfigurationError(
                f"AWS cannot be asked for “{reference}” ({type(error).__name__}).",
                "Look at the reference, and at the settings of AWS.",
            )
    return None


def _refusal(response: dict[str, Any], reference: str) -> PrimanotaError:
    code, status = response["Error"]["Code"], response["ResponseMetadata"].get("HTTPStatusCode", 0)
    if code in _MISSING:
        return ConfigurationError(
            f"AWS keeps no {reference} in this region.", "Look at its name and at AWS_DEFAULT_REGION."
        )
    if code in _DENIED:
        right = "ssm:GetParameter" if reference.startswith("ssm:") else "secretsmanager:GetSecretValue"
        return ConfigurationError(
            f"We may not read {reference}.", f"Allow {right} on it, and kms:Decrypt on a key of yours."
        )
    if code in _BUSY or status >= 500:
        return ServiceUnavailable(f"AWS did not give {reference}: {code}.", "Try again later.")
    return ConfigurationError(
        f"AWS refused {reference}: {code}.", "Look at the secret and at the key that asked for it."
    )
