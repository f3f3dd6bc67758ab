"""Show a page of the documentation in a terminal: plain text, folded to a width."""

import re
import textwrap
from collections.abc import Callable, Iterator
from typing import NamedTuple

from primanota.core.text import display_width

_CODE = re.compile(r"`([^`]+)`")
_KEPT = re.compile("\0([0-9]+)\0")  # stands for code while the other marks are removed
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)]+\)")
_LINK = re.compile(r"\[([^\[\]]+)\]\(([^)\s]+)\)")
_STRONG = re.compile(r"\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])")
_ITEM = re.compile(r"(- |\d+\. )")
_HEADING = re.compile(r"(#+) (.+)")
_UNDERLINES = {1: "=", 2: "-"}
_GAP = 2


class Links(NamedTuple):
    """How links are shown: ``page`` returns the name of a page by its path; ``named`` has those that were shown."""

    page: Callable[[str], str]
    named: dict[str, None]


def plain(text: str, width: int, page: Callable[[str], str]) -> list[str]:
    """Return the lines of a page.

    Args:
        text: the page, in Markdown.
        width: the most letters of a line; code is never folded.
        page: returns the name of a page by the path that a link to it has.
    """
    links = Links(page, {})
    lines = list(_blocks(text.splitlines(), width, links))
    return [*lines, "", "[name]: primanota help name"] if links.named else lines


def _blocks(source: list[str], width: int, links: Links) -> Iterator[str]:
    """Yield the lines of blocks, with an empty line between two."""
    at = 0
    while at < len(source):
        line = source[at]
        if not line.strip():
            at += 1
            continue
        taken, shown = _block(source[at:], width, links)
        if at and not (_ITEM.match(line) and source[at - 1].strip()):  # the items of a list stay together
            yield ""
        yield from shown
        at += taken


def _block(source: list[str], width: int, links: Links) -> tuple[int, list[str]]:
    """Return how many lines the first block has, and its lines as they are shown."""
    first = source[0]
    if first.startswith("```"):
        end = next((place for place, line in enumerate(source[1:], 1) if line.startswith("```")), len(source))
        return end + 1, [f"    {line}".rstrip() for line in source[1:end]]
    if heading := _HEADING.match(first):
        title = _inline(heading[2], links)
        return 1, [
            title,
            *([_UNDERLINES[len(heading[1])] * display_width(title)] if len(heading[1]) in _UNDERLINES else []),
        ]
    if first.startswith("    "):
        taken = _count(source, lambda line: line.startswith("    "))
        return taken, source[:taken]
    if first.startswith("|"):
        taken = _count(source, lambda line: line.startswith("|"))
        return taken, _table(source[:taken], width, links)
    if item := _ITEM.match(first):
        return _item(source, item[1], width, links)
    taken = 1 + _count(source[1:], lambda line: bool(line.strip()) and not _begins_block(line))
    return taken, _folded(_inline(" ".join(map(str.strip, source[:taken])), links), width)


def _begins_block(line: str) -> bool:
    return line.startswith(("```", "|")) or bool(_ITEM.match(line) or _HEADING.match(line))


def _item(source: list[str], mark: str, width: int, links: Links) -> tuple[int, list[str]]:
    """Return an item of a list: what is indented below it belongs to it."""
    indent = " " * len(mark)
    taken = 1 + _count(source[1:], lambda line: not line.strip() or line.startswith(indent))
    while not source[taken - 1].strip():
        taken -= 1
    inner = [source[0][len(mark) :], *(line[len(mark) :] for line in source[1:taken])]
    first, *rest = _blocks(inner, width - len(mark), links)
    return taken, [f"{mark}{first}", *(f"{indent}{line}".rstrip() for line in rest)]


def _count(source: list[str], belongs: Callable[[str], bool]) -> int:
    return next((place for place, line in enumerate(source) if not belongs(line)), len(source))


def _inline(text: str, links: Links) -> str:
    """Return a text without marks; a link to a page is followed by the page's name."""

    def shown(link: "re.Match[str]") -> str:
        label, target = link[1], link[2]
        if target.startswith(("https://", "http://")):
            return label if label == target else f"{label} ({target})"
        path = target.partition("#")[0]
        if not path.endswith(".md"):
            return label
        name = links.page(path)
        links.named[name] = None
        return f"{label} [{name}]"

    kept: list[str] = []

    def keep(code: "re.Match[str]") -> str:
        kept.append(code[1])
        return f"\0{len(kept) - 1}\0"

    text = _LINK.sub(shown, _IMAGE.sub(r"\1", _CODE.sub(keep, text)))
    text = _STRONG.sub(lambda mark: mark[1] or mark[2], text)
    return _KEPT.sub(lambda place: kept[int(place[1])].replace(r"\|", "|"), text)


def _folded(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def _table(source: list[str], width: int, links: Links) -> list[str]:
    rows = [[_inline(cell.strip(), links) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in source]
    del rows[1]  # the line below the headings
    if not any(rows[0]):
        del rows[0]
    widths = _widths(rows, width)
    lines: list[str] = []
    for number, row in enumerate(rows):
        cells = [_folded(cell, size) if cell else [""] for cell, size in zip(row, widths, strict=True)]
        for place in range(max(map(len, cells))):
            parts = (cell[place] if place < len(cell) else "" for cell in cells)
            padded = (part + " " * (size - display_width(part)) for part, size in zip(parts, widths, strict=True))
            lines.append((" " * _GAP).join(padded).rstrip())
        if number == 0 and len(rows) > 1:
            lines.append("-" * min(width, sum(widths) + _GAP * (len(widths) - 1)))
    return lines


def _widths(rows: list[list[str]], width: int) -> list[int]:
    """Return the widths of columns: as wide as their texts, or with the widest ones folded between words."""
    columns = list(zip(*rows, strict=True))
    widths = [max(map(display_width, column)) for column in columns]
    least = [max(display_width(word) for cell in column for word in (cell.split() or [""])) for column in columns]
    room = width - _GAP * (len(widths) - 1)
    while sum(widths) > room:
        place = max(range(len(widths)), key=lambda one: (widths[one] > least[one], widths[one]))
        if widths[place] <= least[place]:
            break
        widths[place] -= 1
    return widths
