"""The hosts of the bank's files: what they are told, what is refused, and how a download can fail."""

from collections.abc import Callable

import pytest

from primanota.banks.files import MOST_BYTES, FileRefused
from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.deadline import TimeLimits
from primanota.core.errors import ServiceUnavailable
from primanota.core.secret import Credentials, Secret
from tests.support.servers.scripted_server import answering
from tests.support.servers.trickling_server import TRICKLES, trickling

SECRET = "very-secret-4711"  # noqa: S105 - invented
FILE = b"%PDF-1.4 invented"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n"
ANSWER = OK + b"Content-Length: %d\r\n\r\n%s" % (len(FILE), FILE)
QUICK = TimeLimits(run=5, request=1, attempt=0.3)


def client(api_url: str = "http://127.0.0.1:9", limits: TimeLimits = QUICK) -> Client:
    """Return a client with a key and a staging token."""
    return Client(Credentials("acme-1", Secret(SECRET)), api_url=api_url, staging_token="staging", limits=limits)


def content(link: str, limits: TimeLimits = QUICK) -> bytes:
    """Return the file behind a link."""
    with client(limits=limits) as bank, bank.files.opened(link) as pieces:
        return b"".join(pieces)


def problem(link: str) -> str:
    """Return why the file behind a link cannot be had."""
    with pytest.raises(FileRefused) as refused:
        content(link)
    return refused.value.problem


def test_a_storage_host_is_told_nothing_but_the_link() -> None:
    """A request for a file has four harmless headers, and the link exactly as it was signed."""
    target = "/a%20b/%C3%BC(1)?X-Amz-Signature=a%2Bb%2F~&X-Amz-Date=1;2"
    with answering(lambda _: ANSWER) as server:
        assert content(server.url + target) == FILE
        (head,) = server.heads
    line, *headers = head.decode().strip().split("\r\n")
    assert line == f"GET {target} HTTP/1.1"
    assert [header.partition(":")[0] for header in headers] == ["Host", "Accept", "Accept-Encoding", "User-Agent"]
    assert SECRET not in head.decode()
    assert "staging" not in head.decode()


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"])
def test_redirects_are_not_followed(status: str) -> None:
    """A redirect is a refusal, also one to the same host, and no second request is sent."""
    head = f"HTTP/1.1 {status}\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n".encode()
    with answering(lambda _: head) as server:
        assert problem(f"{server.url}/file") == "refused"
        assert len(server.heads) == 1


@pytest.mark.parametrize(
    "link",
    [
        "http://files.example.com/a",
        "http://192.168.0.1/a",
        "ftp://127.0.0.1/a",
        "file:///etc/passwd",
        "https://user:word@files.example.com/a",
        "https://files.example.com/a b",
        "https://files.example.com/a\r\nAuthorization: x",
        "https://files.example.com/\u00fc",
        "//files.example.com/a",
        "https://[::1/a",
        "",
        "https://files.example.com/" + "a" * 20_000,
    ],
)
def test_unsafe_links(link: str) -> None:
    """A link that is not https, or that is not one that can be signed, is not followed."""
    assert problem(link) == "unsafe"


def test_plain_links_of_a_bank_elsewhere() -> None:
    """A bank that is reached over https cannot send the program to a plain address of this machine."""
    with (
        answering(lambda _: ANSWER) as server,
        client("https://bank.example.com") as bank,
        pytest.raises(FileRefused) as refused,
        bank.files.opened(f"{server.url}/a"),
    ):
        pass
    assert (refused.value.problem, server.heads) == ("unsafe", [])


ANSWERS: dict[str, tuple[Callable[[int], bytes], str]] = {
    "expired": (lambda _: b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "refused"),
    "unavailable": (lambda _: b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n", "refused"),
    "partial": (lambda _: b"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\n%", "refused"),
    "truncated": (lambda _: OK + b"Content-Length: 99\r\nConnection: close\r\n\r\n" + FILE, "broken"),
    "reset": (lambda _: b"", "broken"),
    "two lengths": (lambda _: OK + b"Content-Length: 17\r\nContent-Length: 18\r\n\r\n" + FILE, "broken"),
    "no HTTP": (lambda _: b"hello\r\n\r\n", "broken"),
    "compressed": (lambda _: OK + b"Content-Encoding: gzip\r\nContent-Length: 17\r\n\r\n" + FILE, "broken"),
    "too large": (lambda _: OK + b"Content-Length: %d\r\n\r\n" % (MOST_BYTES + 1), "too_large"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_bad_answers(name: str) -> None:
    """Each way in which an answer is not a whole file of a bearable size has its own reason."""
    answer, reason = ANSWERS[name]
    with answering(answer) as server:
        assert problem(f"{server.url}/file") == reason


def test_a_body_without_a_length_is_bounded() -> None:
    """A body that does not state its length is given up once it is too large."""
    body = OK + b"Connection: close\r\n\r\n" + bytes(MOST_BYTES + 1)
    with answering(lambda _: body, once=True) as server, pytest.raises(FileRefused) as refused:
        content(f"{server.url}/file", QUICK._replace(attempt=5))
    assert refused.value.problem == "too_large"


@pytest.mark.parametrize("name", TRICKLES)
def test_a_slow_host(name: str) -> None:
    """A host that sends a byte now and then is given up after the time of an attempt."""
    with trickling(*TRICKLES[name]) as url:
        assert problem(f"{url}/file") == "broken"


def test_the_time_of_the_run() -> None:
    """Once the time for reading the bank is used up, no file is asked for."""
    with answering(lambda _: ANSWER) as server, pytest.raises(ServiceUnavailable):
        content(f"{server.url}/file", QUICK._replace(run=0))
