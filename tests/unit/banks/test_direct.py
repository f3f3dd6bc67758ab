"""Connections to the bank: used again, limited in time, with checked certificates, and without guesses about HTTP."""

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from primanota.banks.qonto.http import direct
from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.deadline import TimeLimits
from primanota.banks.qonto.http.request import Request
from primanota.core.errors import BankRefused, InvalidConfiguration, NotProven, PrimanotaError, ServiceUnavailable
from primanota.core.secret import Credentials, Secret
from tests.support.servers.relay import relaying
from tests.support.servers.scripted_server import JSON, OK, answering
from tests.support.servers.smtp_server import Authority, authority
from tests.support.servers.trickling_server import TRICKLES, trickling

_KEY = Credentials("acme-1", Secret("s3cr3t"))
_ASK = Request("/v2/labels", (("page", "1"),))
_QUICKLY = TimeLimits(run=60, request=20, attempt=10, wait=0.1)


class _Thing(msgspec.Struct):
    ok: int


def _get(url: str, limits: TimeLimits = _QUICKLY) -> int:
    with Client(_KEY, api_url=url, limits=limits) as client:
        return client.get(_ASK, _Thing).ok


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Return an authority that this process trusts."""
    made = authority(tmp_path / "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.trusted))
    return made


def test_a_connection_is_used_again() -> None:
    """Requests one after another use one connection, and each has the headers of the client."""
    with answering(lambda _: OK) as bank, Client(_KEY, api_url=bank.url) as client:
        assert [client.get(_ASK, _Thing).ok for _ in range(5)] == [1] * 5
    assert len(bank.accepted) == 1
    head = bank.heads[0]
    assert head.startswith(b"GET /v2/labels?page=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"Authorization: acme-1:s3cr3t\r\n" in head
    assert head.lower().count(b"accept-encoding:") == 1


def test_requests_side_by_side_have_their_own_connections() -> None:
    """Requests at the same time have a connection each, and no more than are allowed are opened."""
    with answering(lambda _: OK) as bank, Client(_KEY, api_url=bank.url, connections=3) as client:
        assert len(list(client.get_many([_ASK] * 60, _Thing))) == 60
    assert 1 <= len(bank.accepted) <= 3


@pytest.mark.parametrize("end", [b"Connection: close\r\n", b""], ids=["announced", "sudden"])
def test_a_connection_that_the_bank_closes_is_replaced(end: bytes) -> None:
    """A bank may close a connection after any answer: the next request opens another."""

    def answer(number: int) -> bytes:
        if not end and number == 1:
            return b""
        return OK.replace(b"\r\n\r\n", b"\r\n" + end + b"\r\n", 1)

    with answering(answer) as bank, Client(_KEY, api_url=bank.url) as client:
        assert [client.get(_ASK, _Thing).ok for _ in range(3)] == [1] * 3
    assert len(bank.accepted) == (3 if end else 2)


def test_an_old_connection_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that was idle for long is not used again: the bank may be about to close it."""
    with answering(lambda _: OK) as bank, Client(_KEY, api_url=bank.url) as client:
        client.get(_ASK, _Thing)
        monkeypatch.setattr(direct, "_MOST_IDLE", -1.0)
        client.get(_ASK, _Thing)
    assert len(bank.accepted) == 2


def test_an_answer_that_was_not_asked_for_is_no_answer() -> None:
    """Bytes beyond an answer are not taken for the answer to the next request."""
    with answering(lambda number: OK + OK.replace(b"1}", b"7}") * (number == 0)) as bank:  # noqa: SIM117 - too long
        with Client(_KEY, api_url=bank.url) as client:
            found = [client.get(_ASK, _Thing).ok for _ in range(3)]
    assert found == [1] * 3


