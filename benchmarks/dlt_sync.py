"""The same first sync by dlt, a library for such pipelines, as it comes and well tuned.

dlt is no dependency of this project: uv makes an environment for it below the folder for temporary files. Where that
fails, for want of uv or of a network, the benchmark is left out.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bank import Served, served
from measure import HERE, PROGRAM, Duel, Took, cpu, note, run, seconds, spread
from result import Result, Row
from scale import Scale

_DLT = "dlt[duckdb,parquet]==1.31.*"
_LATENCY = 0.15
_SMALL = 200
_WAYS = {
    "plain": "dlt with its source for REST interfaces and DuckDB, as it comes",
    "tuned": "dlt cut by hand into accounts and months, with 32 threads and Parquet",
}


class _Sides:
    """Primanota and dlt, with the same bank."""

    def __init__(self, way: str, python: str, bank: Served, size: int, folder: Path) -> None:
        self._way = way
        self._python = python
        self._bank = bank
        self._size = size
        self._folder = folder

    def ours(self, number: int) -> Took:
        """Fill a new book."""
        took = run(PROGRAM, "sync", env=self._bank.environment(self._folder / f"home-{number}"))
        self._bank.counts()  # its limits begin anew
        return took

    def theirs(self, number: int) -> Took:
        """Fill a new database.

        Raises:
            RuntimeError: rows are missing; lists do not show reversed ones to dlt.
        """
        to = self._folder / f"{number}"
        to.mkdir(parents=True)
        words = ("dlt_pipeline.py", self._way, str(to), self._bank.url, f"{self._bank.login}:{self._bank.secret}")
        took = run(self._python, str(HERE / words[0]), *words[1:], env={"HOME": str(to)})
        rows = int(took.said.split()[-1])
        if not 0.98 * self._size < rows <= self._size:
            raise RuntimeError(f"{rows} of {self._size} rows were fetched by dlt")
        note(f"  dlt {self._way}: {self._bank.counts().requests} requests")
        return took


def measure(scale: Scale) -> Result:
    """Run Primanota and dlt alternately, one round each: dlt as it comes takes minutes."""
    python = _environment()
    if python is None:
        note("dlt cannot be installed: left out")
        return Result([Row("dlt", "not measured: it could not be installed", "", "", "", "")])
    with tempfile.TemporaryDirectory() as folder, served(scale.year) as bank:
        return Result([_row(way, python, bank, Path(folder, way), scale) for way in _WAYS])


def _row(way: str, python: str, bank: Served, folder: Path, scale: Scale) -> Row:
    note(f"dlt: {way}")
    with served(_SMALL) as small:  # no measured round compiles modules
        warm = _Sides(way, python, small, _SMALL, folder / "warm")
        warm.ours(0)
        warm.theirs(0)
    bank.delay(_LATENCY)
    sides = _Sides(way, python, bank, scale.year, folder)
    duel = Duel(sides.ours, sides.theirs, 1, warm=False)
    return Row(
        f"First sync of {scale.year:,} transactions, 150 ms a request",
        f"{seconds(duel.ours)}, {cpu(duel.ours)}",
        f"{_WAYS[way]}: {seconds(duel.other)}, {cpu(duel.other)}",
        spread(duel.speedups, "times as fast"),
        duel.memory,
        "",
    )


def _environment() -> str | None:
    """Return the Python of an environment with dlt, which is made at the first call; None if it cannot be made."""
    place = Path(tempfile.gettempdir(), "primanota-bench-dlt")
    python = place / "bin" / "python"
    uv = shutil.which("uv") or str(HERE.parent / ".tools" / "bin" / "uv")
    steps = [[uv, "venv", "--quiet", "--clear", str(place)], [uv, "pip", "install", "--quiet", _DLT]]
    if not (place / "ready").exists():
        for words in steps:
            try:
                subprocess.run(words, check=True, env={**os.environ, "VIRTUAL_ENV": str(place)})  # noqa: S603 - uv
            except (OSError, subprocess.CalledProcessError) as error:
                note(f"{error}")
                return None
        (place / "ready").touch()
    return str(python)
