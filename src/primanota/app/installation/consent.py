"""Consents (OAuth): ask for one, and log in with what the browser brought back, perhaps later and on another machine.

Besides ``workspace.py``, ``bank_access.py`` and ``cli/get.py`` the only module above the book that knows which bank
is used.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from primanota.adapters.secrets.tokens import store_tokens
from primanota.adapters.settings.config import Config
from primanota.adapters.settings.oauth_app import app
from primanota.app.bank_access import read_company
from primanota.app.installation.login import LoginResult
from primanota.banks.qonto.oauth.consent import Consent, state_of
from primanota.banks.qonto.oauth.grants import redeem, revoke
from primanota.banks.qonto.oauth.renewal import FreshToken
from primanota.core.errors import InvalidInput
from primanota.core.model import Account, Organisation
from primanota.core.oauth import Tokens
from primanota.core.secret import Secret, check_login

if TYPE_CHECKING:
    import httpx2

__all__ = [
    "Consent",
    "begin_consent",
    "consenting_company",
    "log_in_by_consent",
    "log_out",
    "redeem_code",
    "revoke_consent",
    "state_of",
]


def begin_consent(settings: Config, api_url: str, redirect_uri: str) -> Consent:
    """Return a consent to ask for: the address for a person's browser, and what is needed to redeem its answer.

    Args:
        settings: the settings in force, which have the app.
        api_url: the URL of the bank's API.
        redirect_uri: where the browser is sent afterwards; one that is registered for the app.

    Raises:
        ConfigurationError: no app is known, or its secret cannot be read.
    """
    return Consent.begin(app(settings, api_url), redirect_uri)


def redeem_code(
    settings: Config,
    consent: Consent,
    code: Secret,
    api_url: str,
    clock: Callable[[], datetime],
    transport: "httpx2.BaseTransport | None" = None,
) -> Tokens:
    """Return the tokens for the code of a consent; they are stored by the caller.

    Args:
        settings: the settings in force, which have the app.
        consent: the consent as it was begun.
        code: what ``consent.code`` found in the browser's answer.
        api_url: the URL of the bank's API.
        clock: returns the present, aware.
        transport: replaces the network.

    Raises:
        BankRefused: the bank does not take the code.
        ServiceUnavailable: the bank did not answer.
    """
    return redeem(app(settings, api_url), consent, code, clock, transport)


def consenting_company(settings: Config, tokens: Tokens, api_url: str) -> tuple[Organisation, list[Account]]:
    """Return the organisation that has consented, and its accounts; its slug is the login.

    Raises:
        BankRefused: the bank refused the token.
        ConfigurationError: its slug cannot be a login.
    """
    organisation, accounts = read_company(FreshToken(tokens), api_url, settings.staging_token)
    check_login(organisation.slug)
    return organisation, accounts


def log_in_by_consent(
    settings: Config, consent: Consent, code: Secret, api_url: str, clock: Callable[[], datetime]
) -> LoginResult:
    """Redeem the code of a consent, read the organisation, store the tokens, and save the settings.

    Args:
        settings: the settings in force, which have the app.
        consent: the consent as it was begun.
        code: what ``consent.code`` found in the browser's answer.
        api_url: the URL of the bank's API.
        clock: returns the present, aware.

    Raises:
        BankRefused: the bank refused the code or the token. Nothing is stored.
        ConfigurationError: the tokens cannot be stored.
    """
    tokens = redeem_code(settings, consent, code, api_url, clock)
    organisation, accounts = consenting_company(settings, tokens, api_url)
    reference = store_tokens(organisation.slug, tokens, settings.folder).reference
    settings.with_login(organisation.slug, reference, api_url).save()
    return LoginResult(organisation.slug, organisation, accounts, reference, tokens.refresh_end)


def log_out(settings: Config, login: str) -> None:
    """Revoke the consent of an organisation at the bank, then delete its tokens here. The settings stay.

    Args:
        settings: the settings in force.
        login: the login of the organisation.

    Raises:
        InvalidInput: the organisation has an API key.
        PrimanotaError: the bank did not revoke the consent. The tokens stay.
    """
    store = settings.tokens(login)
    if store is None:
        what = f"{login} has not consented in the browser: there is nothing to revoke here."
        raise InvalidInput(what, "An API key is revoked in Qonto's web app, by making another one.")
    with store.locked():
        revoke_consent(settings, login, store.load())
        store.remove()


def revoke_consent(settings: Config, login: str, tokens: Tokens) -> None:
    """Revoke the consent of an organisation at the bank, and with it all of its tokens.

    Raises:
        PrimanotaError: the bank did not revoke it.
    """
    revoke(app(settings, settings.api_url(login)), tokens)
