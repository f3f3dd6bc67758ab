"""Run uv from the root of the clone, wherever it is."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


def uv() -> str:
    """Return the path of uv: the one that runs this, one on the path, or the one that the Makefile installed."""
    return os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")


def run_uv(*words: str) -> str:
    """Run uv with ``words`` in the root of the clone, and return what it prints; an error is shown and raised."""
    done = subprocess.run([uv(), *words], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout
