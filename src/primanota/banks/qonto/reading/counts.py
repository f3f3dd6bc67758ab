"""The bank's own counts of transactions, and what they tell of the statuses by which it can filter."""

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from primanota.banks.qonto.decoding.answers import TransactionsPage
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.sent_requests import SentRequests
from primanota.banks.qonto.reading.empty_lists import CANNOT, EmptyLists
from primanota.banks.qonto.reading.window import SECOND, TransactionQuery
from primanota.core.errors import BankRefused, NotProven
from primanota.core.proof_state import CLOCK_TOLERANCE

# Pending first: a row that settles during the scan is then read as pending or, later, as completed, and never missed.
STATUSES = ("pending", "declined", "completed")
# A released card authorisation or a returned payment. The documented filter values do not include it: a bank may know
# it, refuse it, or ignore it and answer with rows of other statuses.
REVERSED = "reversed"
EVERY_STATUS = (*STATUSES, REVERSED)
Group = tuple[str, ...]
_ALONE: tuple[Group, ...] = tuple((status,) for status in STATUSES)
_EXPLORED: tuple[Group, ...] = (*_ALONE, STATUSES, (REVERSED,), EVERY_STATUS)
_DAY = 24 * 60 * 60 * SECOND
# A bank may change: what was found out is found out again after this time. Microseconds.
_KEPT = 30 * _DAY
# The rows that are counted to find it out, where the bank counts no more than 10,000 rows: those that changed lately.
_RECENT = 90 * _DAY


class _Exploration(msgspec.Struct):
    """What is kept of a bank: when it was explored (microseconds UTC), and the statuses that one query selects."""

    explored: int
    statuses: Group


class StatusFilters:
    """Which statuses the bank knows, and which of them can be requested together: ``groups``, None if unexplored.

    Sources disagree whether several ``status[]`` select the union: they do only if the counts add up. One account
    stands for all, because each account's own counts are compared with its rows in every sync. The status
    ``reversed`` is requested last where it is requested alone, as a row that is reversed during the scan is then read
    under its earlier status or as reversed.
    """

    def __init__(self) -> None:
        self.groups: tuple[Group, ...] | None = None
        self.empty = EmptyLists()
        self._kept = self._found = b""

    @property
    def statuses(self) -> Group:
        """The statuses that the bank can filter by, as far as it is known."""
        return STATUSES if self.groups is None else tuple(status for group in self.groups for status in group)

    @property
    def first_group(self) -> Group:
        """The statuses to request first; those of the best bank while it is unexplored."""
        return self.groups[0] if self.groups else EVERY_STATUS

    @property
    def news(self) -> bytes:
        """What was found out, for :meth:`recall`; empty if it is what was recalled."""
        return b"" if self._found == self._kept else self._found

    def recall(self, kept: bytes, now: int) -> None:
        """Use what an earlier sync found out, if it is not too old.

        Args:
            kept: its ``news``.
            now: the present moment (microseconds UTC).
        """
        self._kept = self._found = kept
        with suppress(msgspec.DecodeError):
            found = msgspec.json.decode(kept, type=_Exploration)
            if now - _KEPT < found.explored <= now + CLOCK_TOLERANCE and found.statuses in {STATUSES, EVERY_STATUS}:
                self.groups = (found.statuses,)

    def forget(self) -> None:
        """Let the next sync explore the bank: it does not do what it did."""
        self.groups, self._found = None, _kept(0, ())

    def explore(self, account_id: str, sent: SentRequests, now: int) -> None:
        """Find out from the counts of one account what the bank can do.

        It is kept for later syncs only if one query selects all that the bank knows; everything else may be due to
        rows that changed between two counts.

        Raises:
            BankRefused: the bank does not show the account.
            NotProven: a count cannot be read.
        """
        counter = _Counter(account_id, sent, self.empty)
        totals = _explored(counter, None)
        if totals[STATUSES] is None:  # more rows than the bank counts; fewer changed lately
            recent = _explored(counter, now - now % SECOND - _RECENT)
            if sum(bool(recent[group]) for group in _ALONE) > 1:  # one status alone shows no union
                totals = recent
        self.groups = _groups(totals)
        self._found = _kept(now, self.groups[0]) if len(self.groups) == 1 else _kept(0, ())


