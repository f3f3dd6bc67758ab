"""``primanota close``: the pack of a month, against a simulated bank with receipts on another host."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.command_line import Terminal

Make = Callable[..., Terminal]


@pytest.fixture
def filled(terminal: Make, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("PRIMANOTA_RECEIPTS", "true")
    made = terminal(size=120)
    made.sync()
    return made


def test_pack(filled: Terminal, tmp_path: Path) -> None:
    done = filled.run("close", "2026-10", "--to", str(tmp_path / "packs"), "--for", "lexware")
    print(done.out, done.err)
    again = filled.run("close", "2026-10", "--to", str(tmp_path / "packs"), "--for", "lexware")
    print(again.out, again.err)
    shutil.copytree(tmp_path / "packs", "/tmp/packs", dirs_exist_ok=True)
    assert 0
