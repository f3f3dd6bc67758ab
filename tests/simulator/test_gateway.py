"""Keys, rate limits, the request log, and the headers of every answer."""

import httpx2
import pytest

from primanota.simulator import FAULTS, SWITCHES, Simulator
from tests.simulator.api_client import ApiClient, ManualClock, OpenClient


def test_right_key(client: ApiClient) -> None:
    """The key `login:secret`, without a prefix, is accepted; the login is the organisation's slug."""
    answer = client.get("/v2/organization")
    assert answer.status_code == 200
    assert answer.json()["organization"]["slug"] == client.simulator.login


@pytest.mark.parametrize(
    "form",
    [
        "Basic {login}:{secret}",
        "Bearer {secret}",
        "{login}{secret}",
        "{secret}:{login}",
        "{login}: {secret}",
        "{secret}",
    ],
)
def test_wrong_keys(client: ApiClient, form: str) -> None:
    """A key with a prefix, without a colon, with swapped parts or a blank is refused with 401."""
    key = form.format(login=client.simulator.login, secret=client.simulator.secret)
    answer = client.get("/v2/organization", headers={"Authorization": key})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "authorization_token_invalid"


def test_no_key(client: ApiClient) -> None:
    """Without a key the answer is 401 with a code for the missing header."""
    del client.http.headers["Authorization"]
    answer = client.get("/v2/labels")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "authorization_header_missing")


def test_trace_and_date(client: ApiClient) -> None:
    """An error's trace id is the one of the header, and Date is the time of the simulator's clock."""
    answer = client.get("/v2/nowhere")
    assert answer.status_code == 404
    assert answer.json()["trace_id"] == answer.headers["X-Tyk-Trace-Id"]
    assert len(answer.json()["trace_id"]) == 32
    assert answer.headers["Date"] == "Mon, 23 Nov 2026 10:00:00 GMT"
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_read_only(client: ApiClient, method: str) -> None:
    """Only GET is served; other methods are refused with JSON."""
    answer = client.http.request(method, "/v2/labels")
    assert answer.status_code == 405
    assert answer.json()["errors"][0]["code"] == "method_not_allowed"


def test_head_is_refused(client: ApiClient) -> None:
    """A HEAD request is refused with 405."""
    assert client.http.head("/v2/labels").status_code == 405


def test_trailing_slash(client: ApiClient) -> None:
    """A path with a trailing slash has the same answer."""
    assert client.get("/v2/labels/").content == client.get("/v2/labels").content


def test_old_organizations(client: ApiClient) -> None:
    """The removed endpoint /v2/organizations/{id} is answered 410."""
    assert client.get("/v2/organizations/%7Bid%7D").status_code == 410


def test_burst_limit(client: ApiClient) -> None:
    """The 1,001st request within ten seconds is answered 429; ten seconds later requests are served."""
    codes = {client.get("/v2/membership").status_code for _ in range(1_000)}
    assert codes == {200}
    refused = client.get("/v2/membership")
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    client.clock.advance(seconds=10)
    assert client.get("/v2/membership").status_code == 200


def test_sustained_limit(client: ApiClient) -> None:
    """The 10,001st request within ten minutes is answered 429, even if the requests are evenly spread."""
    limits, now = client.simulator._state.limits, client.bank.now()
    assert all(limits.allow("client 1", now + place * 20) for place in range(10_000))
    assert not limits.allow("client 1", now + 10_000 * 20)
    assert limits.allow("client 2", now + 10_000 * 20)
    assert limits.allow("client 1", now + 600_000 + 1)


def test_throttle_after_refusals(client: ApiClient) -> None:
    """After more than 200 answers of 401 within an hour even the right key is throttled."""
    codes = [client.get("/v2/labels", headers={"Authorization": "x:y"}).status_code for _ in range(202)]
    assert (codes[200], codes[201]) == (401, 429)
    assert client.get("/v2/labels").status_code == 429
    client.clock.advance(hours=1, seconds=1)
    assert client.get("/v2/labels").status_code == 200


def test_request_log(client: ApiClient) -> None:
    """The log contains the number of requests, their paths and their queries."""
    client.get("/v2/labels", {"page": 1})
    client.get("/v2/membership")
    assert client.simulator.requests.count == 2
    assert list(client.simulator.requests) == [("/v2/labels", "page=1"), ("/v2/membership", "")]
    client.simulator.requests.clear()
    assert (len(client.simulator.requests), client.simulator.requests.count) == (0, 2)


def test_stored_addresses(client: ApiClient) -> None:
    """The rate limits store at most 64 addresses."""
    limits = client.simulator._state.limits
    assert all(limits.allow(f"address {place}", 0) for place in range(200))
    assert len(limits._clients) == 64


def test_negative_size(clock: ManualClock) -> None:
    """A negative size is an error."""
    with pytest.raises(ValueError, match="size must not be negative: -1"):
        Simulator(clock=clock, size=-1)


@pytest.mark.parametrize(("word", "known"), [("switches", SWITCHES), ("faults", FAULTS)])
def test_unknown_names(clock: ManualClock, word: str, known: dict[str, str]) -> None:
    """An unknown switch or fault is an error that lists the known ones."""
    with pytest.raises(ValueError, match="no-such-thing") as caught:
        Simulator(clock=clock, **{word: ["no-such-thing"]})  # type: ignore[arg-type]
    assert all(name in str(caught.value) for name in known)


def test_two_clients_one_bank(open_client: OpenClient) -> None:
    """Several transports of one simulator see the same bank."""
    client = open_client(size=10)
    with httpx2.Client(transport=client.simulator.transport(), base_url="http://other") as other:
        answer = other.get("/v2/labels", headers={"Authorization": client.key})
    assert answer.content == client.get("/v2/labels").content
