"""``primanota fleet``: many organisations on one to many machines."""

import click

from primanota.cli.commands.fleet.clients import add, import_clients, list_clients, pause, resume
from primanota.cli.commands.fleet.consents import invite, logout
from primanota.cli.commands.fleet.database import initialise
from primanota.cli.commands.fleet.keys import key, reencrypt
from primanota.cli.commands.fleet.removal import remove
from primanota.cli.commands.fleet.runs import report, retry, status
from primanota.cli.commands.fleet.web import web
from primanota.cli.commands.fleet.worker import worker


@click.group()
def fleet() -> None:
    """Run many organisations, on one to many machines, with a queue in PostgreSQL.

    Needs the extra “fleet”, and a database that PRIMANOTA_FLEET names. A worker runs what is due; each client has its
    own settings, book and timetable.

    Example: primanota fleet init
    """


for command in (
    *(initialise, add, import_clients, list_clients, status, report, retry, pause, resume, remove, worker),
    *(web, invite, logout, key, reencrypt),
):
    fleet.add_command(command)
