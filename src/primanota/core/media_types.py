"""Media types (MIME types) of files by the ending of their names: for S3 and for mails. Pure.

The table is fixed, not the system's, so that the same file gets the same type on every machine.
"""

from pathlib import PurePath

_MEDIA_TYPES = {
    ".csv": "text/csv",  # RFC 4180, RFC 7111
    ".txt": "text/plain",  # RFC 2046, 4.1.3
    ".xml": "application/xml",  # RFC 7303
    ".json": "application/json",  # RFC 8259, 11
    # Not registered. jsonlines.org names application/jsonl for .jsonl; application/x-ndjson belongs to .ndjson, and
    # RFC 6648 asks for no new names with x-.
    ".jsonl": "application/jsonl",
    ".ofx": "application/x-ofx",  # the OFX specification, HTTP headers
    ".qif": "application/x-qif",  # not registered; customary
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",  # IANA, ECMA-376
    ".zip": "application/zip",  # IANA, PKWARE APPNOTE
    ".book": "application/vnd.sqlite3",  # IANA
}


def media_type(name: str) -> str:
    """Return the media type of a file by its name; ``application/octet-stream`` (RFC 2046, 4.5.1) if not known."""
    return _MEDIA_TYPES.get(PurePath(name).suffix.lower(), "application/octet-stream")
