"""The simulator over HTTP, on a real socket of this machine."""

import asyncio
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from starlette.types import Message

from primanota.cli import main
from primanota.simulator.serving import listening, server_for
from tests.simulator.visitor import Visit, Visitor
from tests.support import environment


@contextmanager
def served(visitor: Visitor) -> Iterator[httpx2.Client]:
    """A client that reaches the visitor's bank through a socket."""
    # With its protocol named, so that asyncio sends small answers at once (TCP_NODELAY).
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        server = server_for(visitor.box, host="127.0.0.1", port=0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            with httpx2.Client(base_url=base, headers={"Authorization": visitor.key}) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def test_same_answers(visitor: Visitor) -> None:
    """Through a socket the answers are those of the transport, with one Date: the simulator's own clock's."""
    with served(visitor) as client:
        answer = client.get("/v2/transactions", params={"bank_account_id": visitor.main})
        assert answer.json() == visitor.ask().json()
        assert answer.headers.get_list("Date") == ["Mon, 23 Nov 2026 10:00:00 GMT"]
        assert "Server" not in answer.headers
        assert client.post("/v2/labels").status_code == 405


@pytest.mark.parametrize("name", ["reset", "truncated"])
def test_broken_connections(visit: Visit, name: str) -> None:
    """A reset is a reset, a cut body is a cut body; the next request is served."""
    with served(visit(faults=[name])) as client:
        codes = [client.get("/v2/membership").status_code for _ in range(2)]
        with pytest.raises((httpx2.ReadError, httpx2.RemoteProtocolError)):
            client.get("/v2/labels")
        assert [*codes, client.get("/v2/labels").status_code] == [200, 200, 200]


def test_time_out(visit: Visit) -> None:
    """A request that is not answered in time is not answered: the client gives up."""
    with served(visit(faults=["timeout"])) as client:
        for _ in range(2):
            client.get("/v2/membership")
        with pytest.raises(httpx2.ReadTimeout):
            client.get("/v2/labels", timeout=0.05)


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever's port is taken is told so in a sentence, and is shown no address where another program answers."""
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert main(["simulator", "--port", str(port), "--size", "0"]) == 8
    said = capsys.readouterr()
    assert said.out == ""
    assert f"Port {port} cannot be opened: Address already in use." in said.err


def test_an_address_that_is_told_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody is told where to find the simulator, its port is its own."""
    served_at: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "uvicorn.Server.run", lambda _, sockets: served_at.extend(one.getsockname() for one in sockets)
    )
    with listening("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    assert main(["simulator", "--port", str(port), "--size", "0"]) == 0
    assert served_at == [("127.0.0.1", port)]


def test_import_is_light() -> None:
    """Importing the simulator does not import uvicorn."""
    words = "import sys, primanota.simulator; sys.exit('uvicorn' in sys.modules)"
    assert environment.run([sys.executable, "-c", words]).returncode == 0


def test_latency(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a latency every answer waits, without a socket in the caller's own thread."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    visitor = visit(size=0, latency=0.25)
    visitor.get("/v2/labels")
    assert waited == [0.25]


def test_patience_of_a_server(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that waits longer than anybody should gets 504 in the end."""
    monkeypatch.setattr("primanota.simulator.app._TOO_LONG", 0.01)
    with served(visit(faults=["timeout"])) as client:
        assert [client.get("/v2/membership").status_code for _ in range(3)] == [200, 200, 504]


def test_latency_of_a_server(visit: Visit) -> None:
    """Over a socket a latency does not stop other requests."""
    with served(visit(size=0, latency=0.001)) as client:
        assert client.get("/v2/labels").status_code == 200


def test_lifespan(visitor: Visitor) -> None:
    """The app may be run by any ASGI server, one that opens and closes it as well."""
    told = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    said: list[str] = []

    async def receive() -> Message:
        return told.pop(0)

    async def send(message: Message) -> None:
        said.append(message["type"])

    asyncio.run(visitor.box.app({"type": "lifespan", "state": {}}, receive, send))
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
