"""The address of the bank's API, and requests to paths below it."""

from functools import lru_cache

import httpx2

from primanota.banks.qonto.request import Request
from primanota.core.errors import InvalidConfiguration, InvalidInput
from primanota.core.hosts import is_this_machine
from primanota.core.text import shortened

_SHOWN = 80
_PATHS = 64


class Address:
    """The URL of the API, to which the key may be sent.

    Args:
        api_url: https to any host, plain http only to this machine itself.
        headers: are sent with each request.
        timeouts: the seconds that each phase of a request may take.

    Raises:
        InvalidConfiguration: the key would be sent without encryption, or the URL is not valid.
    """

    def __init__(self, api_url: str, headers: dict[str, str], timeouts: httpx2.Timeout) -> None:
        self.url = _checked(api_url)
        self._headers = httpx2.Headers(headers)
        self._extensions = {"timeout": timeouts.as_dict()}
        self._below = lru_cache(_PATHS)(self._url)  # all requests have one of a few paths

    @property
    def is_encrypted(self) -> bool:
        """Whether what is sent is encrypted; otherwise it does not leave this machine."""
        return self.url.scheme == "https"

    def request(self, request: Request) -> httpx2.Request:
        """Return a request as it is sent.

        Raises:
            InvalidInput: its path is not one at the bank, or no URL can have it.
        """
        if not request.path.startswith("/") or request.path.startswith("//"):
            raise InvalidInput(f"“{request.path}” is not a path at the bank.", "Write it like /v2/organization.")
        try:
            return httpx2.Request(
                "GET",
                self._below(request.path),
                params=request.params,
                headers=self._headers,
                extensions=self._extensions,
            )
        except httpx2.InvalidURL as error:
            what = f"“{shortened(request.path, _SHOWN)}” cannot be asked for: {error}."
            raise InvalidInput(what, "Write a path like /v2/organization.") from None

    def _url(self, path: str) -> httpx2.URL:
        below = httpx2.URL(path).raw_path.lstrip(b"/")
        return self.url.copy_with(raw_path=self.url.raw_path.rstrip(b"/") + b"/" + below)


def _checked(api_url: str) -> httpx2.URL:
    try:
        url = httpx2.URL(api_url)
    except httpx2.InvalidURL:
        raise InvalidConfiguration(
            f"“{api_url}” is not a URL.", "Write it like https://thirdparty.qonto.com."
        ) from None
    if url.host and (url.scheme == "https" or (url.scheme == "http" and is_this_machine(url.host))):
        return url
    raise InvalidConfiguration(
        f"The key will not be sent to “{url.scheme}://{url.host}”: the connection is not encrypted.",
        "Use an https address; plain http is for this machine itself (127.0.0.1) only.",
    )
