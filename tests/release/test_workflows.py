"""The workflows of the project: what they may do, and what they run."""

import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it has no types
from release.distributions import PYTHONS

from tests.support import environment

ROOT = Path(__file__).parents[2]
FLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXAMPLES = sorted((ROOT / "deploy" / "github").glob("*.yml"))


def _flow(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.slow
def test_zizmor_finds_nothing(tmp_path: Path) -> None:
    """zizmor, at its strictest for authors, has no finding in the project's workflows or in the example for users."""
    flows = tmp_path / ".github" / "workflows"
    flows.mkdir(parents=True)
    for path in (*FLOWS, *EXAMPLES):
        shutil.copy(path, flows / path.name)
    words = ["zizmor", "--offline", "--no-config", "--persona=pedantic", "--format=plain", str(tmp_path)]
    found = environment.run(words, dict(os.environ))
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize("path", [*FLOWS, *EXAMPLES], ids=lambda path: path.name)
def test_actions_are_pinned_by_hash(path: Path) -> None:
    """Each action is named by its commit, with the version as a comment; none by a tag, which can be moved."""
    used = re.findall(r"uses: (\S+)(?: (# v[\d.]+))?$", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert used
    for action, version in used:
        assert action.startswith("$/") or (re.search(r"@[0-9a-f]{40}$", action) and version), action


def test_one_action_has_one_commit() -> None:
    """An action that several workflows use is pinned to the same commit everywhere."""
    pins: dict[str, set[str]] = {}
    for path in (*FLOWS, *EXAMPLES):
        for name, commit in re.findall(r"uses: ([\w/-]+)@([0-9a-f]{40})", path.read_text(encoding="utf-8")):
            pins.setdefault(name, set()).add(commit)
    assert {name: commits for name, commits in pins.items() if len(commits) > 1} == {}


def test_a_release_has_no_secret_and_needs_the_checks() -> None:
    """Publishing trusts the workflow, not a stored token; nothing is built before all checks have passed."""
    path = ROOT / ".github" / "workflows" / "release.yml"
    assert "secrets." not in path.read_text(encoding="utf-8")
    jobs = _flow(path)["jobs"]
    assert jobs["build"]["needs"] == "checks"
    assert jobs["pypi"]["permissions"] == {"id-token": "write"}
    assert jobs["pypi"]["environment"]["name"] == "pypi"
    push = next(step for step in jobs["image"]["steps"] if step.get("id") == "push")
    assert push["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert push["with"]["provenance"] == "mode=max"


def test_the_tests_run_on_each_system_and_python() -> None:
    """Linux, macOS and Windows, with each Python that pyproject.toml names."""
    matrix = _flow(ROOT / ".github" / "workflows" / "checks.yml")["jobs"]["tests"]["strategy"]["matrix"]
    named = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert matrix["python"] == named
    assert {name.split("-")[0] for name in matrix["system"]} == {"ubuntu", "macos", "windows"}


def test_make_dist_tries_each_python_that_is_promised() -> None:
    """The Pythons of “make dist” are those of pyproject.toml."""
    named = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert list(PYTHONS) == named
