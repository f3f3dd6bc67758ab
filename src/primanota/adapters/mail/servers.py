"""Read the mail server of the settings. Pure."""

import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from primanota.adapters.mail.redact import redacted
from primanota.adapters.mail.ses import Ses
from primanota.core.errors import InvalidConfiguration, among
from primanota.core.hosts import is_this_machine
from primanota.core.secret import Secret

_PORTS = {"tls": 465, "starttls": 587, "none": 25}
_SCHEMES = ("smtp", "smtps", "ses")


class Server(msgspec.Struct, frozen=True):
    """A mail server: TLS from the start (``tls``), by STARTTLS, or ``none``, which is allowed for this machine only.

    Raises:
        InvalidConfiguration: the mail would leave this machine without TLS, or there is a user without a password.
    """

    host: str
    port: int
    security: Literal["tls", "starttls", "none"] = "starttls"
    user: str = ""
    password: Secret | None = None

    def __post_init__(self) -> None:
        if self.security == "none" and not is_this_machine(self.host):
            raise InvalidConfiguration(
                f"The mail server {self.host} would be used without TLS.", "Use smtps:// or smtp://."
            )
        if bool(self.user) != bool(self.password):
            raise InvalidConfiguration(
                f"The mail server {self.host} has a user or a password, but not both.",
                "Write “user” and “password” into the table, or neither.",
            )


def parse_server(text: str, user: str = "", password: Secret | None = None) -> Server | Ses:
    """Read the server of the settings.

    Args:
        text: ``smtp.example.com:587``, ``smtps://smtp.example.com``, ``ses`` or ``ses:eu-central-1``.
        user: empty for a server without a login.
        password: the user's.

    Raises:
        InvalidConfiguration: the text is not one of these.
    """
    if found := re.fullmatch(r"ses(?::([a-z]{2}(?:-[a-z]+)+-\d))?", text):
        return Ses(found[1] or "")
    scheme, separator, rest = text.rpartition("://")
    if scheme not in _SCHEMES[:2] and separator:
        raise InvalidConfiguration(f"The mail server “{text}” is not of a known kind.", among(scheme, _SCHEMES))
    try:
        host, port = urlsplit(f"//{rest}").hostname or "", urlsplit(f"//{rest}").port
    except ValueError:
        host, port = "", None
    if not re.fullmatch(r"[\w.:-]+", host) or rest.strip("[]") not in {host, f"{host}:{port}", f"{host}]:{port}"}:
        what = f"“{redacted(rest.rpartition('@')[2])}” is not the name of a mail server."
        raise InvalidConfiguration(what, "Write it like smtp.example.com:587, smtps://smtp.example.com or ses.")
    security = _security(scheme, host, port)
    return Server(host, port or _PORTS[security], security, user, password)


def _security(scheme: str, host: str, port: int | None) -> Literal["tls", "starttls", "none"]:
    if scheme == "smtps" or (not scheme and port == _PORTS["tls"]):
        return "tls"
    return "none" if is_this_machine(host) else "starttls"
