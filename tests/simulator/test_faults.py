"""Every fault strikes, and the transient ones pass when the request is sent again."""

import httpx2
import pytest

from primanota.simulator import FAULTS, TRANSIENT
from tests.simulator import fault_proofs
from tests.simulator.proofs import FAULT_PROOFS
from tests.simulator.visitor import Row, Visit, Visitor

PROVEN_IN = fault_proofs.__name__


@pytest.mark.parametrize("name", FAULTS)
def test_fault(visit: Visit, name: str) -> None:
    """The fault strikes as its sentence says."""
    assert name in FAULT_PROOFS, f"add a proof of {name} to {PROVEN_IN}"
    FAULT_PROOFS[name](visit, name)


def test_no_proof_of_nothing() -> None:
    """Every proof is of a fault that exists, every fault has a sentence, and the transient ones are faults."""
    assert FAULT_PROOFS.keys() == FAULTS.keys() > TRANSIENT
    assert all(sentence.endswith(".") for sentence in FAULTS.values())


def patient(visitor: Visitor, page: int) -> list[Row] | None:
    """A page, asked for until it comes and is plausible twice in a row."""
    last = None
    for _ in range(9):
        try:
            answer = visitor.ask({**fault_proofs.BY_CREATION, "page": page})
        except httpx2.TransportError:
            continue
        if answer.status_code == 200 and answer.json() == last:
            rows: list[Row] = answer.json()["transactions"]
            return rows
        last = answer.json() if answer.status_code == 200 else None
    return None


@pytest.mark.parametrize("name", sorted(TRANSIENT))
def test_patience_finds_the_truth(visit: Visit, name: str) -> None:
    """A client that asks again gets the truth in spite of a transient fault."""
    visitor = visit(faults=[name])
    found = [row for page in (1, 2, 3) for row in patient(visitor, page) or ()]
    assert found == list(visitor.bank.truth(visitor.main))


def test_faults_take_turns(visit: Visit) -> None:
    """Two faults that strike every fifth request never strike the same one."""
    visitor = visit(faults=["500-json", "503-html", "429-bare"])
    assert fault_proofs.codes(visitor, 8) == [200, 200, 429, 500, 503, 200, 200, 429]


def test_faults_in_an_empty_bank(visit: Visit) -> None:
    """Faults that need a row do nothing where there is none."""
    visitor = visit(size=0, faults=["balance-gap", "row-missing-always", "broken-cents", "rows-outside-filter"])
    assert visitor.rows() == []
