"""Switches: each has the effect that its description states."""

import pytest

from primanota.simulator import SWITCHES
from tests.simulator import answer_switch_checks, oauth_checks, request_switch_checks
from tests.simulator.api_client import OpenClient
from tests.simulator.check_registry import SWITCH_CHECKS

CHECKS_IN = (answer_switch_checks, oauth_checks, request_switch_checks)


@pytest.mark.parametrize("name", SWITCHES)
def test_each_switch_has_its_effect(open_client: OpenClient, name: str) -> None:
    """Each switch has its effect, which is absent without the switch."""
    assert name in SWITCH_CHECKS, f"add a check of {name} to one of {[module.__name__ for module in CHECKS_IN]}"
    SWITCH_CHECKS[name](open_client(switches=[name], cap=150, auth="both"), open_client(cap=150, auth="both"))


def test_checks_and_switches_match() -> None:
    """Every switch has a check and a description."""
    assert SWITCH_CHECKS.keys() == SWITCHES.keys()
    assert all(sentence.endswith(".") for sentence in SWITCHES.values())


def test_all_switches_together(open_client: OpenClient) -> None:
    """Switches that do not contradict each other can be combined."""
    names = [
        "status-one-only",
        "unstable-ties",
        "meta-shuffled",
        "fraction-none",
        "whole-numbers-bare",
        "per-page-50",
    ]
    client = open_client(switches=names)
    assert len(client.all_rows({"status[]": "completed"})) == client.bank.count(client.main, "completed")
