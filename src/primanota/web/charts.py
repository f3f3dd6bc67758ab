"""Charts as SVG, drawn here: a title, a description, no script and no style of their own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup


class Frame(NamedTuple):
    """The size of a chart, in its own units."""

    width: int
    height: int
    kind: str = "chart"


class Words(NamedTuple):
    """What a chart says: title, description, and how an amount in cents is written."""

    title: str
    description: str
    money: Callable[[int], str]


class Bar(NamedTuple):
    """Money in and out, in cents, under a name; out is negative."""

    name: str
    sum_in: int
    sum_out: int

    @property
    def net(self) -> int:
        """Return in less out."""
        return self.sum_in + self.sum_out


_SPARK = Frame(240, 48)
# Above and below the area of a wide chart is room for its labels, which are larger on a narrow screen.
_WIDE, _TALL, _TOP, _AREA = Frame(1000, 340, "chart wide"), Frame(1000, 380, "chart wide"), 40, 250
_LIST_WIDTH, _LIST_ROW, _NAME_LENGTH = 360, 44, 32
# Below the columns is room for so many names; on a narrow screen for one of three.
_MOST_NAMES, _ONE_OF = 12, 3


def _svg(frame: Frame, title: str, description: str, shapes: Iterable[str]) -> Markup:
    head = f'<svg class="{frame.kind}" viewBox="0 0 {frame.width} {frame.height}" role="img">'
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


def steps(
    points: Sequence[tuple[float, int | None]],
    gaps: Sequence[tuple[float, float]],
    ends: tuple[str, str],
    words: Words,
) -> Markup:
    """Return a line of balances that goes from one to the next in a step; unknown ones interrupt it.

    Args:
        points: the balances, each with its place between 0 and 1.
        gaps: from which to which place something is missing.
        ends: what is written below both ends.
        words: what it says.
    """
    known = [cents for _, cents in points if cents is not None]
    if not known:
        return Markup("")
    low, high = _range(known)
    path, is_open = "", False
    for place, cents in points:
        across = round(place * _WIDE.width, 1)
        if cents is not None:
            down = _down(cents, low, high)
            path += f"H{across}V{down}" if is_open else f"M{across} {down}"
        is_open = cents is not None
    lines = dict.fromkeys((high, low, *((0,) if low < 0 < high else ())))
    shapes = [*_rules(lines, low, high), *map(_gap, gaps), f'<path class="line" d="{path}"/>']
    shapes += [*_amounts(lines, low, high, words), *_below(ends)]
    return _svg(_WIDE, words.title, words.description, shapes)


def columns(bars: Sequence[Bar], words: Words) -> Markup:
    """Return columns of money: in above the axis, out below it, and a line of in less out."""
    if not bars:
        return Markup("")
    low, high = min(0, *(one.sum_out for one in bars)), max(0, *(one.sum_in for one in bars))
    step, zero = _WIDE.width / len(bars), _down(0, low, high)
    shapes, points = [*_rules((0, high, low), low, high)], list[tuple[float, float] | None]()
    for place, one in enumerate(bars):
        middle, width = round((place + 0.5) * step, 1), round(min(step * 0.6, 60), 1)
        left, top, bottom = round(middle - width / 2, 1), _down(one.sum_in, low, high), _down(one.sum_out, low, high)
        shapes.append(f'<rect class="in" x="{left}" y="{top}" width="{width}" height="{round(zero - top, 1)}"/>')
        shapes.append(f'<rect class="out" x="{left}" y="{zero}" width="{width}" height="{round(bottom - zero, 1)}"/>')
        points.append((middle, _down(one.net, low, high)))
    shapes += _names(bars, step)
    shapes.append(f'<path class="line net" d="{_path(points)}"/>')
    shapes += [f'<text x="0" y="{_TOP - 6}">{escape(words.money(high))}</text>']
    shapes += [f'<text x="0" y="{_TOP + _AREA + 30}">{escape(words.money(low))}</text>']
    shapes += [f'<circle class="net" cx="{at[0]}" cy="{at[1]}" r="5"/>' for at in points if at]
    return _svg(_TALL, words.title, words.description, shapes)


def ranking(bars: Sequence[Bar], words: Words) -> Markup:
    """Return two thin bars for each name, money in and below it money out, with in less out beside the name."""
    most = max((value for one in bars for value in (one.sum_in, -one.sum_out)), default=0) or 1
    shapes = list[str]()
    for place, one in enumerate(bars):
        top = place * _LIST_ROW
        name = one.name if len(one.name) <= _NAME_LENGTH else f"{one.name[: _NAME_LENGTH - 1]}…"
        shapes.append(f'<text x="0" y="{top + 14}">{escape(name)}</text>')
        net = escape(words.money(one.net))
        shapes.append(f'<text x="{_LIST_WIDTH}" y="{top + 14}" text-anchor="end">{net}</text>')
        for kind, value, below in (("in", one.sum_in, 21), ("out", -one.sum_out, 29)):
            if value:
                width = max(round(value / most * _LIST_WIDTH, 1), 1)
                shapes.append(f'<rect class="{kind}" x="0" y="{top + below}" width="{width}" height="7"/>')
    return _svg(Frame(_LIST_WIDTH, max(len(bars), 1) * _LIST_ROW), words.title, words.description, shapes)


def _down(cents: int, low: int, high: int) -> float:
    return round(_scaled([cents], low, high, _AREA)[0] + _TOP, 1)


def _range(known: Sequence[int]) -> tuple[int, int]:
    """Return the lowest and the highest amount of an area: from zero on, unless its steps would be too small then."""
    low, high = min(known), max(known)
    if high - low >= min(abs(low), abs(high)):
        return min(low, 0), max(high, 0)
    return low, high


def _rules(lines: Iterable[int], low: int, high: int) -> Iterator[str]:
    """Yield a line across the area at each amount."""
    return (f'<path class="axis" d="M0 {_down(cents, low, high)}H{_WIDE.width}"/>' for cents in lines)


def _amounts(lines: Iterable[int], low: int, high: int, words: Words) -> Iterator[str]:
    """Yield the amounts above their lines, as far as there is room for them."""
    written = list[float]()
    for cents in lines:
        down = _down(cents, low, high)
        if all(abs(down - other) >= _TOP for other in written):
            yield f'<text x="0" y="{round(down - 6, 1)}">{escape(words.money(cents))}</text>'
            written.append(down)


def _names(bars: Sequence[Bar], step: float) -> Iterator[str]:
    """Yield names below their columns, as far as there is room for them."""
    each = -(-len(bars) // _MOST_NAMES)
    for number, place in enumerate(range(0, len(bars), each)):
        minor = ' class="minor"' if len(bars) > _ONE_OF and number % _ONE_OF != 1 else ""
        middle = round((place + 0.5) * step, 1)
        name = escape(bars[place].name)
        yield f'<text{minor} x="{middle}" y="{_TALL.height - 8}" text-anchor="middle">{name}</text>'


def _gap(ends: tuple[float, float]) -> str:
    """Return the mark of a gap, wide enough to be seen."""
    left, right = (round(end * _WIDE.width, 1) for end in ends)
    left = min(left, _WIDE.width - 6)
    width = round(max(right - left, 6), 1)
    return f'<rect class="gap" x="{left}" y="{_TOP}" width="{width}" height="{_AREA}"/>'


def _below(ends: tuple[str, str]) -> Iterator[str]:
    first, last = map(escape, ends)
    yield f'<text x="0" y="{_WIDE.height - 8}">{first}</text>'
    yield f'<text x="{_WIDE.width}" y="{_WIDE.height - 8}" text-anchor="end">{last}</text>'


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Return the path through points; one that is not known interrupts it."""
    pairs = pairwise((None, *points))
    return "".join(f"{'L' if before else 'M'}{at[0]} {at[1]}" for before, at in pairs if at)
