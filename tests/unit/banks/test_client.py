"""The HTTP client: within the rate limits, with a limited number of retries, and careful with the key."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event

import httpx2
import msgspec
import pytest
import stamina.instrumentation

from primanota import __version__
from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.deadline import TimeLimits
from primanota.banks.qonto.http.rates import Rate, RateLimiter
from primanota.banks.qonto.http.refusals import RetryLater, retry_after
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.transport import PHASES, HttpAnswer
from primanota.core.errors import (
    AccessDenied,
    BankRefused,
    InvalidApiKey,
    InvalidConfiguration,
    InvalidInput,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
)
from primanota.core.secret import Credentials, Secret
from tests.support.banks.simulator_client import LOOPBACK

_KEY = Credentials("acme-1", Secret("s3cr3t"))
_ASK = Request("/v2/labels", (("status[]", "a"), ("status[]", "b"), ("page", "1")))
Reply = Callable[[httpx2.Request], httpx2.Response]


class _Thing(msgspec.Struct):
    ok: int


def _client(answer: Reply, **how: object) -> Client:
    return Client(_KEY, api_url=LOOPBACK, transport=httpx2.MockTransport(answer), **how)  # type: ignore[arg-type]


def _replies(*answers: httpx2.Response | Exception) -> Reply:
    """Give the answers one after another, and the last one repeatedly."""
    left: Iterator[httpx2.Response | Exception] = iter(answers)

    def answer(_request: httpx2.Request) -> httpx2.Response:
        found = next(left, answers[-1])
        if isinstance(found, Exception):
            raise found
        return found

    return answer


def test_what_is_sent() -> None:
    """A request is a GET with the key, a User-Agent, JSON as the accepted type, and its parameters in order."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"ok": 1})

    with _client(answer, staging_token="tok") as client:
        client.get(_ASK, _Thing)
    (request,) = seen
    assert request.method == "GET"
    assert request.headers["Authorization"] == "acme-1:s3cr3t"
    assert request.headers["User-Agent"] == f"primanota/{__version__}"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["X-Qonto-Staging-Token"] == "tok"
    assert request.url.params.multi_items() == list(_ASK.params)


@pytest.mark.parametrize(
    "url", ["http://thirdparty.qonto.com", "ftp://x", "thirdparty.qonto.com", "http://127.0.0.1.evil", ""]
)
def test_the_key_is_never_sent_unencrypted(url: str) -> None:
    """Plain http to another machine, or an invalid URL, is refused before a request is sent."""
    with pytest.raises(InvalidConfiguration):
        Client(_KEY, api_url=url)


@pytest.mark.parametrize(
    "url", ["https://thirdparty.qonto.com", "http://127.0.0.1:8900", "http://localhost", "http://[::1]:1"]
)
def test_encrypted_connections_and_this_machine_are_allowed(url: str) -> None:
    """Https is allowed to any host, plain http to this machine itself."""
    Client(_KEY, api_url=url).close()


@pytest.mark.parametrize("token", ["tok\nX: y", "tök€", "\0"])
def test_a_token_that_cannot_be_sent(token: str) -> None:
    """A token of the sandbox that no header can have is refused before a request, and is not repeated."""
    with pytest.raises(InvalidConfiguration, match="PRIMANOTA_STAGING_TOKEN") as refused:
        Client(_KEY, api_url=LOOPBACK, staging_token=token)
    assert token not in f"{refused.value}{refused.value.hint}"


@pytest.mark.parametrize("path", ["https://evil.example/v2", "//evil.example/v2", "v2/labels", ""])
def test_the_key_is_sent_to_the_bank_only(path: str) -> None:
    """A path that would lead to another host is refused, and nothing is sent."""
    with _client(_replies(AssertionError("was sent"))) as client, pytest.raises(InvalidInput):
        client.raw(Request(path))


@pytest.mark.parametrize("path", ["/v2/" + "x" * 70_000, "/v2/\x01"])
def test_a_path_that_no_url_can_have(path: str) -> None:
    """A path that is too long for a URL, or has control characters, is refused with a sentence."""
    with (
        _client(_replies(AssertionError("was sent"))) as client,
        pytest.raises(InvalidInput, match="cannot be asked"),
    ):
        client.raw(Request(path))


def test_an_answer_that_is_wanted_as_json() -> None:
    """An answer that is not JSON is passed on as it is, unless it is wanted as JSON: then it is asked for again."""
    cut, whole = httpx2.Response(200, text='"id": 1}'), httpx2.Response(200, text='{"id": 1}')
    with _client(_replies(cut, cut, whole)) as client:
        assert client.raw(Request("/v2/labels")) == cut.content
        assert client.raw(Request("/v2/labels"), as_json=True) == whole.content


