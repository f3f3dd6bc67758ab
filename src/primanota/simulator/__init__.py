"""A faithful Qonto in a box: for the demo, for tests, for people without an account.

It is an independent witness: it shares no code with the rest of the program, so that a mistake in one of them shows.
"""

from primanota.simulator.box import Simulator
from primanota.simulator.faults import FAULTS, TRANSIENT
from primanota.simulator.switches import SWITCHES

__all__ = ["FAULTS", "SWITCHES", "TRANSIENT", "Simulator", "serve"]


def serve(simulator: Simulator, *, host: str = "127.0.0.1", port: int) -> None:
    """Serve over HTTP until interrupted. The data are invented, yet only this machine can reach it by default."""
    from primanota.simulator.serving import server_for  # noqa: PLC0415 - uvicorn is slow to import and seldom needed

    server_for(simulator, host=host, port=port).run()
