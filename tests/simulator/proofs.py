"""A register of proofs: what a switch or a fault does, by its name, so that none goes without."""

from collections.abc import Callable

from tests.simulator.visitor import Visit, Visitor

SwitchProof = Callable[[Visitor, Visitor], None]
FaultProof = Callable[[Visit, str], None]

SWITCH_PROOFS: dict[str, SwitchProof] = {}
FAULT_PROOFS: dict[str, FaultProof] = {}


def switch(name: str) -> Callable[[SwitchProof], SwitchProof]:
    """The proof of one switch: takes a visitor to a bank with it, and one to the same bank without."""

    def register(proof: SwitchProof) -> SwitchProof:
        assert name not in SWITCH_PROOFS, f"{name} is proven twice"
        SWITCH_PROOFS[name] = proof
        return proof

    return register


def fault(*names: str) -> Callable[[FaultProof], FaultProof]:
    """The proof of some faults: takes the opener of simulators and the fault's name."""

    def register(proof: FaultProof) -> FaultProof:
        FAULT_PROOFS.update(dict.fromkeys(names, proof))
        return proof

    return register