@pytest.mark.parametrize(
    "first",
    [
        httpx2.Response(408),
        httpx2.Response(425),
        httpx2.Response(429, headers={"Retry-After": "7"}),
        httpx2.Response(500),
        httpx2.Response(503, html="<p>sorry</p>"),
        httpx2.Response(200, content=b'{"ok": '),
        httpx2.Response(200, json={"ok": None}),
        httpx2.ConnectError("no"),
        httpx2.ReadTimeout("slow"),
        httpx2.RemoteProtocolError("cut"),
    ],
)
def test_temporary_failures_are_retried(first: httpx2.Response | Exception) -> None:
    """408, 425, 429, 5xx, incomplete bodies, resets and time-outs are retried, and the answer is returned."""
    with _client(_replies(first, httpx2.Response(200, json={"ok": 7}))) as client:
        assert client.get(_ASK, _Thing).ok == 7


def _limited(status: str) -> httpx2.Response:
    return httpx2.Response(429, headers={"Retry-After": status})


def test_retry_after_is_obeyed() -> None:
    """The client waits as long as Retry-After says: a number of seconds, or until a date."""
    with _client(_replies(_limited("7"))) as client:
        assert client._retry_wait(RetryLater(ServiceUnavailable(""), 7.0)) == 7.0
    assert retry_after(HttpAnswer(429, headers={"retry-after": "12"})) == 12.0
    assert retry_after(HttpAnswer(429, headers={"retry-after": "Mon, 01 Jan 2018 00:00:00 GMT"})) == 0.0
    assert retry_after(HttpAnswer(429)) is None


@pytest.mark.parametrize(
    "odd", ["soon", "²", "-5", "1.5", "٣", "Mon, 99 Foo 99999", "Mon, 01 Jan 0001 00:00:00 +2359", "\x00"]
)
def test_an_odd_retry_after_is_as_none(odd: str) -> None:
    """A Retry-After that is neither a number nor a date is ignored."""
    assert retry_after(HttpAnswer(429, headers={"retry-after": odd})) in {None, 0.0}


@pytest.mark.parametrize("long", ["31", "86400", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_long_wait_is_refused(long: str) -> None:
    """A bank that wants to be asked again after more than 30 seconds is not asked again by this run."""
    asked: list[int] = []

    def answer(_: httpx2.Request) -> httpx2.Response:
        asked.append(1)
        return _limited(long)

    with _client(answer) as client, pytest.raises(ServiceUnavailable, match="again and again"):
        client.get(_ASK, _Thing)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (httpx2.Response(400, json={"errors": [{"code": "bad", "detail": "no"}]}), BankRefused, 4),
        (httpx2.Response(401, json={"errors": [{"code": "unauthorized"}]}), InvalidApiKey, 4),
        (httpx2.Response(403, json={"message": "Forbidden"}), AccessDenied, 4),
        (httpx2.Response(404, json={"errors": {"code": "not_found", "detail": "no such row"}}), BankRefused, 4),
        (httpx2.Response(422, content=b"not json"), BankRefused, 4),
        (httpx2.Response(200, html="<h1>Login</h1>"), AccessDenied, 4),
        (httpx2.Response(302, headers={"Location": "https://login.example"}), AccessDenied, 4),
        (httpx2.Response(503), ServiceUnavailable, 5),
        (httpx2.Response(429), ServiceUnavailable, 5),
        (httpx2.ConnectError("no"), ServiceUnavailable, 5),
        (httpx2.Response(200, json={"ok": "text"}), NotProven, 6),
    ],
)
def test_every_failure_has_a_sentence_and_an_exit_code(
    answer: httpx2.Response | Exception, kind: type[PrimanotaError], code: int
) -> None:
    """Each failure has its own error with an exit code, a message and a hint, and never shows the key."""
    with _client(_replies(answer)) as client, pytest.raises(kind) as caught:
        client.get(_ASK, _Thing)
    assert caught.value.exit_code == code
    assert caught.value.message
    assert caught.value.hint
    assert "s3cr3t" not in f"{caught.value}{caught.value!r}"
    assert caught.value.__cause__ is None


def test_the_banks_own_message_is_shown() -> None:
    """A refusal has the bank's code and detail, whether ``errors`` is a list or one object."""
    for errors in ([{"code": "limit", "detail": "too many"}], {"code": "limit", "detail": "too many"}):
        with (
            _client(_replies(httpx2.Response(422, json={"errors": errors}))) as client,
            pytest.raises(BankRefused) as caught,
        ):
            client.get(_ASK, _Thing)
        assert (caught.value.status, caught.value.detail) == (422, "limit: too many")


def test_a_refused_key_is_not_used_again() -> None:
    """After one 401 the client sends no more requests: 200 of them in an hour lock an address out."""
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        return httpx2.Response(401)

    with _client(answer) as client:
        for _ in range(3):
            with pytest.raises(InvalidApiKey):
                client.get(_ASK, _Thing)
        with pytest.raises(InvalidApiKey):
            list(client.get_many([_ASK] * 20, _Thing))
    assert len(asked) == 1


