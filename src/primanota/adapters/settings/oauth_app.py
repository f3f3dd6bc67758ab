"""The app that organisations consent to, of the environment, then of the table ``oauth`` of the settings."""

import msgspec

from primanota.adapters.secrets.stores import load_secret, store_secret
from primanota.adapters.settings.config import Config
from primanota.adapters.settings.toml_file import PRODUCTION
from primanota.core.errors import ConfigurationError
from primanota.core.oauth import OFFLINE, READING, RECEIPTS, App
from primanota.core.secret import Secret

# The name of the app's secret in the key store, and of its private file.
_NAME = "oauth.client"
# The OAuth servers of the bank's own hosts; any other host is its own (Qonto docs: OAuth).
_SERVERS = {
    PRODUCTION: "https://oauth.qonto.com",
    "https://thirdparty-sandbox.staging.qonto.co": "https://oauth-sandbox.staging.qonto.co",
}


def client_id(settings: Config) -> str:
    """Return the id of the app; empty if none is known."""
    return settings.environment.get("PRIMANOTA_OAUTH_CLIENT_ID", "").strip() or settings.oauth.client_id


def app(settings: Config, api_url: str) -> App:
    """Return the app, at the OAuth server of a bank's API.

    Args:
        settings: the settings in force.
        api_url: the URL of the bank's API.

    Raises:
        ConfigurationError: no app is known, or its secret cannot be read.
    """
    known = settings.oauth
    if not (name := client_id(settings)):
        raise ConfigurationError("No OAuth app is known.", f"Write client_id into [oauth] of {settings.file}.")
    secret = settings.secrets.get("PRIMANOTA_OAUTH_CLIENT_SECRET")
    if secret is None and known.client_secret:
        secret = load_secret(_NAME, known.client_secret, settings.folder)
    url = settings.environment.get("PRIMANOTA_OAUTH_URL", "").strip() or known.url
    return App(
        name,
        secret,
        url or _SERVERS.get(api_url.rstrip("/"), api_url),
        (READING, OFFLINE, *([RECEIPTS] if known.attachments else [])),
        basic=known.client_authentication == "basic",
        staging_token=settings.staging_token,
    )


def with_app(settings: Config, name: str, secret: Secret | None) -> Config:
    """Return the same settings with an app, whose secret is stored; ``save`` writes them.

    Args:
        settings: the settings in force.
        name: the id of the app.
        secret: its secret; None for a public app.

    Raises:
        ConfigurationError: the secret cannot be stored.
    """
    reference = store_secret(_NAME, secret, settings.folder) if secret else ""
    app = msgspec.structs.replace(settings.oauth, client_id=name, client_secret=reference)
    return msgspec.structs.replace(settings, oauth=app)
