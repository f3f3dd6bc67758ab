"""Sentences in a terminal: folded at blanks, with names and commands to copy kept in one piece."""

import re
from collections.abc import Iterable

from primanota.core.text import display_width

# What stays in one piece, where it fits: what is quoted, and a command to type.
_PIECES = re.compile(r"(?:“[^”]*”|„[^“”]*[“”]|«[^»]*»|\bprimanota(?: [\w@%/~=-]+(?:\.\w+)*)+|\S)+")


def folded(text: str, width: int) -> list[str]:
    """Return the lines of a sentence; those after the first are indented as the first. A long word stays whole."""
    if display_width(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip())]
    room = width - len(indent)
    pieces = _PIECES.findall(text)
    words = (word for piece in pieces for word in ([piece] if display_width(piece) <= room else piece.split()))
    return [indent + line for line in _filled(words, room)]


def _filled(words: Iterable[str], room: int) -> list[str]:
    lines = [""]
    for word in words:
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if display_width(longer) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
