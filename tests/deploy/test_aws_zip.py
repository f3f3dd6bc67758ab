"""The zip for Lambda: built as “make aws-zip” does it, and started by a Python without other packages."""

import io
import json
import os
import platform
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support import environment
from tests.support.servers import aws_account, s3_server
from tests.support.servers.aws_account import Account

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "deploy" / "aws" / "package.py"
cloud = s3_server.cloud
account = aws_account.account
_ARCH = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# The bytes of an ELF file that name its processor, and their values.
_MACHINE, _PROCESSORS = slice(18, 20), {"arm64": b"\xb7\0", "x86_64": b"\x3e\0"}
# Lambda's steps: put the folder on the path, import the handler, send an event; report an error by kind and text.
_LAMBDA = """
import json, sys
sys.path.insert(0, sys.argv[1])
from primanota.aws_lambda import handler
try:
    answer = handler(json.loads(sys.argv[2]), None)
except Exception as error:
    answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
print(json.dumps({"answer": answer, "modules": sorted(sys.modules)}))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the compiled files in the zip are for Linux")


def _build(to: Path, arch: str, python: str, *more: str) -> Path:
    words = [sys.executable, str(PACKAGE), "--arch", arch, "--python", python, "--to", str(to), *more]
    done = environment.run(words, environment.of_uv())
    if done.returncode and "error sending request" in done.stderr and not os.environ.get("CI"):
        pytest.skip("the wheels cannot be downloaded")
    assert done.returncode == 0, done.stderr
    return to


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip for this machine and this Python."""
    return _build(tmp_path_factory.mktemp("lambda") / "function.zip", _ARCH, _PYTHON)


@pytest.fixture(scope="module")
def unpacked(zipped: Path) -> Path:
    """The folder with the unpacked zip."""
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(zipped.with_name("task"))
    return zipped.with_name("task")


def _invoke(task: Path, event: object, variables: dict[str, str]) -> dict[str, Any]:
    """Start the function without site packages and with its own variables only; return its answer."""
    words = [sys.executable, "-I", "-S", "-B", "-c", _LAMBDA, str(task), json.dumps(event)]
    done = environment.run(words, variables)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_it_starts_without_other_packages(unpacked: Path) -> None:
    """With the zip as the only package, the handler refuses an unknown event with an error sentence."""
    answer = _invoke(unpacked, {"key1": "value1"}, {})["answer"]
    assert answer["errorType"] == "InvalidInput"
    assert "The event cannot be understood" in answer["errorMessage"]


def test_a_missing_variable_is_named(unpacked: Path) -> None:
    """A function without variables fails with the name of the missing one."""
    answer = _invoke(unpacked, {}, {"PRIMANOTA_HOME": "/nonexistent"})["answer"]
    assert answer["errorType"] == "ConfigurationError"
    assert "PRIMANOTA_LOGIN" in answer["errorMessage"]


def test_a_week(unpacked: Path, account: Account) -> None:
    """With the zip alone, a run delivers its files and one mail, and a second event with its run key does not."""
    account.clock.now = datetime.now(UTC)
    ours = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "PRIMANOTA_"))}
    event = {"run_key": "2026-11-23T06:00:00Z"}
    first, second = _invoke(unpacked, event, ours), _invoke(unpacked, event, ours)
    assert "errorType" not in first["answer"], first["answer"]
    assert (first["answer"]["state"], second["answer"]["state"]) == ("done", "repeated")
    assert len(account.files()) == first["answer"]["files"] > 0
    assert len(account.sent_mails()) == 1


def test_the_pack_of_a_month(unpacked: Path, account: Account) -> None:
    """With the zip alone, a run after a month's end brings the month's pack, with its certificates, to a bucket."""
    account.clock.now = datetime.now(UTC)
    ours = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "PRIMANOTA_"))}
    bucket = ours["PRIMANOTA_TO"].partition("s3://")[2].partition("/")[0]
    ours["PRIMANOTA_CLOSE_TO"] = f"s3://{bucket}/packs/"
    answer = _invoke(unpacked, {"run_key": "2026-11-23T06:00:00Z"}, ours)["answer"]
    assert (answer["state"], answer.get("failure")) == ("done", None)
    (key,) = (key for key in account.cloud.keys() if key.startswith("packs/"))  # noqa: SIM118 - no dictionary
    with zipfile.ZipFile(io.BytesIO(account.cloud.content(key))) as pack:
        assert pack.testzip() is None
        assert any(name.startswith("certificate_") for name in pack.namelist())


def test_slow_packages_are_not_loaded(unpacked: Path) -> None:
    """Slow packages are not imported by the handler, and packages for a terminal are not in the zip."""
    loaded = _invoke(unpacked, {"key1": "value1"}, {})["modules"]
    assert not {"click", "boto3", "xlsxwriter"} & {*loaded}
    contents = {path.name for path in unpacked.iterdir()}
    assert not {"keyring", "rich", "starlette", "uvicorn", "cryptography"} & contents
    assert not (unpacked / "primanota" / "simulator").exists()


def test_same_source_same_bytes(zipped: Path, tmp_path: Path) -> None:
    """Two builds of the same source are the same bytes: sorted, without times, compiled files, secrets or books."""
    assert _build(tmp_path / "again.zip", _ARCH, _PYTHON).read_bytes() == zipped.read_bytes()
    with zipfile.ZipFile(zipped) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in archive.namelist() if name.endswith((".pyc", ".secret", ".book"))]


@pytest.mark.parametrize("arch", ["arm64", "x86_64"])
def test_compiled_files_are_for_lambda(tmp_path: Path, arch: str) -> None:
    """All compiled files are for the given processor and Python version, and the given settings are included."""
    config = tmp_path / "mine.toml"
    config.write_text('default = "acme"\n', encoding="utf-8")
    with zipfile.ZipFile(_build(tmp_path / "function.zip", arch, "3.13", "--config", str(config))) as archive:
        assert archive.read("config.toml") == config.read_bytes()
        compiled = [name for name in archive.namelist() if name.endswith(".so")]
        assert compiled
        for name in compiled:
            assert archive.read(name)[_MACHINE] == _PROCESSORS[arch], name
            assert ".cpython-313-" in name or ".abi3." in name
        # Lambda takes 50 MB zipped and 250 MB unzipped; a tenth of that is enough.
        assert sum(entry.file_size for entry in archive.infolist()) < 25_000_000
