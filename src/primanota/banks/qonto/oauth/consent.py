"""Ask for a consent: the address that a person opens, and the code that their browser brings back.

RFC 6749, 4.1; RFC 7636 (PKCE); RFC 8252, 7.3 (a server of this machine for the answer).
"""

import base64
import hmac
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from secrets import token_urlsafe
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from primanota.banks.qonto.http.address import Address
from primanota.core.commands import CONSENT_AGAIN
from primanota.core.errors import AccessDenied, BankRefused, InvalidInput
from primanota.core.oauth import App, is_token
from primanota.core.secret import Secret
from primanota.core.text import shortened

_LONGEST_MESSAGE = 300
_LONGEST_ANSWER = 8_192


class Consent(NamedTuple):
    """A consent that was asked for and not yet given. It can be stored until the browser's answer is brought.

    Args:
        address: is opened in a browser by a person who may consent for the organisation.
        state: comes back with the code, and shows that it belongs to this consent.
        verifier: shows the bank that the code is redeemed by who asked for it (PKCE).
        redirect_uri: where the browser is sent with the code; one that is registered for the app.
    """

    address: str
    state: str
    verifier: Secret
    redirect_uri: str

    @classmethod
    def begin(cls, app: App, redirect_uri: str, token: Callable[[], str] = token_urlsafe) -> "Consent":
        """Return a consent to ask for.

        Args:
            app: the app.
            redirect_uri: where the browser is sent afterwards.
            token: makes a word that nobody can guess, of 43 characters or more.

        Raises:
            InvalidConfiguration: the URL of the OAuth server is not one, or is not encrypted.
        """
        Address(app.url, {})  # checks it
        state, verifier = token(), Secret(token())
        challenge = base64.urlsafe_b64encode(sha256(verifier.reveal().encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": app.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(app.scopes),
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return cls(f"{app.url.rstrip('/')}/oauth2/auth?{urlencode(query)}", state, verifier, redirect_uri)

    def code(self, answer: str) -> Secret:
        """Return the code that the browser brought back.

        Args:
            answer: the address to which the browser was sent, or its query.

        Raises:
            InvalidInput: it is not the address of this consent.
            AccessDenied: the person did not consent.
            BankRefused: the bank refused the request for consent.
        """
        found = _fields(answer)
        if not self.has_answer(answer):
            raise InvalidInput(
                "This is not the address to which the browser was sent for this consent.",
                f"Copy the whole address, from http to its end. {CONSENT_AGAIN}",
            )
        if error := found.get("error"):
            raise _refused(error, found.get("error_description", ""))
        if not is_token(found.get("code", "")):
            raise InvalidInput("The address has no code.", f"Copy the whole address. {CONSENT_AGAIN}")
        return Secret(found["code"])

    def has_answer(self, answer: str) -> bool:
        """Return whether an address or a query has the state of this consent, in the same time for any other."""
        return hmac.compare_digest(state_of(answer).encode("utf-8", "replace"), self.state.encode())


def state_of(answer: str) -> str:
    """Return the state of an address to which a browser was sent, or of its query; empty if it has none."""
    return _fields(answer).get("state", "")


def _fields(answer: str) -> dict[str, str]:
    """Return the fields of an address's query, or of a query alone; empty if it is neither."""
    with suppress(ValueError):
        answer = answer.strip()
        query = urlsplit(answer).query if "?" in answer else answer
        return dict(parse_qsl(query[:_LONGEST_ANSWER], keep_blank_values=True))
    return {}


def _refused(error: str, description: str) -> BankRefused:
    said = shortened(": ".join(filter(None, (error, description))), _LONGEST_MESSAGE)
    if error == "access_denied":
        return AccessDenied(
            f"No consent was given ({said}).",
            "Consent as an owner or admin of the organisation. " + CONSENT_AGAIN,
            detail=said,
        )
    return BankRefused(
        f"The bank refuses the request for consent ({said}).",
        "Check client_id in [oauth] of the settings, and the scopes and redirect URIs of the app at the bank.",
        detail=said,
    )
