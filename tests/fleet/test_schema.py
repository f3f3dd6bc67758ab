"""The schema of the fleet's database."""

import pytest

from primanota.core.errors import ConfigurationError, ServiceUnavailable
from primanota.core.secret import Secret
from primanota.fleet import migrations
from primanota.fleet.database import FleetDatabase
from tests.support.fleets.postgres import rows


def test_a_second_init_changes_nothing(database: FleetDatabase, empty_database: str) -> None:
    """A second init changes nothing, and says so."""
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'primanota' ORDER BY 1"
    before, applied = rows(empty_database, tables), rows(empty_database, "SELECT * FROM versions ORDER BY 1, 2")
    version = migrations.known_version()
    assert migrations.migrate(database) == (version, version)
    assert rows(empty_database, tables) == before
    assert rows(empty_database, "SELECT * FROM versions ORDER BY 1, 2") == applied


def test_init_is_all_or_nothing(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An init that fails in its last step leaves an empty database."""
    database = FleetDatabase(Secret(empty_database))
    own = [*migrations._own()]
    monkeypatch.setattr(migrations, "_own", lambda: iter([*own, (99, b"SELECT nothing FROM nowhere")]))
    with pytest.raises(ConfigurationError):
        migrations.migrate(database)
    database.close()
    assert rows(empty_database, "SELECT * FROM pg_namespace WHERE nspname = 'primanota'") == []


def test_a_newer_schema_is_refused(database: FleetDatabase) -> None:
    """A schema of a newer program is neither used nor changed."""
    database.execute("INSERT INTO versions (what, number) VALUES ('fleet', 99)")
    for refuse in (migrations.migrate, migrations.require_current):
        with pytest.raises(ConfigurationError, match="Update Primanota"):
            refuse(database)


def test_a_database_without_a_fleet(empty_database: str) -> None:
    """A database without a fleet is an error that names the command which makes one."""
    database = FleetDatabase(Secret(empty_database))
    with pytest.raises(ConfigurationError, match="fleet init"):
        migrations.require_current(database)
    database.close()


def test_a_database_that_is_away(tmp_path: str) -> None:
    """A database that cannot be reached is an error for people, without its password."""
    address = Secret(f"postgresql://ada:geheim@localhost/x?host={tmp_path}")
    database = FleetDatabase(address, patience=0.3)
    with pytest.raises(ServiceUnavailable) as caught:
        database.fetch("SELECT 1")
    database.close()
    assert "cannot be reached" in f"{caught.value}"
    assert "geheim" not in f"{caught.value}"


def test_an_address_that_is_none() -> None:
    """An address that cannot be read is refused, and not quoted."""
    with pytest.raises(ConfigurationError) as caught:
        FleetDatabase(Secret("http://ada:geheim@x"))
    assert "geheim" not in f"{caught.value}"
