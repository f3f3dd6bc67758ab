"""The simulator as an HTTP server on a real socket of this machine."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from starlette.types import Message

from primanota.cli import main
from primanota.simulator.http.server import open_listening_socket
from tests.simulator.api_client import ApiClient, OpenClient
from tests.support import environment
from tests.support.banks.simulator_server import served


@contextmanager
def http_client(client: ApiClient) -> Iterator[httpx2.Client]:
    """Serve the client's bank and yield an HTTP client of the server."""
    with (
        served(client.simulator) as url,
        httpx2.Client(base_url=url, headers={"Authorization": client.key}) as http,
    ):
        yield http


def test_same_answers(client: ApiClient) -> None:
    """The server's answers are those of the transport, with one Date header: the time of the simulator's clock."""
    with http_client(client) as http:
        answer = http.get("/v2/transactions", params={"bank_account_id": client.main})
        assert answer.json() == client.list_transactions().json()
        assert answer.headers.get_list("Date") == ["Mon, 23 Nov 2026 10:00:00 GMT"]
        assert "Server" not in answer.headers
        assert http.post("/v2/labels").status_code == 405


@pytest.mark.parametrize("name", ["reset", "truncated"])
def test_broken_connections(open_client: OpenClient, name: str) -> None:
    """A reset connection and a truncated body are errors for the client; the next request is served."""
    with http_client(open_client(faults=[name])) as http:
        codes = [http.get("/v2/membership").status_code for _ in range(2)]
        with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
            http.get("/v2/labels")
        assert [*codes, http.get("/v2/labels").status_code] == [200, 200, 200]


def test_time_out(open_client: OpenClient) -> None:
    """With the fault ``timeout``, the server does not answer, and the client times out."""
    with http_client(open_client(faults=["timeout"])) as http:
        for _ in range(2):
            http.get("/v2/membership")
        with pytest.raises(httpx2.ReadTimeout):
            http.get("/v2/labels", timeout=0.05)


def test_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    """A port in use is an error sentence, and no address is printed."""
    with open_listening_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert main(["simulator", "--port", str(port), "--size", "0"]) == 8
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"Port {port} cannot be opened: Address already in use." in printed.err


def test_printed_address_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server runs on the socket whose address is printed, and on one for the files."""
    served_at: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "uvicorn.Server.run", lambda _, sockets: served_at.extend(one.getsockname() for one in sockets)
    )
    with open_listening_socket("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    assert main(["simulator", "--port", str(port), "--size", "0"]) == 0
    assert [host for host, _ in served_at] == ["127.0.0.1"] * 2
    assert [place for _, place in served_at].index(port) == 0


def test_the_import_does_not_load_uvicorn() -> None:
    """Importing the simulator does not import uvicorn."""
    code = "import sys, primanota.simulator; sys.exit('uvicorn' in sys.modules)"
    assert environment.run([sys.executable, "-c", code]).returncode == 0


def test_latency(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a latency, the transport waits before each answer."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    client = open_client(size=0, latency=0.25)
    client.get("/v2/labels")
    assert waited == [0.25]


def test_a_late_504(open_client: OpenClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the fault ``timeout``, a client that waits long enough is answered 504."""
    monkeypatch.setattr("primanota.simulator.http.broken_connections._CLIENT_TIMEOUT", 0.01)
    with http_client(open_client(faults=["timeout"])) as http:
        assert [http.get("/v2/membership").status_code for _ in range(3)] == [200, 200, 504]


def test_latency_of_the_server(open_client: OpenClient) -> None:
    """The server answers with a latency, too."""
    with http_client(open_client(size=0, latency=0.001)) as http:
        assert http.get("/v2/labels").status_code == 200


def test_lifespan_events(client: ApiClient) -> None:
    """The app answers the lifespan events of an ASGI server."""
    received = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> Message:
        return received.pop(0)

    async def send(message: Message) -> None:
        sent.append(message["type"])

    asyncio.run(client.simulator.app({"type": "lifespan", "state": {}}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fault", "balance-gab@first"], "“balance-gab” is not a known fault."),
        (["--fault", "balance-gap@frist"], "unknown row of a fault: frist; known: first, middle, last, only."),
        (["--fault", "balance-gap:man"], "unknown account of a fault: man;"),
        (["--fault", "down@first"], "the fault down does not strike a row."),
        (["--today", "yesterday"], "“yesterday” is not a day."),
        (["--today", "1999-12-31"], "The invented company does not exist on 1999-12-31."),
    ],
)
def test_wrong_words(capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    """A fault, row, account or day that does not exist is an error sentence, and nothing is served."""
    assert main(["simulator", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
