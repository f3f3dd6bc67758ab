"""A browser without a window: it follows redirects, and notes in a folder what it was shown."""

import sys
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen


def redirect_of(address: str) -> str:
    """Return the address to which an address sends a browser."""
    parts = urlsplit(address)
    with closing(HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        return connection.getresponse().headers["Location"]


def visit(address: str) -> tuple[int, str, str]:
    """Return the status, the last address and the page of an address."""
    try:
        with urlopen(address, timeout=30) as answer:  # noqa: S310 - an address of this machine
            return answer.status, answer.url, answer.read().decode()
    except HTTPError as error:
        return error.code, error.url, error.read().decode()
    except (OSError, HTTPException) as error:
        return 0, address, f"{error}"


if __name__ == "__main__":
    status, last, page = visit(sys.argv[2])
    Path(sys.argv[1], "page.html").write_text(f"{status}\n{last}\n{page}", encoding="utf-8")
