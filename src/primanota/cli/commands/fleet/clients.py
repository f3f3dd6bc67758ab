"""``primanota fleet add``, ``import``, ``list``, ``pause`` and ``resume``: the clients of a fleet."""

from pathlib import Path

import click

from primanota.adapters.settings import config
from primanota.cli import texts
from primanota.cli.commands.fleet.consent_words import consent_view, consent_words
from primanota.cli.commands.fleet.database import FleetOptions, clock, fleet_options
from primanota.cli.terminal import output
from primanota.cli.terminal.tables import StateCell, TableColumn
from primanota.cli.texts.language import on_stdout, spoken
from primanota.core.errors import InvalidInput
from primanota.core.language.fleet_states import fleet_states
from primanota.fleet.client_table_file import checked_client, client_of, read_clients
from primanota.fleet.fleet_clients import ClientTable, FleetClient
from primanota.fleet.oauth.consent_states import ClientConsent, client_consents

_LOGIN = click.argument("login", metavar="LOGIN")
_REPLACE = click.option("--replace", is_flag=True, help="Change clients that are in the fleet already.")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@_LOGIN
@click.option(
    "--secret", metavar="REFERENCE", help="Where its key is: file, keyring, command:…, ssm:… or another; oauth:fleet."
)
@click.option("--book", metavar="PLACE", help="Where its book is: s3://BUCKET/KEY or shared:PATH.")
@click.option("--to", multiple=True, metavar="PLACE", help="Where its files go; may be given more than once.")
@click.option("--profile", metavar="NAME", help="The profile; the usual one by default.")
@click.option("--language", metavar="CODE", help="The language of its mails.")
@click.option("--timezone", metavar="ZONE", help="Its time zone, like Europe/Berlin, the default.")
@click.option("--api-url", metavar="URL", help="The bank's address, if it is not the real one.")
@click.option("--since", metavar="DAY", help="From which day on rows are new, if its book does not know.")
@click.option(
    "--schedule", metavar="TEXT", help="When it runs: “weekly mon 07:00”, the default, or “monthly 1 07:00”."
)
@click.option("--from", "file", type=_FILE, metavar="FILE", help="Take its table from this settings file.")
@_REPLACE
@fleet_options
def add(
    *, login: str, file: Path | None, to: tuple[str, ...], replace: bool, where: FleetOptions, **given: str | None
) -> None:
    """Add a client: its settings, with references to its secrets, and its timetable.

    With --from, all of its settings come from a settings file, also its mail server, ledger and rules.

    Example: primanota fleet add acme-corp-1234 --book s3://books/acme.book --to s3://files/acme/ --since 2026-11-01
    """
    base = config.load()
    if file:
        client = _from_file(login, file, given, to, base)
    else:
        client = client_of(
            {"login": login, "to": " ".join(to), **{key: one or "" for key, one in given.items()}}, base
        )
    _put([client], where, replace=replace)


@click.command("import")
@click.argument("file", type=_FILE, metavar="CSV")
@_REPLACE
@fleet_options
def import_clients(*, file: Path, replace: bool, where: FleetOptions) -> None:
    """Add the clients of a CSV file: all of them, or, if one line has a mistake, none.

    Its first line names the columns: login, secret, api_url, timezone, profile, book, language, to, mail_from,
    mail_server, mail_user, mail_password, s3_endpoint, s3_region, since, schedule. {login} in a cell means the login.

    Example: primanota fleet import clients.csv
    """
    _put(read_clients(file, config.load()), where, replace=replace)


@click.command("list")
@fleet_options
def list_clients(*, where: FleetOptions) -> None:
    """List the clients, with their timetables.

    Example: primanota fleet list
    """
    with where.opened() as database:
        found, consents = ClientTable(database).all(), client_consents(database, clock()())
    if where.as_json:
        output.as_json({"clients": [_view(one, consents.get(one.login)) for one in found]})
        return
    words, writing = texts.fleet(), on_stdout()
    head = words.heading
    output.table(
        [
            TableColumn(head.client, "word"),
            head.profile,
            TableColumn(head.book, "text"),
            head.schedule,
            TableColumn(head.next_run, "word"),
            head.state,
            *([head.consent] if consents else ()),
        ],
        [
            (
                one.login,
                one.settings.profile,
                one.settings.book,
                f"{one.timetable} ({one.timetable.zone.key})",
                one.next_due.astimezone(one.timetable.zone) if one.next_due else None,
                StateCell(fleet_states(spoken()).paused) if one.paused else "",
                *([consent_words(consents[one.login]) if one.login in consents else ""] if consents else ()),
            )
            for one in found
        ],
        notes=[writing.counted(words.clients, len(found))],
    )


@click.command()
@_LOGIN
@fleet_options
def pause(*, login: str, where: FleetOptions) -> None:
    """Let a client have no runs until it is resumed.

    Example: primanota fleet pause acme-corp-1234
    """
    _set_paused(login, where, paused=True)


@click.command()
@_LOGIN
@fleet_options
def resume(*, login: str, where: FleetOptions) -> None:
    """Let a paused client have its runs again; of those that it missed, the latest one.

    Example: primanota fleet resume acme-corp-1234
    """
    _set_paused(login, where, paused=False)


def _from_file(
    login: str, file: Path, given: dict[str, str | None], to: tuple[str, ...], base: config.Config
) -> FleetClient:
    """Return a client whose settings are in a settings file.

    Raises:
        InvalidInput: the file does not have it, or another option would change its settings.
    """
    since, schedule = given.pop("since") or "", given.pop("schedule") or ""
    if to or any(given.values()):
        raise InvalidInput("With --from, the settings come from the file.", "Write them into it.")
    found = config.load({}, file=file)
    found.require_readable(login)
    if login not in found.organisations:
        raise InvalidInput(f"{file} has no table [organisation.{login}].", "Name a client that is in the file.")
    return checked_client(login, found.organisations[login], schedule, since, base)


def _put(clients: list[FleetClient], where: FleetOptions, *, replace: bool) -> None:
    with where.opened() as database:
        added = ClientTable(database, clock()).put(clients, replace=replace)
    changed = len(clients) - added
    if where.as_json:
        output.as_json({"added": added, "changed": changed})
        return
    words, writing = texts.fleet(), on_stdout()
    if added or not changed:
        output.result(writing.counted(words.added, added))
    if changed:
        output.result(writing.counted(words.changed, changed))


def _set_paused(login: str, where: FleetOptions, *, paused: bool) -> None:
    with where.opened() as database:
        changed = ClientTable(database).pause(login, paused=paused)
    if where.as_json:
        output.as_json({"login": login, "paused": paused, "changed": changed})
        return
    words = texts.fleet()
    output.result((words.paused if paused else words.resumed).format(client=login))


def _view(client: FleetClient, consent: ClientConsent | None) -> dict[str, object]:
    return {
        "login": client.login,
        "profile": client.settings.profile,
        "book": client.settings.book,
        "to": client.settings.to,
        "schedule": f"{client.timetable}",
        "timezone": client.timetable.zone.key,
        "since": client.first_day,
        "paused": client.paused,
        "next_run": client.next_due,
        "consent": consent_view(consent) if consent else None,
    }