@pytest.mark.parametrize(
    "words",
    [
        JSON + b'Content-Length: 9\r\n\r\n{"ok"',
        JSON + b'Content-Length: 9\r\nContent-Length: 4\r\n\r\n{"ok": 1}',
        JSON + b'Content-Length: -9\r\n\r\n{"ok": 1}',
        JSON + b'Content-Length: 9, 9\r\n\r\n{"ok": 1}',
        JSON + b'Transfer-Encoding:\r\nContent-Length: 9\r\n\r\n{"ok": 1}',
        JSON + b'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"ok": 1}\r\n0\r\n\r\n',
        JSON + b'Content-Length: 1_0\r\n\r\n{"ok": 1} ',
        JSON + b'Content-Length: 0x9\r\n\r\n{"ok": 1}',
        JSON + b"Content-Length: " + b"9" * 5_000 + b'\r\n\r\n{"ok": 1}',
        JSON + b'Transfer-Encoding: gzip, chunked\r\n\r\n{"ok": 1}',
        JSON + b'Transfer-Encoding: chunked\r\n\r\n9\r\n{"ok": 1}\r\n',
        JSON + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n{"ok": 1}\r\n0\r\n\r\n',
        JSON + b'no header\r\nContent-Length: 9\r\n\r\n{"ok": 1}',
        JSON + b"X: " + b"x" * 70_000 + b'\r\nContent-Length: 9\r\n\r\n{"ok": 1}',
        JSON + b"X: y\r\n" * 200 + b'Content-Length: 9\r\n\r\n{"ok": 1}',
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + OK,
        b"HTTP/9 200 OK\r\n\r\n",
        b"HTTP/1.1 2000000 OK\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"",
    ],
    ids=lambda words: repr(words[48:80]),
)
def test_what_is_not_http_is_refused(words: bytes) -> None:
    """An answer that is cut off, or whose end is not clear, is asked for again, and then refused in a sentence."""
    with (
        answering(lambda _: words, once=True) as bank,
        pytest.raises((ServiceUnavailable, NotProven)),
    ):
        _get(bank.url)
    assert len(bank.heads) == 8


@pytest.mark.parametrize(
    "words",
    [
        JSON + b'Transfer-Encoding: chunked\r\n\r\n4;x=y\r\n{"ok\r\n5\r\n": 1}\r\n0\r\nTrailer: x\r\n\r\n',
        JSON + b'Content-Length: 9\r\nContent-Length: 9\r\n\r\n{"ok": 1}',
        JSON + b'Connection: close\r\n\r\n{"ok": 1}',
        b'HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n{"ok": 1}',
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        JSON + "X: ä€\r\n".encode() + b'Content-Length: 9\r\n\r\n{"ok": 1}',
        JSON + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n" + gzip.compress(b'{"ok": 1}'),
    ],
    ids=["chunks", "twice", "until its end", "HTTP/1.0", "continue", "odd header", "compressed"],
)
def test_what_is_http_is_read(words: bytes) -> None:
    """Each form that HTTP has for a body is read."""
    with answering(lambda _: words) as bank:
        assert _get(bank.url) == 1


def test_a_reason_is_shown() -> None:
    """The reason of a status line is shown where the body has none."""
    words = b"HTTP/1.1 404 No such th\xefng\r\nContent-Length: 0\r\n\r\n"
    with answering(lambda _: words) as bank, pytest.raises(BankRefused, match=r"with 404 \(No such th"):
        _get(bank.url)


def test_a_large_compressed_answer_over_tls(trusted: Authority) -> None:
    """A compressed page is read over TLS, by several threads, over connections that are used again."""
    page = b'{"ok": 1, "filler": "' + b"0123456789abcdef" * 10_000 + b'"}'
    packed = gzip.compress(page)
    words = JSON + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    with (
        answering(lambda _: words, trusted.context) as bank,
        Client(_KEY, api_url=bank.url, connections=4) as client,
    ):
        assert [one.ok for one in client.get_many([_ASK] * 40, _Thing)] == [1] * 40
        assert client.raw(_ASK) == page
    assert len(bank.accepted) <= 4


