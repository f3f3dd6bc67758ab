"""Log in: try an API key with the bank, store its secret, save the settings."""

from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from primanota.adapters.secrets.stores import store_secret
from primanota.adapters.settings.config import Config
from primanota.app.bank_access import read_company, refuse_open_line
from primanota.core.errors import InvalidInput
from primanota.core.model import Account, Organisation
from primanota.core.secret import Credentials, Secret, masked


class LoginResult(NamedTuple):
    """The result of a login.

    ``reference`` is the setting that says where the secret is stored; ``consent_until`` is when a consent ends, UTC,
    None for an API key.
    """

    login: str
    organisation: Organisation
    accounts: list[Account]
    reference: str
    consent_until: datetime | None = None


def check_api_url(url: str) -> None:
    """Refuse a URL to which an API key must not be sent; called before the user is asked for a key.

    Raises:
        InvalidInput: the URL has no host.
        InvalidConfiguration: the connection would not be encrypted.
    """
    host = None
    with suppress(ValueError):
        host = urlsplit(url).hostname
    if not host:
        raise InvalidInput(f"There is no host in “{masked(url)}”.", "Write it like https://thirdparty.qonto.com.")
    refuse_open_line(url)


def log_in(settings: Config, login: str, secret: Secret, api_url: str) -> LoginResult:
    """Read the organisation with an API key; if that succeeds, store the secret and save the settings.

    Args:
        settings: the settings in force.
        login: the organisation's slug.
        secret: the secret part of the key.
        api_url: the URL of the bank's API.

    Raises:
        InvalidApiKey: the bank refused the key. Nothing is stored.
        ConfigurationError: the secret cannot be stored, or the login or the secret has an invalid character.
    """
    organisation, accounts = read_company(Credentials(login, secret), api_url, settings.staging_token)
    reference = store_secret(login, secret, settings.folder)
    settings.with_login(login, reference, api_url).save()
    return LoginResult(login, organisation, accounts, reference)


def store_mail_password(settings: Config, login: str, password: Secret) -> str:
    """Store the password of an organisation's mail server and return the reference to it for the settings.

    Raises:
        ConfigurationError: it cannot be stored.
    """
    return store_secret(f"{login}.mail", password, settings.folder)
