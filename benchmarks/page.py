"""The page over a large book: how long each screen takes, and the memory of its server."""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from company import EVER, Company, company
from measure import PROGRAM, environment, note, shown
from result import Result, Row, Table
from scale import Scale

_SCREENS = (
    *("/", "/review", "/review?kind=receipt", "/proof", "/proof/certificate", "/rows", "/rows?text=vattenfall"),
    *("/rows?amount=117,44", "/batches", "/batches/1", "/preview", "/flows", "/doctor"),
)
_MEMORY = re.compile(r"VmHWM:\s+(\d+) kB")


def measure(scale: Scale) -> Result:
    """Ask for each screen of a book of the largest usual size, several times."""
    of = company(scale.sizes[-1])
    note(f"page: {of.size:,} transactions")
    of.run("export", "lexware", *EVER, "--to", str(of.files))
    with _page(of) as (process, host, cookie):
        took = {path: median(_seconds(host, cookie, path) for _ in range(scale.rounds + 1)) for path in _SCREENS}
        peak = _MEMORY.search(Path(f"/proc/{process.pid}/status").read_text(encoding="ascii"))
    slowest = max(took, key=lambda path: took[path])
    memory = f"{int(peak[1]) * 1024 / 1_000_000:.0f} MB" if peak else ""
    row = Row(
        f"Slowest screen of the page, {of.size:,} transactions",
        f"`{slowest}`: {shown(took[slowest])}",
        f"median of all {len(took)}: {shown(median(took.values()))}",
        "",
        memory,
        "each under 0.3 s, 150 MB",
    )
    return Result([row], [Table("page", ("Screen", "Time"), [(f"`{path}`", shown(took[path])) for path in took])])


@contextmanager
def _page(of: Company) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Serve the page; yield its process, its host and port, and the cookie of a browser that has entered."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [PROGRAM, "web"], env=environment(of.bank.environment(of.home)), stdout=subprocess.PIPE, text=True
    )
    try:
        said = process.stdout.readline() if process.stdout else ""
        host, _, path = said.strip().partition("http://")[2].partition("/")
        connection = HTTPConnection(host)
        connection.request("GET", f"/{path}", headers={"Host": host})
        yield process, host, (connection.getresponse().getheader("Set-Cookie") or "").partition(";")[0]
    finally:
        process.terminate()
        process.wait()


def _seconds(host: str, cookie: str, path: str) -> float:
    """Return how long a screen takes, with a connection of its own."""
    started = time.perf_counter()
    connection = HTTPConnection(host)
    connection.request("GET", path, headers={"Host": host, "Cookie": cookie})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != HTTPStatus.OK:
        raise RuntimeError(f"{path} answers {answer.status}")
    return time.perf_counter() - started
