"""Pages of a list, and what `meta` says about them (Qonto docs: pagination)."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeVar

from primanota.simulator.data.company import Json
from primanota.simulator.http.error_answers import Refusal
from primanota.simulator.http.transaction_query import Pairs

T = TypeVar("T")
_MOST = 100
_FEWEST_SWITCHED = 50


class Page(NamedTuple):
    """Which page was asked for, and how many rows each holds."""

    number: int
    size: int

    def of(self, rows: Sequence[T]) -> Sequence[T]:
        """The rows of this page."""
        return rows[(self.number - 1) * self.size : self.number * self.size]


def asked_page(pairs: Pairs, switches: Collection[str]) -> Page:
    """The page that the query parameters ask for; more than 100 rows are silently 100."""
    given = dict(pairs)
    if "current_page" in given:
        if "current-page-422" in switches:
            raise Refusal(422, "invalid_parameter", "current_page is not a parameter", "current_page")
        if "current-page-ignored" not in switches:
            given.setdefault("page", given["current_page"])
    most = _FEWEST_SWITCHED if "per-page-50" in switches else _MOST
    size = min(_natural(given, "per_page", _MOST, switches), most)
    return Page(_natural(given, "page", 1, switches), size)


def _natural(given: dict[str, str], name: str, default: int, switches: Collection[str]) -> int:
    text = given.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    if "bad-page-default" in switches:
        return default
    raise Refusal(422, "invalid_parameter", f"{name} must be a whole number above 0", name)


def meta_of(page: Page, total: int, switches: Collection[str], cap: int) -> Json:
    """What `meta` says of a page of `total` rows.

    Raises:
        Refusal: the page lies beyond the last one, or beyond the bank's cap where it has one.
    """
    _check_cap(page, total, switches, cap)
    pages = -(-total // page.size)
    if not pages and "empty-zero-pages" not in switches:
        pages = 1
    if page.number > max(pages, 1) and "beyond-last-empty" not in switches:
        raise Refusal(422, "invalid_parameter", f"page {page.number} is beyond the last page {pages}", "page")
    return {
        "total_pages": pages,
        "total_count": total,
        "current_page": page.number,
        "per_page": page.size,
        "next_page": page.number + 1 if page.number < pages else None,
        "prev_page": page.number - 1 if page.number > 1 else None,
    }


def _check_cap(page: Page, total: int, switches: Collection[str], cap: int) -> None:
    if "result-cap-422" in switches and total > cap:
        raise Refusal(422, "search_limit_reached", f"more than {cap} results: narrow the filters")
    if page.number * page.size > cap:
        for status in (422, 400):
            if f"deep-cap-{status}" in switches:
                raise Refusal(status, "pagination_limit", f"pages end at {cap} results", "page")
