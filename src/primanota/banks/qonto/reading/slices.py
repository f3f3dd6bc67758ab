"""The pages of neighbouring slices of a query, requested before the slices ahead of them are read to the end."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from primanota.banks.qonto.decoding.answers import Meta, TransactionsPage
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.sent_requests import SentRequests
from primanota.banks.qonto.reading.empty_lists import CANNOT
from primanota.banks.qonto.reading.window import SLICE, TransactionQuery
from primanota.core.errors import BankRefused

if TYPE_CHECKING:  # an export reads only the book: it need not load an HTTP client
    from primanota.banks.qonto.http.client import Client

# How many first pages are requested at once, and how many slices one stream of pages has: at its end it runs dry.
_FIRSTS_AT_ONCE = 4
_SLICES_OF_A_STREAM = 16

Pages = Iterator[TransactionsPage]
# A first page, or why the bank cannot answer it.
First = TransactionsPage | BankRefused


class SlicePages:
    """Reads the first pages of slices, and the further pages of small ones in one stream over all of them.

    The stream is ahead of the slice that is being read, so that no slice waits for the end of the one before it. If a
    page is refused the stream ends; the next slice begins another one.

    Args:
        client: the bank's API.
        sent: has first pages that were requested already, and receives those that are requested here.
        slices: the slices, in the order in which they are taken.
        ahead: returns how many pages may be requested before they are taken; None for the client's usual number.
    """

    def __init__(
        self,
        client: "Client",
        sent: SentRequests,
        slices: Sequence[TransactionQuery],
        ahead: Callable[[], int | None],
    ) -> None:
        self._client = client
        self._sent = sent
        self._slices = slices
        self._ahead = ahead
        self._firsts: dict[int, First] = {}  # of the slice that is being read, and of later ones
        self._at = 0  # the place of the slice that is being read
        self._stream: Pages | None = None
        self._end = 0  # the place of the first slice that is not part of the stream

    def __iter__(self) -> Iterator[tuple[TransactionQuery, First, Pages | None]]:
        """Yield each slice with its first page and its further ones, None if they are not in the stream."""
        for place, query in enumerate(self._slices):
            self._at = place
            first = self._first(place)
            rest = self._stream_from(place) if _is_streamed(query, first) else None
            yield query, first, rest
            del self._firsts[place]

    def _first(self, place: int) -> First:
        """Return a slice's first page, and request those of the slices after it."""
        if place not in self._firsts:
            some = self._slices[place : place + _FIRSTS_AT_ONCE]
            self._sent.send((query.request(1) for query in some), TransactionsPage)
            try:
                self._firsts[place] = self._sent.get(some[0].request(1), TransactionsPage)
            except BankRefused as refusal:
                if refusal.status not in CANNOT:
                    raise
                self._firsts[place] = refusal
        return self._firsts[place]

    def _stream_from(self, place: int) -> Pages:
        if self._stream is None or place >= self._end:
            self._end = min(place + _SLICES_OF_A_STREAM, len(self._slices))
            self._stream = self._pages(place)
        return self._stream

    def _pages(self, place: int) -> Pages:
        requests = self._requests(range(place, self._end))
        try:
            yield from self._client.get_many(requests, TransactionsPage, self._ahead)
        except BankRefused:
            self._stream = None
            raise

    def _requests(self, places: range) -> Iterator[Request]:
        for place in places:
            if place < self._at:  # the stream begins only when a slice has further pages
                continue
            query, first = self._slices[place], self._first(place)
            if isinstance(first, TransactionsPage) and _is_streamed(query, first):
                yield from other_pages(query, first.meta)


def _is_streamed(query: TransactionQuery, first: First) -> bool:
    """Return whether all further pages of a slice are read in the stream: of one that is neither split nor short."""
    if isinstance(first, BankRefused) or first.meta.total_count > SLICE:
        return False
    return not is_short(first.meta, len(first.transactions), query.per_page)


def other_pages(query: TransactionQuery, meta: Meta) -> Iterator[Request]:
    """Return the requests of a query's pages after the first one."""
    return query.requests(range(2, page_count(meta) + 1))


def page_count(meta: Meta) -> int:
    """Return how many pages a list has, at least one."""
    return max(1, -(-meta.total_count // max(1, meta.per_page)))


def is_short(meta: Meta, sent: int, per_page: int) -> bool:
    """Return whether a first page has fewer rows than its list and than a page: then further pages will not help."""
    return sent < min(meta.total_count, max(1, min(meta.per_page, per_page)))
