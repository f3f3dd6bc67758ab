"""A registry of checks by the name of their switch or fault, so that a missing check is found."""

from collections.abc import Callable

from tests.simulator.api_client import ApiClient, OpenClient

SwitchCheck = Callable[[ApiClient, ApiClient], None]
FaultCheck = Callable[[OpenClient, str], None]

SWITCH_CHECKS: dict[str, SwitchCheck] = {}
FAULT_CHECKS: dict[str, FaultCheck] = {}


def checks_switch(name: str) -> Callable[[SwitchCheck], SwitchCheck]:
    """Register the check of one switch: a function of a client with the switch and a client without it."""

    def register(check: SwitchCheck) -> SwitchCheck:
        assert name not in SWITCH_CHECKS, f"{name} has two checks"
        SWITCH_CHECKS[name] = check
        return check

    return register


def checks_fault(*names: str) -> Callable[[FaultCheck], FaultCheck]:
    """Register the check of some faults: a function of the fixture `open_client` and the fault's name."""

    def register(check: FaultCheck) -> FaultCheck:
        FAULT_CHECKS.update(dict.fromkeys(names, check))
        return check

    return register
