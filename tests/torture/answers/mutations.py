"""Mutations of a bank's answers: each is a tuple of numbers, so that a case can be drawn, repeated and shrunk."""

import copy
import gzip
import json
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.torture.answers.company import Answer
from tests.torture.answers.values import CLOCKS, DATES, HEADERS, IDS, META, NUMBERS, STATUS, TEXTS, TYPES

_PATHS = ("/v2/transactions", "/v2/organization", "/v2/memberships", "/v2/labels", "/v2/bank_accounts")
_ALWAYS = 6
_MOST = (13, 12, 60, 60, 1000)  # one more than the largest number of each field of a mutation
KINDS = (
    *("structure", "types", "numbers", "dates", "ids", "texts", "meta", "bytes", "headers", "framing", "time"),
    *("swaps", "replays"),
)
# Mutations of these kinds never change what an answer says of a row.
HONEST = {"meta", "headers", "framing", "time"}


class Mutation(NamedTuple):
    """One mutation: which answer (``at``, or each if it is large), which of its rows and fields, and which value."""

    kind: str
    path: int
    at: int
    row: int
    field: int
    value: int

    @property
    def wanted_path(self) -> str:
        """The path whose answers are mutated; mostly that of the transactions."""
        return _PATHS[max(0, self.path - len(_PATHS))] if self.path < 2 * len(_PATHS) else _PATHS[0]

    def concerns(self, path: str, number: int) -> bool:
        """Return whether it concerns the answer to a request for a path, counted from 0."""
        return self.wanted_path == path and (self.at >= _ALWAYS or self.at == number)


def drawn(chance: random.Random, kind: str) -> tuple[Mutation, ...]:
    """Return the mutations of a case, one or two."""
    return tuple(Mutation(kind, *(chance.randrange(most) for most in _MOST)) for _ in range(chance.choice((1, 1, 2))))


def cases() -> st.SearchStrategy[tuple[Mutation, ...]]:
    """Return a strategy of cases, which hypothesis shrinks to the smallest numbers."""
    numbers = [st.integers(0, most - 1) for most in _MOST]
    one = st.builds(Mutation, st.sampled_from(KINDS), *numbers)
    return st.lists(one, min_size=1, max_size=2).map(tuple)


def mutated(one: Mutation, answer: Answer, secret: str, earlier: list[Answer]) -> Answer:
    """Return a mutated answer.

    Args:
        one: the mutation.
        answer: the true answer, or one that was mutated already.
        secret: the key, which some answers repeat.
        earlier: true answers to earlier requests.
    """
    match one.kind:
        case "bytes":
            return answer._replace(content=_bytes(one, answer.content))
        case "framing":
            return _framed(one, answer, secret)
        case "replays":
            return _replayed(one, answer, earlier)
        case "time" | "headers":
            return _headed(one, answer)
    try:
        data = json.loads(answer.content)
    except (ValueError, RecursionError):
        return answer
    if one.kind == "swaps":
        _swap(one, data, earlier)
    else:
        _OF_JSON[one.kind](one, data)
    return answer._replace(content=json.dumps(data).encode("utf-8", "surrogatepass"))


def _headed(one: Mutation, answer: Answer) -> Answer:
    if one.kind == "time":
        name, text = "Date", f"Mon, 23 Nov {CLOCKS[one.value % len(CLOCKS)]} 10:00:00 GMT"
    else:
        name, text = HEADERS[one.value % len(HEADERS)]
    status = 429 if name == "Retry-After" else 302 if name == "Location" else answer.status
    return answer._replace(headers=_with(answer.headers, name, text), status=status)


def _with(headers: list[tuple[bytes, bytes]], name: str, text: str) -> list[tuple[bytes, bytes]]:
    others = [(key, value) for key, value in headers if key.lower() != name.lower().encode()]
    return [*others, (name.encode(), text.encode("utf-8"))]


def _replayed(one: Mutation, answer: Answer, earlier: list[Answer]) -> Answer:
    """Return an earlier answer, as a cache would that mixes requests up; of the same kind of list, or of any."""
    heads = answer.content[:12]
    wanted = [found for found in earlier if one.field % 4 == 0 or found.content[:12] == heads]
    return wanted[one.value % len(wanted)]._replace(headers=answer.headers) if wanted else answer


def _swap(one: Mutation, data: Any, earlier: list[Answer]) -> None:  # noqa: ANN401 - any JSON value
    """Exchange or copy a field between two rows, or copy a row or an id from an earlier answer."""
    rows = _rows(data)
    if not rows:
        return
    row, other = rows[one.row % len(rows)], rows[one.value % len(rows)]
    if one.value % 5 == 0 and earlier:
        others = _rows(json.loads(earlier[one.at * 7 % len(earlier)].content))
        other = others[one.value % len(others)] if others else other
    names = sorted(row) or ["id"]
    name = names[one.field % len(names)] if one.value % 3 else "id"
    kind = one.value // 15 % 4
    if kind == 0:
        row[name], other[name] = other.get(name), row.get(name)
    elif kind == 1:
        row[name] = other.get(name)
    elif kind == 2:
        row.clear()
        row.update(copy.deepcopy(other))
    elif isinstance(row.get("amount_cents"), int):
        row["amount_cents"] += one.value - 500
        row["amount"] = row["amount_cents"] / 100


