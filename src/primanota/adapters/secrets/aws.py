"""Secrets in AWS, by reference: ``secretsmanager:NAME``, ``secretsmanager:NAME#key`` or ``ssm:/NAME``.

Only the answer is a secret; the reference may stand in settings, logs and errors.
"""

import json
from collections.abc import Callable

from primanota.adapters import aws
from primanota.core.errors import ConfigurationError, ServiceUnavailable

_READ_SECONDS = 10


def read(reference: str) -> str | None:
    """Return the secret behind a reference; None for a reference of another kind.

    Raises:
        ConfigurationError: there is no such secret, or it may not be read; the hint names the missing permission.
        ServiceUnavailable: AWS did not answer, or failed.
    """
    kind, _, name = reference.partition(":")
    if kind not in _READERS:
        return None
    with aws.translated_errors(reference, ConfigurationError, unavailable=ServiceUnavailable):
        secret = _READERS[kind](name).strip()
    if not secret:
        raise ConfigurationError(f"The secret {reference} is empty.", "Store it again.")
    return secret


def _from_secrets_manager(name: str) -> str:
    name, _, key = name.partition("#")
    client = aws.client("secretsmanager", read_seconds=_READ_SECONDS)
    text = str(client.get_secret_value(SecretId=name).get("SecretString", ""))
    return _field(text, name, key) if key else text


def _from_parameter_store(name: str) -> str:
    client = aws.client("ssm", read_seconds=_READ_SECONDS)
    return str(client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


_READERS: dict[str, Callable[[str], str]] = {"secretsmanager": _from_secrets_manager, "ssm": _from_parameter_store}


def _field(text: str, name: str, key: str) -> str:
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError):  # the error does not quote the text: it is the secret
        raise ConfigurationError(
            f"The secret {name} is not a JSON object with a “{key}”.",
            "Remove the part after #, or correct the secret.",
        ) from None
