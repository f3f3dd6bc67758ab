"""What a book costs that grows: the weekly job with 20 new rows, later syncs, review, check, and the disk."""

from collections.abc import Callable
from typing import NamedTuple

from company import Company, company
from measure import Took, cpu, median, note, shown
from plot import Line, Panel, drawing
from prepared import ADDED
from result import Result, Row, Table
from scale import Scale

_LATENCY = 0.15
_PROMISED = 300_000  # the smallest size of which the promises speak
_MICRO = 1_000_000
_DRAWING = "growth.svg"
_WEEK = ("run", "lexware", "--new")
_HEADINGS = (
    "Transactions",
    "First sync, a row",
    "Disk, a row",
    "Sync, nothing new, 150 ms a request",
    "Week, text",
    "Week, `--json`",
    "`export --new`",
    "`review`",
    "`review --json`",
    "`status`",
    "`list --text`",
    "`check`, a row",
)


class Point(NamedTuple):
    """The medians for a book of one size."""

    size: int
    filling: Took
    bytes_a_row: float
    requests: int
    sync: Took
    week: Took
    week_json: Took
    export: Took
    review: Took
    review_json: Took
    status: Took
    search: Took
    check: Took

    @property
    def of_commands(self) -> tuple[Took, ...]:
        """Return what the commands took that are quick, in the order of their headings."""
        return (self.week, self.week_json, self.export, self.review, self.review_json, self.status, self.search)

    def micros(self, took: Took) -> str:
        """Return the CPU time of a transaction."""
        return f"{took.cpu / self.size * _MICRO:.1f} µs"


def measure(scale: Scale) -> Result:
    """Measure a book of each size, and compare the large ones with the smallest."""
    points = [_point(company(size), scale.rounds) for size in scale.sizes]
    large = [point for point in points[1:] if point.size >= _PROMISED] or points[-1:]
    rows = [row for point in large for row in _rows(points[0], point)]
    return Result(
        rows, [Table("growth", _HEADINGS, [_cells(point) for point in points])], [(_DRAWING, _draw(points))]
    )


def _point(of: Company, rounds: int) -> Point:
    note(f"growth: {of.size:,} transactions")
    to = ("--to", str(of.files))
    of.run(*_WEEK, "--since", "2000-01-01", *to)  # everything is exported once; from now on few rows are new
    of.bank.delay(_LATENCY)
    of.bank.counts()
    sync = _repeated(rounds, lambda: of.run("sync"))
    requests = of.bank.counts().requests // (rounds + 1)
    week = _repeated(rounds, lambda: of.run(*_WEEK, *to), before=of.bank.add)
    week_json = _repeated(rounds, lambda: of.run(*_WEEK, *to, "--json", discards=True), before=of.bank.add)
    export = _repeated(rounds, lambda: of.run("export", "lexware", "--new", *to), before=lambda: _grow(of))
    review = _repeated(rounds, lambda: of.run("review"))
    review_json = _repeated(rounds, lambda: of.run("review", "--json", discards=True))
    status = _repeated(rounds, lambda: of.run("status"))
    search = _repeated(rounds, lambda: of.run("list", "--text", "vattenfall"))
    check = _repeated(rounds, lambda: of.run("check"))
    of.bank.delay(0)
    measured = (sync, week, week_json, export, review, review_json, status, search, check)
    note("".join(f"  {one.seconds:.2f} s, {one.cpu:.2f} s of CPU, {one.megabytes:.0f} MB\n" for one in measured))
    return Point(of.size, of.filling, of.bytes_of_book / of.size, requests, *measured)


def _repeated(rounds: int, once: Callable[[], Took], before: Callable[[], object] | None = None) -> Took:
    """Return the median of some rounds, after one that is not measured."""
    took = []
    for _ in range(rounds + 1):
        if before:
            before()
        took.append(once())
    return median(took[1:])


def _grow(of: Company) -> None:
    of.bank.add()
    of.run("sync")


