"""The faults of the host of the files: which of them strikes a download, and how it is answered."""

from collections.abc import Callable, Container

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from primanota.simulator.faults.catalogue import FILE_FAULTS
from primanota.simulator.files.signed_urls import StorageError
from primanota.simulator.http.broken_connections import (
    CLOSE_CONNECTION,
    IN_PROCESS,
    ConnectionDropped,
    close_connection,
    drop,
    extensions,
    truncated,
)

_TOO_LARGE = 17_000_000
_TEXT = b"This is not the file."


class FileFaults:
    """The faults of one host.

    Args:
        chosen: returns the names of the faults that were chosen.
    """

    def __init__(self, chosen: Callable[[], Container[str]]) -> None:
        self._chosen = chosen
        self._struck: set[tuple[str, str]] = set()

    def of(self, path: str) -> str:
        """Return the fault that strikes this download of a file; empty if none does. One with `once` strikes once."""
        for name in sorted(FILE_FAULTS):
            if name not in self._chosen() or (name, path) in self._struck:
                continue
            if name.endswith("-once"):
                self._struck.add((name, path))
            return name.removesuffix("-once")
        return ""


def changed(fault: str, response: Response) -> Response:
    """Return the answer that a fault makes of a right one.

    Raises:
        StorageError: the host refuses the download.
    """
    if fault in {"file-expired", "file-refused"}:
        raise StorageError(403, "AccessDenied", "Request has expired")
    if fault == "file-host-down":
        raise StorageError(503, "SlowDown", "Please reduce your request rate.")
    if fault == "file-redirected":
        return Response(b"", 302, {"location": "https://elsewhere.example.com/file"})
    if fault == "file-wrong-type":
        return Response(_TEXT, 200, media_type="text/plain")
    if fault == "file-too-long":
        return Response(bytes(response.body) + b"\n", 200, media_type=response.media_type)
    if fault == "file-too-large":
        return Response(bytes(response.body).ljust(_TOO_LARGE, b"."), 200, media_type=response.media_type)
    return response


async def broken_off(fault: str, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """Send half of an answer, then close the connection or, if it stalls, let the client wait."""
    stalls = fault == "file-stalls"
    if stalls and IN_PROCESS in extensions(scope):
        raise ConnectionDropped("timeout")
    await response(scope, receive, truncated(send, more_body=stalls or CLOSE_CONNECTION in extensions(scope)))
    if stalls:
        await drop("timeout", scope, receive, send)
    else:
        await close_connection(scope, receive, reset=False)
