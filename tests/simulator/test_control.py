"""The control: actions over HTTP, in this process and in a real one, and by keys at a terminal."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT
from typing import Any, NamedTuple

import httpx2
import pytest

from primanota.simulator.control.actions import ACTIONS, SimulatorControl
from primanota.simulator.control.app import PATH, ControlApp
from primanota.simulator.control.keyboard import HELP, KEYS, press
from primanota.simulator.data.company import api_secret, company_slug
from primanota.simulator.http.server import open_listening_socket
from tests.simulator.api_client import ApiClient, OpenClient
from tests.support import environment
from tests.support.screens.pseudo_terminal import PROGRAM, press_keys

Json = dict[str, Any]


@pytest.fixture
def controlled(open_client: OpenClient) -> ApiClient:
    """A client of a bank with a control."""
    client = open_client()
    client.simulator.hosts.add_control(PATH, ControlApp(SimulatorControl(client.simulator)))
    return client


def act(client: ApiClient, action: str, status: int = 200, **given: Any) -> Json:  # noqa: ANN401 - any parameters
    """Carry out an action, without the bank's key, as a program of this machine does."""
    with httpx2.Client(transport=client.simulator.transport(), base_url="http://127.0.0.1:8900") as http:
        answer = http.post(f"/control/{action}", params=given)
    assert answer.status_code == status, answer.text
    found: Json = answer.json()
    return found


def test_there_is_no_control_by_default(client: ApiClient) -> None:
    """Without being asked for, the control is not served."""
    assert client.get("/control").status_code == 404
    assert client.http.post("/control/days").status_code == 404


def test_the_state(controlled: ApiClient) -> None:
    """The state names the bank's time, the rows of each account by status, the faults, and every action."""
    state = controlled.http.get("http://localhost/control", headers={"Authorization": ""}).json()
    assert state["now"] == "2026-11-23T10:00:00.000Z"
    for name, account in zip(("main", "savings", "closed", "external"), controlled.bank.account_ids(), strict=True):
        found = state["accounts"][name]
        assert (found["id"], found["pending"]) == (account, controlled.bank.count(account, "pending"))
    assert state["actions"].keys() == ACTIONS.keys()
    assert state["faults"] == []


def test_time_passes(controlled: ApiClient) -> None:
    """Days and hours pass: what is due by then has happened, and the bank's answers have the new date."""
    pending = [row["id"] for row in controlled.rows({"status[]": "pending"})]
    assert act(controlled, "hours", n=5)["now"] == "2026-11-23T15:00:00.000Z"
    assert act(controlled, "days")["now"] == "2026-11-24T15:00:00.000Z"
    assert act(controlled, "days", n=7)["now"] == "2026-12-01T15:00:00.000Z"
    assert {controlled.row(one)["status"] for one in pending} == {"completed", "declined", "pending"}
    assert controlled.get("/v2/labels").headers["Date"] == "Tue, 01 Dec 2026 15:00:00 GMT"


def test_rows_arrive_and_end(controlled: ApiClient) -> None:
    """Rows arrive; a pending one settles, is declined, is released, or disappears: the named one, or the latest."""
    savings = controlled.bank.account_ids()[1]
    assert len(act(controlled, "arrive", n=4, account="savings")["ids"]) == 4
    assert len(act(controlled, "arrive", n=2, account=savings)["ids"]) == 2
    ends = {"settle": "completed", "decline": "declined", "release": "reversed"}
    for action, status in ends.items():
        _, pending, _ = act(controlled, "arrive", n=3)["ids"]
        assert act(controlled, action)["ids"] == [pending]
        assert controlled.row(pending)["status"] == status
        _, other, _ = act(controlled, "arrive", n=3)["ids"]
        assert act(controlled, action, id=other)["ids"] == [other]
        assert controlled.row(other)["status"] == status
    _, pending, _ = act(controlled, "arrive", n=3)["ids"]
    assert act(controlled, "disappear")["ids"] == [pending]
    assert controlled.get(f"/v2/transactions/{pending}").status_code == 404
    authorized = controlled.bank.accounts()[0]["authorized_balance_cents"]
    assert authorized == controlled.get("/v2/bank_accounts").json()["bank_accounts"][0]["authorized_balance_cents"]


