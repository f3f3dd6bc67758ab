"""``primanota simulator``: serve the simulator to this machine."""

from contextlib import closing
from typing import TYPE_CHECKING

import click

from primanota.app.workspace import now
from primanota.cli import output
from primanota.core.errors import DeliveryFailed, InvalidInput, among

if TYPE_CHECKING:
    import socket

    from primanota.simulator import Simulator

_HERE = "127.0.0.1"


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8900, show_default=True, help="Where to listen.")
@click.option("--size", type=click.IntRange(0, 1_000_000), default=250, show_default=True, help="Transactions.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another company's life.")
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
    """Serve an invented company's Qonto.

    On this machine only, to try everything without an account.

    Example: primanota simulator --port 8900
    """
    from primanota.simulator import FAULTS, SWITCHES, Simulator

    if list_only:
        output.table(("Switch", "What the bank then does"), SWITCHES.items())
        output.table(("Fault", "What then happens"), FAULTS.items())
        return
    for kind, words, known in (("switch", switches, SWITCHES), ("fault", faults, FAULTS)):
        for word in words:
            if word not in known:
                raise InvalidInput(f"There is no {kind} “{word}”.", among(word, known))
    with closing(_opened(port)) as door:
        box = Simulator(size=size, seed=seed, clock=now, switches=switches, faults=faults, latency=latency)
        output.info("An invented company. In another terminal:")
        output.result(f"export PRIMANOTA_API_URL=http://{_HERE}:{port}")
        output.result(f"export PRIMANOTA_LOGIN={box.login}")
        output.result(f"export PRIMANOTA_SECRET_KEY={box.secret}")
        if {"sandbox", "sandbox-redirect"} & set(switches):
            output.result(f"export PRIMANOTA_STAGING_TOKEN={box.staging_token}")
        output.flush()  # whoever reads it through a pipe waits for it
        output.info("Then: primanota run --period last-month. Stop this with Ctrl-C.")
        _serve(box, door, port)


def _opened(port: int) -> "socket.socket":
    """The port, ours before anybody is told of it."""
    from primanota.simulator.http.server import listening

    try:
        return listening(_HERE, port)
    except OSError as error:
        what = f"Port {port} cannot be opened: {error.strerror or error}."
        raise DeliveryFailed(what, "Name another with --port.") from None


def _serve(box: "Simulator", door: "socket.socket", port: int) -> None:
    """Serve until somebody interrupts it."""
    from primanota.simulator.http.server import server_for

    try:
        with box:
            server_for(box, host=_HERE, port=port).run(sockets=[door])
    except KeyboardInterrupt:
        output.info("Stopped.")
