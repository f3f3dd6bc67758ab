"""JSON documents in pieces: lists that are not in memory are read while they are written."""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

import msgspec

_ITEMS_AT_ONCE = 500


def pieces(data: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield a JSON document, indented by two blanks; an iterable that JSON does not know becomes a list."""
    lists, mark = list[Iterable[object]](), secrets.token_hex(16)

    def stand_in(value: object) -> str:
        if not isinstance(value, Iterable):
            raise NotImplementedError
        lists.append(value)
        return f"{mark}{len(lists) - 1}"

    before, *rest = re.split(f'"{mark}([0-9]+)"', _document(data, stand_in))
    yield before
    for place, after in zip(rest[::2], rest[1::2], strict=True):
        yield from _list(lists[int(place)], before)
        yield after
        before = after


def _list(items: Iterable[object], before: str) -> Iterator[str]:
    """Yield a list that follows a text, whose last line gives the indentation."""
    line = before.rpartition("\n")[2]
    end = "\n" + line[: len(line) - len(line.lstrip())]
    items = iter(items)
    if (first := next(items, items)) is items:
        yield "[]"
        return
    items, opening = chain([first], items), "["
    while some := list(islice(items, _ITEMS_AT_ONCE)):
        yield opening + "".join(pieces(some))[1:].removesuffix("\n]").replace("\n", end)
        opening = ","
    yield f"{end}]"


def _document(data: Any, stand_in: Callable[[object], object] | None = None) -> str:  # noqa: ANN401 - any JSON value
    try:
        return msgspec.json.format(msgspec.json.encode(data, enc_hook=stand_in), indent=2).decode()
    except UnicodeEncodeError:  # a path that is not UTF-8, whose bytes Python keeps as halves of characters
        return json.dumps(msgspec.to_builtins(data, enc_hook=stand_in), indent=2)
