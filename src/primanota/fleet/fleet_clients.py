"""The clients of a fleet: add, change, list, pause and resume them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.core.errors import InvalidInput, among
from primanota.fleet import stored_settings
from primanota.fleet.database import FleetDatabase
from primanota.fleet.timetable import Timetable

_COLUMNS = "login, settings, first_day, schedule, zone, paused, next_due"
_NAMED = 5


class FleetClient(NamedTuple):
    """A client: its login, settings, timetable, the first day of new rows, and whether it is paused.

    ``first_day`` is empty if the book has it. ``next_due`` is when the planner looks at it next (UTC), None before it
    is stored.
    """

    login: str
    settings: OrganisationSettings
    timetable: Timetable
    first_day: str = ""
    paused: bool = False
    next_due: datetime | None = None


class ClientTable:
    """The table of clients.

    Args:
        database: the fleet's database.
        clock: returns the present, aware.
    """

    def __init__(self, database: FleetDatabase, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = database
        self._clock = clock

    def put(self, clients: Iterable[FleetClient], *, replace: bool = False) -> int:
        """Add clients: all of them, or none. Their first run is due at the next time of their timetables.

        Args:
            clients: the clients.
            replace: change those that exist already; paused ones stay paused.

        Returns:
            How many were added, without those that were changed.

        Raises:
            InvalidInput: one of them exists already.
        """
        now, wanted = self._clock(), list(clients)
        with self._database.transaction() as connection:
            logins = [one.login for one in wanted]
            query = "SELECT login FROM clients WHERE login = ANY(%s) ORDER BY login"
            known = [row[0] for row in connection.execute(query, (logins,))]
            if known and not replace:
                named = ", ".join(known[:_NAMED]) + (" …" if len(known) > _NAMED else "")
                raise InvalidInput(f"In the fleet already: {named}.", "Add --replace to change them.")
            connection.cursor().executemany(
                "INSERT INTO clients (login, settings, first_day, schedule, zone, paused, next_due)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (login) DO UPDATE SET settings = excluded.settings,"
                " first_day = excluded.first_day, schedule = excluded.schedule, zone = excluded.zone,"
                " next_due = excluded.next_due",
                [_row(one, now) for one in wanted],
            )
        return len(wanted) - len(known)

    def get(self, login: str) -> FleetClient:
        """Return a client.

        Raises:
            InvalidInput: there is no such client.
        """
        query = f"SELECT {_COLUMNS} FROM clients WHERE login = %s"
        for row in self._database.fetch(query, login.replace("\0", " ")):  # PostgreSQL has no text with a NUL
            return _client(row)
        known = [row[0] for row in self._database.fetch("SELECT login FROM clients ORDER BY login LIMIT 200")]
        raise InvalidInput(f"There is no client “{login}” in the fleet.", among(login, known))

    def all(self) -> list[FleetClient]:
        """Return all clients by their logins."""
        return [_client(row) for row in self._database.fetch(f"SELECT {_COLUMNS} FROM clients ORDER BY login")]

    def pause(self, login: str, *, paused: bool) -> bool:
        """Pause a client, or let it go on; return whether that changed anything.

        A client that goes on has the latest run that it missed, as after a time without workers.

        Raises:
            InvalidInput: there is no such client.
        """
        self.get(login)
        query = "UPDATE clients SET paused = %s WHERE login = %s AND paused <> %s"
        return bool(self._database.execute(query, paused, login, paused))


def _row(client: FleetClient, now: datetime) -> tuple[object, ...]:
    timetable = client.timetable
    return (
        client.login,
        stored_settings.to_json(client.settings),
        client.first_day,
        str(timetable),
        timetable.zone.key,
        client.paused,
        timetable.after(now),
    )


def _client(row: tuple[Any, ...]) -> FleetClient:
    login, settings, first_day, schedule, zone, paused, next_due = row
    timetable = Timetable.parse(schedule, zone)
    return FleetClient(login, stored_settings.from_json(settings), timetable, first_day, paused, next_due)
