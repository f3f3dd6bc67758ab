"""What the benchmarks write: tables that keep other benchmarks' rows, and drawings."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from plot import Line, Panel, drawing
from result import Result, Row, Table
from table import Pages

_PAGE = """# Performance

<!-- table: written by benchmarks/run.py -->
<!-- end of table -->

Between.

<!-- growth: written by benchmarks/run.py -->
<!-- end of growth -->
"""


def _row(what: str) -> Row:
    return Row(what, "1 s", "2 s", "2 times as fast", "1 MB", "at least as fast")


def test_a_measurement_keeps_the_rows_of_other_benchmarks(tmp_path: Path) -> None:
    """A benchmark replaces its own rows in the common table, each with its moment, in the order of the benchmarks."""
    page = tmp_path / "performance.md"
    page.write_text(_PAGE, encoding="utf-8")
    today = [""]
    pages = Pages(tmp_path, lambda: today[0])
    for measured, what in (("export", "old"), ("sync", "first"), ("export", "new")):
        today[0] = f"the day of {what}"
        pages.write(["sync", "export"], measured, Result([_row(what)]))
    text = page.read_text(encoding="utf-8")
    lines = [line.split(" | ") for line in text.splitlines() if line.startswith(("| sync", "| export"))]
    assert [(line[0], line[1], line[-1]) for line in lines] == [
        ("| sync", "first", "the day of first |"),
        ("| export", "new", "the day of new |"),
    ]
    assert "\nBetween.\n" in text


def test_own_tables_and_drawings_are_written(tmp_path: Path) -> None:
    """A benchmark's own table is between its marks on the page, and its drawing is a file beside the page."""
    page = tmp_path / "performance.md"
    page.write_text(_PAGE, encoding="utf-8")
    table = Table("growth", ("Rows", "CPU"), [("10", "1 s")])
    Pages(tmp_path, lambda: "today").write(
        ["growth"], "growth", Result(tables=[table], drawings=[("growth.svg", "<svg/>")])
    )
    between = page.read_text(encoding="utf-8").partition("<!-- growth: written by benchmarks/run.py -->\n")[2]
    assert between.startswith("| Rows | CPU |\n| --- | --- |\n| 10 | 1 s |\n\nLast written today, on ")
    assert (tmp_path / "growth.svg").read_text(encoding="utf-8") == "<svg/>"


@pytest.mark.parametrize("count", [2, 4])
def test_a_drawing_has_a_point_for_each_value(count: int) -> None:
    """A drawing is well-formed and has each label, and a point within its frame for each value."""
    places = [10_000.0 * 10**place for place in range(count)]
    lines = [Line("one & <two>", [0.5] * count), Line("other", [2.0 + place for place in range(count)])]
    root = ET.fromstring(drawing("Title", places, [Panel("CPU", lines), Panel("Memory", lines)]))  # noqa: S314 - ours
    name = "{http://www.w3.org/2000/svg}"
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    points = list(root.iter(f"{name}circle"))
    assert len(points) == 2 * 2 * count
    assert all(0 < float(point.attrib["cx"]) < width and 0 < float(point.attrib["cy"]) < height for point in points)
    assert [text.text for text in root.iter(f"{name}text")].count("one & <two>") == 2
