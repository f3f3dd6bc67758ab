"""The query parameters of a list of transactions: account, filters and order. Doubtful rules have switches."""

from collections.abc import Collection
from typing import NamedTuple

from primanota.simulator.data.company import SimulatedAccount
from primanota.simulator.data.operation_kinds import KINDS, OPERATIONS, OTHER_OPERATIONS, REVERSED, STATUSES
from primanota.simulator.data.timestamps import DAY, SECOND, is_date_only, parse_microseconds, to_datetime
from primanota.simulator.http.error_answers import ApiError, not_found
from primanota.simulator.state import IncomingRequest, Parameters

Condition = tuple[str, tuple[object, ...]]  # in SQL, with its values

_COLUMNS = {"settled_at": "settled", "updated_at": "updated", "emitted_at": "emitted", "created_at": "created"}
_DEFAULT_SORT = "settled_at:desc"
_NO_MATCH = -1  # an account number and a status without transactions
_MICROSECONDS = 1_000  # in a millisecond
_PRIME = 65_521


class SqlSelection(NamedTuple):
    """`where` and `order` in SQL over the table of transactions, with the values of `where`; and the account."""

    account: int
    where: str
    order: str
    values: tuple[object, ...]


class TransactionQueryParser:
    """Parses requests for transactions by the bank's rules, as the switches change them."""

    def __init__(self, accounts: tuple[SimulatedAccount, ...], switches: Collection[str]) -> None:
        self._accounts = accounts
        self._switches = switches

    def parse(self, request: IncomingRequest) -> SqlSelection:
        """Return the selection that a request asks for.

        Raises:
            ApiError: the bank refuses a parameter.
        """
        parameters = request.parameters
        account = self._account(parameters)
        conditions: list[Condition] = [("account = ?", (account,))]
        conditions += [self._statuses(parameters), *self._kinds(parameters), *self._attachments(parameters)]
        conditions += self._date_ranges(parameters, to_datetime(request.now).year)
        order = self._order(parameters, request.number)
        values = tuple(value for _, some in conditions for value in some)
        return SqlSelection(account, " AND ".join(sql for sql, _ in conditions), order, values)

    def _account(self, parameters: Parameters) -> int:
        given = dict(parameters)
        for key, name in (("bank_account_id", "id"), ("iban", "iban")):
            if value := given.get(key):
                return self._find_account(name, value)
        if "slug-selects" in self._switches and (slug := given.get("slug")):
            return self._find_account("slug", slug)
        status = 400 if "no-selector-400" in self._switches else 422
        raise ApiError(status, "missing_selector", "bank_account_id or iban is required", "bank_account_id")

    def _find_account(self, name: str, value: str) -> int:
        for number, account in enumerate(self._accounts):
            if getattr(account, name) == value:
                return number
        if "unknown-account-empty" in self._switches:
            return _NO_MATCH
        raise not_found("Bank account")

    def _statuses(self, parameters: Parameters) -> Condition:
        """Select completed transactions by default. Repeated keys are united; `status` works like `status[]`."""
        words = [value for key, value in parameters if key in {"status[]", "status"}] or ["completed"]
        if "status-one-only" in self._switches:
            words = words[:1]
        if "reversed-ignored" in self._switches:
            words = [word for word in words if word != "reversed"] or ["completed"]
        numbers = sorted({self._status(word) for word in words})
        return f"status IN ({', '.join('?' * len(numbers))})", tuple(numbers)

    def _status(self, word: str) -> int:
        known = STATUSES[:REVERSED] if "reversed-refused" in self._switches else STATUSES
        if word in known:
            return known.index(word)
        if "," in word and "status-joined-empty" in self._switches:
            return _NO_MATCH
        raise ApiError(400, "not_in_list", f"status must be one of: {', '.join(known)}", "status")

    def _kinds(self, parameters: Parameters) -> list[Condition]:
        sides = {value for key, value in parameters if key in {"side", "side[]"}}
        operations = {value for key, value in parameters if key in {"operation_type[]", "operation_type"}}
        if sides - {"credit", "debit"}:
            raise ApiError(400, "not_in_list", "side must be one of: credit, debit", "side")
        if operations - OPERATIONS - OTHER_OPERATIONS:
            raise ApiError(400, "not_in_list", "operation_type is not in the list", "operation_type")
        if not sides and not operations:
            return []
        matching = tuple(
            number
            for number, kind in enumerate(KINDS)
            if (not sides or ("credit" if kind.credit else "debit") in sides)
            and (not operations or kind.operation in operations)
        )
        return [(f"kind IN ({', '.join('?' * len(matching))})", matching)]

    def _attachments(self, parameters: Parameters) -> list[Condition]:
        wanted = dict(parameters).get("with_attachments")
        if wanted not in {"true", "false"}:
            return []
        return [("attachments > 0" if wanted == "true" else "attachments = 0", ())]

    def _date_ranges(self, parameters: Parameters, present_year: int) -> list[Condition]:
        if "date-filters-ignored" in self._switches:
            return []
        found: list[Condition] = []
        for key, value in parameters:
            name, _, end = key.rpartition("_")
            if name in _COLUMNS and end in {"from", "to"} and not self._filter_ignored(name):
                comparison, limit = self._bound(end, value, self._parse_date(key, value, present_year))
                found.append((f"{_COLUMNS[name]} {comparison} ?", (limit,)))
        return found

    def _filter_ignored(self, name: str) -> bool:
        """Return whether filters on this date are ignored; raise `ApiError` if they are refused."""
        short = name.replace("_", "-")
        if f"{short}-refused" in self._switches:
            raise ApiError(400, "bad_request", f"{name} is not a known filter", name)
        return f"{short}-ignored" in self._switches

    def _bound(self, end: str, value: str, microseconds: int) -> tuple[str, int]:
        """Return the comparison and its milliseconds. Both bounds are inclusive unless a switch changes that."""
        if end == "from":
            return ">=", -(-microseconds // _MICROSECONDS)
        milliseconds = microseconds // _MICROSECONDS
        if is_date_only(value) and "to-date-whole-day" in self._switches:
            milliseconds += DAY - 1
        if "to-truncates-seconds" in self._switches:
            milliseconds -= milliseconds % SECOND
        return ("<" if "to-exclusive" in self._switches else "<="), milliseconds

    def _parse_date(self, key: str, value: str, present_year: int) -> int:
        """Return a date in microseconds since 1970."""
        try:
            microseconds = parse_microseconds(value)
        except ValueError:
            microseconds = None
        in_future_year = "future-year-refused" in self._switches and value[:4] > f"{present_year}"
        if microseconds is None or in_future_year:
            status = 400 if "bad-date-400" in self._switches else 422
            detail = f"The datetime in {key} param isn't well formatted (ISO 8601) or year is out of range"
            raise ApiError(status, "invalid_format", detail, key)
        return microseconds

    def _order(self, parameters: Parameters, request_number: int) -> str:
        sort_by = dict(parameters).get("sort_by", _DEFAULT_SORT)
        name, _, direction = sort_by.partition(":")
        if name not in _COLUMNS or direction not in {"asc", "desc"} or self._sort_refused(name, sort_by):
            raise ApiError(400, "bad_request", f"sort_by {sort_by} is not supported", "sort_by")
        if "sort-ignored" in self._switches:
            name, direction = "settled_at", "desc"
        nulls = "FIRST" if "nulls-first" in self._switches else "LAST"
        then_by = self._order_of_ties(direction, request_number)
        return f"{_COLUMNS[name]} {direction} NULLS {nulls}, {then_by}"

    def _order_of_ties(self, direction: str, request_number: int) -> str:
        """Return the order of rows with equal keys: that of their balances, unless a switch changes it."""
        if "unstable-ties" in self._switches:
            return _random_order(request_number)
        if "ties-unlike-balances" in self._switches:
            return f"number {direction}"
        return f"settled {direction} NULLS LAST, tie_breaker {direction}, number {direction}"

    def _sort_refused(self, name: str, sort_by: str) -> bool:
        return (
            ("sort-refused" in self._switches and sort_by != _DEFAULT_SORT)
            or ("created-at-sort-refused" in self._switches and name == "created_at")
            or f"{name.replace('_', '-')}-refused" in self._switches
        )


def _random_order(request_number: int) -> str:
    """Return a random order, another one for each request: multiplication modulo a prime."""
    factor = 1 + (request_number * 25_173 + 13_849) % (_PRIME - 1)
    return f"(number * {factor}) % {_PRIME}"
