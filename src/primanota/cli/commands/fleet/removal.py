"""``primanota fleet remove``: a client leaves the firm."""

import sys

import click

from primanota.cli import texts
from primanota.cli.commands.fleet.database import FleetOptions, fleet_options
from primanota.cli.terminal import output
from primanota.core.errors import InvalidInput
from primanota.fleet.fleet_clients import ClientTable, FleetClient
from primanota.fleet.oauth.fleet_tokens import FLEET_TOKENS
from primanota.fleet.removal import has_live_tokens, remove_client


@click.command()
@click.argument("login", metavar="LOGIN")
@click.option("--yes", is_flag=True, help="Do not ask.")
@fleet_options
def remove(*, login: str, yes: bool, where: FleetOptions) -> None:
    """Remove a client that leaves: its timetable, its runs, its queued jobs and its tokens.

    Its book, its files and its key stay where they are, and the command says where. A client that a worker runs is
    not removed. “primanota fleet logout” before this revokes a consent at the bank, too.

    Example: primanota fleet remove acme-corp-1234
    """
    with where.opened() as database:
        client = ClientTable(database).get(login)
        if not yes:
            _ask(login, has_consent=has_live_tokens(database, login))
        removed = remove_client(database, login)
    settings = client.settings
    if where.as_json:
        stays = {"book": settings.book, "to": settings.to, "secret": _secret(client)}
        output.as_json({"login": login, "jobs": removed.jobs, "tokens": removed.had_tokens, **stays})
        return
    words = texts.fleet().removal
    output.result(words.removed.format(client=login))
    output.result(words.stays.format(book=settings.book, to=" ".join(settings.to)))
    if secret := _secret(client):
        output.result(words.secret_stays.format(secret=secret))


def _ask(login: str, *, has_consent: bool) -> None:
    """Say what will be removed, and ask; without a terminal, ``--yes`` must be given.

    Raises:
        InvalidInput: there is no terminal to ask in, or the answer is no.
    """
    words = texts.fleet().removal
    output.info(words.will_be.format(client=login))
    if has_consent:
        output.info(words.revoke.format(client=login))
    if not sys.stdin.isatty():
        raise InvalidInput(f"{login} was not removed: that is asked first, at a terminal.", "Add --yes.")
    if not output.confirm(words.question.format(client=login)):
        raise InvalidInput(f"{login} was not removed.", "It has its runs as before.")


def _secret(client: FleetClient) -> str:
    """Return the reference to a client's key; empty for tokens, which are gone with it."""
    return "" if client.settings.secret == FLEET_TOKENS else client.settings.secret
