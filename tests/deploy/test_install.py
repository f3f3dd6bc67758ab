"""``python3 install.py``: what README.md tells a new user to type, on a machine that has nothing of this program."""

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import environment

if TYPE_CHECKING:
    import subprocess

ROOT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns(".venv*", ".git", ".tools", "__pycache__", "tests", ".*_cache", "primanota-demo")


def test_one_line_installs_the_program(tmp_path: Path) -> None:
    """In a copy of the clone the line installs a program that finds its pages, and names the next step."""
    clone, bin_folder = tmp_path / "clone", tmp_path / "bin"
    shutil.copytree(ROOT, clone, ignore=_LEFT_OUT)
    variables = environment.of_uv(
        UV_TOOL_DIR=str(tmp_path / "tools"), UV_TOOL_BIN_DIR=str(bin_folder), UV_PYTHON_DOWNLOADS="never"
    )
    variables["PATH"] = f"{variables['PATH']}{os.pathsep}{bin_folder}{os.pathsep}{ROOT / '.tools' / 'bin'}"
    done = environment.run([sys.executable, str(clone / "install.py")], variables, cwd=tmp_path)
    if done.returncode and _is_offline(done) and not os.environ.get("CI"):
        pytest.skip("the packages cannot be downloaded")
    assert (done.returncode, done.stdout) == (0, f"Installed: {bin_folder / 'primanota'}\n{_NEXT}\n"), done.stderr
    shutil.rmtree(clone)
    used = environment.plain(PATH=f"{bin_folder}{os.pathsep}{os.environ['PATH']}")
    demo = environment.run(["primanota", "demo"], used, cwd=tmp_path, check=True)
    assert "  primanota review --book primanota-demo/demo.book\n" in demo.stdout


_NEXT = "Next: primanota demo (needs no account), or primanota login"


def _is_offline(done: "subprocess.CompletedProcess[str]") -> bool:
    return any(words in done.stderr for words in ("error sending request", "uv could not be installed"))