def test_answers_come_in_the_order_of_the_requests() -> None:
    """Answers of requests that are sent side by side are yielded in the order of the requests."""

    def page(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"ok": int(request.url.params["page"])})

    requests = (Request("/v2/x", (("page", str(number)),)) for number in range(200))
    with _client(page, connections=4) as client:
        assert [answer.ok for answer in client.get_many(requests, _Thing)] == list(range(200))


def test_both_documented_limits_are_kept() -> None:
    """The limits are a little below 1,000 requests in ten seconds and 10,000 in ten minutes."""
    with _client(_replies(httpx2.Response(200, json={"ok": 1}))) as client:
        assert isinstance(client._budget, RateLimiter)
        assert client._budget.rates == (Rate(950, 10), Rate(9_500, 600))


def test_the_wait_for_the_rates_is_not_the_banks_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that wait for a rate of many minutes are sent then: the time of a request begins when it is sent."""
    now = [0.0]
    monkeypatch.setattr("time.sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    fine = _replies(httpx2.Response(200, json={"ok": 1}))
    with _client(fine, budget=RateLimiter([Rate(2, 1000)], lambda: now[0]), clock=lambda: now[0]) as client:
        assert [client.get(_ASK, _Thing).ok for _ in range(5)] == [1] * 5
    assert now == [2000]


def test_a_wait_beyond_the_runs_end_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that could be sent only after the end of the run is refused at once."""
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("it waited"))
    fine = _replies(httpx2.Response(200, json={"ok": 1}))
    budget = RateLimiter([Rate(2, 1000)], lambda: 0.0)
    with _client(fine, budget=budget, clock=lambda: 0.0, limits=TimeLimits(run=500)) as client:
        assert [client.get(_ASK, _Thing).ok for _ in range(2)] == [1, 1]
        with pytest.raises(ServiceUnavailable, match="took longer than"):
            client.get(_ASK, _Thing)


@pytest.mark.parametrize(
    ("first", "allowed"),
    [
        (httpx2.Response(429), 8),
        (httpx2.Response(500), 8),
        (httpx2.ReadError("reset"), 8),
        (httpx2.ReadTimeout("slow"), 8),
        (httpx2.Response(200, content=b"not json"), 16),
        (httpx2.Response(200, json={"ok": 1}), 16),
    ],
)
def test_trouble_halves_the_requests_at_the_same_time(first: httpx2.Response | Exception, allowed: int) -> None:
    """429, 5xx, a broken or slow connection halve the number of requests at the same time; other answers do not."""
    with _client(_replies(first, httpx2.Response(200, json={"ok": 1}))) as client:
        client.get(_ASK, _Thing)
        assert client._concurrency.allowed == allowed


def test_few_answers_wait_in_memory() -> None:
    """No more requests are sent ahead than twice as many as are allowed at the same time."""
    sent = 0

    def requests() -> Iterator[Request]:
        nonlocal sent
        while True:
            sent += 1
            yield _ASK

    with _client(_replies(httpx2.Response(200, json={"ok": 1})), connections=3) as client:
        for taken, _ in enumerate(client.get_many(requests(), _Thing), 1):
            assert sent - taken < 6
            if taken == 10:
                break


def test_after_an_error_nothing_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that ends the reading ends the other requests, too: what fails then is not tried again."""
    asked, begun, given_up, shut = list[str](), Event(), Event(), ThreadPoolExecutor.shutdown

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        begun.set()
        given_up.wait()
        return httpx2.Response(503)

    def shutdown(threads: ThreadPoolExecutor, **how: bool) -> None:
        given_up.set()
        shut(threads, **how)

    monkeypatch.setattr(ThreadPoolExecutor, "shutdown", shutdown)
    with suppress(InvalidInput), _client(answer) as client:
        client.begin(_ASK, _Thing)
        begun.wait()
        raise InvalidInput("Another request has failed.", "")
    assert asked == [_ASK.path]


def test_every_phase_has_a_time_limit() -> None:
    """Each phase of a request has a time limit."""
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"ok": 1})

    with _client(answer) as client:
        client.get(_ASK, _Thing)
    assert all(PHASES)
    assert all(seen[0].extensions["timeout"][phase] for phase in ("connect", "read", "write", "pool"))


def test_the_banks_clock() -> None:
    """The bank's time is the Date of its last answer that has one, in UTC."""
    dated = httpx2.Response(200, json={"ok": 1}, headers={"Date": "Mon, 23 Nov 2026 10:00:00 GMT"})
    with _client(_replies(dated, httpx2.Response(200, json={"ok": 1}))) as client:
        assert client.bank_time is None
        client.get(_ASK, _Thing)
        client.get(_ASK, _Thing)
        assert client.bank_time == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_retries_are_not_logged() -> None:
    """Retries are not logged, so a log cannot contain a URL or a header of them."""
    with _client(_replies(httpx2.Response(500), httpx2.Response(200, json={"ok": 1}))) as client:
        client.get(_ASK, _Thing)
    assert stamina.instrumentation.get_on_retry_hooks() == ()
