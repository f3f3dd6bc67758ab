"""An answer has a limit of time and of bytes, whatever the server does; an odd header is no mistake."""

import gzip
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from itertools import repeat

import httpx2
import msgspec
import pytest

from primanota.banks.qonto.http import direct
from primanota.banks.qonto.http.answer_body import MOST_BYTES, Undecodable, decode_json, read_body
from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.deadline import TimeLimits
from primanota.banks.qonto.http.refusals import bank_message, date_of
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.transport import PHASES, HttpAnswer
from primanota.core.errors import NotProven, PrimanotaError, ServiceUnavailable
from primanota.core.secret import Credentials, Secret
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.servers.trickling_server import TRICKLES, trickling

_KEY = Credentials("acme-1", Secret("s3cr3t"))
_ASK = Request("/v2/labels")


class _Pieces(httpx2.SyncByteStream):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces


class _Thing(msgspec.Struct):
    ok: int


class _Minutes:
    """A clock that goes on by a minute when a server says so."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        return self._now

    def tick(self) -> None:
        """Let a minute pass."""
        self._now += 60


class _Seconds:
    """A clock that goes on by some seconds whenever it is read."""

    def __init__(self, step: float) -> None:
        self._now, self._step = 0.0, step

    def __call__(self) -> float:
        self._now += self._step
        return self._now


def _client(
    make: Callable[[], httpx2.Response], clock: Callable[[], float] = time.monotonic, limits: TimeLimits | None = None
) -> Client:
    transport = httpx2.MockTransport(lambda _: make())
    return Client(_KEY, api_url=LOOPBACK, transport=transport, clock=clock, limits=limits or TimeLimits())


def _streamed(pieces: Iterator[bytes], **headers: str) -> httpx2.Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return httpx2.Response(200, headers=named, stream=_Pieces(pieces))


def _bomb(bytes_of_zeros: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    packed = [packer.compress(bytes(1 << 20)) for _ in range(bytes_of_zeros >> 20)]
    return b"".join(packed) + packer.flush()


@pytest.mark.parametrize(
    "make",
    [
        lambda: _streamed(repeat(b" " * 65_536)),
        lambda: _streamed(repeat(b"x"), content_encoding="gzip"),
        lambda: _streamed(iter([_bomb(64 << 20)]), content_encoding="gzip"),
        lambda: _streamed(repeat(gzip.compress(b"")), content_encoding="x-gzip"),
        lambda: _streamed(repeat(b"abc"), content_encoding="br"),
        lambda: _streamed(repeat(b"abc"), content_encoding="deflate"),
        lambda: _streamed(iter([gzip.compress(b'{"ok": 1}')[:-9]]), content_encoding="gzip"),
    ],
    ids=["endless", "no gzip", "gzip bomb", "endless empty members", "brotli", "deflate", "cut gzip"],
)
def test_an_answer_without_an_end_is_refused(make: Callable[[], httpx2.Response]) -> None:
    """An answer that is too large, compressed or not, or compressed in another way, is refused in a sentence."""
    with _client(make) as client, pytest.raises(NotProven, match="The bank's answer to /v2/labels"):
        client.get(_ASK, _Thing)


def test_a_large_answer_takes_little_memory() -> None:
    """Of a gzip bomb no more than the limit is decompressed."""
    answer = HttpAnswer(200, headers={"content-encoding": "gzip"}, pieces=[_bomb(64 << 20)])
    with pytest.raises(NotProven, match="larger than 0 MB"):
        read_body(answer, "/v2/x", lambda: None, 1000)
    assert MOST_BYTES < 64 << 20


@pytest.mark.parametrize("size", [0, 1, 999, 1000])
def test_an_answer_below_the_limit_is_whole(size: int) -> None:
    """An answer up to the limit is read whole, in one gzip member or in several, cut anywhere."""
    body = bytes(range(256)) * 4
    packed = gzip.compress(body[: size // 2]) + gzip.compress(body[size // 2 : size])
    pieces = [packed[at : at + 7] for at in range(0, len(packed), 7)]
    answer = HttpAnswer(200, headers={"content-encoding": "gzip"}, pieces=pieces)
    assert read_body(answer, "/v2/x", lambda: None, 1000) == body[:size]


def test_an_endless_error_is_a_refusal() -> None:
    """The body of an error may be endless: its status is told all the same."""
    with (
        _client(lambda: httpx2.Response(404, stream=_Pieces(repeat(b"x" * 1000)))) as client,
        pytest.raises(PrimanotaError, match="with 404") as caught,
    ):
        client.get(_ASK, _Thing)
    assert caught.value.exit_code == 4


def test_a_long_message_of_the_bank_is_cut() -> None:
    """A message of the bank is quoted up to some hundred letters."""
    body = msgspec.json.encode({"message": "x" * 100_000})
    assert len(bank_message(HttpAnswer(400), body)) < 600


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"ok": "\xff"}', b"\xef\xbb\xbf{}", b"\x00", b"", b"{", '{"ok": 1}'.encode("utf-16")]
)
def test_a_body_that_is_not_json_has_a_reason(body: bytes) -> None:
    """A body that is nested too deeply, of another encoding, or empty, has a reason instead of a mistake."""
    with pytest.raises(Undecodable):
        decode_json(body, _Thing)


@pytest.mark.parametrize(
    "odd",
    [
        "",
        "yesterday",
        "Mon, 01 Jan 1001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2359",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_a_date_that_no_clock_shows_is_none(odd: str) -> None:
    """A Date header of another century, or that is no date, is as if it were not there."""
    assert date_of(HttpAnswer(200, headers={"date": odd})) is None


def test_the_time_of_a_run_ends() -> None:
    """After the run's time no request is sent, and the sentence says so."""
    limits = TimeLimits(run=60)
    with (
        _client(lambda: httpx2.Response(200, json={"ok": 1}), _Seconds(7), limits) as client,
        pytest.raises(ServiceUnavailable, match="took longer than 1 minutes"),
    ):
        deque(client.get_many([_ASK] * 100, _Thing))


