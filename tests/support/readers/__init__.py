"""Foreign programs and libraries that read the files: one module a format."""

import os
import shutil
from typing import NamedTuple

import pytest


class Seen(NamedTuple):
    """What a foreign reader found: number of rows, their signed sum, and the balances. Cents."""

    rows: int
    total: int
    opening: int | None = None
    closing: int | None = None


def program(name: str) -> str:
    """Return the path of a program. If it is missing, skip the test, or fail if CI is set."""
    found = shutil.which(name)
    if not found and not os.environ.get("CI"):
        pytest.skip(f"{name} is not installed; “make readers” installs it")
    assert found, f"{name} is not installed"
    return found
