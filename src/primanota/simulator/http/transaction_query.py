"""A request for transactions, read: which account, which rows, in which order. Every doubt is a switch."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from primanota.simulator.data.company import Account
from primanota.simulator.data.operation_kinds import KIND_LIST, OPERATIONS, OTHER_OPERATIONS, REVERSED, STATUSES
from primanota.simulator.data.timestamps import DAY, SECOND, is_bare_day, moment_of, read_micros
from primanota.simulator.http.error_answers import Refusal, not_found

Pairs = Sequence[tuple[str, str]]
Term = tuple[str, tuple[object, ...]]  # a condition in SQL, with its values

COLUMNS = {"settled_at": "settled", "updated_at": "updated", "emitted_at": "emitted", "created_at": "created"}
_DEFAULT_SORT = "settled_at:desc"
_NOWHERE = -1  # the number of an account without rows
_MICROS = 1_000
_PRIME = 65_521


class Question(NamedTuple):
    """`where` and `order` as SQL over the ledger, with the values that `where` asks for."""

    where: str
    order: str
    values: tuple[object, ...]


class Reader:
    """Reads requests for transactions as this bank, with its switches, reads them."""

    def __init__(self, accounts: tuple[Account, ...], switches: Collection[str], now: Callable[[], int]) -> None:
        self._accounts = accounts
        self._switches = switches
        self._now = now

    def question(self, pairs: Pairs, number: int) -> Question:
        """What the query parameters ask; `number` counts requests and shuffles ties when they are unstable.

        Raises:
            Refusal: as the bank would refuse.
        """
        terms: list[Term] = [("account = ?", (self._account(pairs),))]
        terms += [self._statuses(pairs), *self._kinds(pairs), *self._attached(pairs), *self._ranges(pairs)]
        order = self._order(pairs, number)
        values = tuple(value for _, some in terms for value in some)
        return Question(" AND ".join(term for term, _ in terms), order, values)

    def _account(self, pairs: Pairs) -> int:
        chosen = dict(pairs)
        for key, name in (("bank_account_id", "id"), ("iban", "iban")):
            if value := chosen.get(key):
                return self._find(name, value)
        if "slug-selects" in self._switches and (slug := chosen.get("slug")):
            return self._find("slug", slug)
        status = 400 if "no-selector-400" in self._switches else 422
        raise Refusal(status, "missing_selector", "bank_account_id or iban is required", "bank_account_id")

    def _find(self, name: str, value: str) -> int:
        for number, account in enumerate(self._accounts):
            if getattr(account, name) == value:
                return number
        if "unknown-account-empty" in self._switches:
            return _NOWHERE
        raise not_found("Bank account")

    def _statuses(self, pairs: Pairs) -> Term:
        """Completed only, unless asked; repeated keys give the union; the scalar form is read too."""
        words = [value for key, value in pairs if key in {"status[]", "status"}] or ["completed"]
        if "status-one-only" in self._switches:
            words = words[:1]
        numbers = sorted({self._status(word) for word in words})
        return f"status IN ({', '.join('?' * len(numbers))})", tuple(numbers)

    def _status(self, word: str) -> int:
        known = STATUSES if "reversed-listed" in self._switches else STATUSES[:REVERSED]
        if word in known:
            return known.index(word)
        if "," in word and "status-joined-empty" in self._switches:
            return -1
        raise Refusal(400, "not_in_list", f"status must be one of: {', '.join(known)}", "status")

    def _kinds(self, pairs: Pairs) -> list[Term]:
        sides = {value for key, value in pairs if key in {"side", "side[]"}}
        operations = {value for key, value in pairs if key in {"operation_type[]", "operation_type"}}
        if sides - {"credit", "debit"}:
            raise Refusal(400, "not_in_list", "side must be one of: credit, debit", "side")
        if operations - OPERATIONS - OTHER_OPERATIONS:
            raise Refusal(400, "not_in_list", "operation_type is not in the list", "operation_type")
        if not sides and not operations:
            return []
        fitting = tuple(
            number
            for number, kind in enumerate(KIND_LIST)
            if (not sides or ("credit" if kind.credit else "debit") in sides)
            and (not operations or kind.operation in operations)
        )
        return [(f"kind IN ({', '.join('?' * len(fitting))})", fitting)]

    def _attached(self, pairs: Pairs) -> list[Term]:
        wanted = dict(pairs).get("with_attachments")
        if wanted not in {"true", "false"}:
            return []
        return [("receipts > 0" if wanted == "true" else "receipts = 0", ())]

    def _ranges(self, pairs: Pairs) -> list[Term]:
        if "date-filters-ignored" in self._switches:
            return []
        found: list[Term] = []
        for key, value in pairs:
            name, _, end = key.rpartition("_")
            if name in COLUMNS and end in {"from", "to"} and not self._ignored(name):
                comparison, limit = self._bound(key, end, value)
                found.append((f"{COLUMNS[name]} {comparison} ?", (limit,)))
        return found

    def _ignored(self, name: str) -> bool:
        """Whether filters on this property are; refuses where the bank would refuse them."""
        short = name.replace("_", "-")
        if f"{short}-refused" in self._switches:
            raise Refusal(400, "bad_request", f"{name} is not a known filter", name)
        return f"{short}-ignored" in self._switches

    def _bound(self, key: str, end: str, value: str) -> tuple[str, int]:
        """The comparison and its milliseconds; both ends are inclusive unless a switch says otherwise."""
        micros = self._moment(key, value)
        if end == "from":
            return ">=", -(-micros // _MICROS)
        ms = micros // _MICROS
        if is_bare_day(value) and "to-date-whole-day" in self._switches:
            ms += DAY - 1
        if "to-truncates-seconds" in self._switches:
            ms -= ms % SECOND
        return ("<" if "to-exclusive" in self._switches else "<="), ms

    def _moment(self, key: str, value: str) -> int:
        try:
            micros = read_micros(value)
        except ValueError:
            micros = None
        year = moment_of(self._now()).year
        too_late = "future-year-refused" in self._switches and value[:4] > f"{year}"
        if micros is None or too_late:
            status = 400 if "bad-date-400" in self._switches else 422
            detail = f"The datetime in {key} param isn't well formatted (ISO 8601) or year is out of range"
            raise Refusal(status, "invalid_format", detail, key)
        return micros

    def _order(self, pairs: Pairs, number: int) -> str:
        asked = dict(pairs).get("sort_by", _DEFAULT_SORT)
        name, _, direction = asked.partition(":")
        if name not in COLUMNS or direction not in {"asc", "desc"} or self._sort_refused(name, asked):
            raise Refusal(400, "bad_request", f"sort_by {asked} is not supported", "sort_by")
        if "sort-ignored" in self._switches:
            name, direction = "settled_at", "desc"
        nulls = "FIRST" if "nulls-first" in self._switches else "LAST"
        tie = _shuffle(number) if "unstable-ties" in self._switches else f"n {direction}"
        return f"{COLUMNS[name]} {direction} NULLS {nulls}, {tie}"

    def _sort_refused(self, name: str, asked: str) -> bool:
        return (
            ("sort-refused" in self._switches and asked != _DEFAULT_SORT)
            or ("created-at-sort-refused" in self._switches and name == "created_at")
            or f"{name.replace('_', '-')}-refused" in self._switches
        )


def _shuffle(number: int) -> str:
    """An order of rows by chance, another one for each number: multiplication modulo a prime."""
    factor = 1 + (number * 25_173 + 13_849) % (_PRIME - 1)
    return f"(n * {factor}) % {_PRIME}"
