"""Lists without rows that the bank refuses: their first page may lie beyond their last one, as any further page does.

Not documented: a page beyond the last one is answered 422, and whether a list without rows has one page or none is
unknown. So a list is asked for that has no row for sure, and a refusal in the same words tells of no rows. If a bank
should refuse lists that are too long in these words, too, the account's balance tells that rows are missing.
"""

from http import HTTPStatus
from threading import Lock

from primanota.banks.qonto.decoding.answers import TransactionsPage
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.sent_requests import SentRequests
from primanota.core.errors import BankRefused

# Status codes of a bank that cannot answer the request: a bad parameter, or a window or page out of its reach.
BAD_REQUEST, UNPROCESSABLE = 400, 422
CANNOT = (BAD_REQUEST, UNPROCESSABLE)
# How the bank refuses a list of more than 10,000 rows, as seen in use.
_TOO_LONG = "search_limit_reached"
_NO_WORDS = {"", "no reason given", *(HTTPStatus(status).phrase for status in CANNOT)}


class EmptyLists:
    """Knows how the bank refuses a list without rows, as soon as it was asked for one. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._refusal: BankRefused | None = None
        self._is_known = False

    def has_refused(self, refusal: BankRefused, empty: Request, sent: SentRequests) -> bool:
        """Return whether a list was refused because it has no rows.

        Args:
            refusal: why its first page was refused.
            empty: the request for a list that has no row for sure.
            sent: sends that request, if the bank was not asked so before.
        """
        if not _may_tell_of_no_rows(refusal):
            return False
        if not self._is_known:
            self._is_known = True
            try:
                sent.get(empty, TransactionsPage)
            except BankRefused as same:
                self._refusal = same
        known = self._refusal
        return known is not None and (known.status, known.detail) == (refusal.status, refusal.detail)


def _may_tell_of_no_rows(refusal: BankRefused) -> bool:
    """Return whether the bank says why, and not that the list is too long: without that, none can be told apart."""
    return refusal.status in CANNOT and refusal.detail not in _NO_WORDS and _TOO_LONG not in refusal.detail
