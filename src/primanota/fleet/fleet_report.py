"""The firm's report of a week: how many clients are done, and who is not, and why. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from primanota.fleet.fleet_clients import FleetClient
from primanota.fleet.oauth.consent_states import ClientConsent, consent_warnings
from primanota.fleet.occasions import Occasion
from primanota.fleet.outcome import State
from primanota.fleet.overview import is_late, weeks_until


class NotDone(msgspec.Struct, frozen=True):
    """A run that is not done: its client, its state, whether it is late, and why."""

    login: str
    run: str
    state: State
    late: bool
    failure: str
    why: str


class FleetReport(msgspec.Struct, frozen=True):
    """The report of a week. ``open`` counts runs that wait or run; ``unplanned`` clients have a run that is overdue.

    ``unproven`` counts runs whose book is not proven complete. ``consents`` are those that have ended, or end within
    two weeks of the moment of the report.
    """

    week: str
    runs: int
    done: int
    needs: int
    failed: int
    open: int
    late: int
    rows: int
    unproven: int
    unplanned: tuple[str, ...]
    not_done: tuple[NotDone, ...]
    consents: tuple[ClientConsent, ...] = ()


def report_of(
    week: str,
    occasions: Iterable[Occasion],
    clients: Iterable[FleetClient],
    now: datetime,
    consents: Iterable[ClientConsent] = (),
) -> FleetReport:
    """Return the report of a week.

    Args:
        week: the ISO week.
        occasions: its runs, by client.
        clients: all clients; of the present week those are named that no worker has planned.
        now: the present.
        consents: those of all clients whose tokens are in the fleet.
    """
    found, clients = [*occasions], [*clients]
    present = week == weeks_until(now, 1)[0]
    unplanned = (one.login for one in clients if present and one.next_due and one.next_due <= now and not one.paused)
    not_done = tuple(
        NotDone(one.login, one.name, one.state, is_late(one, now), one.error_kind, one.sentence)
        for one in found
        if one.state != "done"
    )

    def count(*states: State) -> int:
        return sum(one.state in states for one in found)

    return FleetReport(
        week,
        runs=len(found),
        done=count("done"),
        needs=count("person"),
        failed=count("failed"),
        open=count("waiting", "running"),
        late=sum(one.late for one in not_done),
        rows=sum(one.rows for one in found),
        unproven=sum(one.proven is False for one in found),
        unplanned=tuple(unplanned),
        not_done=not_done,
        consents=consent_warnings(consents, clients),
    )
