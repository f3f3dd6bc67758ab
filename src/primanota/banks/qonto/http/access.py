"""What a request is authorised by: an API key, which stays the same, or tokens, which are renewed."""

from typing import Protocol

from primanota.banks.qonto.http.refusals import RetryLater
from primanota.core.errors import BankRefused, ConfigurationError
from primanota.core.secret import Credentials, Secret


class BankAccess(Protocol):
    """Authorises requests. Safe to use from several threads."""

    def authorization(self) -> str:
        """Return the value of the Authorization header for a request that is sent now.

        Raises:
            ConsentEnded: the bank gives no further token.
            RetryLater: a new token is needed, and the bank did not give it now.
            ConfigurationError: the tokens cannot be read or stored.
        """

    def renew(self, refused: str) -> bool:
        """Return whether there is another value in place of one that was refused with 401.

        Raises:
            PrimanotaError, RetryLater: as :meth:`authorization`.
        """

    def refused(self, error: BankRefused | RetryLater) -> BankRefused | RetryLater:
        """Return the error of a refused request, in the words of what it was authorised by."""


class KeyAccess:
    """Authorises requests with an API key."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def authorization(self) -> str:
        """Return the key, as the bank expects it."""
        return self._credentials.header

    def renew(self, refused: str) -> bool:  # noqa: ARG002 - a key is renewed by a person
        """Return False."""
        return False

    def refused(self, error: BankRefused | RetryLater) -> BankRefused | RetryLater:
        """Return the error as it is."""
        return error


class BearerAccess:
    """Authorises requests with an access token that its owner renews.

    Raises:
        ConfigurationError: the token has a character that cannot be sent in a header.
    """

    def __init__(self, token: Secret) -> None:
        text = token.reveal()
        if not (text.isascii() and text.isprintable()) or " " in text:
            raise ConfigurationError("The token has a character that cannot be sent.", "Copy it again.")
        self._token = token

    def authorization(self) -> str:
        """Return the token, as OAuth 2.0 sends it (RFC 6750, section 2.1)."""
        return f"Bearer {self._token.reveal()}"

    def renew(self, refused: str) -> bool:  # noqa: ARG002 - it is renewed elsewhere
        """Return False."""
        return False

    def refused(self, error: BankRefused | RetryLater) -> BankRefused | RetryLater:
        """Return the error as it is."""
        return error


def access_of(access: Credentials | BankAccess) -> BankAccess:
    """Return what authorises requests, for an API key as well."""
    return KeyAccess(access) if isinstance(access, Credentials) else access
