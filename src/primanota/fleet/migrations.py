"""The versions of the fleet's schema: SQL files that are applied in their order, in one transaction."""

from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from primanota.core.errors import ConfigurationError
from primanota.fleet.database import SCHEMA, FleetDatabase

if TYPE_CHECKING:
    from psycopg import Connection

_FOLDER = files(__package__) / "schema"
_LOCK = 7_268_114_905  # of this program; any number that no other program of the database takes
_VERSIONS = """
CREATE TABLE IF NOT EXISTS versions (
    what text NOT NULL, number integer NOT NULL, applied timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (what, number)
)
"""
_FLEET, _QUEUE = "fleet", "queue"


def known_version() -> int:
    """Return the newest version of the schema that this program knows."""
    return max(number for number, _ in _own())


def migrate(database: FleetDatabase) -> tuple[int, int]:
    """Create the schema, or bring it up to date. A second call does nothing.

    Returns:
        The version before, 0 for none, and the version after.

    Raises:
        ConfigurationError: the schema was made by a newer Primanota.
        ServiceUnavailable: the database cannot be reached.
    """
    with database.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(_VERSIONS)
        before = _present(connection, _FLEET)
        if before > known_version():
            raise ConfigurationError(
                f"The fleet's database has version {before}, and this Primanota knows version {known_version()}.",
                "Update Primanota on this machine.",
            )
        for what, scripts in ((_QUEUE, _of_queue(_present(connection, _QUEUE))), (_FLEET, _own())):
            present = _present(connection, what)
            for number, script in scripts:
                if number > present:
                    connection.execute(script)
                    connection.execute("INSERT INTO versions (what, number) VALUES (%s, %s)", (what, number))
    return before, known_version()


def require_current(database: FleetDatabase) -> None:
    """Refuse a database whose schema is not the one that this program knows.

    Raises:
        ConfigurationError: it is older or newer, or there is none.
        ServiceUnavailable: the database cannot be reached.
    """
    with database.transaction() as connection:
        present = _present(connection, _FLEET)
    if present != known_version():
        hint = "Run “primanota fleet init”." if present < known_version() else "Update Primanota on this machine."
        raise ConfigurationError(
            f"The fleet's database has version {present}, and this Primanota needs version {known_version()}.", hint
        )


def _present(connection: "Connection[tuple[Any, ...]]", what: str) -> int:
    found = connection.execute("SELECT max(number) FROM versions WHERE what = %s", (what,)).fetchone()
    return (found[0] if found else None) or 0


def _own() -> Iterator[tuple[int, bytes]]:
    """Yield the number and the text of each version of our own schema."""
    for file in sorted(_FOLDER.iterdir(), key=lambda one: one.name):
        if file.name.endswith(".sql"):
            yield int(file.name.partition("_")[0]), file.read_bytes()


def _of_queue(present: int) -> Iterator[tuple[int, bytes]]:
    """Yield what brings the tables of the job queue up to date: all of them, or each of its later changes."""
    from procrastinate.schema import SchemaManager, migrations_path

    if not present:
        yield _number(version("procrastinate")), SchemaManager.get_schema().encode()
        return
    changes: dict[int, bytes] = {}
    for file in sorted(migrations_path.glob("*.sql")):
        number = _number(file.name.partition("_")[0])
        changes[number] = changes.get(number, b"") + file.read_bytes() + b"\n"
    yield from sorted(changes.items())


def _number(text: str) -> int:
    """Return a version of the job queue, like 3.10.0 or 03.10.00, as one number."""
    major, minor, patch = (*map(int, text.split(".")[:3]), 0, 0)[:3]
    return major * 10_000 + minor * 100 + patch
