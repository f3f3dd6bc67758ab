"""The examples for Docker and GitHub, as far as they can be tested without Docker and GitHub."""

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it has no types

from primanota.cli.commands.run import run
from tests.support import environment
from tests.support.clock import BERLIN

ROOT = Path(__file__).parents[2]
DOCKER = ROOT / "deploy" / "docker"
_STATE = Path("data", "weekly")
_TOOLS = {
    # The clock is a file; each sleep writes the next moment into it.
    "date": 'case "$*" in "+%s") cat now;; *) /bin/date --date "@$(($(cat now) - 25200))" +%G-W%V;; esac',
    "sleep": 'read -r next <sleeps || { kill "$PPID"; exit; }; sed -i 1d sleeps; echo "$next" >now',
    "primanota": 'echo "$*" >>ran; [ ! -e broken ]',
}


@pytest.fixture
def weekly(tmp_path: Path) -> Callable[..., list[str]]:
    """Return a function that runs the container's loop at these local times, and returns the commands that it ran."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name, text in _TOOLS.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tools / name).chmod(0o755)

    def look(*moments: str) -> list[str]:
        first, *later = (f"{datetime.fromisoformat(one).replace(tzinfo=BERLIN).timestamp():.0f}\n" for one in moments)
        (tmp_path / "now").write_text(first, encoding="utf-8")
        (tmp_path / "sleeps").write_text("".join(later), encoding="utf-8")
        ran = tmp_path / "ran"
        ran.unlink(missing_ok=True)
        assert _weekly(tmp_path, "run", "--new") == 0
        return ran.read_text(encoding="utf-8").splitlines() if ran.exists() else []

    return look


def _weekly(folder: Path, *words: str) -> int:
    """Run the container's loop; return its exit code."""
    variables = environment.plain(
        PATH=f"{folder}/tools:/usr/bin:/bin", TZ="Europe/Berlin", PRIMANOTA_HOME=f"{folder}/data"
    )
    return environment.run(["/bin/sh", DOCKER / "weekly.sh", *words], variables, cwd=folder, timeout=60).returncode


_UV = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
_LOOP = pytest.mark.skipif(
    environment.run(["/bin/date", "--date", "@0"]).returncode != 0,
    reason="the loop runs in an image with GNU's date",
)


@_LOOP
def test_the_container_runs_once_a_week(weekly: Callable[..., list[str]]) -> None:
    """The container runs once between two Mondays, 07:00 local time, in summer and in winter."""
    assert weekly("2026-10-19 07:00", "2026-10-19 08:00", "2026-10-25 23:59", "2026-10-26 06:59") == ["run --new"]
    assert weekly("2026-10-26 06:59") == []
    assert weekly("2026-10-26 07:00", "2026-11-01 12:00") == ["run --new"]


@_LOOP
def test_the_container_makes_up_for_a_missed_week(weekly: Callable[..., list[str]]) -> None:
    """A run that became due while the container was off is done once when it is on again."""
    weekly("2026-10-19 07:00")
    assert weekly("2026-11-11 15:00", "2026-11-11 15:05") == ["run --new"]


@_LOOP
def test_the_container_tries_again_a_day_later(weekly: Callable[..., list[str]], tmp_path: Path) -> None:
    """After a failed run the container is unhealthy, until a run a day later, not before, succeeds."""
    (tmp_path / "broken").touch()
    assert weekly("2026-10-19 07:00", "2026-10-20 06:59") == ["run --new"]
    assert _weekly(tmp_path, "--health") == 1
    (tmp_path / "broken").unlink()
    assert weekly("2026-10-20 07:00", "2026-10-20 08:00") == ["run --new"]
    assert _weekly(tmp_path, "--health") == 0


def _yaml(path: Path) -> Any:  # noqa: ANN401 - a YAML value
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_service_has_few_permissions() -> None:
    """The container has a read-only file system, no capabilities, and no secret in its environment."""
    service = _yaml(DOCKER / "compose.yaml")["services"]["weekly"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not any("SECRET" in name for name in service["environment"])
    assert run.make_context("run", service["command"][1:]).params["new"] is True


def test_the_image_has_an_unprivileged_user() -> None:
    """The image runs as an unprivileged user, and is built from listed files that exist."""
    lines = (DOCKER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER 10001:10001" in lines
    for line in lines:
        if line.startswith("COPY") and "--from" not in line:
            *sources, _ = [word for word in shlex.split(line)[1:] if not word.startswith("--")]
            assert all((ROOT / source).exists() for source in sources), line
    allowed = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert allowed[1] == "*"
    assert all((ROOT / line[1:]).exists() for line in allowed if line.startswith("!"))


def test_the_images_steps_make_an_independent_program(tmp_path: Path) -> None:
    """The steps of the Dockerfile, run in a folder, make a program that starts without writing a file."""
    text = (DOCKER / "Dockerfile").read_text(encoding="utf-8")
    build = tmp_path / "build"
    build.mkdir()
    for name in ("pyproject.toml", "uv.lock", "README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(ROOT / name, build)
    for name in ("src", "docs", "release"):
        shutil.copytree(ROOT / name, build / name, ignore=shutil.ignore_patterns("__pycache__"))
    steps = [step.replace("--no-cache", "") for step in re.findall(r"^RUN (uv sync .*)$", text, re.MULTILINE)]
    assert len(steps) == 2
    made = tmp_path / "made"
    variables = environment.of_uv(
        UV_PROJECT_ENVIRONMENT=str(made), UV_PYTHON=sys.executable, UV_PYTHON_DOWNLOADS="never", UV_LINK_MODE="copy"
    )
    if not os.environ.get("CI"):
        variables["UV_OFFLINE"] = "1"  # the packages are in uv's cache, or the test is skipped
    for step in steps:
        done = environment.run([_UV, *shlex.split(step)[1:]], variables, cwd=build)
        if "Network connectivity is disabled" in done.stderr:
            pytest.skip("a package is not in uv's cache")
        assert done.returncode == 0, done.stderr
    shutil.rmtree(build)
    home = {"PRIMANOTA_HOME": str(tmp_path / "data"), "PYTHONDONTWRITEBYTECODE": "1"}
    before = {path: path.stat().st_mtime_ns for path in made.rglob("*")}
    for words in (["--version"], ["profiles"], ["run", "--help"]):
        assert environment.run([made / "bin" / "primanota", *words], home, cwd=tmp_path, check=True).stdout
    assert {path: path.stat().st_mtime_ns for path in made.rglob("*")} == before
    assert not (tmp_path / "data").exists()


def test_the_workflow_has_few_permissions() -> None:
    """The workflow may only sign in, never runs twice at once, stores nothing at GitHub, and has safe scripts."""
    text = (ROOT / "deploy" / "github" / "primanota.yml").read_text(encoding="utf-8")
    flow = _yaml(ROOT / "deploy" / "github" / "primanota.yml")
    job = flow["jobs"]["week"]
    assert flow["permissions"] == {}
    assert job["permissions"] == {"id-token": "write"}
    assert flow["concurrency"] == {"group": "primanota", "cancel-in-progress": False}
    for word in ("actions/cache", "upload-artifact", "actions/checkout", "pull_request"):
        assert word not in text
    for step in job["steps"]:
        assert re.search(r"@[0-9a-f]{40}$", step.get("uses", "@" + "0" * 40)), "a tag can be moved"
        assert "${{" not in step.get("run", ""), "an expression in a script could contain commands"
