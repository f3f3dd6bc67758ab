"""Accounts that are read side by side and stored one after the other: order, bounds, errors, ends."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event, Semaphore, Thread

import pytest

from primanota.app.progress import SharedProgress
from primanota.app.syncing.reading_ahead import (
    _AHEAD_LATER,
    _OF_FIRST,
    _OF_OTHERS,
    _OF_OTHERS_MEANWHILE,
    AccountReading,
    ReadAhead,
)
from primanota.banks.base import AccountStatus
from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.request import Request
from primanota.core.errors import AccessDenied, BookLocked
from primanota.core.model import RawRecord
from primanota.core.secret import Credentials, Secret
from tests.support.books.book_world import CountingProgress

_PATIENCE = 30


class _Source:
    """A source of a number of pages, each with one row."""

    def __init__(self, name: str, pages: int, error: Exception | None = None) -> None:
        self.doubts: list[str] = []
        self.now = 0
        self.ahead: int | None = None
        self.takes_long = False
        self.made = self.taken = self.most = 0
        self.ended = Event()
        self.each = Semaphore(0)  # released with each page
        self._name, self._pages, self._error = name, pages, error

    def restarted(self, _: int) -> "_Source":
        """Return the source."""
        return self

    def updated_since(self, _: int) -> Iterator[list[RawRecord]]:
        """Yield the pages."""
        try:
            for number in range(self._pages):
                self.made += 1
                self.most = max(self.most, self.made - self.taken)
                self.each.release()
                yield [RawRecord(f"{self._name}{number}", b"")]
            if self._error:
                raise self._error
        finally:
            self.ended.set()

    everything = of_statuses = settled_between = updated_since


class _Bank:
    def ask_status(self, _: str) -> int:
        """Return a moment."""
        return 7

    def account_status(self, _: str) -> AccountStatus:
        """Return a status."""
        return AccountStatus(5, {"completed": 1})


def _readings(*sources: _Source) -> list[AccountReading]:
    bank = _Bank()
    return [AccountReading(bank, "a", one, 0, None, is_whole=False) for one in sources]  # type: ignore[arg-type]


def _ids(ahead: ReadAhead, reading: AccountReading, source: _Source) -> list[str]:
    found = []
    for page in ahead.take(reading):
        source.taken += 1
        found += [record.id for record in page]
    return found


@pytest.mark.parametrize("sizes", [[], [0], [3], [200, 5, 200, 0, 40], [1] * 40, [100] * 20])
def test_pages_come_in_order(sizes: list[int]) -> None:
    """Each account's pages come whole and in their order, however many accounts there are, and then its status."""
    sources = [_Source(f"{place}-", size) for place, size in enumerate(sizes)]
    readings = _readings(*sources)
    with ReadAhead(readings) as ahead:
        for place, (reading, source) in enumerate(zip(readings, sources, strict=True)):
            assert _ids(ahead, reading, source) == [f"{place}-{number}" for number in range(sizes[place])]
            assert (reading.asked, reading.status.balance) == (7, 5)


