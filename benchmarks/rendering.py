"""(d) Each format over 100,000 rows in memory, compared with a csv loop written by hand over the same rows."""

import json
import statistics
import sys

from measure import HERE, note, run, spread
from result import Result, Table
from scale import Scale

from primanota.formats import FORMATS

_HEADINGS = ("Format", "Rows a second", "A csv loop's", "Ratio: median (least to most)", "Bytes a row")


def measure(scale: Scale) -> Result:
    """Return a table with a row for each format, each measured in a separate process."""
    return Result(tables=[Table("formats", _HEADINGS, [_line(name, scale.rendered) for name in FORMATS])])


def _line(name: str, rows: int) -> tuple[str, ...]:
    found = json.loads(run(sys.executable, str(HERE / "render.py"), name, str(rows)).said)
    ours, loop = zip(*found["rounds"], strict=True)
    ratios = [one / other for one, other in zip(ours, loop, strict=True)]
    note(f"formats: {name} {_speed(ours, rows)} rows a second")
    return (
        name,
        _speed(ours, rows),
        _speed(loop, rows),
        spread(ratios, "times as long"),
        f"{found['size'] / rows:.0f}",
    )


def _speed(seconds: tuple[float, ...], rows: int) -> str:
    return f"{round(rows / statistics.median(seconds), -3):,.0f}"
