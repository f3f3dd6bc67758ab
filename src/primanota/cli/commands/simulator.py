"""``primanota simulator``: serve the simulator on this machine."""

from contextlib import ExitStack, closing
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Literal

import click

from primanota.app.workspace import now
from primanota.cli.options.completions import CompletedWord, completed
from primanota.cli.terminal import output, program
from primanota.core.commands import weekly_run
from primanota.core.errors import DeliveryFailed, InvalidInput, among
from primanota.core.period import parse_day

if TYPE_CHECKING:
    import socket
    from datetime import date

    from primanota.simulator import Simulator

_HOST = "127.0.0.1"
_FILES_HOST = "localhost"  # another name than the API's, as the real bank's files have
_YEARS = (2000, 2100)  # of --today
Auth = Literal["key", "oauth", "both"]


def _known(table: str) -> CompletedWord:
    """Return the type of the names of a table of the simulator, which is imported when the shell asks."""
    return completed(lambda _, __: getattr(import_module("primanota.simulator"), table).items())


_SWITCH, _FAULT = _known("SWITCHES"), _known("FAULTS")


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8900, show_default=True, help="The port to listen on.")
@click.option(
    "--size",
    type=click.IntRange(0, 1_000_000),
    default=250,
    show_default=True,
    help="The number of transactions of its history; each day since then brings as many as a day of it.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed gives other invented data.")
@click.option("--today", metavar="DAY", help="The bank's present day; the real one by default.")
@click.option("--latency", type=click.FloatRange(0, 60), default=0.0, help="Seconds before each answer.")
@click.option(
    "--auth",
    type=click.Choice(["key", "oauth", "both"]),
    default="key",
    show_default=True,
    help="What the bank accepts: the API key, OAuth tokens, or both.",
)
@click.option(
    "--switch", "switches", multiple=True, type=_SWITCH, metavar="NAME", help="A doubtful behaviour of the bank."
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=_FAULT,
    metavar="NAME",
    help="A failure of the bank: NAME[@ROW][:ACCOUNT].",
)
@click.option("--control", is_flag=True, help="Let days pass and rows change, over HTTP and by keys.")
@click.option("--list", "list_only", is_flag=True, help="List the switches and faults.")
def simulator(  # noqa: PLR0913 - the options of one command
    *,
    port: int,
    size: int,
    seed: int,
    today: str | None,
    latency: float,
    auth: Auth,
    switches: tuple[str, ...],
    faults: tuple[str, ...],
    control: bool,
    list_only: bool,
) -> None:
    """Serve a simulated bank with an invented company.

    On this machine only, to try every command without an account.

    Example: primanota simulator --port 8900
    """
    from primanota.simulator import FAULTS, SWITCHES, Simulator, opening_before

    if list_only:
        output.table(("Switch", "Effect"), SWITCHES.items())
        output.table(("Fault", "Effect"), FAULTS.items())
        return
    _check_names("switch", switches, SWITCHES)
    _check_faults(faults, FAULTS)
    shift = timedelta() if today is None else _shift(parse_day(today))
    with ExitStack() as stack:
        listening = stack.enter_context(closing(_open_socket(port)))
        files = stack.enter_context(closing(_open_socket(0)))
        bank = Simulator(
            size=size,
            seed=seed,
            clock=lambda: now() + shift,
            opened=opening_before(now() + shift),
            switches=switches,
            faults=faults,
            auth=auth,
            latency=latency,
        )
        bank.files_url = f"http://{_FILES_HOST}:{files.getsockname()[1]}"
        _introduce(bank, port, auth)
        if {"sandbox", "sandbox-redirect"} & set(switches):
            output.result(f"export PRIMANOTA_STAGING_TOKEN={bank.staging_token}")
        output.flush()  # a program that reads these lines through a pipe waits for them
        output.info(f"Then: {weekly_run(program=program.name())}. Stop this with Ctrl-C.")
        _serve(bank, [listening, files], port, control=control)


def _introduce(bank: "Simulator", port: int, auth: Auth) -> None:
    """Print the variables by which the program finds the bank, and the app of its OAuth server."""
    output.info("An invented company. In another terminal:")
    output.result(f"export PRIMANOTA_API_URL=http://{_HOST}:{port}")
    if auth != "oauth":
        output.result(f"export PRIMANOTA_LOGIN={bank.login}")
        output.result(f"export PRIMANOTA_SECRET_KEY={bank.secret}")
    if auth != "key":
        output.result(f"export PRIMANOTA_OAUTH_CLIENT_ID={bank.oauth.client_id}")
        if bank.oauth.client_secret:
            output.result(f"export PRIMANOTA_OAUTH_CLIENT_SECRET={bank.oauth.client_secret}")
        output.info(f"For a consent: {program.name()} login --oauth")


def _shift(day: "date") -> timedelta:
    """Return how far the bank's clock is from the real one, in whole days."""
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        message = f"The invented company does not exist on {day}."
        raise InvalidInput(message, f"Choose a day of the years {_YEARS[0]} to {_YEARS[1]}.")
    return day - now().date()


def _check_names(kind: str, names: tuple[str, ...], known: dict[str, str]) -> None:
    """Raise `InvalidInput` for the first name that is unknown."""
    for name in names:
        if name not in known:
            raise InvalidInput(f"“{name}” is not a known {kind}.", among(name, known))


def _check_faults(faults: tuple[str, ...], known: dict[str, str]) -> None:
    """Raise `InvalidInput` for the first fault whose name, row or account is unknown."""
    from primanota.simulator import parse_fault

    _check_names("fault", tuple(fault.partition(":")[0].partition("@")[0] for fault in faults), known)
    for fault in faults:
        try:
            parse_fault(fault)
        except ValueError as error:
            hint = "Write NAME, NAME@first, NAME:savings, or NAME@last:savings."
            raise InvalidInput(f"“{fault}” is not a fault: {error}.", hint) from None


def _open_socket(port: int) -> "socket.socket":
    """Open a port before its address is printed; 0 lets the system choose one."""
    from primanota.simulator.http.server import open_listening_socket

    try:
        return open_listening_socket(_HOST, port)
    except OSError as error:
        message = f"Port {port} cannot be opened: {error.strerror or error}."
        raise DeliveryFailed(message, "Choose another port with --port.") from None


def _serve(bank: "Simulator", sockets: "list[socket.socket]", port: int, *, control: bool) -> None:
    """Serve until the user presses Ctrl-C."""
    from primanota.simulator.http.server import make_server

    try:
        with bank, ExitStack() as stack:
            if control:
                _start_control(bank, port, stack)
            make_server(bank, host=_HOST, port=port).run(sockets=sockets)
    except KeyboardInterrupt:
        output.info("Stopped.")


def _start_control(bank: "Simulator", port: int, stack: ExitStack) -> None:
    """Serve the control, and read keys if stdin is a terminal."""
    from primanota.simulator.control.actions import SimulatorControl
    from primanota.simulator.control.app import PATH, ControlApp
    from primanota.simulator.control.keyboard import keys

    control = SimulatorControl(bank)
    bank.hosts.add_control(PATH, ControlApp(control))
    output.info(f"Control: curl http://{_HOST}:{port}{PATH}; curl -X POST http://{_HOST}:{port}{PATH}/days?n=7")
    stack.enter_context(keys(control, output.info))