@pytest.mark.parametrize(
    ("long", "of_others"), [(None, _OF_OTHERS), (0, _OF_OTHERS_MEANWHILE), (2, _OF_OTHERS_MEANWHILE)]
)
def test_what_waits_is_bounded(long: int | None, of_others: int) -> None:
    """While nothing is stored, the first account is read a little ahead, and all others together a little more.

    Where an account takes long, the others are read less ahead: there is time enough for them.
    """
    first, *others = sources = [_Source(f"{place}-", 500) for place in range(4)]
    for place, source in enumerate(sources):
        source.takes_long = place == long
    others[1].each = others[2].each = others[0].each
    readings = _readings(*sources)
    with ReadAhead(readings) as ahead:
        for counter, most in ((first.each, _OF_FIRST + 1), (others[0].each, of_others + 3)):
            # each thread has one more in its hands, and does not make another one
            assert all(counter.acquire(timeout=_PATIENCE) for _ in range(most))
            assert not counter.acquire(timeout=0)
        assert [source.ahead for source in sources] == [None, *[_AHEAD_LATER // 3] * 3]
        for reading, source in zip(readings, sources, strict=True):
            assert len(_ids(ahead, reading, source)) == 500
    # One page more may be counted as made before the one before it is counted as taken.
    assert all(source.most <= max(of_others, _OF_FIRST) + 2 for source in sources)


def test_the_next_account_goes_on_while_the_first_is_stored() -> None:
    """As soon as the first account is read to its end, the next one may be far ahead."""
    first, second, third = _Source("1-", 3), _Source("2-", 500), _Source("3-", 500)
    readings = _readings(first, second, third)
    with ReadAhead(readings) as ahead:
        assert first.ended.wait(_PATIENCE)
        assert len(_ids(ahead, readings[0], first)) == 3
        assert second.ahead is None
        assert third.ahead == _AHEAD_LATER // 2


@pytest.mark.parametrize(("accounts", "ahead"), [(1, 32), (2, 32), (5, 8), (8, 4), (40, 4)])
def test_later_accounts_share_what_they_request_ahead(accounts: int, ahead: int) -> None:
    """The more accounts are read side by side, the less is requested of each later one, but always some pages."""
    sources = [_Source(f"{place}-", 0) for place in range(accounts)]
    ReadAhead(_readings(*sources))
    assert [source.ahead for source in sources] == [None, *[ahead] * (accounts - 1)]


def test_an_empty_page_marks_the_end_of_the_rows() -> None:
    """After all rows and before what changed meanwhile comes one empty page, when the status has been asked for."""
    bank, source = _Bank(), _Source("1-", 2)
    rows = partial(source.everything, 0)
    reading = AccountReading(bank, "a", source, 0, rows, is_whole=True)  # type: ignore[arg-type]
    pages = []
    for page in reading.pages():
        pages.append([record.id for record in page])
        assert (reading.asked == 7) == ([] in pages)
    assert pages == [["1-0"], ["1-1"], [], ["1-0"], ["1-1"]]


def test_an_error_comes_in_its_account_and_after_its_pages() -> None:
    """An error of one account is raised when that account is taken; the others are whole."""
    sources = [_Source("1-", 40), _Source("2-", 2, AccessDenied("no", status=403)), _Source("3-", 40)]
    readings = _readings(*sources)
    with ReadAhead(readings) as ahead:
        assert len(_ids(ahead, readings[0], sources[0])) == 40
        with pytest.raises(AccessDenied):
            _ids(ahead, readings[1], sources[1])
        assert len(_ids(ahead, readings[2], sources[2])) == 40


def _abort(readings: list[AccountReading], error: BaseException) -> None:
    with ReadAhead(readings) as ahead:
        for _ in ahead.take(readings[0]):
            raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BookLocked("locked")], ids=["Ctrl-C", "locked"])
def test_an_abort_ends_every_reading(error: BaseException) -> None:
    """If storing is aborted, every reading ends at its next page, and no thread is left."""
    sources = [_Source(f"{place}-", 1_000_000) for place in range(10)]
    before = set(threading.enumerate())
    readings = _readings(*sources)
    with pytest.raises(type(error)):
        _abort(readings, error)
    for thread in set(threading.enumerate()) - before:
        thread.join(_PATIENCE)
        assert not thread.is_alive()
    assert all(source.ended.is_set() for source in sources if source.made)


def test_progress_of_several_threads_is_counted() -> None:
    """Threads that report at the same time lose no page."""
    progress = CountingProgress()
    shared = SharedProgress(progress)

    def report() -> None:
        for _ in range(2_000):
            shared.expect(1)
            shared.page(3)

    threads = [Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (progress.pages, progress.rows) == (8_000, 24_000)


@pytest.mark.parametrize("ahead", [1, 2, 5])
def test_a_client_asks_no_more_ahead_than_it_may(monkeypatch: pytest.MonkeyPatch, ahead: int) -> None:
    """Of many requests only so many are sent before their answers are taken as the reader allows at present."""
    with Client(Credentials("acme", Secret("s3cr3t")), api_url="http://127.0.0.1") as client:
        monkeypatch.setattr(client, "get", lambda request, _: request.path)
        begin: Callable[..., object] = client.begin
        begun, allowed = [0], [ahead]

        def counted(request: Request, kind: type[object]) -> object:
            begun[0] += 1
            return begin(request, kind)

        monkeypatch.setattr(client, "begin", counted)
        requests = (Request(f"/{number}") for number in range(50))
        for number, path in enumerate(client.get_many(requests, str, lambda: allowed[0])):
            assert path == f"/{number}"
            assert begun[0] - number <= allowed[0]
            allowed[0] = ahead if number < 20 else ahead + 3
