"""The database that a command of the fleet uses, and ``primanota fleet init``."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import NamedTuple

import click

from primanota.adapters.settings import config
from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.cli import texts
from primanota.cli.options.context import open_workspace
from primanota.cli.options.groups import option_group
from primanota.cli.terminal import output
from primanota.core.errors import ConfigurationError
from primanota.core.secret import Secret
from primanota.fleet import migrations
from primanota.fleet.database import FleetDatabase, require_extra

_ANY = "fleet"  # a login for a workspace that is asked for its clock only


class FleetOptions(NamedTuple):
    """Options that every command of the fleet takes."""

    database: str | None
    as_json: bool

    @contextmanager
    def opened(
        self, *, connections: int = 2, any_version: bool = False, patience: float = 5.0
    ) -> Iterator[FleetDatabase]:
        """Open the database.

        Args:
            connections: at most so many at the same time.
            any_version: also one that has no fleet yet, or an older one.
            patience: seconds to wait for a connection.

        Raises:
            ConfigurationError: the extra is missing, no database is named, or its version is another one.
            ServiceUnavailable: it cannot be reached.
        """
        require_extra()
        address = Secret(self.database) if self.database else config.load().secrets.get("PRIMANOTA_FLEET")
        if address is None:
            raise ConfigurationError(
                "No database of a fleet is named.", "Set PRIMANOTA_FLEET, like postgresql://user@host/fleet."
            )
        with closing(FleetDatabase(address, connections=connections, patience=patience)) as database:
            database.check()
            if not any_version:
                migrations.require_current(database)
            yield database


_DATABASE = click.option(
    "--database", metavar="ADDRESS", help="The database, instead of PRIMANOTA_FLEET; without a password."
)
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="A summary for machines on stdout.")
# Of commands that refuse it, and say what to use instead.
_NO_JSON = click.option("--json", "as_json", is_flag=True, hidden=True)
fleet_options = option_group("where", FleetOptions, {"database": _DATABASE, "as_json": _AS_JSON})
fleet_options_without_summary = option_group("where", FleetOptions, {"database": _DATABASE, "as_json": _NO_JSON})


def clock() -> Callable[[], datetime]:
    """Return the clock of the workspaces that this command line makes."""
    settings = config.load({}).with_organisation(_ANY, OrganisationSettings())
    return open_workspace(_ANY, settings=settings).clock


@click.command("init")
@fleet_options
def initialise(*, where: FleetOptions) -> None:
    """Create the tables of the fleet in its database, or bring them up to date.

    It is all or nothing, and a second call changes nothing. Only init needs the right to create tables.

    Example: primanota fleet init
    """
    with where.opened(any_version=True) as database:
        before, after = migrations.migrate(database)
    if where.as_json:
        output.as_json({"version_before": before, "version": after})
        return
    words = texts.fleet()
    output.result((words.current if before == after else words.initialised).format(version=after))
