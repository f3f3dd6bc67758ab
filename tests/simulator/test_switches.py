"""Every switch does what its sentence says."""

import pytest

from primanota.simulator import SWITCHES
from tests.simulator import switch_answers, switch_requests
from tests.simulator.proofs import SWITCH_PROOFS
from tests.simulator.visitor import Visit

PROVEN_IN = (switch_answers, switch_requests)


@pytest.mark.parametrize("name", SWITCHES)
def test_switch(visit: Visit, name: str) -> None:
    """With the switch the bank behaves as the sentence says, and without it otherwise."""
    assert name in SWITCH_PROOFS, f"add a proof of {name} to one of {[module.__name__ for module in PROVEN_IN]}"
    SWITCH_PROOFS[name](visit(switches=[name], cap=150), visit(cap=150))


def test_no_proof_of_nothing() -> None:
    """Every proof is of a switch that exists, and every switch has a sentence."""
    assert SWITCH_PROOFS.keys() == SWITCHES.keys()
    assert all(sentence.endswith(".") for sentence in SWITCHES.values())


def test_all_switches_together(visit: Visit) -> None:
    """Switches that do not contradict each other can be combined."""
    names = [
        "status-one-only",
        "unstable-ties",
        "meta-shuffled",
        "fraction-none",
        "whole-numbers-bare",
        "per-page-50",
    ]
    visitor = visit(switches=names)
    assert len(visitor.everything({"status[]": "completed"})) == visitor.bank.count(visitor.main, "completed")
