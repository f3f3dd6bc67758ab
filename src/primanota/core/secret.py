"""API keys and passwords, wrapped as soon as they are read, so that no repr, log line or error shows one.

A wrapped secret is remembered by the redaction, through which all that leaves the process passes.
"""

import re

from primanota.core.errors import ConfigurationError
from primanota.core.redaction import remember

# A login is part of file names, so it has no character with a meaning in paths.
_LOGIN_FORM = re.compile(r"[\w-][\w.-]*", re.ASCII)
_SECRET_FORM = re.compile(r"[!-9;-~]+")
# A secret behind a login or a user's name: neither the rest of a URL nor a port.
_PASTED_SECRET = re.compile(r":[!-.0-9;-?A-~]{6,}")


class Secret:
    """A text that only :meth:`reveal` returns."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text
        remember(text)

    def reveal(self) -> str:
        """Return the text, for the request that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"


class Credentials:
    """An API key: the login (the organisation's slug) and its secret.

    Args:
        login: the login, as Qonto shows it beside the secret.
        secret: the secret; a plain text is wrapped at once.

    Raises:
        ConfigurationError: one of them has a character that keys do not have. The sentence does not say which.
    """

    __slots__ = ("login", "secret")

    def __init__(self, login: str, secret: Secret | str) -> None:
        check_login(login)
        text = secret.reveal() if isinstance(secret, Secret) else secret
        secret = Secret(text.removeprefix(f"{login}:"))  # Qonto shows “login:secret”, too
        if not _SECRET_FORM.fullmatch(secret.reveal()):
            raise ConfigurationError(
                f"The secret of {login} is empty, or has a blank, a colon or a character outside ASCII.",
                "Copy it again from Qonto; login and secret are two values.",
            )
        self.login = login
        self.secret = secret

    @property
    def header(self) -> str:
        """The value of the Authorization header: ``login:secret``, raw (Qonto docs, API key authentication)."""
        return f"{self.login}:{self.secret.reveal()}"

    def __repr__(self) -> str:
        return f"Credentials({self.login!r}, …)"


def check_login(login: str) -> None:
    """Refuse a text that cannot be a login. What follows its first wrong character may be a secret: it is not quoted.

    Raises:
        ConfigurationError: it has a character that slugs do not have.
    """
    if not _LOGIN_FORM.fullmatch(login):
        start = _LOGIN_FORM.match(login)
        raise ConfigurationError(
            f"“{start[0] if start else ''}…” is not a login.",
            "It is the organisation's slug, like acme-corp-1234; the secret is another value.",
        )


def masked(text: str) -> str:
    """Return a text that a user typed without a secret that was pasted with a login or with the user of a URL."""
    return _PASTED_SECRET.sub(":…", text)
