"""Draw lines over logarithmic axes as SVG."""

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

_WIDTH, _HEIGHT = 400, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 92, 34, 34
_COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#8a6d00",
    "#333333",
)  # told apart by colour-blind people, too
_LABEL_HEIGHT = 13


class Line(NamedTuple):
    """A line: its label, and a value for each place of the x axis."""

    label: str
    values: Sequence[float]


class Panel(NamedTuple):
    """A chart: its title, and its lines."""

    title: str
    lines: Sequence[Line]


def drawing(title: str, places: Sequence[float], panels: Sequence[Panel]) -> str:
    """Return charts side by side, over the same places of the x axis."""
    width = _WIDTH * len(panels)
    body = "\n".join(line for number, panel in enumerate(panels) for line in _panel(panel, places, number * _WIDTH))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="11">\n<title>{escape(title)}</title>\n'
        f'<rect width="{width}" height="{_HEIGHT}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _panel(panel: Panel, places: Sequence[float], offset: int) -> Iterator[str]:
    values = [value for line in panel.lines for value in line.values]
    across = _Axis(min(places), max(places), offset + _LEFT, offset + _WIDTH - _RIGHT)
    up = _Axis(min(values), max(values), _HEIGHT - _BOTTOM, _TOP)
    yield f'<text x="{offset + _LEFT}" y="18" font-size="13">{escape(panel.title)}</text>'
    for tick in up.ticks():
        y = up.place(tick)
        yield f'<path d="M{across.start} {y:.1f}H{across.end}" stroke="#dddddd"/>'
        yield f'<text x="{across.start - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
    for value in places:
        x = across.place(value)
        yield f'<path d="M{x:.1f} {up.start}V{up.end}" stroke="#dddddd"/>'
        yield f'<text x="{x:.1f}" y="{up.start + 16}" text-anchor="middle">{_short(value)}</text>'
    yield from _lines(panel.lines, places, across, up)


def _lines(lines: Sequence[Line], places: Sequence[float], across: "_Axis", up: "_Axis") -> Iterator[str]:
    """Draw the lines, and their labels beside their ends, none over another."""
    above = -math.inf
    ordered = sorted(zip(lines, _COLOURS, strict=False), key=lambda pair: -pair[0].values[-1])
    for line, colour in ordered:
        points = [(across.place(place), up.place(value)) for place, value in zip(places, line.values, strict=True)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>' for x, y in points)
        above = max(points[-1][1] + 4, above + _LABEL_HEIGHT)
        yield f'<text x="{across.end + 8}" y="{above:.1f}" fill="{colour}">{escape(line.label)}</text>'


class _Axis:
    """A logarithmic axis from pixel `start` to pixel `end`, wide enough for two values."""

    def __init__(self, least: float, most: float, start: float, end: float) -> None:
        self.start, self.end = start, end
        self._first, self._last = math.log10(least * 0.9), math.log10(most * 1.1)

    def place(self, value: float) -> float:
        """Return the pixel of a value."""
        share = (math.log10(value) - self._first) / (self._last - self._first)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Return 1, 2 and 5 of each power of ten within the axis."""
        exponents = range(math.floor(self._first), math.ceil(self._last) + 1)
        found = [step * 10.0**exponent for exponent in exponents for step in (1, 2, 5)]
        return [tick for tick in found if self._first <= math.log10(tick) <= self._last]


def _short(value: float) -> str:
    thousand = 1_000
    return f"{value / thousand**2:g} M" if value >= thousand**2 else f"{value / thousand:g} k"
