"""JSON documents in pieces: lists that are not in memory are read while they are written."""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

import msgspec

from primanota.core.errors import PrimanotaError

_ITEMS_AT_ONCE = 500
_END = "\n}"  # of an object


def pieces(data: Any, keys_of: Callable[[PrimanotaError], dict[str, object]]) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield a JSON document and a line's end, indented by two blanks; an iterable that JSON does not know is a list.

    If reading one fails, its list ends there, and the document ends with the keys of the error.

    Args:
        data: the value.
        keys_of: returns what an object says of an error.

    Raises:
        PrimanotaError: an iterable could not be read; raised after the last piece.
    """
    failures = list[PrimanotaError]()
    last = ""
    for piece in _pieces(data, failures):
        yield last
        last = piece
    if failures and (keys := {name: value for name, value in keys_of(failures[0]).items() if name not in data}):
        last = f"{last.removesuffix(_END)},{_document(keys).removeprefix('{')}"
    yield f"{last}\n"
    if failures:
        raise failures[0]


def _pieces(data: Any, failures: list[PrimanotaError]) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    lists, mark = list[Iterable[object]](), secrets.token_hex(16)

    def stand_in(value: object) -> str:
        if not isinstance(value, Iterable):
            raise NotImplementedError
        lists.append(value)
        return f"{mark}{len(lists) - 1}"

    before, *rest = re.split(f'"{mark}([0-9]+)"', _document(data, stand_in))
    yield before
    for place, after in zip(rest[::2], rest[1::2], strict=True):
        yield from _list(_read(lists[int(place)], failures), before, failures)
        yield after
        before = after


def _read(items: Iterable[object], failures: list[PrimanotaError]) -> Iterator[object]:
    """Yield items as long as they can be read."""
    try:
        yield from items
    except PrimanotaError as error:
        failures.append(error)


def _list(items: Iterator[object], before: str, failures: list[PrimanotaError]) -> Iterator[str]:
    """Yield a list that follows a text, whose last line gives the indentation."""
    line = before.rpartition("\n")[2]
    end = "\n" + line[: len(line) - len(line.lstrip())]
    if (first := next(items, items)) is items:
        yield "[]"
        return
    items, opening = chain([first], items), "["
    while some := list(islice(items, _ITEMS_AT_ONCE)):
        yield opening + "".join(_pieces(some, failures))[1:].removesuffix("\n]").replace("\n", end)
        opening = ","
    yield f"{end}]"


def _document(data: Any, stand_in: Callable[[object], object] | None = None) -> str:  # noqa: ANN401 - any JSON value
    try:
        return msgspec.json.format(msgspec.json.encode(data, enc_hook=stand_in), indent=2).decode()
    except UnicodeEncodeError:  # a path that is not UTF-8, whose bytes Python keeps as halves of characters
        return json.dumps(msgspec.to_builtins(data, enc_hook=stand_in), indent=2)
