"""Letters of several bytes are whole in the book, wherever the bank's answer is cut on its way."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx2
import msgspec
import pytest

from primanota.app.progress import Silent
from primanota.app.syncing.sync import sync
from primanota.banks.qonto.bank import QontoBank
from primanota.banks.qonto.http.answer_body import _DECODED_AT_ONCE, Undecodable, decode_json
from primanota.banks.qonto.http.client import Client
from primanota.book import TRANSACTION, Book
from primanota.core.secret import Credentials, Secret
from primanota.simulator import Simulator
from tests.support.books.book_assertions import differences
from tests.support.books.book_world import CONNECTOR
from tests.support.clock import Clock
from tests.support.servers.scripted_server import JSON, answering

# Letters of two, three and four bytes. Nine and any power of two have no common divisor, so that among nine ends of
# pieces of such a size in a row each byte of them is one.
_LETTERS = "ä€😀"
_BYTES = len(_LETTERS.encode())


class _Text(msgspec.Struct):
    text: str


def _passed_on(simulator: Simulator, head: bytes, cut: Callable[[bytes], bytes], *, packed: bool) -> bytes:
    """Return the simulator's answer to a request, as it would come over the network."""
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    request = httpx2.Request("GET", f"http://127.0.0.1{first.split()[1]}", headers=headers)
    answer = simulator.transport().handle_request(request)
    body = answer.read()
    kept = {"Date": answer.headers["date"], **({"Content-Encoding": "gzip"} if packed else {})}
    named = "".join(f"{name}: {value}\r\n" for name, value in kept.items())
    return JSON + named.encode() + cut(gzip.compress(body) if packed else body)


def _chunks(body: bytes) -> bytes:
    """Send each byte as a chunk of its own."""
    return b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"


def _at_once(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
@pytest.mark.parametrize(("cut", "letters"), [(_chunks, 4), (_at_once, _DECODED_AT_ONCE)])
def test_letters_reach_the_book_unbroken(
    cut: Callable[[bytes], bytes], letters: int, *, packed: bool, clock: Clock, tmp_path: Path
) -> None:
    """A text whose letters have several bytes is stored as the bank has it, though each of them is cut somewhere."""
    note = _LETTERS * letters
    with Simulator(size=3, clock=clock) as simulator, Book(tmp_path / "a.book", clock.micros) as book:
        (key,) = simulator.bank.arrive(1)
        simulator.bank.edit(key, note=note)
        clock.now += timedelta(days=1)
        access = Credentials(simulator.login, Secret(simulator.secret))
        with (
            answering(lambda number: _passed_on(simulator, bank.heads[number], cut, packed=packed)) as bank,
            Client(access, api_url=bank.url, connections=1) as client,
        ):
            done, _ = sync(QontoBank(client, clock), book, CONNECTOR, Silent())
        assert all(one.proven for one in done)
        assert differences(simulator, book) == []
        assert msgspec.json.decode(next(book.versions(TRANSACTION, key)))["note"] == note


@pytest.mark.parametrize("before", range(_BYTES))
def test_letters_at_the_ends_of_what_is_checked_at_once(before: int) -> None:
    """A letter may lie across the end of what is checked at once; where it is broken, its place is named."""
    text = "x" * before + _LETTERS * (2 * _DECODED_AT_ONCE // _BYTES)
    body = msgspec.json.encode(_Text(text))
    assert decode_json(body, _Text).text == text
    broken = body[:-3] + b'"}'
    with pytest.raises(Undecodable, match=f"byte {len(body) - 6} is not UTF-8"):
        decode_json(broken, _Text)
