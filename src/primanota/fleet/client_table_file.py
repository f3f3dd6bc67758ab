"""Read the clients of a CSV file: a line each, all mistakes at once."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from primanota.adapters.settings.config import Config
from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.adapters.storage import regular_file
from primanota.core.errors import InvalidInput, PrimanotaError, among
from primanota.core.period import parse_day
from primanota.core.secret import check_login
from primanota.fleet import stored_settings
from primanota.fleet.fleet_clients import FleetClient
from primanota.fleet.timetable import DEFAULT, Timetable

_MOST_BYTES = 64 << 20
_NAMED = 20  # mistakes in one error
_ZONE = "Europe/Berlin"
# The columns that are settings, by the keys of the settings file.
_SETTINGS = ("secret", "api_url", "timezone", "profile", "book", "language")
_MAIL = {"mail_from": "from", "mail_server": "server", "mail_user": "user", "mail_password": "password"}
_S3 = {"s3_endpoint": "endpoint", "s3_region": "region"}
COLUMNS = ("login", *_SETTINGS, "to", *_MAIL, *_S3, "since", "schedule")


def read_clients(path: Path, base: Config) -> list[FleetClient]:
    """Read the clients of a CSV file. Its first line names the columns, of ``COLUMNS``; ``login`` is required.

    ``{login}`` in a cell means the client's login. Several destinations in ``to`` are separated by blanks.

    Raises:
        InvalidInput: the file cannot be read, or some of its lines have mistakes; the error names them.
    """
    try:
        text = regular_file.read(path, _MOST_BYTES).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not written in UTF-8"
        raise InvalidInput(f"{path} cannot be read: {why}.", "Name a CSV file in UTF-8.") from None
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, restkey="", strict=True)
    found, mistakes, seen = [], list[str](), dict[str, int]()
    try:
        _check_columns(reader.fieldnames or ())
        for row in reader:
            try:
                client = client_of({key: value or "" for key, value in row.items()}, base)
                if (
                    earlier := seen.setdefault(client.login, reader.line_num) != reader.line_num
                    and seen[client.login]
                ):
                    raise InvalidInput(f"{client.login} is in line {earlier}, too.")
                found.append(client)
            except PrimanotaError as error:
                mistakes.append(f"Line {reader.line_num}: {error}")
    except csv.Error as error:
        mistakes.append(f"Line {reader.line_num or 1}: {error}.")
    if mistakes:
        raise InvalidInput(f"{path}: {mistakes[0]}", _others(mistakes))
    if not found:
        raise InvalidInput(f"{path} has no clients.", "Its first line names the columns; each other is a client.")
    return found


def client_of(cells: dict[str, str], base: Config) -> FleetClient:
    """Return a client from its cells by their columns; what is empty has its default.

    Raises:
        PrimanotaError: a cell is not valid.
    """
    login = cells.get("login", "").strip()
    check_login(login)
    given = {key: value.strip().replace("{login}", login) for key, value in cells.items() if value.strip()}
    table: dict[str, Any] = {key: given[key] for key in _SETTINGS if key in given}
    table["to"] = given.get("to", "").split()
    for name, columns in (("mail", _MAIL), ("s3", _S3)):
        if inner := {key: given[column] for column, key in columns.items() if column in given}:
            table[name] = inner
    try:
        settings = msgspec.convert(table, OrganisationSettings)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{login}: {error}.") from None
    return checked_client(login, settings, given.get("schedule", ""), given.get("since", ""), base)


def checked_client(
    login: str, settings: OrganisationSettings, schedule: str, since: str, base: Config
) -> FleetClient:
    """Return a client after its settings were checked. Without a schedule, its runs are due on Mondays at 07:00.

    Raises:
        PrimanotaError: a setting, the schedule or the first day is not valid.
    """
    stored_settings.check(login, settings, base)
    first_day = f"{parse_day(since)}" if since else ""
    return FleetClient(login, settings, Timetable.parse(schedule or DEFAULT, settings.timezone or _ZONE), first_day)


def _check_columns(columns: Sequence[str]) -> None:
    for name in columns:
        if name not in COLUMNS:
            raise csv.Error(f"there is no column “{name}”. {among(name, COLUMNS)}")
        if columns.count(name) > 1:
            raise csv.Error(f"there are two columns “{name}”")
    if "login" not in columns:
        raise csv.Error("there is no column “login”")


def _others(mistakes: list[str]) -> str:
    more = mistakes[1:_NAMED]
    rest = len(mistakes) - 1 - len(more)
    return " ".join([*more, *([f"There are {rest} more mistakes."] if rest else ()), "Nothing was added."])
