"""docs/simulator.md: it names everything that the simulator serves and can do."""

from pathlib import Path

import pytest

from primanota.simulator import FAULTS, SWITCHES
from primanota.simulator.control.actions import ACTIONS
from primanota.simulator.control.keyboard import KEYS
from primanota.simulator.faults.targets import ACCOUNTS, ROWS
from primanota.simulator.http.endpoints import ENDPOINTS

_PAGE = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text(encoding="utf-8")
_TABLE_ROWS = [f"| `{name}` | {effect} |" for name, effect in (SWITCHES | FAULTS).items()]


@pytest.mark.parametrize("row", _TABLE_ROWS)
def test_every_switch_and_fault_is_described(row: str) -> None:
    """Each switch and each fault is in a table of the page, with its effect."""
    assert row in _PAGE


@pytest.mark.parametrize("path", [path for path in ENDPOINTS if path.startswith("/v2/") and ":path" not in path])
def test_every_endpoint_is_named(path: str) -> None:
    """Each path that is served is in the table of paths."""
    assert f"`{path}`" in _PAGE


def test_every_action_key_row_and_account_is_named() -> None:
    """Each action and key of the control is named, and each row and account that a fault may be given."""
    words = [*(f"`/control/{name}`" for name in ACTIONS), *(f"`{name}`" for name in [*KEYS, *ROWS, *ACCOUNTS])]
    assert [word for word in words if word not in _PAGE] == []
