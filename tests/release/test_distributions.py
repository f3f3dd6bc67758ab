"""The wheel and the sdist as they are published."""

import hashlib
import io
import json
import sys
import tarfile
import zipfile
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import click
import pytest
from release.licences import needed
from release.materials import BUNDLED

from primanota import __version__
from primanota.cli import primanota as program
from release import distributions
from tests.support import environment

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the distributions once, from this clone, and return their folder."""
    folder = tmp_path_factory.mktemp("built") / "dist"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.of_uv().items():
            patch.setenv(name, value)
        distributions.build(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    """Return the wheel, open for reading."""
    return zipfile.ZipFile(io.BytesIO(next(built.glob("*.whl")).read_bytes()))


@pytest.fixture(scope="module")
def bill(wheel: zipfile.ZipFile) -> dict[str, Any]:
    """Return the bill of materials that is in the wheel."""
    found: dict[str, Any] = json.loads(wheel.read(f"primanota-{__version__}.dist-info/sboms/primanota.cdx.json"))
    return found


def test_another_build_has_the_same_bytes(built: Path, tmp_path: Path) -> None:
    """A build in another folder, with another umask, time zone and locale, at another time gives the same bytes."""
    others = environment.of_uv(TZ="Asia/Tokyo", LC_ALL="C", TMPDIR=str(tmp_path), PYTHONPATH=f"{ROOT}/src:{ROOT}")
    code = "import os, sys, pathlib, release.distributions as d; os.umask(0o077); d.build(pathlib.Path(sys.argv[1]))"
    environment.run([sys.executable, "-c", code, str(tmp_path / "again")], others, cwd=ROOT, check=True)
    made = [path for path in built.iterdir() if path.suffix in {".whl", ".gz"}]
    assert len(made) == 2
    for path in made:
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    """Version, licences, Pythons and the long text are in the metadata; the version is that of the program."""
    found = BytesParser().parsebytes(wheel.read(f"primanota-{__version__}.dist-info/METADATA"))
    assert found["Version"] == __version__
    assert found["License-Expression"] == "MIT AND 0BSD AND OFL-1.1"
    assert found["Requires-Python"] == ">=3.11"
    assert found["Description-Content-Type"] == "text/markdown"
    assert set(found.get_all("Provides-Extra", [])) == {"aws", "fleet"}
    assert wheel.read("primanota/py.typed") == b""


def test_the_bill_names_every_library(bill: dict[str, Any]) -> None:
    """Each library of uv.lock that the program may load is in the bill with its version, address and hashes."""
    listed = {part["name"]: part for part in bill["components"]}
    assert set(needed()) <= set(listed)
    for name in needed():
        part = listed[name]
        assert part["purl"] == f"pkg:pypi/{name}@{part['version']}"
        hashes = [one["content"] for place in part["externalReferences"] for one in place["hashes"]]
        assert hashes
        assert all(len(one) == 64 for one in hashes)
    assert bill["metadata"]["component"]["version"] == __version__


def test_the_bill_has_nothing_by_chance(bill: dict[str, Any]) -> None:
    """No serial number, no time, no path of the machine that built it, and no library that only tests need."""
    assert "serialNumber" not in bill
    assert "timestamp" not in bill["metadata"]
    text = json.dumps(bill)
    assert str(ROOT) not in text
    assert "file://" not in text
    assert not {"pytest", "mypy", "hypothesis"} & {part["name"] for part in bill["components"]}


def test_the_bill_names_the_parts_of_others_in_the_wheel(bill: dict[str, Any], wheel: zipfile.ZipFile) -> None:
    """Htmx and the font are in the bill, each file with the hash that it has in the wheel."""
    listed = {part["name"]: part for part in bill["components"]}
    for part in BUNDLED:
        for file in listed[part.name]["components"]:
            assert file["hashes"][0]["content"] == hashlib.sha256(wheel.read(file["name"])).hexdigest()
    ours = {name for part in BUNDLED for name in part.files}
    foreign = {name for name in wheel.namelist() if name.endswith((".min.js", ".ttf", ".woff2"))}
    assert foreign == {f"primanota/{name}" for name in ours}


def test_the_sdist_makes_the_same_wheel(built: Path) -> None:
    """The sdist has all that a build needs: the wheel was built from it. It has no tests."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.split("/", 1)[1] for name in archive.getnames()}
    written = {"primanota.cdx.json", "primanota.1", "PKG-INFO"}
    assert written | {"pyproject.toml", "release/build_hook.py", "LICENSE"} <= names
    assert {name.split("/")[0] for name in names if "/" in name} == {"docs", "release", "src"}


def test_the_wheel_installs_the_man_page(wheel: zipfile.ZipFile) -> None:
    """The wheel has the man page where “man” looks beside the program; it names each command, and no day."""
    page = wheel.read(f"primanota-{__version__}.data/data/share/man/man1/primanota.1").decode()
    assert f'.TH "PRIMANOTA" "1" "Primanota" "{__version__}"' in page
    headings = page.casefold()
    assert all(f"primanota {name}" in headings for name in program.list_commands(click.Context(program)))


def test_twine_finds_nothing(built: Path) -> None:
    """PyPI would take both."""
    distributions.check(sorted(built.iterdir()))
