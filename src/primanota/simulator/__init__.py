"""A simulation of Qonto's API: for the demo, for tests, and for users without an account.

It shares no code with the rest of the program, so that a mistake in one of them is not repeated in the other.

`Simulator` is the public class; `bank/` has the transactions and balances, `data/` invents them, `http/` answers
requests, `oauth/` gives tokens, `files/` serves documents, `control/` lets things happen, `faults/` and `switches.py`
change the answers.
"""

from primanota.simulator.data.company import opening_before
from primanota.simulator.faults.catalogue import FAULTS, TOKEN_FAULTS, TRANSIENT
from primanota.simulator.faults.targets import parse_fault
from primanota.simulator.rate_limits import RateLimits
from primanota.simulator.several import SeveralSimulators
from primanota.simulator.simulator import Simulator
from primanota.simulator.switches import SWITCHES

__all__ = [
    "FAULTS",
    "SWITCHES",
    "TOKEN_FAULTS",
    "TRANSIENT",
    "RateLimits",
    "SeveralSimulators",
    "Simulator",
    "opening_before",
    "parse_fault",
]