def _bytes(one: Mutation, content: bytes) -> bytes:
    place = one.row * len(content) // 60
    return (
        content[:place],
        b"",
        b"\xef\xbb\xbf" + content,
        content[:place] + b"\x00" + content[place:],
        content[:place] + b"\xff\xfe" + content[place:],
        content.decode("utf-8", "replace").encode("utf-16"),
        content.decode("utf-8", "replace").encode("cp1252", "replace"),
        gzip.compress(content),
        content + content,
        b"[" * 100_000,
        content[:place] + content[place + 1 :],
        content.replace(b'"label":"', b'"label":"\xc3'),
        content.replace(b'"note":null', b'"note":' + b"[" * 400 + b"]" * 400),
        content.replace(b'"note":null', b'"odd":' + b"[" * 40 + b"]" * 40),
    )[one.value % 14]


def _framed(one: Mutation, answer: Answer, secret: str) -> Answer:
    kept = [(key, value) for key, value in answer.headers if key.lower() != b"content-length"]
    bodies = (
        answer.content,
        b"",
        json.dumps({"errors": [{"code": "x", "detail": f"Authorization: {secret}"}]}).encode(),
        json.dumps({"errors": {"code": 7}}).encode(),
        json.dumps({"message": "y" * 100_000}).encode(),
        b"[" * 50_000,
        b"<html>" + secret.encode(),
    )
    status = STATUS[one.value % len(STATUS)] if one.field % 5 else 200
    return Answer(status, kept, bodies[one.row % len(bodies)], endless=one.field % 7 == 0)


def _rows(data: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    found = data.get("organization", data) if isinstance(data, dict) else {}
    if not isinstance(found, dict):
        return []
    lists = [value for value in found.values() if isinstance(value, list)]
    rows = [row for one in lists for row in one if isinstance(row, dict)]
    return rows or [found]


def _one(one: Mutation, data: Any, wanted: tuple[str, ...] = ()) -> tuple[dict[str, Any], str] | None:  # noqa: ANN401
    rows = _rows(data)
    if not rows:
        return None
    row = rows[one.row % len(rows)]
    names = sorted(name for name in row if not wanted or any(part in name for part in wanted))
    return (row, names[one.field % len(names)]) if names else None


def _setting(values: tuple[Any, ...], *wanted: str) -> Callable[[Mutation, Any], None]:
    def change(one: Mutation, data: Any) -> None:  # noqa: ANN401 - any JSON value
        if found := _one(one, data, wanted):
            row, name = found
            row[name] = values[one.value % len(values)]

    return change


def _vat(one: Mutation, data: Any) -> None:  # noqa: ANN401 - any JSON value
    value = NUMBERS[one.value % len(NUMBERS)]
    if one.field % 4 == 0 and (rows := _rows(data)):
        row = rows[one.row % len(rows)]
        item = {"rate": value, "amount_cents": value, "amount_excluding_vat_cents": one.value}
        row["vat_details"] = {"items": [item, item] if one.field % 8 else [item]}
        row["local_currency"], row["local_amount"] = "USD", value
        return
    _setting(NUMBERS, "amount", "cents", "rate", "balance")(one, data)


def _structure(one: Mutation, data: Any) -> None:  # noqa: ANN401 - any JSON value
    rows = _rows(data)
    if not rows or not data or not isinstance(data, dict):
        return
    row = rows[one.row % len(rows)]
    names = sorted(row) or [""]
    name, key, copied = names[one.field % len(names)], sorted(data)[one.field % len(data)], copy.deepcopy(row)
    lists = [value for value in data.values() if isinstance(value, list) and value]
    kind = one.value % 9
    if kind == 0:
        row.pop(name, None)
    elif kind == 1:
        row.clear()
    elif kind == 2:
        row[name] = {"nested": copied.get(name)}
    elif kind == 3:
        row["more"] = {"deep": [[[[[copied.get(name)]]]]]}
    elif kind == 4:
        data.pop(key)
    elif kind == 5:
        data[key] = [copied, copied]
    for value in lists:
        if kind in _LISTS:
            _LISTS[kind](value, copied, one.row)


_LISTS: dict[int, Callable[[list[Any], Any, int], object]] = {
    6: lambda value, copied, _: value.append(copied),
    7: lambda value, _, row: value.pop(row % len(value)),
    8: lambda value, *_: value.reverse(),
}


def _meta(one: Mutation, data: Any) -> None:  # noqa: ANN401 - any JSON value
    if isinstance(data, dict) and isinstance(data.get("meta"), dict) and data["meta"]:
        names = sorted(data["meta"])
        data["meta"][names[one.field % len(names)]] = META[one.value % len(META)]


_OF_JSON: dict[str, Callable[[Mutation, Any], None]] = {
    "structure": _structure,
    "types": _setting(TYPES),
    "numbers": _vat,
    "dates": _setting(DATES, "_at", "date"),
    "ids": _setting(IDS, "id", "iban", "slug"),
    "texts": _setting(
        TEXTS, "label", "note", "reference", "name", "currency", "status", "type", "category", "side", "country"
    ),
    "meta": _meta,
}
