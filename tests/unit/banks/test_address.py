"""Requests are those that an HTTP client would make, and go to the bank only."""

import string

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.banks.qonto.address import Address
from primanota.banks.qonto.request import Request
from primanota.core.errors import InvalidInput
from tests.support.factories import quick

_HEADERS = {
    "Authorization": "acme-1:s3cr3t",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "x",
}
_TIMES = httpx2.Timeout(10, read=60)
_TEXTS = st.text(string.printable + "äß€🧾\0", max_size=12)


@quick
@given(
    url=st.sampled_from(
        ("http://127.0.0.1:8900", "https://bank.example", "https://bank.example/api/", "http://[::1]")
    ),
    path=_TEXTS,
    params=st.lists(st.tuples(_TEXTS, _TEXTS), max_size=4).map(tuple),
)
def test_any_request(url: str, path: str, params: tuple[tuple[str, str], ...]) -> None:
    """A request has the URL and the headers that a client of httpx2 gives it, or is refused where that refuses it."""
    request = Request(f"/{path.lstrip('/')}", params)
    nowhere = httpx2.MockTransport(lambda _: httpx2.Response(200))
    with httpx2.Client(base_url=url, headers=_HEADERS, transport=nowhere) as client:
        try:
            wanted = client.build_request("GET", request.path, params=request.params, timeout=_TIMES)
        except httpx2.InvalidURL:
            with pytest.raises(InvalidInput):
                Address(url, _HEADERS, _TIMES).request(request)
            return
    made = Address(url, _HEADERS, _TIMES).request(request)
    assert (made.method, made.url, made.extensions) == (wanted.method, wanted.url, wanted.extensions)
    assert {*made.headers.raw} == {*wanted.headers.raw} - {(b"Connection", b"keep-alive")}
    assert made.url.host == httpx2.URL(url).host
