"""The answers of a bank from its prepared rows: pages are joined from bytes that were made before.

It knows the requests of a first and of a later sync, and of the other programs in the benchmarks; it refuses every
other parameter, instead of ignoring it.
"""

import mmap
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import msgspec
from prepared import ACCOUNTS, ADDITIONS, COLUMNS, NEVER, ORDERS

from primanota.simulator.data.company import api_secret, company_accounts, company_slug
from primanota.simulator.data.operation_kinds import REVERSED, STATUSES
from primanota.simulator.data.timestamps import parse_microseconds
from primanota.simulator.http.error_answers import ApiError, not_found
from primanota.simulator.http.paging import page_meta, requested_page

_SEED = 1
_MICROSECONDS = 1_000  # in a millisecond
_NO_CAP = 10**9
_ENDLESS = (-NEVER, NEVER - 1)
_OTHERS = {"bank_account_id", "includes[]", "status[]", "sort_by", "page", "per_page", "current_page"}
_DEFAULT = "settled_at:desc"

_ANY = frozenset(range(len(STATUSES)))
_USUAL_STATUSES = (*(frozenset({status}) for status in _ANY), _ANY - {REVERSED})  # those of which a sync asks

Bounds = tuple[tuple[str, int, int], ...]  # columns, each with its first and its last millisecond


class _Query(NamedTuple):
    account: int
    statuses: frozenset[int]
    order: str
    is_descending: bool = False
    bounds: Bounds = ()


class PreparedRows:
    """The rows of a prepared bank: their bodies, their columns by number, and their numbers in each order."""

    def __init__(self, place: Path) -> None:
        self._columns = {name: _read(place / name, "q") for name in COLUMNS}
        self._ends = _read(place / "ends", "Q")
        self._file = _mapped(place / "rows.json")
        self._later: dict[int, bytes] = {}
        self._ordered = {
            (account, order): _read(place / f"{account}-{order}", "I") for account in ACCOUNTS for order in ORDERS
        }
        self._selected: dict[_Query, array[int]] = {}
        for account, statuses in product(ACCOUNTS, _USUAL_STATUSES):  # so that a measured request need not wait
            self.select(_Query(account, statuses, "settled", is_descending=True))
            self.select(_Query(account, statuses, "created"))

    def body(self, number: int) -> bytes:
        """Return the JSON of a row."""
        if (later := self._later.get(number)) is not None:
            return later
        return self._file[self._ends[number - 1] if number else 0 : self._ends[number]]

    def put(self, number: int, columns: dict[str, int], body: bytes) -> None:
        """Add a row with the next number, or replace one."""
        orders = {_Query(account, _ANY, order): numbers for (account, order), numbers in self._ordered.items()}
        self._selected = {query: numbers for query, numbers in self._selected.items() if not query.bounds}
        kept = [*orders.items(), *self._selected.items()]
        if number < len(self._columns["account"]):
            for query, numbers in kept:
                if self._is_within(number, query):
                    numbers.remove(number)
        for name, value in columns.items():
            self._columns[name][number : number + 1] = array("q", [value])
        self._later[number] = body
        for query, numbers in kept:
            if self._is_within(number, query):
                key = self._key(query)
                numbers.insert(bisect_left(numbers, key(number), key=key), number)

    def select(self, query: _Query) -> "array[int]":
        """Return the numbers of the rows that a query selects, in its order; those without bounds stay up to date."""
        if (found := self._selected.get(query)) is None:
            found = self._selected[query] = self._bounded(query) if query.bounds else self._unbounded(query)
        return found

    def _unbounded(self, query: _Query) -> "array[int]":
        numbers, statuses = self._ordered[query.account, query.order], self._columns["status"]
        found = array("I", [number for number in numbers if statuses[number] in query.statuses])
        if not query.is_descending:
            return found
        # Rows without a value come last in either direction.
        end = bisect_left(found, NEVER, key=self._columns[query.order].__getitem__)
        return found[:end][::-1] + found[end:][::-1]

    def _bounded(self, query: _Query) -> "array[int]":
        """Look up the narrowest bound by bisection, and compare the rows within it with the others."""
        narrowest, order = min(((self._between(query, *bound), bound[0]) for bound in query.bounds), key=_length)
        if order == query.order and not query.is_descending and len(query.bounds) == 1:
            return narrowest
        left = [number for number in narrowest if self._is_within(number, query)]
        return array("I", sorted(left, key=self._key(query)))

    def _between(self, query: _Query, column: str, first: int, last: int) -> "array[int]":
        numbers = self.select(_Query(query.account, query.statuses, column))
        value = self._columns[column].__getitem__
        return numbers[bisect_left(numbers, first, key=value) : bisect_right(numbers, last, key=value)]

    def _is_within(self, number: int, query: _Query) -> bool:
        columns = self._columns
        return (
            columns["account"][number] == query.account
            and columns["status"][number] in query.statuses
            and all(first <= columns[name][number] <= last for name, first, last in query.bounds)
        )

    def _key(self, query: _Query) -> Any:  # noqa: ANN401 - a function of a number
        sign = -1 if query.is_descending else 1
        value, settled, ties = (self._columns[name] for name in (query.order, "settled", "tie_breaker"))

        def key(number: int) -> tuple[int, ...]:
            last = value[number] == NEVER, settled[number] == NEVER
            return last[0], sign * value[number], last[1], sign * settled[number], sign * ties[number], sign * number

        return key


