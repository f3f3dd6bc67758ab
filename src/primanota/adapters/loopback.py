"""A server on this machine for one answer of a browser: the address to which a consent sends it (RFC 8252, 7.3)."""

import html
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event as _Event
from threading import Lock, Thread
from typing import Self

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
    """Listens for one answer, a GET of ``/callback`` that is the awaited one; all others get an empty 404.

    A context manager.

    Args:
        is_awaited: returns whether the query of an address is that of the awaited answer.
        text: is shown in the browser.
        language: the language of the text.
        port: the port; 0 for a free one.

    Raises:
        DeliveryFailed: the port cannot be opened.
    """

    def __init__(self, is_awaited: Callable[[str], bool], text: str, language: str, port: int = 0) -> None:
        self._is_awaited = is_awaited
        self._page = _PAGE.format(language=html.escape(language), text=html.escape(text)).encode()
        self._lock = Lock()
        self._query: str | None = None
        self._answered = _Event()
        try:
            self._server = _Server((HOST, port), self._handler())
        except OSError as error:
            raise DeliveryFailed(
                f"Port {port} cannot be opened for the browser's answer: {error.strerror or error}.",
                "Choose another one with --port that is registered for the app, or use --manual.",
            ) from None
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        """The address to which the browser is sent."""
        return f"http://{self._authority}{PATH}"

    def wait(self, seconds: float = _WAIT_SECONDS) -> str:
        """Return the query of the awaited answer, after its page was sent.

        Raises:
            ServiceUnavailable: no browser has brought it in time.
        """
        if not self._answered.wait(seconds) or self._query is None:
            raise ServiceUnavailable(
                f"The browser has not brought an answer within {seconds / 60:.0f} minutes.",
                "Run it again; if the browser is on another machine, with --manual.",
            )
        return self._query

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def _authority(self) -> str:
        return f"{HOST}:{self._server.server_address[1]}"

    def _take(self, query: str) -> bool:
        """Return whether an answer is the awaited one, and the first."""
        with self._lock:
            if self._query is not None or not self._is_awaited(query):
                return False
            self._query = query
            return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        callback = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _SILENT_SECONDS
            server_version, sys_version = "primanota", ""

            def do_GET(self) -> None:
                path, _, query = self.path.partition("?")
                is_own = path == PATH and self.headers.get("Host") == callback._authority
                if not is_own or not callback._take(query):
                    self._send(HTTPStatus.NOT_FOUND, b"")
                    return
                try:
                    self._send(HTTPStatus.OK, callback._page)
                finally:
                    callback._answered.set()

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
                if body:
                    self.wfile.write(body)
                self.close_connection = True

        return Handler


class _Server(ThreadingHTTPServer):
    """Each connection has a thread, so that a silent one does not keep the answer waiting."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = False

    def handle_error(self, *_: object) -> None:
        """Print nothing: a browser may close its connection at any time."""
