"""Read accounts side by side, each in a thread of its own, while they are stored one after the other.

Threads read the bank only; the book is used by the thread that stores. What waits in memory is bounded: the first
account that is not read to its end may be as far ahead as the bank's client allows, the later ones only a little.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from threading import Condition, Lock, Thread
from types import TracebackType
from typing import Self

from primanota import banks
from primanota.core.model import RawRecord

Page = list[RawRecord]
# So many accounts are read at the same time.
_MOST_READERS = 8
# So many decoded pages of the first account that is not read to its end may wait, besides what the client is ahead:
# it is stored as quickly as it is decoded.
_OF_FIRST = 12
# So many decoded pages of all other accounts may wait; few where one account takes long: then there is time enough.
_OF_OTHERS, _OF_OTHERS_MEANWHILE = 56, 8
# So many pages of all later accounts together may be requested before they are decoded, but some of each.
_AHEAD_LATER, _AHEAD_LEAST = 32, 4


class AccountReading:
    """One reading of an account: rows, then what changed meanwhile and, beside that, the account's status.

    ``started`` is the bank's clock before it, ``asked`` before its status was asked for, which ``status`` has after
    the last page.

    Args:
        bank: the bank.
        account_id: the account.
        source: reads its rows.
        since: the moment from which on changed rows are read.
        rows: returns the pages of the rows that are read before; None if only changed rows are read.
        is_whole: whether these are all rows of the account.
    """

    def __init__(
        self,
        bank: banks.Bank,
        account_id: str,
        source: banks.TransactionSource,
        since: int,
        rows: Callable[[], Iterator[Page]] | None,
        *,
        is_whole: bool,
    ) -> None:
        self.source = source
        self.since = since
        self.is_whole = is_whole
        self.started = self.asked = source.now
        self.status = banks.AccountStatus(None, {})
        self._bank = bank
        self._account_id = account_id
        self._rows = rows

    def pages(self) -> Generator[Page, None, None]:
        """Yield the pages; what is asked for in one round is asked before a page of it is yielded.

        An empty page comes after all rows, before the answers of the last round: there is time to begin the proof.
        """
        if self._rows:
            yield from self._rows()
        self.asked = self._bank.ask_status(self._account_id)
        if self._rows:
            yield []
        yield from self.source.updated_since(min(self.since, self.started))
        self.status = self._bank.account_status(self._account_id)


class ReadAhead:
    """Readings of several accounts, which are taken in their order. A context manager; at its end no reading goes on.

    An error of a reading is raised where its pages are taken.

    Args:
        readings: the readings.
    """

    def __init__(self, readings: Sequence[AccountReading]) -> None:
        ahead = max(_AHEAD_LEAST, _AHEAD_LATER // max(1, min(len(readings), _MOST_READERS) - 1))
        self._lanes = [_Lane(reading, ahead) for reading in readings]
        self._unread = deque(self._lanes)  # not read to the end
        self._unbegun = deque(self._lanes)
        lock = Lock()
        self._came, self._went = Condition(lock), Condition(lock)  # a page, or an end; a page was taken
        self._is_stopped = False
        self._give_room()

    def __enter__(self) -> Self:
        for number in range(min(len(self._lanes), _MOST_READERS)):
            Thread(target=self._read_all, name=f"reading {number}", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._went:
            self._is_stopped = True
            self._went.notify_all()

    def take(self, reading: AccountReading) -> Iterator[Page]:
        """Yield the pages of a reading."""
        lane = next(lane for lane in self._lanes if lane.reading is reading)
        while (page := self._next_page(lane)) is not None:
            yield page
        if lane.error:
            raise lane.error

    def _next_page(self, lane: "_Lane") -> Page | None:
        with self._came:
            self._came.wait_for(lambda: lane.pages or lane.is_read)
            page = lane.pages.popleft() if lane.pages else None
            self._went.notify_all()
        return page

    def _read_all(self) -> None:
        """Read one account after another; what is taken first is read first, so it never waits for a later one."""
        while lane := self._next_lane():
            try:
                with closing(lane.reading.pages()) as pages:
                    for page in pages:
                        if not self._hand_over(lane, page):
                            return
            except BaseException as error:  # noqa: BLE001 - it is raised where the pages are taken
                lane.error = error
            finally:
                with self._came:
                    lane.is_read = True
                    self._give_room()
                    self._came.notify()
                    self._went.notify_all()

    def _next_lane(self) -> "_Lane | None":
        with self._went:
            return None if self._is_stopped or not self._unbegun else self._unbegun.popleft()

    def _give_room(self) -> None:
        """Let the first account that is not read to its end be far ahead."""
        while self._unread and self._unread[0].is_read:
            self._unread.popleft()
        if self._unread:
            self._unread[0].reading.source.ahead = None

    def _hand_over(self, lane: "_Lane", page: Page) -> bool:
        """Let a page wait until it is taken, as soon as there is room; return whether the reading goes on."""
        with self._went:
            self._went.wait_for(lambda: self._is_stopped or self._has_room(lane))
            lane.pages.append(page)
            self._came.notify()
            return not self._is_stopped

    def _has_room(self, lane: "_Lane") -> bool:
        first = self._unread[0]
        if lane is first:
            return len(lane.pages) < _OF_FIRST
        takes_long = any(one.reading.source.takes_long for one in self._lanes)
        most = _OF_OTHERS_MEANWHILE if takes_long else _OF_OTHERS
        return sum(len(one.pages) for one in self._lanes if one is not first) < most


class _Lane:
    """What was read of one account and waits to be stored."""

    def __init__(self, reading: AccountReading, ahead: int) -> None:
        self.reading = reading
        self.pages: deque[Page] = deque()
        self.is_read = False
        self.error: BaseException | None = None
        reading.source.ahead = ahead
