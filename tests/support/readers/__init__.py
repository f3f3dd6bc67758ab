"""Programs and libraries that nobody here wrote, reading what we write: one module a format."""

import os
import shutil
from typing import NamedTuple

import pytest


class Seen(NamedTuple):
    """What a foreign reader found: how many rows, their signed sum, and the balances it was told. Cents."""

    rows: int
    total: int
    opening: int | None = None
    closing: int | None = None


def program(name: str) -> str:
    """Where a program is. On a machine of one's own that lacks it the test is left out; where CI is set it fails."""
    found = shutil.which(name)
    if not found and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed; “make readers” installs it")
    assert found, f"{name} is not installed"
    return found