def _cells(point: Point) -> tuple[str, ...]:
    return (
        f"{point.size:,}",
        f"{point.micros(point.filling)}, {point.filling.megabytes:.0f} MB",
        f"{point.bytes_a_row:,.0f} bytes",
        f"{point.sync.seconds:.2f} s, {point.requests} requests",
        *map(_short, point.of_commands),
        f"{point.micros(point.check)}, {point.check.megabytes:.0f} MB",
    )


def _short(took: Took) -> str:
    return f"{took.cpu:.2f} s, {took.megabytes:.0f} MB"


def _rows(small: Point, large: Point) -> list[Row]:
    """Return the rows of one large book, each with its promise."""
    size, new = f"{large.size:,}", f"{ADDED} new rows among {large.size:,}"
    flat = "nearly the same for a million"
    return [
        _compared(f"Week, text: {new}", small, large, "week", f"at most 1 s of CPU and 100 MB, {flat}"),
        _compared(f"Week, `--json`: {new}", small, large, "week_json", f"at most 1 s of CPU and 100 MB, {flat}"),
        _compared(f"`export --new`: {new}", small, large, "export", "at most 0.5 s of CPU for a million"),
        _compared(f"`review` of {size}", small, large, "review", "at most 1 s of CPU and 120 MB for a million"),
        _compared(f"`status` of {size}", small, large, "status", "at most 0.4 s of CPU for 300,000"),
        Row(
            f"Sync of {size}, nothing new, 150 ms a request",
            f"{shown(large.sync.seconds)}, {large.requests} requests, {cpu([large.sync])}",
            f"with {small.size:,}: {shown(small.sync.seconds)}, {small.requests} requests",
            f"{large.sync.seconds / small.sync.seconds:.2f} times as long",
            f"{large.sync.megabytes:.0f} MB against {small.sync.megabytes:.0f} MB",
            "at most 0.9 s and 24 requests for 300,000",
        ),
        _of_a_row(f"`check` of {size}", small, large, "check", "at most 20 µs of CPU a row for 300,000"),
        _of_a_row(f"First sync of {size}, no latency, no limits", small, large, "filling", "at most 120 MB"),
        Row(
            f"Disk for {size}",
            f"{large.bytes_a_row:,.0f} bytes a row",
            f"with {small.size:,}: {small.bytes_a_row:,.0f} bytes a row",
            f"{large.bytes_a_row / small.bytes_a_row:.2f} times as much a row",
            "",
            "at most 1,950 bytes a row",
        ),
    ]


def _compared(what: str, small: Point, large: Point, name: str, promise: str) -> Row:
    ours: Took = getattr(large, name)
    other: Took = getattr(small, name)
    ratio = f"{ours.cpu / other.cpu:.2f} times the CPU of a book with 1/{large.size // small.size} of the rows"
    memory = f"{ours.megabytes:.0f} MB against {other.megabytes:.0f} MB"
    return Row(what, cpu([ours]), f"with {small.size:,}: {cpu([other])}", ratio, memory, promise)


def _of_a_row(what: str, small: Point, large: Point, name: str, promise: str) -> Row:
    ours: Took = getattr(large, name)
    other: Took = getattr(small, name)
    ratio = f"{(ours.cpu / large.size) / (other.cpu / small.size):.2f} times the CPU a row"
    memory = f"{ours.megabytes:.0f} MB against {other.megabytes:.0f} MB"
    return Row(
        what,
        f"{large.micros(ours)} of CPU a row",
        f"with {small.size:,}: {small.micros(other)}",
        ratio,
        memory,
        promise,
    )


def _draw(points: list[Point]) -> str:
    sizes = [point.size for point in points]
    shown_lines = (("week, --json", "week_json"), ("week, text", "week"), ("review", "review"), ("sync", "sync"))
    lines = (*shown_lines, ("export --new", "export"), ("check", "check"))
    taken: dict[str, list[Took]] = {label: [getattr(point, name) for point in points] for label, name in lines}
    return drawing(
        "CPU time and peak memory by the number of transactions in the book; both axes are logarithmic",
        sizes,
        [
            Panel("CPU seconds", [Line(label, [one.cpu for one in found]) for label, found in taken.items()]),
            Panel(
                "Peak memory in MB", [Line(label, [one.megabytes for one in found]) for label, found in taken.items()]
            ),
        ],
    )
