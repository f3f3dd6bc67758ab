"""Make the wheel and the sdist in ``dist/``, and try them: ``python -m release.distributions`` (“make dist”).

They are built twice, and refused unless both are the same to the byte. The build tools are those of ``uv.lock``.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from primanota import __version__
from release.build_hook import BILL, MAN_PAGE
from release.materials import materials
from release.uv import ROOT, run_uv, uv

DIST: Final = ROOT / "dist"
# What a build reads.
SOURCES: Final = ("pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", ".gitignore", "docs", "release", "src")
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")


class NotReproducibleError(Exception):
    """Refuse distributions whose second build has other bytes."""


def make() -> list[Path]:
    """Write the distributions, the bill of materials and SHA256SUMS into ``dist/``, and return their paths."""
    with TemporaryDirectory() as folder:
        first, second = Path(folder, "first"), Path(folder, "second")
        build(first)
        build(second)
        names = sorted(path.name for path in first.iterdir() if path.suffix != ".gitignore" and path.name[0] != ".")
        for name in names:
            if (first / name).read_bytes() != (second / name).read_bytes():
                raise NotReproducibleError(f"{name} has other bytes when it is built again.")
        shutil.rmtree(DIST, ignore_errors=True)
        DIST.mkdir()
        made = [Path(shutil.copy(first / name, DIST)) for name in names]
    bill = DIST / f"primanota-{__version__}.cdx.json"
    bill.write_text(materials(), encoding="utf-8")
    made.append(bill)
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(made))
    (DIST / "SHA256SUMS").write_text(sums, encoding="utf-8")
    return made


def build(folder: Path) -> None:
    """Build the sdist into ``folder``, and the wheel from it, both with the bill of materials and the man page.

    It builds from a copy, so that these, which lie beside ``pyproject.toml`` meanwhile, are never in the clone.
    """
    with TemporaryDirectory() as work:
        source, pins = Path(work, "primanota"), Path(work, "pins.txt")
        _copy(source)
        (source / BILL).write_text(materials(), encoding="utf-8")
        subprocess.run([sys.executable, "-m", "website.man_page", str(source / MAN_PAGE)], cwd=ROOT, check=True)
        needs = ("--only-group", "release", "--no-emit-project")
        run_uv("export", "--locked", "--quiet", *needs, "--output-file", str(pins))
        tools = ("--build-constraint", str(pins), "--require-hashes")
        run_uv("build", "--quiet", *tools, "--out-dir", str(folder), str(source))


def _copy(target: Path) -> None:
    target.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)


def check(made: list[Path]) -> None:
    """Let twine check what PyPI would refuse: metadata, and a description that cannot be shown."""
    distributions = [str(path) for path in made if path.suffix in {".whl", ".gz"}]
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *distributions], check=True)


def try_out(wheel: Path) -> None:
    """Install the wheel in an empty environment of each supported Python of this machine, and run the demo there."""
    for version, python in _pythons():
        with TemporaryDirectory() as folder:
            environment, needs = Path(folder, "venv"), Path(folder, "needs.txt")
            run_uv("venv", "--quiet", "--python", python, str(environment))
            run_uv(
                "export",
                "--locked",
                "--quiet",
                "--no-default-groups",
                "--no-emit-project",
                "--output-file",
                str(needs),
            )
            install = ("pip", "install", "--quiet", "--python", str(environment))
            run_uv(*install, "--require-hashes", "--requirements", str(needs))
            run_uv(*install, "--no-deps", str(wheel))
            program = str(environment / "bin" / "primanota")
            subprocess.run([program, "--version"], check=True)
            subprocess.run([program, "demo", "--to", f"{folder}/demo"], check=True, stdout=subprocess.DEVNULL)
            sys.stdout.write(f"Python {version}: installed, and the demo has run\n")


def _pythons() -> Iterator[tuple[str, str]]:
    """Yield each supported version with its interpreter; say which are not at hand."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    for version in PYTHONS:
        found = subprocess.run(
            [uv(), "python", "find", "--no-project", "--system", version], capture_output=True, text=True, check=False
        )
        others = sorted(versions.glob(f"{version}.*/bin/python"))
        if found.returncode == 0:
            yield version, found.stdout.strip()
        elif others:
            yield version, str(others[-1])
        else:
            sys.stdout.write(f"Python {version}: not found on this machine, so not tried\n")


def main() -> None:
    """Make, check and try the distributions; print what was made, with its size in bytes."""
    made = make()
    check(made)
    try_out(next(path for path in made if path.suffix == ".whl"))
    for path in made:
        sys.stdout.write(f"{path.stat().st_size:>10,}  {path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
