"""``primanota login --oauth``: ask for a consent in a browser, of this machine or of another."""

import sys
import webbrowser
from contextlib import closing
from threading import Thread
from typing import TYPE_CHECKING

from primanota.adapters import loopback
from primanota.adapters.settings import oauth_app, terminal
from primanota.cli import texts
from primanota.cli.options.context import clock_of
from primanota.cli.terminal import output
from primanota.cli.texts.language import spoken
from primanota.core.secret import Secret

if TYPE_CHECKING:
    from primanota.adapters.settings.config import Config
    from primanota.app.installation.consent import Consent
    from primanota.app.installation.login import LoginResult

# Where the browser is sent if no server waits for it; the same as of the bank's own program (Qonto docs: CLI).
_MANUAL_PORT = 53683


def consented(settings: "Config", api_url: str, port: int | None, *, manual: bool) -> "LoginResult":
    """Ask for a consent, and log in with it.

    Args:
        settings: the settings in force.
        api_url: the URL of the bank's API.
        port: the port of the address to which the browser is sent; None for that of the settings.
        manual: whether that address is pasted, since the browser is on another machine.

    Raises:
        PrimanotaError: no consent was given, or the bank refused it. Nothing is stored.
    """
    from primanota.app.installation.consent import log_in_by_consent  # slow to import

    clock = clock_of(settings)
    settings = _with_app(settings)
    port = settings.oauth.port if port is None else port
    consent, answer = _pasted(settings, api_url, port) if manual else _brought(settings, api_url, port)
    return log_in_by_consent(settings, consent, consent.code(answer), api_url, clock)


def _with_app(settings: "Config") -> "Config":
    """Return settings with an app, which is asked for where none is known."""
    if oauth_app.client_id(settings):
        return settings
    words = texts.prompts().login
    name = output.ask(words.client_id).strip()
    secret = output.ask(words.client_secret, default="", hide=sys.stdin.isatty()).strip()
    return oauth_app.with_app(settings, name, Secret(secret) if secret else None)


def _brought(settings: "Config", api_url: str, port: int) -> tuple["Consent", str]:
    """Return a consent and its answer, which a browser of this machine brings."""
    from primanota.app.installation.consent import begin_consent

    with closing(loopback.Callback(port)) as callback:
        consent = begin_consent(settings, api_url, callback.url)
        show_address(consent.address, here=True)
        return consent, callback.wait(consent.has_answer, texts.prompts().login.arrived, spoken())


def _pasted(settings: "Config", api_url: str, port: int) -> tuple["Consent", str]:
    """Return a consent and its answer, which a person pastes."""
    from primanota.app.installation.consent import begin_consent

    consent = begin_consent(settings, api_url, f"http://{loopback.HOST}:{port or _MANUAL_PORT}{loopback.PATH}")
    show_address(consent.address)
    return consent, output.ask(texts.prompts().login.pasted)


def show_address(address: str, *, here: bool = False) -> None:
    """Show the address at which a person consents.

    Args:
        address: the address.
        here: open it in a browser of this machine as well, if there is one.
    """
    output.info(texts.prompts().login.open_address)
    output.info(address)
    if here and terminal.has_desktop():  # some browsers are waited for
        Thread(target=webbrowser.open, args=(address,), daemon=True).start()