@pytest.mark.parametrize("name", ["localhost", "bank.example"])
def test_a_certificate_that_is_not_the_banks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A certificate of an authority that is not trusted, or of another name, is refused, and no key is sent."""
    theirs = authority(tmp_path / "theirs", name)
    if name != "localhost":
        monkeypatch.setenv("SSL_CERT_FILE", str(theirs.trusted))
    with answering(lambda _: OK, theirs.context) as bank, pytest.raises(ServiceUnavailable, match="no connection"):
        _get(bank.url)
    assert bank.heads == []


def test_a_handshake_that_does_not_end() -> None:
    """A server that accepts connections and says nothing is left when the request's time is over."""
    limits = TimeLimits(run=60, request=0.3, attempt=0.2, wait=0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ServiceUnavailable, match="could not be reached"):
            _get(url, limits)


@pytest.mark.parametrize(("begin", "again"), TRICKLES.values(), ids=TRICKLES)
def test_a_proxy_or_bank_that_trickles_through_tls(
    trusted: Authority, begin: bytes, again: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that always sends a little in time is left, over TLS and through a proxy, too."""
    limits = TimeLimits(run=60, request=0.3, attempt=0.2, wait=0.1)
    began = time.monotonic()
    with trickling(begin, again) as url, relaying(int(url.rpartition(":")[2]), trusted.context) as bank:
        with pytest.raises(ServiceUnavailable, match="could not be reached"):
            _get(f"https://localhost:{bank.port}", limits)
        with relaying(bank.port, is_proxy=True) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            with pytest.raises(ServiceUnavailable, match="could not be reached"):
                _get("https://localhost:1", limits)
    assert time.monotonic() - began < 10


@pytest.fixture
def bank(trusted: Authority) -> Iterator[str]:
    """Serve a bank with TLS; yield its URL."""
    with answering(lambda _: OK, trusted.context) as served:
        yield served.url


def test_a_proxy_of_the_environment(bank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment is used for https, with its user, and sees no key."""
    with relaying(int(bank.rpartition(":")[2]), is_proxy=True) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://ada:pass@127.0.0.1:{proxy.port}")
        assert _get(bank) == 1
    assert [one.splitlines()[0] for one in proxy.asked] == [b"CONNECT " + bank[8:].encode() + b" HTTP/1.1"]
    assert b"Proxy-Authorization: Basic YWRhOnBhc3M=" in proxy.asked[0]
    assert b"s3cr3t" not in b"".join(proxy.asked)


@pytest.mark.parametrize("no_proxy", ["localhost", "*", "other.example, localhost"])
def test_hosts_without_a_proxy(bank: str, monkeypatch: pytest.MonkeyPatch, no_proxy: str) -> None:
    """A host of NO_PROXY is reached directly."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert _get(bank) == 1


def test_a_proxy_that_does_not_answer(bank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that cannot be reached is no reason to go past it."""
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with pytest.raises(ServiceUnavailable, match="no connection"):
        _get(bank)


@pytest.mark.parametrize("proxy", ["socks5://ada:s3cr3t@127.0.0.1:1", "ftp://127.0.0.1:1", "http://[:::1"])
def test_a_proxy_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    """A proxy of an unknown kind is exit code 3, with what to write instead, and without its password."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(InvalidConfiguration, match="The proxy that the environment names") as refused:
        _get("https://bank.example")
    assert "s3cr3t" not in f"{refused.value}{refused.value.hint}"


def test_this_machine_is_reached_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent to this machine in plain text goes past a proxy of the environment."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with answering(lambda _: OK) as bank:
        assert _get(bank.url) == 1


@pytest.mark.parametrize("make", [lambda: "http://127.0.0.1:1", lambda: "https://no-such-host.invalid"])
def test_a_bank_that_is_not_there(make: Callable[[], str]) -> None:
    """A port that nothing listens on, or a host that does not exist, is exit code 5."""
    with pytest.raises(PrimanotaError, match="no connection") as failed:
        _get(make())
    assert failed.value.exit_code == 5
