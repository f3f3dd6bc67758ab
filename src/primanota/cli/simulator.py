"""``primanota simulator``: serve the simulator to this machine."""

import click

from primanota.cli import show
from primanota.errors import Undeliverable, WrongWords, among
from primanota.session import now


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
    from primanota.simulator import FAULTS, SWITCHES, Simulator, serve  # noqa: PLC0415 - slow to load

    if list_only:
        show.table(("Switch", "What the bank then does"), SWITCHES.items())
        show.table(("Fault", "What then happens"), FAULTS.items())
        return
    for kind, words, known in (("switch", switches, SWITCHES), ("fault", faults, FAULTS)):
        for word in words:
            if word not in known:
                raise WrongWords(f"There is no {kind} “{word}”.", among(word, known))
    box = Simulator(size=size, seed=seed, clock=now, switches=switches, faults=faults, latency=latency)
    show.say("An invented company. In another terminal:")
    show.tell(f"export PRIMANOTA_API_URL=http://127.0.0.1:{port}")
    show.tell(f"export PRIMANOTA_LOGIN={box.login}")
    show.tell(f"export PRIMANOTA_SECRET_KEY={box.secret}")
    if {"sandbox", "sandbox-redirect"} & set(switches):
        show.tell(f"export PRIMANOTA_STAGING_TOKEN={box.staging_token}")
    show.say("Then: primanota run --period last-month. Stop this with Ctrl-C.")
    try:
        with box:
            serve(box, port=port)
    except KeyboardInterrupt:
        show.say("Stopped.")
    except (OSError, SystemExit):
        raise Undeliverable(f"Port {port} cannot be opened.", "Name another with --port.") from None
