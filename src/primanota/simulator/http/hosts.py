"""The hosts behind one server: the API, the files on a port of their own, and the control if there is one."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from primanota.simulator.files.signed_urls import SignedUrls


class Hosts:
    """An ASGI app that passes a request to the app of its port or path.

    Args:
        api: the app of the API; it gets all events that are no requests, too.
        storage: the app of the host of the files.
        urls: the links to the files, whose address has the port of that host.
    """

    def __init__(self, api: ASGIApp, storage: ASGIApp, urls: SignedUrls) -> None:
        self._api = api
        self._storage = storage
        self._urls = urls
        self._control: tuple[str, ASGIApp] | None = None

    def add_control(self, path: str, app: ASGIApp) -> None:
        """Serve the control below a path of the API's port."""
        self._control = (path, app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one event on."""
        await self._app_of(scope)(scope, receive, send)

    def _app_of(self, scope: Scope) -> ASGIApp:
        if scope["type"] != "http":
            return self._api
        server = scope.get("server")
        if server is not None and server[1] is not None and server[1] == urlsplit(self._urls.base).port:
            return self._storage
        if self._control is not None and f"{scope['path']}/".startswith(f"{self._control[0]}/"):
            return self._control[1]
        return self._api