def test_rows_change(controlled: ApiClient) -> None:
    """A completed row is changed, gets a receipt, or is reversed."""
    row = controlled.rows()[3]
    act(controlled, "change", id=row["id"], note="5", vat_rate="19.0", attachment_lost="true")
    changed = controlled.row(row["id"])
    assert (changed["note"], changed["vat_rate"], changed["attachment_lost"]) == ("5", 19.0, True)
    (latest,) = act(controlled, "change")["ids"]
    assert controlled.row(latest)["note"] == "Geändert"
    act(controlled, "attach", id=row["id"])
    assert len(controlled.row(row["id"])["attachment_ids"]) == len(row["attachment_ids"]) + 1
    act(controlled, "reverse", id=row["id"])
    assert controlled.row(row["id"])["status"] == "reversed"


def test_faults_are_chosen(controlled: ApiClient) -> None:
    """Faults are replaced by the named ones, which strike at once; the control itself is never struck."""
    act(controlled, "faults", name=["down", "bad-date@last:savings"])
    assert controlled.get("/v2/labels").status_code == 503
    assert controlled.http.get("http://localhost/control").json()["faults"] == ["down", "bad-date@last:savings"]
    act(controlled, "faults")
    assert controlled.get("/v2/labels").status_code == 200


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("days", {"n": "0"}),
        ("days", {"n": "x"}),
        ("days", {"n": "99999"}),
        ("arrive", {"n": "²"}),
        ("arrive", {"account": "x"}),
        ("settle", {"id": "x"}),
        ("change", {"amount": "5"}),
        ("change", {"vat_rate": "x"}),
        ("faults", {"name": "x"}),
    ],
)
def test_wrong_parameters(controlled: ApiClient, action: str, given: Json) -> None:
    """A wrong parameter is answered 400 with a sentence, and changes nothing."""
    before = list(controlled.bank.truth(controlled.main))
    assert act(controlled, action, 400, **given)["error"]
    assert list(controlled.bank.truth(controlled.main)) == before


def test_time_ends(open_client: OpenClient) -> None:
    """Time can be made to pass until the year 2200, and no further."""
    client = open_client(size=0)
    control = SimulatorControl(client.simulator)
    for _ in range(17):
        control.act("days", {"n": ["3650"]})
    with pytest.raises(ValueError, match="the year 2200"):
        control.act("days", {"n": ["3650"]})
    assert control.state()["now"].startswith("2196")


def test_nothing_is_pending(open_client: OpenClient) -> None:
    """Without a pending row, the actions that need one are answered 400."""
    client = open_client(size=0)
    client.simulator.hosts.add_control(PATH, ControlApp(SimulatorControl(client.simulator)))
    assert act(client, "settle", 400) == {"error": "no transaction is pending"}


def test_unknown_paths_and_methods(controlled: ApiClient) -> None:
    """An unknown action is answered 404, another method 405."""
    assert "known: days" in act(controlled, "month", 404)["error"]
    assert controlled.http.get("http://localhost/control/days").status_code == 405
    assert controlled.http.post("http://localhost/control").status_code == 405


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("http://evil.example", {}),
        ("http://127.0.0.1:8900", {"Origin": "https://evil.example"}),
        ("http://127.0.0.1:8900", {"Origin": "null"}),
        ("http://127.0.0.1:8900", {"Host": "["}),
    ],
)
def test_web_pages_are_refused(controlled: ApiClient, url: str, headers: dict[str, str]) -> None:
    """A web page of another host cannot use the control through a browser of this machine."""
    answer = controlled.http.post(f"{url}/control/days", headers=headers)
    assert answer.status_code == 403
    assert controlled.bank.now() == SimulatorControl(controlled.simulator).bank.now()
    assert controlled.get("/v2/labels").headers["Date"] == "Mon, 23 Nov 2026 10:00:00 GMT"


def test_each_key_has_its_action(controlled: ApiClient) -> None:
    """Each key says what it did; one that cannot be done says why; any other key says nothing."""
    control = SimulatorControl(controlled.simulator)
    for key, (what, *_) in KEYS.items():
        controlled.bank.arrive(3)
        assert what in (press(control, key) or "")
    assert press(control, "?") == HELP
    assert press(control, "z") is None
    for account in controlled.bank.account_ids():
        for row in controlled.rows({"status[]": "pending"}, account):
            controlled.bank.decline(row["id"])
    assert press(control, "s") == "no transaction is pending."


