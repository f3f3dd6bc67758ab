"""A mail server that answers slowly, or without end, is given up in time."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from primanota.adapters.mail import Server, send, smtp, smtp_connection
from primanota.core.errors import DeliveryFailed

_SEND = (b"Subject: x\r\n\r\nx\r\n", "books@example.com", ["office@example.com"])


@contextmanager
def _server(greeting: bytes, piece: bytes, pause: float = 0) -> Iterator[Server]:
    """Yield a server that greets, and then sends a piece again and again."""

    def talk() -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                connection.sendall(greeting)
                while True:
                    connection.sendall(piece)
                    time.sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield Server("127.0.0.1", listener.getsockname()[1], "none")
        finally:
            thread.join()


@pytest.mark.parametrize("piece", [b"250-x\r\n" * 100, b"x" * 1_000])
@pytest.mark.parametrize("greeting", [b"", b"220 post\r\n"])
def test_endless_answers(greeting: bytes, piece: bytes) -> None:
    """Replies of endless lines, or of one endless line, are refused with one sentence, in bounded memory."""
    with _server(greeting, piece) as server, pytest.raises(DeliveryFailed, match=r"longer than 256 kB|Line too long"):
        send(*_SEND, server)


def test_an_answer_byte_by_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte now and then, and so never lets a read time out, is given up at the deadline."""
    monkeypatch.setattr(smtp, "_MOST_SECONDS", 0.2)
    with _server(b"220-", b"x", 0.01) as server, pytest.raises(DeliveryFailed, match="takes too long"):
        send(*_SEND, server)


def test_a_large_mail_is_sent_in_pieces_until_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more pieces are sent once the deadline has passed."""
    with _server(b"220 post\r\n", b"250 x\r\n", 0.01) as server:
        connection = smtp_connection.Connection(time.monotonic() + 60, server.host, server.port, "x")
        monkeypatch.setattr("primanota.adapters.mail.smtp_connection.time.monotonic", lambda: 1e12)
        try:
            with pytest.raises(DeliveryFailed, match="takes too long"):
                connection.send(bytes(100_000))
        finally:
            connection.close()
