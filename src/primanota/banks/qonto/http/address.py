"""The address of the bank's API, and the targets of requests below it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address
from urllib.parse import quote, urlencode, urlsplit

from primanota.banks.qonto.http.request import Request
from primanota.core.errors import InvalidConfiguration, InvalidInput
from primanota.core.hosts import is_this_machine
from primanota.core.text import shortened

_SHOWN = 80
# All requests have one of a few paths, and few parameters besides the number of the page.
_KEPT = 256
_LONGEST = 65_536
# What a path may have beside letters and digits; a percent sign only as the beginning of a code.
_OF_PATHS = "!$%&'()*+,/:;=@[\\]^|~"
_BARE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME = re.compile(r"[A-Za-z0-9._-]*")


class Address:
    """The URL of the API, to which the key may be sent.

    Args:
        api_url: https to any host, plain http only to this machine itself.
        headers: are sent with each request.

    Raises:
        InvalidConfiguration: the key would be sent without encryption, or the URL is not valid.
    """

    def __init__(self, api_url: str, headers: Mapping[str, str]) -> None:
        self.headers = headers
        self.is_encrypted, self.host, port, path = _checked(api_url)
        self.port = port or (443 if self.is_encrypted else 80)
        self._base = _encoded_path(path.rstrip("/"))

    @property
    def authority(self) -> str:
        """The host, and the port if it is not the usual one, as in a header or a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_encrypted else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL without its path."""
        return f"{'https' if self.is_encrypted else 'http'}://{self.authority}"

    def target(self, request: Request) -> str:
        """Return the path and the query of a request as they are sent.

        Raises:
            InvalidInput: its path is not one at the bank, or no URL can have it.
        """
        path = request.path
        if not path.startswith("/") or path.startswith("//"):
            raise InvalidInput(f"“{path}” is not a path at the bank.", "Write it like /v2/organization.")
        try:
            target = self._base + _encoded_path(path)
            if request.params:
                target += "?" + "&".join(map(_encoded_parameter, request.params))
            if len(target) > _LONGEST:
                raise ValueError("it is too long")  # noqa: TRY301 - as the others
        except ValueError as error:
            what = f"“{shortened(path, _SHOWN)}” cannot be asked for: {error}."
            raise InvalidInput(what, "Write a path like /v2/organization.") from None
        return target


@lru_cache(_KEPT)
def _encoded_path(path: str) -> str:
    """Return a path percent-encoded; what is encoded already stays as it is.

    Raises:
        ValueError: it has control characters, or is not text.
    """
    if _CONTROL.search(path):
        raise ValueError("it has control characters")
    return quote(_BARE_PERCENT.sub("%25", path), safe=_OF_PATHS)


@lru_cache(_KEPT)
def _encoded_parameter(parameter: tuple[str, str]) -> str:
    return urlencode((parameter,))


def _checked(api_url: str) -> tuple[bool, str, int | None, str]:
    """Return whether a URL is encrypted, its host, port, and path."""
    try:
        parts = urlsplit(api_url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
        if not api_url.isprintable() or " " in api_url or not (":" in host or _NAME.fullmatch(host)):
            raise ValueError(host)  # noqa: TRY301 - as the others
        if ":" in host:
            IPv6Address(host)
    except ValueError:
        raise InvalidConfiguration(
            f"“{api_url}” is not a URL.", "Write it like https://thirdparty.qonto.com."
        ) from None
    if host and (scheme == "https" or (scheme == "http" and is_this_machine(host))):
        return scheme == "https", host, port, parts.path
    raise InvalidConfiguration(
        f"The key will not be sent to “{scheme}://{host}”: the connection is not encrypted.",
        "Use an https address; plain http is for this machine itself (127.0.0.1) only.",
    )