def test_a_request_ends_though_bytes_still_come() -> None:
    """A body whose bytes come one by one, each in time, ends with the request's time."""
    with (
        _client(lambda: _streamed(repeat(b" ")), _Seconds(15)) as client,
        pytest.raises(ServiceUnavailable, match="could not be reached"),
    ):
        client.get(_ASK, _Thing)


@pytest.mark.parametrize(("begin", "again"), TRICKLES.values(), ids=TRICKLES)
def test_a_server_that_trickles_is_left(begin: bytes, again: bytes) -> None:
    """A server that always sends a little in time is left when the request's time is over."""
    limits = TimeLimits(run=60, request=0.3, attempt=0.2, wait=0.1)
    began = time.monotonic()
    with (
        trickling(begin, again) as url,
        Client(_KEY, api_url=url, limits=limits) as client,
        pytest.raises(ServiceUnavailable, match="could not be reached"),
    ):
        client.get(_ASK, _Thing)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(("begin", "again"), TRICKLES.values(), ids=TRICKLES)
def test_a_server_that_sends_a_little_each_minute_is_left(begin: bytes, again: bytes) -> None:
    """A byte a minute keeps within the limit of each read, and is left with the usual limit of an attempt."""
    clock = _Minutes()
    with (
        trickling(begin, again, clock.tick) as url,
        Client(_KEY, api_url=url, clock=clock) as client,
        pytest.raises(ServiceUnavailable, match="no answer in time"),
    ):
        client.get(_ASK, _Thing)
    assert 90 < clock() < TimeLimits().run


@pytest.mark.parametrize(("begin", "again"), TRICKLES.values(), ids=TRICKLES)
def test_a_server_that_falls_silent_is_left(begin: bytes, again: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a beginning and then nothing is left when the limit of one read is over."""
    monkeypatch.setattr(direct, "PHASES", PHASES._replace(read=0.01))
    began = time.monotonic()
    with (
        trickling(begin + again, b"") as url,
        Client(_KEY, api_url=url, clock=lambda: 0.0) as client,  # which ends nothing
        pytest.raises(ServiceUnavailable, match="no answer in time"),
    ):
        client.get(_ASK, _Thing)
    assert time.monotonic() - began < 10
