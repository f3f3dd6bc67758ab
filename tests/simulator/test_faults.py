"""Faults: each has its effect, and a transient one does not recur when the request is repeated."""

import httpx2
import pytest

from primanota.simulator import FAULTS, TRANSIENT
from tests.simulator import fault_checks, oauth_checks
from tests.simulator.api_client import ApiClient, OpenClient, Row
from tests.simulator.check_registry import FAULT_CHECKS

CHECKS_IN = [module.__name__ for module in (fault_checks, oauth_checks)]


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_has_its_effect(open_client: OpenClient, name: str) -> None:
    """Each fault has the effect that its description states."""
    assert name in FAULT_CHECKS, f"add a check of {name} to {CHECKS_IN}"
    FAULT_CHECKS[name](open_client, name)


def test_checks_and_faults_match() -> None:
    """Every fault has a check and a description, and every transient fault is a fault."""
    assert FAULT_CHECKS.keys() == FAULTS.keys() > TRANSIENT
    assert all(sentence.endswith(".") for sentence in FAULTS.values())


def page_with_retries(client: ApiClient, page: int) -> list[Row] | None:
    """Return a page, requested until it is the same twice in a row; None after nine requests."""
    last = None
    for _ in range(9):
        try:
            answer = client.list_transactions({**fault_checks.BY_CREATION, "page": page})
        except httpx2.TransportError:
            continue
        if answer.status_code == 200 and answer.json() == last:
            rows: list[Row] = answer.json()["transactions"]
            return rows
        last = answer.json() if answer.status_code == 200 else None
    return None


@pytest.mark.parametrize("name", sorted(TRANSIENT))
def test_retries_find_every_row(open_client: OpenClient, name: str) -> None:
    """A client that repeats its requests gets the bank's own rows in spite of a transient fault."""
    client = open_client(faults=[name])
    found = [row for page in (1, 2, 3) for row in page_with_retries(client, page) or ()]
    assert found == list(client.bank.truth(client.main))


def test_faults_apply_to_different_requests(open_client: OpenClient) -> None:
    """Faults of every fifth request never apply to the same request."""
    client = open_client(faults=["500-json", "503-html", "429-bare"])
    assert fault_checks.codes(client, 8) == [200, 200, 429, 500, 503, 200, 200, 429]


def test_faults_in_an_empty_bank(open_client: OpenClient) -> None:
    """Faults that change a row have no effect in an empty bank."""
    client = open_client(size=0, faults=["balance-gap", "row-missing-always", "broken-cents", "rows-outside-filter"])
    assert client.rows() == []
