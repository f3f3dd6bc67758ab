"""The settings of a client as the database has them: those of the settings file, with secrets by reference only."""

from collections.abc import Iterator
from typing import Any

import msgspec

from primanota import profiles
from primanota.adapters.mail import mailbox
from primanota.adapters.secrets.stores import COMMAND, FILE, KEYRING
from primanota.adapters.secrets.tokens import OAUTH
from primanota.adapters.settings.config import Config
from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.adapters.storage.remote_book import book_store
from primanota.core.errors import InvalidInput
from primanota.core.redaction import is_key
from primanota.export.destinations import parse_destinations
from primanota.fleet.oauth.fleet_tokens import FLEET_TOKENS

_REFERENCES = (KEYRING, FILE, COMMAND, "secretsmanager:", "ssm:")
_CONSENTS = (f"{OAUTH}{KEYRING}", f"{OAUTH}{FILE}", FLEET_TOKENS)
# Variables that hold for one organisation, which a worker must not take for all of its clients.
_OF_ONE = ("LOGIN", "SECRET", "BOOK", "TO", "CLOSE_TO", "PROFILE", "SINCE", "LANGUAGE", "TIMEZONE")


def to_json(settings: OrganisationSettings) -> str:
    """Return settings as the JSON text of the database, without what has its default."""
    plain = msgspec.to_builtins(settings)
    default = msgspec.to_builtins(OrganisationSettings())
    return msgspec.json.encode({key: value for key, value in plain.items() if value != default[key]}).decode()


def from_json(stored: object) -> OrganisationSettings:
    """Return the settings of a client from the decoded JSON of the database.

    Raises:
        InvalidInput: they were written by a newer Primanota, or by hand.
    """
    try:
        return msgspec.convert(stored, OrganisationSettings)
    except msgspec.ValidationError as error:
        raise InvalidInput(
            f"The settings of a client in the database cannot be read: {error}.", "Add the client again."
        ) from None


def check(login: str, settings: OrganisationSettings, base: Config) -> None:
    """Refuse settings with which a worker could not run, and texts that look like a secret.

    Raises:
        InvalidInput: a text looks like a secret, or a secret is not a reference; the book is not in a bucket or a
            shared folder; a profile, a destination or an address is not valid.
        ConfigurationError: a mail address or a language is not valid.
    """
    for path, text in _texts(msgspec.to_builtins(settings)):
        if is_key(text) and not text.startswith(COMMAND):
            raise InvalidInput(
                f"{login}: {path} looks like a secret.", "The database keeps references only, like “file” or “ssm:…”."
            )
    password = settings.mail.password if settings.mail else ""
    secret = "" if settings.secret in _CONSENTS else settings.secret
    for path, reference in (("secret", secret), ("mail.password", password)):
        if reference and not any(reference == one or reference.startswith(one) for one in _REFERENCES):
            raise InvalidInput(
                f"{login}: {path} is not a reference to a secret.",
                "Use “keyring”, “file”, “command:…”, “secretsmanager:…” or “ssm:…”; for a consent “oauth:fleet”.",
            )
    if not book_store(settings.book, settings.s3):
        what = (
            f"“{settings.book}” is not a book that several workers can reach" if settings.book else "it has no book"
        )
        raise InvalidInput(
            f"{login}: {what}.",
            "Write its place like s3://bucket/acme.book or shared:/mnt/office/acme.book.",
        )
    found = parse_destinations(settings.to, base.exports)
    if not settings.to:
        raise InvalidInput(f"{login}: it has no place for its files.", "Name a folder, a bucket or a mail address.")
    packs = parse_destinations(settings.close.to)
    for address in (*found.recipients, *packs.recipients):
        mailbox(address)
    profiles.load(settings.profile or base.profile(login))
    if settings.close.profile:
        profiles.load(settings.close.profile)


def config_of(login: str, settings: OrganisationSettings, first_day: str, base: Config) -> Config:
    """Return the settings in force for one client on this machine.

    Args:
        login: the client.
        settings: its own.
        first_day: from which on rows are new, where its book does not know; empty if it is not set.
        base: the settings of the machine: its folders, and the variables that hold for every organisation.
    """
    ours = {name: value for name, value in base.environment.items() if name.removeprefix("PRIMANOTA_") not in _OF_ONE}
    if first_day:
        ours["PRIMANOTA_SINCE"] = first_day
    others = {"PRIMANOTA_SECRET_KEY", "PRIMANOTA_FLEET"}
    secrets = {name: value for name, value in base.secrets.items() if name not in others}
    return msgspec.structs.replace(
        base, default=login, organisations={login: settings}, broken={}, environment=ours, secrets=secrets
    )


def _texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - what JSON can hold
    """Yield each text of the settings, with its name."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner, path)
