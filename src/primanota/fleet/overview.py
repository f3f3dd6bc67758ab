"""Clients by weeks: who is done, who is late, who needs somebody, and why. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from primanota.fleet.fleet_clients import FleetClient
from primanota.fleet.occasions import Occasion
from primanota.fleet.timetable import week_of

# What a week of a client shows; "late" is a run that should have ended by now.
Mark = Literal["done", "failed", "person", "waiting", "running", "late", "none"]
# A run may take its tries; one that was not even put into the queue has no worker.
_LATE, _UNPLANNED = timedelta(hours=6), timedelta(hours=1)
# Of several runs in a week the first of these counts.
_ORDER: tuple[Mark, ...] = ("person", "failed", "late", "running", "waiting", "done", "none")


class ClientWeeks(NamedTuple):
    """A client's marks, one for each week, and its latest run; ``late`` is whether a run should have ended by now."""

    login: str
    paused: bool
    marks: tuple[Mark, ...]
    latest: Occasion | None
    late: bool

    @property
    def needs(self) -> bool:
        """Return whether somebody must mend something, or look why it failed."""
        return self.latest is not None and self.latest.state in {"person", "failed"}

    @property
    def why(self) -> str:
        """Return why the latest run is not done; empty if it is."""
        return self.latest.sentence if self.latest and self.latest.state != "done" else ""


def weeks_until(now: datetime, number: int) -> list[str]:
    """Return the names of the last ISO weeks, the present one last."""
    return [week_of(now - timedelta(weeks=back)) for back in reversed(range(number))]


def client_weeks(
    clients: Iterable[FleetClient], occasions: Iterable[Occasion], weeks: list[str], now: datetime
) -> list[ClientWeeks]:
    """Return the marks of each client in some weeks.

    Args:
        clients: the clients.
        occasions: the runs of the weeks, by client and time.
        weeks: the names of the weeks.
        now: the present.
    """
    runs: dict[str, list[Occasion]] = {}
    for one in occasions:
        runs.setdefault(one.login, []).append(one)
    return [_line(client, runs.get(client.login, []), weeks, now) for client in clients]


def is_late(occasion: Occasion, now: datetime) -> bool:
    """Return whether a run should have ended by now."""
    return occasion.state in {"waiting", "running"} and now - occasion.due > _LATE


def _line(client: FleetClient, runs: list[Occasion], weeks: list[str], now: datetime) -> ClientWeeks:
    marks: dict[str, Mark] = {}
    for one in runs:
        mark: Mark = "late" if is_late(one, now) else one.state
        marks[one.week] = min(mark, marks.get(one.week, "none"), key=_ORDER.index)
    latest = runs[-1] if runs else None
    forgotten = not client.paused and client.next_due is not None and now - client.next_due > _UNPLANNED
    late = forgotten or (latest is not None and is_late(latest, now))
    return ClientWeeks(client.login, client.paused, tuple(marks.get(week, "none") for week in weeks), latest, late)
