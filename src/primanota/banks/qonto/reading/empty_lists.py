"""Lists without rows that the bank refuses: their first page may lie beyond their last one, as any further page does.

A page beyond the last one is answered 422, and whether a list without rows has one page or none is not documented. So
a page is asked for that surely lies beyond the last one, and a refusal in the same words tells of no rows.
"""

import re
from http import HTTPStatus
from threading import Lock

from primanota.banks.qonto.decoding.answers import LIST_PAGES
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.sent_requests import SentRequests
from primanota.core.errors import BankRefused

# Status codes of a bank that cannot answer the request: a bad parameter, or a window or page out of its reach.
BAD_REQUEST, UNPROCESSABLE = 400, 422
CANNOT = (BAD_REQUEST, UNPROCESSABLE)
# No organisation has so many accounts, and each has one.
_ACCOUNTS = "/v2/bank_accounts"
_BEYOND = Request(_ACCOUNTS, (("page", "10000"), ("per_page", "100")))
# How the bank refuses a list of more than 10,000 rows, as seen in use.
_TOO_LONG = "search_limit_reached"
_NO_WORDS = {"", "no reason given", *(HTTPStatus(status).phrase for status in CANNOT)}
_DIGITS = re.compile(r"\d+")


class EmptyLists:
    """Knows how the bank refuses a page beyond the last one, as soon as it was asked. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._refusal: BankRefused | None = None
        self._is_known = False

    def has_refused(self, refusal: BankRefused, sent: SentRequests) -> bool:
        """Return whether the first page of a list was refused because the list has no rows.

        Args:
            refusal: why it was refused.
            sent: asks the bank for a page beyond the last one, if it was not asked before.
        """
        if refusal.status not in CANNOT or refusal.detail in _NO_WORDS or _TOO_LONG in refusal.detail:
            return False
        with self._lock:
            if not self._is_known:
                self._refusal = _refusal_of_beyond(sent)
                self._is_known = True
        return self._refusal is not None and _words(refusal) == _words(self._refusal)


def _refusal_of_beyond(sent: SentRequests) -> BankRefused | None:
    try:
        sent.get(_BEYOND, LIST_PAGES[_ACCOUNTS])
    except BankRefused as refusal:
        return refusal
    return None


def _words(refusal: BankRefused) -> tuple[int, str]:
    """Return the status and the words of a refusal without their numbers, such as that of the page."""
    return refusal.status, _DIGITS.sub("", refusal.detail)