def exploring_requests(account_id: str, since: int | None = None) -> Iterator[Request]:
    """Yield the requests by which :meth:`StatusFilters.explore` finds out what the bank can do.

    Args:
        account_id: the account.
        since: only rows that changed since this moment are counted (microseconds UTC, a whole second).
    """
    return (count_request(account_id, group, since) for group in _EXPLORED)


def count_request(account_id: str, statuses: Group, since: int | None = None) -> Request:
    """Return the request for a count: a page of one row, whose paging has the number of all rows."""
    return TransactionQuery(account_id, statuses, updated_since=since, per_page=1).request(1)


def counts(account_id: str, sent: SentRequests, filters: StatusFilters) -> dict[str, int]:
    """Count an account's rows of each status, without a status that has too many rows for the bank to count.

    Raises:
        NotProven: the bank counts no status, so that nothing tells whether a row is missing.
    """
    counter = _Counter(account_id, sent, filters.empty)
    found = {status: counter.total((status,)) for status in filters.statuses if status != REVERSED}
    if REVERSED in filters.statuses:
        found[REVERSED] = counter.reversed_total()
        if found[REVERSED] is None:
            filters.forget()
    known = {status: total for status, total in found.items() if total is not None}
    if not known:
        raise NotProven("The bank refuses to count the transactions.", "Run the same command again later.")
    return known


class _Status(msgspec.Struct):
    status: str = ""


class _Counter:
    """Counts an account's rows, with none where the bank refuses a list because it has none."""

    def __init__(self, account_id: str, sent: SentRequests, empty: EmptyLists) -> None:
        self.account_id = account_id
        self.sent = sent
        self._empty = empty

    def total(self, statuses: Group, since: int | None = None) -> int | None:
        """Count rows of some statuses; None if the bank cannot count them."""
        page = self._page(statuses, since)
        return page.meta.total_count if isinstance(page, TransactionsPage) else page

    def reversed_total(self, since: int | None = None) -> int | None:
        """Count reversed rows; None if the bank does not know that status: it answers with other rows."""
        try:
            page = self._page((REVERSED,), since)
            if not isinstance(page, TransactionsPage):
                return page
            known = all(msgspec.json.decode(row, type=_Status).status == REVERSED for row in page.transactions)
        except msgspec.DecodeError:  # of an unknown shape: the reader of the rows says so
            return None
        return page.meta.total_count if known else None

    def _page(self, statuses: Group, since: int | None) -> TransactionsPage | int | None:
        """Return a page of one row; 0 if the bank refuses it since the list is empty, None if for another reason."""
        try:
            return self.sent.get(count_request(self.account_id, statuses, since), TransactionsPage)
        except BankRefused as refusal:
            if refusal.status not in CANNOT:
                raise
            return 0 if self._empty.has_refused(refusal, self.sent) else None


def _explored(counter: _Counter, since: int | None) -> dict[Group, int | None]:
    """Return the counts of each status and of several, None where the bank cannot count them."""
    counter.sent.send(exploring_requests(counter.account_id, since), TransactionsPage)
    totals = {group: counter.total(group, since) for group in (*_ALONE, STATUSES)}
    with suppress(NotProven):  # then it is as unknown as if the bank had refused it
        totals[REVERSED,] = counter.reversed_total(since)
        totals[EVERY_STATUS] = counter.total(EVERY_STATUS, since)
    return totals


def _groups(totals: dict[Group, int | None]) -> tuple[Group, ...]:
    """Return which statuses can be requested together, by the counts of each and of several."""
    usual = (STATUSES,) if _adds_up(totals, STATUSES) else _ALONE
    if totals.get((REVERSED,)) is None:
        return usual
    return (EVERY_STATUS,) if _adds_up(totals, EVERY_STATUS) else (*usual, (REVERSED,))


def _adds_up(totals: dict[Group, int | None], statuses: Group) -> bool:
    each = [total for status in statuses if (total := totals[status,]) is not None]
    return len(each) == len(statuses) and totals.get(statuses) == sum(each)


def _kept(explored: int, statuses: Group) -> bytes:
    return msgspec.json.encode(_Exploration(explored, statuses))
