"""Who may come in, and what every answer carries."""

import httpx2
import pytest

from primanota.simulator import FAULTS, SWITCHES, Simulator
from tests.simulator.visitor import Clock, Visit, Visitor


def test_right_key(visitor: Visitor) -> None:
    """The key `login:secret`, raw, opens the door; the login is the organisation's slug."""
    answer = visitor.get("/v2/organization")
    assert answer.status_code == 200
    assert answer.json()["organization"]["slug"] == visitor.box.login


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
def test_wrong_keys(visitor: Visitor, form: str) -> None:
    """Prefixes, a missing colon, swapped parts, blanks and the secret alone are refused with 401."""
    key = form.format(login=visitor.box.login, secret=visitor.box.secret)
    answer = visitor.get("/v2/organization", headers={"Authorization": key})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "authorization_token_invalid"


def test_no_key(visitor: Visitor) -> None:
    """Without a key the answer is 401 and says that the header is missing."""
    del visitor.client.headers["Authorization"]
    answer = visitor.get("/v2/labels")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "authorization_header_missing")


def test_trace_and_date(visitor: Visitor) -> None:
    """An error's trace id is the header's, and the date is the simulator's own clock's."""
    answer = visitor.get("/v2/nowhere")
    assert answer.status_code == 404
    assert answer.json()["trace_id"] == answer.headers["X-Tyk-Trace-Id"]
    assert len(answer.json()["trace_id"]) == 32
    assert answer.headers["Date"] == "Mon, 23 Nov 2026 10:00:00 GMT"
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_read_only(visitor: Visitor, method: str) -> None:
    """Nothing but GET is served; the refusal is JSON."""
    answer = visitor.client.request(method, "/v2/labels")
    assert answer.status_code == 405
    assert answer.json()["errors"][0]["code"] == "method_not_allowed"


def test_no_head(visitor: Visitor) -> None:
    """HEAD is not served either."""
    assert visitor.client.head("/v2/labels").status_code == 405


def test_trailing_slash(visitor: Visitor) -> None:
    """A trailing slash makes no difference."""
    assert visitor.get("/v2/labels/").content == visitor.get("/v2/labels").content


def test_old_organizations(visitor: Visitor) -> None:
    """The form that was switched off is gone, whatever stands in its place."""
    assert visitor.get("/v2/organizations/%7Bid%7D").status_code == 410


def test_burst_limit(visitor: Visitor) -> None:
    """The 1,001st request within ten seconds is answered 429; ten seconds later all is well."""
    codes = {visitor.get("/v2/membership").status_code for _ in range(1_000)}
    assert codes == {200}
    refused = visitor.get("/v2/membership")
    assert refused.status_code == 429
    assert "Retry-After" not in refused.headers
    visitor.clock.move(seconds=10)
    assert visitor.get("/v2/membership").status_code == 200


def test_sustained_limit(visitor: Visitor) -> None:
    """The 10,001st request within ten minutes is answered 429, however evenly they came."""
    limits, now = visitor.box._state.limits, visitor.bank.now()
    assert all(limits.allow("somebody", now + place * 20) for place in range(10_000))
    assert not limits.allow("somebody", now + 10_000 * 20)
    assert limits.allow("somebody else", now + 10_000 * 20)
    assert limits.allow("somebody", now + 600_000 + 1)


def test_throttle_after_refusals(visitor: Visitor) -> None:
    """After more than 200 answers of 401 within an hour even the right key is throttled."""
    codes = [visitor.get("/v2/labels", headers={"Authorization": "x:y"}).status_code for _ in range(202)]
    assert (codes[200], codes[201]) == (401, 429)
    assert visitor.get("/v2/labels").status_code == 429
    visitor.clock.move(hours=1, seconds=1)
    assert visitor.get("/v2/labels").status_code == 200


def test_request_log(visitor: Visitor) -> None:
    """The log counts all requests and names their paths and queries."""
    visitor.get("/v2/labels", {"page": 1})
    visitor.get("/v2/membership")
    assert visitor.box.requests.count == 2
    assert list(visitor.box.requests) == [("/v2/labels", "page=1"), ("/v2/membership", "")]
    visitor.box.requests.clear()
    assert (len(visitor.box.requests), visitor.box.requests.count) == (0, 2)


def test_addresses_are_forgotten(visitor: Visitor) -> None:
    """The limits remember so many addresses and no more."""
    limits = visitor.box._state.limits
    assert all(limits.allow(f"address {place}", 0) for place in range(200))
    assert len(limits._windows) == 64


def test_negative_size(clock: Clock) -> None:
    """There are no banks of fewer than no rows."""
    with pytest.raises(ValueError, match="size must not be negative: -1"):
        Simulator(clock=clock, size=-1)


@pytest.mark.parametrize(("word", "known"), [("switches", SWITCHES), ("faults", FAULTS)])
def test_unknown_names(clock: Clock, word: str, known: dict[str, str]) -> None:
    """A misspelt switch or fault is an error that lists the right ones."""
    with pytest.raises(ValueError, match="no-such-thing") as caught:
        Simulator(clock=clock, **{word: ["no-such-thing"]})  # type: ignore[arg-type]
    assert all(name in str(caught.value) for name in known)


def test_two_clients_one_bank(visit: Visit) -> None:
    """Several transports of one simulator see the same bank."""
    visitor = visit(size=10)
    with httpx2.Client(transport=visitor.box.transport(), base_url="http://other") as other:
        answer = other.get("/v2/labels", headers={"Authorization": visitor.key})
    assert answer.content == visitor.get("/v2/labels").content
