"""The proof of an account over a period: the balances at its ends, what moved between them, what is proven of it."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from primanota.app.proving.balances import BalanceAtEnd, balances_at_ends
from primanota.book import Batches
from primanota.book.journal import Journal
from primanota.book.rows.found_rows import RowQuery, sums
from primanota.book.rows.selected_rows import balance_moved
from primanota.book.rows.settled_rows import SettledSpan, batches_with, first_settled
from primanota.core.account_proof import AccountProof
from primanota.core.balance_chain import Chain
from primanota.core.model import Account
from primanota.core.period import Period, microseconds, midnight, moment
from primanota.core.proof_state import ProofState, State, verdict
from primanota.core.results import Batch
from primanota.export.proof import reached_state

_MOST_POINTS = 400
_DAY = timedelta(days=1)


class DatedGap(NamedTuple):
    """A gap: the cents that are missing, the local days of the rows before and after it, their places in a plot.

    A place is 0 at the end of the first day that is plotted, and 1 at the end of the last one.
    """

    missing: int
    before: date
    after: date
    places: tuple[float, float]


def account_proof(journal: Journal, account: Account, period: Period) -> AccountProof:
    """Return the proof of an account over a period; inside the book's ``reading``."""
    book, key, (since, until) = journal.book, account.id, period.span(journal.zone)
    found, whole, now = book.proof_state(key), book.chain(key), book.clock()
    # A gap between the last row of the period and the next one may be a row of the period.
    following = first_settled(book, key, until)
    late_start, gaps = book.chain_within(key, until, following or until).missing_within(since, until)
    last, synced = book.last_settled(key), book.last_synced(key)
    return AccountProof(
        account=account,
        period=period,
        state=_state(
            account, found, whole, _reach(found, since, until, last, now), is_whole=not (late_start or gaps)
        ),
        found=found,
        has_balances=whole.has_running_balances,
        opening=_balance_at(journal, key, since, whole),
        closing=_balance_at(journal, key, until, whole),
        counts=sums(book, RowQuery((key,), since, until)),
        gaps=gaps,
        late_start=late_start,
        # The balance with which a sync proves is newer than the one that it stores, if it read again meanwhile.
        bank=whole.brought_forward + whole.total if found.state == "proven" else account.balance,
        is_newest=last is None or last < until,
        synced=None if synced is None else moment(synced).astimezone(journal.zone),
        until=None if found.until is None else moment(found.until).astimezone(journal.zone),
        now=moment(now).astimezone(journal.zone),
        head=book.head.hex(),
        versions=book.newest_version,
    )


def first_day(journal: Journal, account: Account) -> date | None:
    """Return the local day of an account's first completed row; None if it has none."""
    first = first_settled(journal.book, account.id)
    return None if first is None else moment(first).astimezone(journal.zone).date()


def balance_steps(journal: Journal, proof: AccountProof) -> list[BalanceAtEnd]:
    """Return the balances at the ends of days of the period, from the day before on; of a long one, of some days.

    The list is empty where the bank states no balances, and for a period of the future.
    """
    first, last = proof.period.first - _DAY, proof.last_known_day
    if last <= first or not proof.has_balances:
        return []
    step = timedelta(days=-(-(last - first).days // _MOST_POINTS))
    days = [last]
    while days[-1] - step > first:
        days.append(days[-1] - step)
    return balances_at_ends(journal, proof.account.id, [first, *reversed(days)])


def exported_files(journal: Journal, proof: AccountProof) -> list[Batch]:
    """Return the active batches that have rows of the period, in the order of their numbers."""
    span = SettledSpan(proof.account.id, *proof.period.span(journal.zone))
    found = batches_with(journal.book, span, proof.completed.rows)
    return [batch for batch in Batches(journal.book).all() if batch.is_active and batch.number in found]


def dated_gaps(journal: Journal, proof: AccountProof, points: Sequence[BalanceAtEnd]) -> list[DatedGap]:
    """Return the gaps with their days, and their places among the points of a plot."""
    first, last = (points[0].day, points[-1].day) if points else (proof.period.first, proof.period.last)
    begin, end = (microseconds(midnight(day + _DAY, journal.zone)) for day in (first, last))

    def day(settled: int) -> date:
        return moment(settled).astimezone(journal.zone).date()

    def place(settled: int) -> float:
        return min(max((settled - begin) / max(end - begin, 1), 0.0), 1.0)

    return [
        DatedGap(
            gap.missing,
            day(gap.before_settled),
            day(gap.after_settled),
            (place(gap.before_settled), place(gap.after_settled)),
        )
        for gap in proof.gaps
    ]


def _reach(found: ProofState, since: int, until: int, last: int | None, now: int) -> int:
    """Return up to which moment the period must be proven: to its end or to the present, if rows can come still."""
    if found.state != "gone":
        return min(until, now)
    return 0 if last is None or last < since else min(last + 1, until)


def _state(account: Account, found: ProofState, whole: Chain, reach: int, *, is_whole: bool) -> State:
    """Return the state of the rows of a period, as an export of it states it."""
    state = reached_state(account, found, reach, allow_unproven=True)
    if not is_whole and verdict(state) is not False:
        return "doubtful"
    return "counts only" if state == "proven" and not whole.has_running_balances else state


def _balance_at(journal: Journal, account: str, at: int, whole: Chain) -> int | None:
    """Return the balance before a moment; before the first known one, the opening and what had moved by then."""
    known = journal.book.chain_within(account, at, at).at_until
    if known is not None or whole.opening is None:
        return known if whole.rows else whole.brought_forward
    return whole.opening + balance_moved(journal.book, account, at)
