"""Charts as SVG, drawn here: a title, a description, no script and no style of their own."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup


class Frame(NamedTuple):
    """The size of a chart, in its own units."""

    width: int
    height: int


_SPARK = Frame(240, 48)


def _svg(frame: Frame, title: str, description: str, shapes: Sequence[str]) -> Markup:
    head = f'<svg class="chart" viewBox="0 0 {frame.width} {frame.height}" role="img">'
    words = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    return Markup(f"{head}{words}{''.join(shapes)}</svg>")  # noqa: S704 - its texts are escaped above


def _scaled(values: Sequence[float], low: float, high: float, size: float) -> list[float]:
    """Return values as distances from the top of an area that is so high."""
    span = (high - low) or 1
    return [round(size - (value - low) / span * size, 1) for value in values]


def sparkline(cents: Sequence[int | None], title: str, description: str) -> Markup:
    """Return a small line of balances, oldest first; unknown ones interrupt it."""
    known = [value for value in cents if value is not None]
    if not known:
        return Markup("")
    low, high = min(0, *known), max(0, *known)
    step = _SPARK.width / max(len(cents) - 1, 1)
    points = [
        None if value is None else (round(place * step, 1), _scaled([value], low, high, _SPARK.height - 4)[0] + 2)
        for place, value in enumerate(cents)
    ]
    zero = _scaled([0], low, high, _SPARK.height - 4)[0] + 2
    shapes = [f'<path class="axis" d="M0 {zero}H{_SPARK.width}"/>', f'<path class="line" d="{_path(points)}"/>']
    return _svg(_SPARK, title, description, shapes)


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Return the path through points; one that is not known interrupts it."""
    pairs = pairwise((None, *points))
    return "".join(f"{'L' if before else 'M'}{at[0]} {at[1]}" for before, at in pairs if at)