def _length(found: tuple[Sequence[int], str]) -> int:
    return len(found[0])


class ReplayingBank:
    """Answers requests from prepared rows.

    Args:
        place: the prepared folder.
    """

    def __init__(self, place: Path) -> None:
        self.login, self.secret = company_slug(_SEED), api_secret(_SEED)
        self._rows = PreparedRows(place)
        self._steps = msgspec.json.decode(Path(place, "steps.json").read_bytes())
        self._step = 0
        self._accounts = {account.id: number for number, account in enumerate(company_accounts(_SEED))}

    @property
    def now(self) -> int:
        """The bank's clock, in milliseconds: it stands still until rows are added, so that answers repeat."""
        return int(self._steps[self._step]["now"])

    def add(self) -> int:
        """Let a minute pass, and rows arrive. Returns how many rows were added or changed.

        Raises:
            ApiError: all prepared additions are used up.
        """
        if self._step == ADDITIONS:
            raise ApiError(410, "gone", f"only {ADDITIONS} additions are prepared")
        self._step += 1
        rows = self._steps[self._step]["rows"]
        for row in rows:
            self._rows.put(row["number"], row["columns"], row["body"].encode())
        return len(rows)

    def answer(self, path: str, query: str) -> bytes:
        """Return the JSON of an answer.

        Raises:
            ApiError: the request is not one that this bank answers with data.
        """
        parameters = parse_qsl(query, keep_blank_values=True)
        step = self._steps[self._step]
        if path == "/v2/transactions":
            return self._page(parameters)
        if path == "/v2/organization":
            return str(step["organization"][dict(parameters).get("include_external_accounts") == "true"]).encode()
        name = path.removeprefix("/v2/")
        if name not in step["lists"]:
            raise not_found("Path")
        page = requested_page(parameters, ())
        rows = step["lists"][name]
        return msgspec.json.encode({name: page.slice(rows), "meta": page_meta(page, len(rows), (), _NO_CAP)})

    def _page(self, parameters: list[tuple[str, str]]) -> bytes:
        page = requested_page(parameters, ())
        found = self._rows.select(self._query(parameters))
        meta = msgspec.json.encode(page_meta(page, len(found), (), _NO_CAP))
        return b'{"meta":%b,"transactions":[%b]}' % (meta, b",".join(map(self._rows.body, page.slice(found))))

    def _query(self, parameters: list[tuple[str, str]]) -> _Query:
        given = dict(parameters)
        if (account := self._accounts.get(given.get("bank_account_id", ""))) is None:
            raise not_found("Bank account")
        words = [value for key, value in parameters if key == "status[]"] or ["completed"]
        if unknown := set(words) - set(STATUSES):
            raise ApiError(400, "not_in_list", f"unknown status: {unknown}", "status")
        order, _, direction = given.get("sort_by", _DEFAULT).partition(":")
        column = order.removesuffix("_at")
        if column not in ORDERS or direction not in {"asc", "desc"}:
            raise ApiError(400, "bad_request", f"sort_by {order} is not supported", "sort_by")
        statuses = frozenset(map(STATUSES.index, words))
        return _Query(account, statuses, column, direction == "desc", _bounds(parameters))


def _bounds(parameters: list[tuple[str, str]]) -> Bounds:
    bounds: dict[str, tuple[int, int]] = {}
    for key, value in parameters:
        if key in _OTHERS:
            continue
        column, _, end = key.rpartition("_at_")
        if column not in ORDERS or end not in {"from", "to"}:
            raise ApiError(400, "bad_request", f"{key} is not known to the replaying bank", key)
        first, last = bounds.get(column, _ENDLESS)
        microseconds = parse_microseconds(value)
        if end == "from":
            bounds[column] = -(-microseconds // _MICROSECONDS), last
        else:
            bounds[column] = first, microseconds // _MICROSECONDS
    return tuple((column, *bound) for column, bound in sorted(bounds.items()))


def _read(file: Path, code: str) -> "array[int]":
    values = array(code)
    values.frombytes(file.read_bytes())
    return values


def _mapped(file: Path) -> "mmap.mmap | bytes":
    """Return the bytes of a file without reading them; an empty file cannot be mapped."""
    if not file.stat().st_size:
        return b""
    with file.open("rb") as opened:
        return mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
