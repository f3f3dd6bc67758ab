"""The page on a socket of this machine, and a client that says exactly what it is told to say."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlencode

from primanota.app.workspace import Workspace
from primanota.web.access import Access
from primanota.web.application import MakePages
from primanota.web.server import PageServer
from primanota.web.site import book_pages
from tests.support.servers.quick_server import QuickServer

_FORM = "application/x-www-form-urlencoded"


class Answered(NamedTuple):
    """An answer: its status, its headers by lower-case name, its text."""

    status: int
    headers: dict[str, str]
    text: str


class PageClient:
    """A client of a page; without ``cookie`` one that has not entered."""

    def __init__(self, access: Access, cookie: str = "") -> None:
        self.access = access
        self.cookie = cookie

    def get(self, path: str, **headers: str) -> Answered:
        """Ask for a screen."""
        return self.send("GET", path, headers)

    def post(
        self, path: str, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Send a form as a browser does from this page; headers replace its own, and empty ones leave them out."""
        return self.post_fields(path, [*(fields or {}).items()], headers)

    def post_fields(
        self, path: str, fields: Sequence[tuple[str, str]], headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Send a form that may have a field several times."""
        own = {"Origin": self.access.origin, "Sec_Fetch_Site": "same-origin", "Content_Type": _FORM}
        sent = own | dict(headers or {})
        named = {name for name, _ in fields}
        body = urlencode([*fields, *([] if "form_token" in named else [("form_token", self.access.form_token)])])
        return self.send("POST", path, sent, body)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: str | None = None) -> Answered:
        """Send a request with these headers alone, their names with underscores."""
        host, _, port = self.access.host.partition(":")
        connection = HTTPConnection(host, int(port), timeout=30)
        said = {"Host": self.access.host, "Cookie": f"{self.access.cookie_name}={self.cookie}", **headers}
        connection.putrequest(method, path, skip_host=True)
        for name, value in said.items():
            if value:
                connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body.encode())))
        connection.endheaders(body.encode() if body is not None else None)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return Answered(answer.status, {name.lower(): value for name, value in answer.getheaders()}, text)

    @property
    def entered(self) -> "PageClient":
        """A client with the cookie of the page."""
        return PageClient(self.access, self.access.cookie)


@contextmanager
def page_of(
    workspaces: Callable[[], Workspace], *, can_write: bool = False, language: str = "en", idle_seconds: float = 3600
) -> Iterator[PageClient]:
    """Serve the page of a book until the end of the block; yield a client that has not entered."""
    with serving(book_pages(workspaces, language), can_write=can_write, idle_seconds=idle_seconds) as client:
        yield client


@contextmanager
def serving(pages: MakePages, *, can_write: bool = False, idle_seconds: float = 3600) -> Iterator[PageClient]:
    """Serve pages until the end of the block; yield a client that has not entered."""
    server = PageServer(pages, can_write=can_write, idle_seconds=idle_seconds)
    server._server = QuickServer(server._server.config)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield PageClient(server.access)
    finally:
        server.stop()
        thread.join(timeout=30)
