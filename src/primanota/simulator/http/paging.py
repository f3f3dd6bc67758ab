"""Pages of a list, and their `meta` (Qonto docs: pagination)."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeVar

from primanota.simulator.data.company import Json
from primanota.simulator.http.error_answers import ApiError
from primanota.simulator.state import IncomingRequest, Parameters, SimulatorState

T = TypeVar("T")
_MAX_PER_PAGE = 100
_MAX_PER_PAGE_WITH_SWITCH = 50
# With them a list without rows has no page, otherwise one.
_NO_PAGE = {"empty-zero-pages", "empty-422"}


class RequestedPage(NamedTuple):
    """The number of a page, from 1, and the most rows on it."""

    number: int
    size: int

    def slice(self, rows: Sequence[T]) -> Sequence[T]:
        """Return the rows of this page."""
        return rows[(self.number - 1) * self.size : self.number * self.size]


def list_answer(state: SimulatorState, request: IncomingRequest, name: str, rows: Sequence[object]) -> Json:
    """Return the page of a list that a request asks for, with its `meta`."""
    page = requested_page(request.parameters, state.switches)
    meta = page_meta(page, len(rows), state.switches, state.cap)
    return {name: list(page.slice(rows)), "meta": meta}


def requested_page(parameters: Parameters, switches: Collection[str]) -> RequestedPage:
    """Return the page that the query parameters ask for. A `per_page` above 100 counts as 100."""
    given = dict(parameters)
    if "current_page" in given:
        if "current-page-422" in switches:
            raise ApiError(422, "invalid_parameter", "current_page is not a parameter", "current_page")
        if "current-page-ignored" not in switches:
            given.setdefault("page", given["current_page"])
    most = _MAX_PER_PAGE_WITH_SWITCH if "per-page-50" in switches else _MAX_PER_PAGE
    size = min(_positive_integer(given, "per_page", _MAX_PER_PAGE, switches), most)
    return RequestedPage(_positive_integer(given, "page", 1, switches), size)


def _positive_integer(given: dict[str, str], name: str, default: int, switches: Collection[str]) -> int:
    text = given.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    if "bad-page-default" in switches:
        return default
    raise ApiError(422, "invalid_parameter", f"{name} must be a whole number above 0", name)


def page_meta(page: RequestedPage, total: int, switches: Collection[str], cap: int) -> Json:
    """Return the `meta` of a page of a list with `total` rows.

    Raises:
        ApiError: the page is beyond the last one, or beyond the bank's cap if a switch sets one.
    """
    _check_cap(page, total, switches, cap)
    pages = -(-total // page.size)
    if not pages and _NO_PAGE.isdisjoint(switches):
        pages = 1
    last = pages if "empty-422" in switches else max(pages, 1)
    if page.number > last and "beyond-last-empty" not in switches:
        raise ApiError(422, "invalid_parameter", f"page {page.number} is beyond the last page {pages}", "page")
    return {
        "total_pages": pages,
        "total_count": total,
        "current_page": page.number,
        "per_page": page.size,
        "next_page": page.number + 1 if page.number < pages else None,
        "prev_page": page.number - 1 if page.number > 1 else None,
    }


def _check_cap(page: RequestedPage, total: int, switches: Collection[str], cap: int) -> None:
    if "result-cap-422" in switches and total > cap:
        raise ApiError(422, "search_limit_reached", f"more than {cap} results: narrow the filters")
    if page.number * page.size > cap:
        for status in (422, 400):
            if f"deep-cap-{status}" in switches:
                raise ApiError(status, "pagination_limit", f"pages end at {cap} results", "page")
