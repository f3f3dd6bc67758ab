"""Links, pipes and standard output as places of an export's file, through the command line."""

import os
from pathlib import Path

import pytest

from tests.support.screens.command_line import Terminal


@pytest.fixture
def words(desk: Terminal) -> list[str]:
    """Return the words of an export of one account with a row."""
    desk.simulator.bank.arrive(1)
    desk.sync()
    return ["export", "generic", "--new", "--since", "2026-11-01", "--account", "Hauptkonto"]


def test_pipes_and_lost_links_are_refused(desk: Terminal, words: list[str], tmp_path: Path) -> None:
    """A pipe, a device and a link that leads nowhere are refused and stay as they are; nothing counts as exported."""
    pipe, lost = tmp_path / "pipe", tmp_path / "lost.csv"
    os.mkfifo(pipe)
    lost.symlink_to(tmp_path / "nowhere.csv")
    for place in (pipe, lost, Path(os.devnull)):
        assert desk.run(*words, "--to", str(place)).code == 8
    assert pipe.is_fifo()
    assert lost.is_symlink()
    assert desk.run(*words, "--to", str(tmp_path / "found")).code == 0
    assert len(list((tmp_path / "found").iterdir())) == 1


def test_standard_output(desk: Terminal, words: list[str]) -> None:
    """With “--to -” standard output is the file, byte for byte as the book has it, and the batch has no path."""
    done = desk.run(*words, "--to", "-")
    (batch,) = desk.run("batches", "--json").data["batches"]
    assert (done.code, len(done.out.encode()), batch["state"], batch["path"]) == (0, batch["size"], "delivered", None)
    assert desk.run("run", "generic", "--new", "--to", "-").code == 2
