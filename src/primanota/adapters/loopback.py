"""A server on this machine for one answer of a browser: the address to which a consent sends it (RFC 8252, 7.3)."""

import html
import os
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread

from primanota.core.errors import DeliveryFailed, ServiceUnavailable

HOST = "127.0.0.1"
PATH = "/callback"
_WAIT_SECONDS = 300
# A browser opens connections ahead of time on which it sends nothing.
_SILENT_SECONDS = 10
_PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>Primanota</title></head>
<body style="font: 1.2em sans-serif; margin: 4em auto; max-width: 30em"><p>{text}</p></body></html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Connection": "close",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Content-Type": "text/html; charset=utf-8",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Callback:
    """Listens for one answer: a GET of ``/callback`` that is the awaited one. Everything else gets an empty 404.

    Args:
        port: the port; 0 for a free one.

    Raises:
        DeliveryFailed: the port cannot be opened.
    """

    def __init__(self, port: int = 0) -> None:
        try:
            self._server = _Server((HOST, port), _Handler)
        except OSError as error:
            raise DeliveryFailed(
                f"Port {port} cannot be opened for the browser's answer: {error.strerror or error}.",
                "Choose another one with --port that is registered for the app, or use --manual.",
            ) from None

    @property
    def url(self) -> str:
        """The address to which the browser is sent."""
        return f"http://{self._server.authority}{PATH}"

    def wait(
        self, is_awaited: Callable[[str], bool], text: str, language: str, seconds: float = _WAIT_SECONDS
    ) -> str:
        """Return the query of the awaited answer, after its page was sent. It is taken once.

        Args:
            is_awaited: returns whether the query of an address is that of the awaited answer.
            text: is shown in the browser.
            language: the language of the text.
            seconds: how long to wait.

        Raises:
            ServiceUnavailable: no browser has brought it in time.
        """
        self._server.is_awaited = is_awaited
        self._server.page = _PAGE.format(language=html.escape(language), text=html.escape(text)).encode()
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            self._server.answered.wait(seconds)
        finally:
            self._server.shutdown()
            thread.join()
            self.close()  # at once, so that no further connection waits for an answer
        if self._server.query is None:
            raise ServiceUnavailable(
                f"The browser has not brought an answer within {seconds / 60:.0f} minutes.",
                "Run it again; if the browser is on another machine, with --manual.",
            )
        return self._server.query

    def close(self) -> None:
        """Close the port."""
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    """Each connection has a thread, so that a silent one does not keep the answer waiting."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = os.name == "posix"  # a fixed port is free again at once; on Windows it would be shared
    page = b""
    query: str | None = None

    def __init__(self, place: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(place, handler)
        self.authority = f"{HOST}:{self.server_address[1]}"
        self.answered = Event()
        self.is_awaited: Callable[[str], bool] = lambda _: False
        self._lock = Lock()

    def take(self, query: str) -> bool:
        """Return whether an answer is the awaited one, and the first."""
        with self._lock:
            if self.query is not None or not self.is_awaited(query):
                return False
            self.query = query
            return True

    def handle_error(self, *_: object) -> None:
        """Print nothing: a browser may close its connection at any time."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: _Server
    timeout = _SILENT_SECONDS
    server_version, sys_version = "primanota", ""

    def do_GET(self) -> None:
        """Send the page to who brings the awaited answer."""
        path, _, query = self.path.partition("?")
        is_here = path == PATH and self.headers.get("Host") == self.server.authority
        if not is_here or not self.server.take(query):
            self._send(HTTPStatus.NOT_FOUND, b"")
            return
        try:
            self._send(HTTPStatus.OK, self.server.page)
        finally:
            self.server.answered.set()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Refuse a request without a page that repeats it."""
        self._send(code, b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Log nothing: the address has the code."""

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True
