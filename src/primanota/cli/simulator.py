"""``primanota simulator``: serve the simulator on this machine."""

from contextlib import closing
from typing import TYPE_CHECKING

import click

from primanota.app.workspace import now
from primanota.cli import output
from primanota.core.errors import DeliveryFailed, InvalidInput, among

if TYPE_CHECKING:
    import socket

    from primanota.simulator import Simulator

_HOST = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8900, show_default=True, help="The port to listen on.")
@click.option(
    "--size", type=click.IntRange(0, 1_000_000), default=250, show_default=True, help="The number of transactions."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed gives other invented data.")
@click.option("--latency", type=click.FloatRange(0, 60), default=0.0, help="Seconds before each answer.")
@click.option("--switch", "switches", multiple=True, metavar="NAME", help="A doubtful behaviour of the bank.")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="A failure of the bank.")
@click.option("--list", "list_only", is_flag=True, help="List the switches and faults.")
def simulator(
    *,
    port: int,
    size: int,
    seed: int,
    latency: float,
    switches: tuple[str, ...],
    faults: tuple[str, ...],
    list_only: bool,
) -> None:
    """Serve a simulated bank with an invented company.

    On this machine only, to try every command without an account.

    Example: primanota simulator --port 8900
    """
    from primanota.simulator import FAULTS, SWITCHES, Simulator

    if list_only:
        output.table(("Switch", "Effect"), SWITCHES.items())
        output.table(("Fault", "Effect"), FAULTS.items())
        return
    _check_names("switch", switches, SWITCHES)
    _check_names("fault", faults, FAULTS)
    with closing(_open_socket(port)) as listening:
        bank = Simulator(size=size, seed=seed, clock=now, switches=switches, faults=faults, latency=latency)
        output.info("An invented company. In another terminal:")
        output.result(f"export PRIMANOTA_API_URL=http://{_HOST}:{port}")
        output.result(f"export PRIMANOTA_LOGIN={bank.login}")
        output.result(f"export PRIMANOTA_SECRET_KEY={bank.secret}")
        if {"sandbox", "sandbox-redirect"} & set(switches):
            output.result(f"export PRIMANOTA_STAGING_TOKEN={bank.staging_token}")
        output.flush()  # a program that reads these lines through a pipe waits for them
        output.info("Then: primanota run --period last-month. Stop this with Ctrl-C.")
        _serve(bank, listening, port)


def _check_names(kind: str, names: tuple[str, ...], known: dict[str, str]) -> None:
    """Raise `InvalidInput` for the first name that is unknown."""
    for name in names:
        if name not in known:
            raise InvalidInput(f"“{name}” is not a known {kind}.", among(name, known))


def _open_socket(port: int) -> "socket.socket":
    """Open the port before its address is printed."""
    from primanota.simulator.http.server import open_listening_socket

    try:
        return open_listening_socket(_HOST, port)
    except OSError as error:
        message = f"Port {port} cannot be opened: {error.strerror or error}."
        raise DeliveryFailed(message, "Choose another port with --port.") from None


def _serve(bank: "Simulator", listening: "socket.socket", port: int) -> None:
    """Serve until the user presses Ctrl-C."""
    from primanota.simulator.http.server import make_server

    try:
        with bank:
            make_server(bank, host=_HOST, port=port).run(sockets=[listening])
    except KeyboardInterrupt:
        output.info("Stopped.")
