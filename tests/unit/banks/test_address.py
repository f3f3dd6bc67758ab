"""Requests are those that an HTTP client would make, and go to the bank only."""

import string
from urllib.parse import parse_qsl

import httpx2
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from primanota.banks.qonto.http.address import Address
from primanota.banks.qonto.http.httpx_transport import HttpxTransport
from primanota.banks.qonto.http.request import Request
from primanota.core.errors import InvalidConfiguration, InvalidInput
from tests.support.factories import quick

_HEADERS = {
    "Authorization": "acme-1:s3cr3t",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "x",
}
_TEXTS = st.text(string.printable + "äß€🧾\0", max_size=12)
_URLS = ("http://127.0.0.1:8900", "https://bank.example", "https://bank.example/api/", "http://[::1]")


@quick
@given(
    url=st.sampled_from(_URLS),
    path=_TEXTS.filter(lambda path: not {*"?#"} & {*path}),
    params=st.lists(st.tuples(_TEXTS, _TEXTS), max_size=4).map(tuple),
)
def test_any_request(url: str, path: str, params: tuple[tuple[str, str], ...]) -> None:
    """A request has the URL and the headers that a client of httpx2 gives it, or is refused where that refuses it."""
    request = Request(f"/{path.lstrip('/')}", params)
    assume(not {".", ".."} & {*request.path.split("/")})
    address, nowhere = Address(url, _HEADERS), httpx2.MockTransport(lambda _: httpx2.Response(200))
    with httpx2.Client(base_url=url, headers=_HEADERS, transport=nowhere) as client:
        try:
            wanted = client.build_request("GET", request.path, params=request.params)
        except httpx2.InvalidURL:
            with pytest.raises(InvalidInput):
                address.target(request)
            return
    target = address.target(request)
    made = HttpxTransport(nowhere, address)._request(target, "acme-1:s3cr3t")
    assert made.url.raw_path.decode() == target
    assert (made.method, made.url.netloc, made.url.path) == (wanted.method, wanted.url.netloc, wanted.url.path)
    assert {*made.headers.raw} == {*wanted.headers.raw} - {(b"Connection", b"keep-alive")}
    assert {*made.url.params.multi_items()} == {*wanted.url.params.multi_items()}
    assert parse_qsl(made.url.query.decode(), keep_blank_values=True) == [*params]
    assert (address.host, address.authority) == (wanted.url.host, wanted.headers["Host"])


@pytest.mark.parametrize("path", ["/v2/a?b", "/v2/a#b", "/v2/a b", "/v2/ä", "/v2/100%", "/v2/%41"])
def test_a_path_is_a_path(path: str) -> None:
    """What would end a path in a URL is part of it, and what is encoded already stays as it is."""
    wanted = {"/v2/100%": "/v2/100%25", "/v2/%41": "/v2/%41", "/v2/ä": "/v2/%C3%A4"}
    others = path.replace("?", "%3F").replace("#", "%23").replace(" ", "%20")
    assert Address(_URLS[0], _HEADERS).target(Request(path)) == wanted.get(path, others)


@pytest.mark.parametrize("request_", [Request("/v2/\udcff"), Request("/v2", (("\udcff", "1"),))])
def test_what_is_not_text_is_refused(request_: Request) -> None:
    """Bytes of the command line that are not text are refused with a sentence."""
    with pytest.raises(InvalidInput, match="cannot be asked"):
        Address(_URLS[0], _HEADERS).target(request_)


@pytest.mark.parametrize(
    "url",
    [
        *("https://", "https://bank example", "https://bank.example:port", "https://bank.example:99999"),
        *("https://[::1", "https://[::g]", "https://bank.exam\nple", " https://bank.example", "https://bänk.example"),
        *("https://b%61nk.example", "https://bank.example/\x01", "http://127.0.0.1\\@bank.example"),
        *("http://localhost.bank.example", "http://bank.example@127.0.0.1.x"),
    ],
)
def test_an_address_that_is_not_clear(url: str) -> None:
    """A URL whose host is not clear, or that is not encrypted and leaves this machine, is refused."""
    with pytest.raises(InvalidConfiguration):
        Address(url, _HEADERS)
