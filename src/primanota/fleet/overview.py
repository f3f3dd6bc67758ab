"""Clients by weeks: who is done, who is late, who needs somebody, and why. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, get_args

from primanota.core.notice import Notice
from primanota.core.text import comparable
from primanota.fleet.occasions import Occasion
from primanota.fleet.timetable import week_of

# What a week of a client shows; "late" is a run that should have ended by now.
Mark = Literal["done", "failed", "person", "waiting", "running", "late", "none"]
# The states by which clients are selected: that of the latest run, and what else is known of them. "access" is a
# consent that ends soon, or a key or consent that the bank refused.
ClientState = Literal["needs", "access", "late", "failed", "person", "waiting", "running", "done", "paused", "none"]
CLIENT_STATES: tuple[ClientState, ...] = get_args(ClientState)
# A run may take its tries; one that was not even put into the queue has no worker.
LATE_AFTER, UNPLANNED_AFTER = timedelta(hours=6), timedelta(hours=1)
# Of several runs in a week the first of these counts.
_ORDER: tuple[Mark, ...] = ("person", "failed", "late", "running", "waiting", "done", "none")
_ACCESS_ERRORS = {"InvalidApiKey", "ConsentEnded"}


class ClientWeeks(NamedTuple):
    """A client's marks, one for each week, and its latest run; ``late`` is whether a run should have ended by now.

    ``consent_end`` is when its consent ends (UTC), None if it has an API key; ``warning`` says that this is soon.
    """

    login: str
    paused: bool
    marks: tuple[Mark, ...]
    latest: Occasion | None
    late: bool
    consent_end: datetime | None
    warning: Notice | None

    @property
    def needs(self) -> bool:
        """Return whether somebody must mend something, look why it failed, or renew a consent."""
        return self.warning is not None or (self.latest is not None and self.latest.state in {"person", "failed"})

    @property
    def lacks_access(self) -> bool:
        """Return whether its consent ends soon, or the bank refused its key or consent."""
        return self.warning is not None or (self.latest is not None and self.latest.error_kind in _ACCESS_ERRORS)

    @property
    def can_retry(self) -> bool:
        """Return whether its latest run can be put into the queue again."""
        return self.latest is not None and self.latest.state not in {"done", "running"}

    @property
    def why(self) -> str:
        """Return why the latest run is not done; empty if it is."""
        return self.latest.sentence if self.latest and self.latest.state != "done" else ""

    @property
    def states(self) -> set[ClientState]:
        """Return every state in which it is."""
        more: dict[ClientState, bool] = {
            "needs": self.needs,
            "access": self.lacks_access,
            "late": self.late,
            "paused": self.paused,
        }
        return {self.latest.state if self.latest else "none", *(state for state, holds in more.items() if holds)}

    def matches(self, words: Iterable[str], states: Collection[ClientState]) -> bool:
        """Return whether its login or reason has all words, and it is in one of the states, if any are given."""
        text = comparable(f"{self.login} {self.why}")
        return (not states or not self.states.isdisjoint(states)) and all(comparable(word) in text for word in words)


def weeks_until(now: datetime, number: int) -> list[str]:
    """Return the names of the last ISO weeks, the present one last."""
    return [week_of(now - timedelta(weeks=back)) for back in reversed(range(number))]


def counted_states(clients: Iterable[ClientWeeks]) -> Counter[ClientState]:
    """Return how many clients are in each state."""
    return Counter(state for one in clients for state in one.states)


def marks_of(runs: Iterable[tuple[str, Mark]], weeks: Iterable[str]) -> tuple[Mark, ...]:
    """Return the mark of each week; of several runs in a week, the worst counts.

    Args:
        runs: the week and the mark of each run.
        weeks: the names of the weeks.
    """
    marks: dict[str, Mark] = {}
    for week, mark in runs:
        marks[week] = min(mark, marks.get(week, "none"), key=_ORDER.index)
    return tuple(marks.get(week, "none") for week in weeks)


def is_late(occasion: Occasion, now: datetime) -> bool:
    """Return whether a run should have ended by now."""
    return occasion.state in {"waiting", "running"} and now - occasion.due > LATE_AFTER
