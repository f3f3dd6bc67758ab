"""The scripts of docs/library.md run as they are printed, one after the other, and print what the page shows.

A block ``python run=demo`` is run in a folder in which ``primanota demo`` was run, ``python run=bank`` beside a
simulated bank that the variables name. The ``text`` block below it is its output; ``...`` stands for omitted lines.
"""

import sys
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

import primanota
from primanota.banks import qonto
from primanota.cli import main
from primanota.simulator import Simulator
from tests.support import environment
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock
from tests.support.screens.docs_shell import Block, blocks

PAGE = Path(__file__).parents[2] / "docs" / "library.md"


def _scripts() -> Iterator[tuple[Block, Block]]:
    """Yield each script with the block below it."""
    yield from (
        (one, below) for one, below in pairwise(blocks(PAGE.read_text(encoding="utf-8"))) if "run" in one.words
    )


def _missing(shown: str, printed: str) -> str:
    """Return the first line that the page shows and the script did not print, in order; empty if all are there."""
    lines = iter(printed.splitlines())
    return next((line for line in shown.splitlines() if line != "..." and line not in lines), "")


def _run(script: str) -> None:
    exec(compile(script, PAGE.name, "exec"), {"__name__": "__main__"})  # noqa: S102 - the page's own scripts


def test_every_script_prints_what_the_page_shows(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every script of the page prints what is below it, and nothing else; an unprinted word is an error."""
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    capfd.readouterr()
    with Simulator(clock=clock) as simulator, served(simulator) as url:
        for name, value in (("LOGIN", simulator.login), ("SECRET_KEY", simulator.secret), ("API_URL", url)):
            monkeypatch.setenv(f"PRIMANOTA_{name}", value)
        monkeypatch.setenv("QONTO_LOGIN", simulator.login)
        monkeypatch.setenv("QONTO_SECRET", simulator.secret)
        # The clock and the bank of the tests; a person has the present and the real bank.
        monkeypatch.setattr(primanota, "open_book", partial(primanota.open_book, clock=clock), raising=False)
        monkeypatch.setattr(qonto, "Client", partial(qonto.Client, clock=clock, api_url=url), raising=False)
        for script, below in _scripts():
            monkeypatch.delenv("PRIMANOTA_LOGIN", raising=False)
            if script.words["run"] == "bank":
                monkeypatch.setenv("PRIMANOTA_LOGIN", simulator.login)
            _run(script.text)
            printed = capfd.readouterr()
            assert printed.err == ""
            assert below.language == "text"
            assert not _missing(below.text, printed.out), printed.out
            assert "..." in below.text or printed.out == below.text


def test_the_first_script_needs_no_settings(tmp_path: Path) -> None:
    """The first script runs in a process of its own, without a home or a setting, after the demo alone."""
    (script, below), *_ = _scripts()
    assert main(["demo", "--to", str(tmp_path / "primanota-demo")]) == 0
    words = [sys.executable, "-W", "error", "-c", script.text]
    done = environment.run(words, {"PYTHONUTF8": "1"}, cwd=tmp_path, check=True)
    assert not _missing(below.text, done.stdout)
    assert done.stderr == ""
