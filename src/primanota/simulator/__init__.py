"""A faithful Qonto in a box: for the demo, for tests, for people without an account.

It is an independent witness: it shares no code with the rest of the program, so that a mistake in one of them shows.
"""

from primanota.simulator.faults.catalogue import FAULTS, TRANSIENT
from primanota.simulator.simulator import Simulator
from primanota.simulator.switches import SWITCHES

__all__ = ["FAULTS", "SWITCHES", "TRANSIENT", "Simulator"]
