"""A close that is killed at any moment leaves no half pack, and is completed by the same command."""

import random
import subprocess
import time
import zipfile
from pathlib import Path

from primanota.simulator import Simulator
from tests.support.banks.simulator_server import finish, served, start
from tests.support.clock import Clock

_KILLS = 6
_WORDS = ("close", "2026-10", "--for", "lexware", "--to")


def test_killed_while_closing(tmp_path: Path) -> None:
    """After kills at random moments a pack is whole or not there, and the next run gives one whole pack."""
    chance = random.Random(815)  # noqa: S311 - which moments, not which secrets
    folder = tmp_path / "packs"
    with Simulator(size=200, clock=Clock()) as simulator, served(simulator) as url:
        for words in (("sync",), ("receipts",)):
            assert finish(start(simulator, url, tmp_path, *words))[0] == 0
        began = time.monotonic()
        assert finish(start(simulator, url, tmp_path, *_WORDS, f"{tmp_path / 'whole'}"))[0] == 0
        lasts = time.monotonic() - began
        for _ in range(_KILLS):
            process = start(simulator, url, tmp_path, *_WORDS, f"{folder}")
            try:
                process.communicate(timeout=lasts * chance.uniform(0.3, 1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            assert all(zipfile.ZipFile(path).testzip() is None for path in folder.glob("*.zip"))
        code, out, err = finish(start(simulator, url, tmp_path, *_WORDS, f"{folder}"))
        assert (code, err) == (0, ""), out
        (pack,) = folder.glob("*.zip")
        (first,) = (tmp_path / "whole").glob("*.zip")
        assert pack.read_bytes() == first.read_bytes()
        assert finish(start(simulator, url, tmp_path, "check"))[0] == 0
