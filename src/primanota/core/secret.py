"""API keys and passwords, wrapped the moment they are read, so that no repr, log line or error shows one. Pure."""

import re

from primanota.core.errors import ConfigurationError

# A login also names files, so it has no letter that a path could take amiss.
_LOGIN_FORM = re.compile(r"[\w-][\w.-]*", re.ASCII)
_SECRET_FORM = re.compile(r"[!-9;-~]+")
_LOGIN = "Run “primanota login”, or set PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY."


class Secret:
    """A text that shows itself to nobody but :meth:`reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one header that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"


class Credentials:
    """An API key: the login (the organisation's slug) and its secret.

    Raises:
        ConfigurationError: one of them has a character that no key has. The sentence does not say which.
    """

    __slots__ = ("login", "secret")

    def __init__(self, login: str, secret: Secret) -> None:
        check_login(login)
        if not _SECRET_FORM.fullmatch(secret.reveal()):
            raise ConfigurationError(
                f"The secret of {login} has a blank, a colon or a strange letter in it, or is empty.",
                "Copy it again from Qonto; login and secret are two things.",
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
    """Refuse a login that no organisation has.

    Raises:
        ConfigurationError: it has a letter that no slug has.
    """
    if not _LOGIN_FORM.fullmatch(login):
        raise ConfigurationError(f"“{login}” is not a login.", "It is the organisation's slug, like acme-corp-1234.")
