"""Read the grid of clients and weeks from the database: one query, however many clients there are."""

from datetime import datetime
from typing import Any

from primanota.core.commands import CONSENT, invitation
from primanota.core.notice import Notice
from primanota.core.oauth import consent_ends
from primanota.fleet.database import FleetDatabase
from primanota.fleet.occasions import COLUMNS, Occasion
from primanota.fleet.overview import LATE_AFTER, UNPLANNED_AFTER, ClientWeeks, is_late, marks_of

# Of each client its runs in some weeks, with late ones as such, and the latest of them.
_QUERY = """
WITH runs AS (
    SELECT *, row_number() OVER (PARTITION BY login ORDER BY due DESC) AS back
        FROM occasions WHERE week = ANY(%(weeks)s) AND (%(login)s::text IS NULL OR login = %(login)s)
), marks AS (
    SELECT login, json_agg(json_build_array(
        week, CASE WHEN state IN ('waiting', 'running') AND due < %(late)s THEN 'late' ELSE state END
    )) AS marks FROM runs GROUP BY login
)
SELECT clients.login, paused, NOT paused AND next_due < %(unplanned)s,
        coalesce(until, consent_end), until IS NOT NULL, marks, {columns}
    FROM clients LEFT JOIN marks USING (login) LEFT JOIN client_tokens USING (login)
        LEFT JOIN runs ON runs.login = clients.login AND back = 1
    WHERE %(login)s::text IS NULL OR clients.login = %(login)s
    ORDER BY clients.login COLLATE "C"
""".format(columns=", ".join(f"runs.{name}" for name in COLUMNS))


def client_grid(
    database: FleetDatabase, weeks: list[str], now: datetime, login: str | None = None
) -> list[ClientWeeks]:
    """Return every client, or one of them, with its marks in some weeks and the latest of its runs in them, by login.

    Args:
        database: the fleet's database.
        weeks: the names of the weeks.
        now: the present, aware.
        login: the only client that is wanted.
    """
    values = {"login": login, "weeks": weeks, "late": now - LATE_AFTER, "unplanned": now - UNPLANNED_AFTER}
    with database.transaction() as connection:
        return [_line(row, weeks, now) for row in connection.execute(_QUERY, values)]


def ending_consents(database: FleetDatabase, now: datetime) -> dict[str, Notice]:
    """Return, by their logins, the clients whose consent ends within two weeks, with the notice that says so."""
    return {one.login: one.warning for one in client_grid(database, [], now) if one.warning}


def _line(row: tuple[Any, ...], weeks: list[str], now: datetime) -> ClientWeeks:
    login, paused, unplanned, consent_end, in_fleet, marks, *run = row
    command = invitation(login) if in_fleet else CONSENT
    latest = Occasion(*run) if run[0] is not None else None
    return ClientWeeks(
        login,
        paused,
        marks_of(marks or (), weeks),
        latest,
        unplanned or (latest is not None and is_late(latest, now)),
        consent_end,
        consent_ends(login, consent_end, now, command) if consent_end else None,
    )
