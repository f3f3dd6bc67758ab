"""The files behind the links: which file an address names, and the ASGI app of the host that serves them."""

from collections.abc import Callable, Container
from email.utils import format_datetime

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from primanota.simulator.bank.bank import SimulatedBank
from primanota.simulator.data.timestamps import to_datetime
from primanota.simulator.files.documents import document
from primanota.simulator.files.file_faults import FileFaults, broken_off, changed
from primanota.simulator.files.signed_urls import FileAddress, SignedUrls, StorageError
from primanota.simulator.state import RequestLog

_XML = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>{code}</Code><Message>{message}</Message></Error>"""


class StorageApp:
    """The host that serves files. It knows no API key: a request with an Authorization header is refused.

    Args:
        bank: the bank.
        urls: checks the links.
        faults: returns the names of the chosen faults.
    """

    def __init__(self, bank: SimulatedBank, urls: SignedUrls, faults: Callable[[], Container[str]]) -> None:
        self._bank = bank
        self._urls = urls
        self._faults = FileFaults(faults)
        self.requests = RequestLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            raise RuntimeError(f"the host of the files has no answer to {scope['type']}")
        now = self._bank.now()
        headers = {"date": format_datetime(to_datetime(now).replace(microsecond=0), usegmt=True)}
        self.requests.add(scope["path"], scope["query_string"].decode("latin-1"))
        fault = ""
        try:
            content, content_type = self._find(scope, now)
            fault = self._faults.of(scope["path"])
            response = changed(fault, Response(content, 200, headers, content_type))
        except StorageError as error:
            xml = _XML.format(code=error.code, message=error)
            response = Response(xml, error.status, headers, "application/xml")
        if fault in {"file-truncated", "file-stalls"}:
            await broken_off(fault, response, scope, receive, send)
        else:
            await response(scope, receive, send)

    def _find(self, scope: Scope, now: int) -> tuple[bytes, str]:
        """Return the bytes and the content type of the requested file."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise StorageError(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
        if any(name == b"authorization" for name, _ in scope["headers"]):
            message = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified"  # noqa: E501 - S3's own words
            raise StorageError(400, "InvalidArgument", message)
        path = scope.get("raw_path") or scope["path"].encode()
        file = self._urls.check(path.decode("latin-1"), scope["query_string"].decode("latin-1"), now)
        with self._bank.lock:
            self._bank.advance()
            return self._statement(file) if file.kind == "statements" else self._attachment(file, now)

    def _attachment(self, file: FileAddress, now: int) -> tuple[bytes, str]:
        attachments = self._bank.serializer.attachments
        found = attachments.find(file.id)
        stored = None if found is None else self._bank.table.one(found[0])
        if found is None or stored is None or found[1] >= stored.attachments:
            raise StorageError(404, "NoSuchKey", "The specified key does not exist.")
        shown = attachments.json(stored, found[1], now)
        for described in (shown, shown["probative_attachment"]):
            if described.get("file_name") == file.name:
                content_type = str(described["file_content_type"])
                return document(content_type, [file.name, file.id], int(described["file_size"])), content_type
        raise StorageError(404, "NoSuchKey", "The specified key does not exist.")

    def _statement(self, file: FileAddress) -> tuple[bytes, str]:
        statement = self._bank.statements.find(file.id, self._bank.now())
        if statement is None:
            raise StorageError(404, "NoSuchKey", "The specified key does not exist.")
        return self._bank.statements.pdf(statement), "application/pdf"
