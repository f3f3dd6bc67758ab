"""The page on adding a tool, followed to the letter in a copy of the clone."""

import re
import shutil
import sys
from pathlib import Path

from tests.support import environment
from tests.support.screens.docs_shell import FENCE

ROOT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns(
    ".venv*", ".git", ".tools", "__pycache__", ".*_cache", "primanota-demo", "benchmarks"
)


def test_the_page_is_followed(tmp_path: Path) -> None:
    """What the page says in ten minutes makes a profile, its golden file, and green tests, without another step."""
    clone = tmp_path / "clone"
    shutil.copytree(ROOT, clone, ignore=_LEFT_OUT)
    section = (
        (ROOT / "docs" / "add-a-tool.md").read_text("utf-8").partition("## In ten minutes")[2].partition("\n## ")[0]
    )
    template, learn, keys, layout, tool = (text for _, _, text in FENCE.findall(section))
    (clone / "acme.csv").write_bytes(template.encode())
    assert learn.splitlines()[0] == "make install"
    _run(learn.splitlines()[1], clone)

    profile = clone / "src" / "primanota" / "profiles" / "acme.toml"
    text = profile.read_text(encoding="utf-8")
    text, count = re.subn(r"^title .*\nformat .*\nsource .*\n", keys, text, flags=re.MULTILINE)
    assert count == 1
    profile.write_text(text, encoding="utf-8")
    _insert(clone / "tests" / "support" / "files" / "documented_csv.py", "LAYOUTS = {\n", layout)
    _insert(clone / "tests" / "unit" / "profiles" / "test_profile_rules.py", "_SKIPPING = {", '"acme", ')
    shown = _run(tool.strip(), clone)
    assert re.findall(r"(\d+) passed", shown)
    assert (
        (clone / "tests" / "golden" / "acme.csv").read_bytes().startswith(template.splitlines()[0].encode() + b"\n")
    )


def _insert(file: Path, behind: str, text: str) -> None:
    before = file.read_text(encoding="utf-8")
    assert before.count(behind) == 1
    file.write_text(before.replace(behind, behind + text), encoding="utf-8")


def _run(line: str, clone: Path) -> str:
    """Run a line of the page, with this environment in place of one that “make install” makes."""
    program, *words = line.split()
    python = f"{sys.executable} -m"
    if program == "make":
        words = ["make", "-o", "install", f"PYTEST={python} pytest -n 2", *words]
    else:
        assert program == ".venv/bin/primanota"
        words = [sys.executable, "-m", "primanota", *words]
    done = environment.run(words, environment.plain(PYTHONPATH=str(clone / "src"), PYTHONUTF8="1"), cwd=clone)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    return done.stdout
