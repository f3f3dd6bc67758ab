"""The PostgreSQL database of a fleet: connections that come back after a restart, and errors for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from primanota.core.errors import ConfigurationError, ServiceUnavailable
from primanota.core.secret import Secret

if TYPE_CHECKING:
    from psycopg import Connection

SCHEMA = "primanota"
_PACKAGES = ("cryptography", "procrastinate", "psycopg", "psycopg_pool")
_CONNECT_SECONDS = 5
_HINT = "Set PRIMANOTA_FLEET to its address, as in “primanota help fleet”; a password belongs into ~/.pgpass."


def require_extra() -> None:
    """Refuse to go on without the packages of the extra ``fleet``.

    Raises:
        ConfigurationError: one of them is not installed.
    """
    if not all(map(find_spec, _PACKAGES)):
        raise ConfigurationError(
            "The commands of a fleet need the extra “fleet”.", "Install it: python3 install.py --fleet"
        )


class FleetDatabase:
    """The database of a fleet. Safe to use from several threads.

    Args:
        address: as libpq takes it: a URL, or pairs like ``host=... dbname=...``; empty for libpq's own variables.
        connections: at most so many at the same time.
        patience: seconds to wait for a connection.

    Raises:
        ConfigurationError: a package is missing, or the address cannot be read.
    """

    def __init__(self, address: Secret, *, connections: int = 4, patience: float = _CONNECT_SECONDS) -> None:
        require_extra()
        import psycopg
        from psycopg_pool import ConnectionPool

        try:
            given = psycopg.conninfo.conninfo_to_dict(address.reveal())
        except psycopg.ProgrammingError:
            raise ConfigurationError("The address of the fleet's database cannot be read.", _HINT) from None
        if password := given.get("password"):
            Secret(str(password))  # so that no text shows it
        options = f"{given.get('options') or ''} -c search_path={SCHEMA}".strip()
        ours: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS, "application_name": "primanota"}
        self.address = psycopg.conninfo.make_conninfo("", **{**ours, **given, "options": options})
        self._pool: ConnectionPool[Connection[tuple[Any, ...]]] = ConnectionPool(
            self.address,
            min_size=0,
            max_size=connections,
            timeout=patience,
            reconnect_timeout=patience,
            open=True,
            check=ConnectionPool.check_connection,
        )

    def check(self) -> None:
        """Connect once, so that an error has its reason, and comes at once.

        Raises:
            ServiceUnavailable: the database cannot be reached, or refuses this user.
        """
        import psycopg

        try:
            psycopg.connect(self.address).close()
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())
            raise ServiceUnavailable(
                f"The fleet's database cannot be reached: {reason}", f"Is it running? {_HINT}"
            ) from None

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    @contextmanager
    def transaction(self) -> Iterator["Connection[tuple[Any, ...]]"]:
        """Yield a connection within a transaction, which is committed at the end of the block.

        Raises:
            ServiceUnavailable: the database cannot be reached, or the connection was lost. Whether the transaction
                was committed is then not known.
            ConfigurationError: the database has no fleet, or this user may not use it.
        """
        import psycopg
        from psycopg_pool import PoolTimeout

        try:
            with self._pool.connection() as connection:
                yield connection
        except PoolTimeout:
            raise ServiceUnavailable("The fleet's database cannot be reached.", f"Is it running? {_HINT}") from None
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName, psycopg.errors.UndefinedColumn):
            raise ConfigurationError("The database has no fleet.", "Run “primanota fleet init” first.") from None
        except psycopg.errors.InsufficientPrivilege as error:
            raise ConfigurationError(
                f"This user may not use the fleet's database: {error.diag.message_primary or error}.",
                "Grant it the rights, or use another user.",
            ) from None
        except (
            psycopg.OperationalError,
            psycopg.InterfaceError,
            psycopg.errors.IdleInTransactionSessionTimeout,
        ) as error:
            reason = " ".join(str(error).split())
            raise ServiceUnavailable(
                f"The connection to the fleet's database was lost: {reason}.", "Run the same command again."
            ) from None

    def fetch(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Execute one statement in a transaction of its own, and return its rows."""
        with self.transaction() as connection:
            return connection.execute(query, values).fetchall()

    def execute(self, query: str, *values: object) -> int:
        """Execute one statement in a transaction of its own, and return how many rows it changed."""
        with self.transaction() as connection:
            return connection.execute(query, values).rowcount