class Served(NamedTuple):
    """A simulator in a process of its own."""

    process: subprocess.Popen[str]
    variables: dict[str, str]

    @property
    def url(self) -> str:
        """The URL of its API."""
        return self.variables["PRIMANOTA_API_URL"]

    def get(self, path: str, **params: str) -> Json:
        """Return the JSON of an endpoint."""
        key = f"{self.variables['PRIMANOTA_LOGIN']}:{self.variables['PRIMANOTA_SECRET_KEY']}"
        answer = httpx2.get(f"{self.url}{path}", params=params, headers={"Authorization": key})
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    def rows(self) -> dict[str, Json]:
        """Return the main account's latest rows by their ids."""
        account = self.get("/v2/organization")["organization"]["bank_accounts"][0]["id"]
        page = self.get("/v2/transactions", bank_account_id=account, sort_by="created_at:desc")
        return {row["id"]: row for row in page["transactions"]}


def free_port() -> str:
    """Return a port that is free at the moment."""
    with open_listening_socket("127.0.0.1", 0) as free:
        return f"{free.getsockname()[1]}"


@contextmanager
def process(*words: str) -> Iterator[Served]:
    """Run `primanota simulator` as a user would, until the block ends."""
    command = [*PROGRAM, "simulator", "--port", free_port(), *words]
    started = environment.start(command)
    assert started.stdout is not None
    lines = [started.stdout.readline() for _ in range(3)]
    try:
        yield Served(started, dict(line.removeprefix("export ").strip().split("=", 1) for line in lines))
    finally:
        started.send_signal(SIGINT)
        started.communicate(timeout=60)


def test_a_week_passes_in_a_real_process() -> None:
    """`primanota simulator --control` lets a week pass: rows arrive, and those of before stay as they were."""
    with process("--control", "--today", "2026-11-23") as served:
        before, state = served.rows(), httpx2.get(f"{served.url}/control").json()
        assert state["now"].startswith("2026-11-23")
        after_a_week = httpx2.post(f"{served.url}/control/days?n=7").json()
        assert after_a_week["now"].startswith("2026-11-30")
        after = served.rows()
        assert after.keys() - before.keys()
        kept = [key for key in before if key in after]
        assert len(kept) > 80
        assert all(after[key] == before[key] for key in kept)


def test_a_restart_on_a_later_day() -> None:
    """A simulator that is started on a later day has the rows of the earlier one unchanged, and new ones."""
    with process("--today", "2026-11-23") as served:
        before = served.rows()
        assert httpx2.get(f"{served.url}/control").status_code == 401
    with process("--today", "2026-11-23") as served:
        assert served.rows() == before
    with process("--today", "2026-11-30") as served:
        after = served.rows()
    assert after.keys() - before.keys()
    assert all(after[key] == before[key] for key in before if key in after)


def test_the_links_of_a_real_process() -> None:
    """The links name a port of the same process, where they are served without the key."""
    with process() as served:
        statement = served.get("/v2/statements")["statements"][0]["file"]
        answer = httpx2.get(statement["file_url"])
        assert (answer.status_code, len(answer.content)) == (200, statement["file_size"])
        assert re.fullmatch(r"http://localhost:\d+/statements/.*", statement["file_url"])


def test_oauth_in_a_real_process() -> None:
    """With --auth oauth the key is refused, and the printed app gets tokens."""
    with process("--auth", "oauth") as served:
        names = {"client_id": "PRIMANOTA_OAUTH_CLIENT_ID", "client_secret": "PRIMANOTA_OAUTH_CLIENT_SECRET"}
        app = {field: served.variables[name] for field, name in names.items()}
        back = "http://127.0.0.1:9/callback"
        asked = {**app, "redirect_uri": back, "response_type": "code", "scope": "organization.read"}
        sent = httpx2.get(f"{served.url}/oauth2/auth", params=asked).headers["Location"]
        form = {**app, "grant_type": "authorization_code", "code": httpx2.URL(sent).params["code"]}
        tokens = httpx2.post(f"{served.url}/oauth2/token", data={**form, "redirect_uri": back}).json()
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert httpx2.get(f"{served.url}/v2/organization", headers=headers).status_code == 200
        key = {"Authorization": f"{company_slug(1)}:{api_secret(1)}"}
        assert httpx2.get(f"{served.url}/v2/organization", headers=key).status_code == 401


def test_keys_at_a_terminal() -> None:
    """At a terminal a single key lets a day or a week pass, without Enter; after Ctrl-C the terminal is as before."""
    steps = [("help.", b"w"), ("a week passes", b"d"), ("a day passes", b"?"), ("help.", b"\x03")]
    words = ["simulator", "--port", free_port(), "--control", "--today", "2026-11-23", "--size", "120"]
    ended = press_keys(words, steps, environment.plain())
    assert (ended.code, "echo is on" in ended.shown) == (0, True)
