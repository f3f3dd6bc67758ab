"""Build the zip for Lambda: the program and its libraries, in exactly the versions of uv.lock.

Usage: python deploy/aws/package.py [--arch arm64|x86_64] [--python 3.13] [--config FILE] [--to FILE]

The same source and lock file give the same bytes on every machine: wheels only, no compiled modules, sorted names,
one timestamp for all. Lambda could not store compiled modules, and must not get those of another Python.
"""
# ruff: noqa: INP001 - a script, not a package

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_UV = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
# The wheel platforms of Lambda's Amazon Linux 2023, by the architecture's name in the template.
_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
# Needed at a terminal, for pictures in a PDF, and by the simulator only; a function never imports them.
_LEFT_OUT = ("keyring", "markdown-it-py", "pillow", "rich", "starlette", "uvicorn")
# boto3 has descriptions of some 400 services, 28 MB, one folder each. These are the ones in use.
_SERVICES = {"s3", "secretsmanager", "sesv2", "ssm", "sts"}
# The earliest time that a zip can hold.
_TIMESTAMP = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def build(arch: str, python: str, to: Path, config: Path | None = None) -> Path:
    """Build the zip at a path, as a whole or not at all.

    Args:
        arch: the architecture, by its name at Lambda.
        python: the version of Lambda's Python, like 3.13.
        to: the path of the zip.
        config: a file of settings to include, for tools that need ledger accounts. It must not contain secrets.
    """
    settings = [("config.toml", config)] if config else []
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent) as folder:
        libraries, whole = Path(folder, "libraries"), Path(folder, "whole.zip")
        _install(libraries, arch, python)
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, path in sorted([*_libraries(libraries), *_program(), *settings]):
                entry = zipfile.ZipInfo(name, _TIMESTAMP)
                entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _READABLE, 3
                archive.writestr(entry, path.read_bytes())
        whole.replace(to)
    return to


def _install(folder: Path, arch: str, python: str) -> None:
    locked = ("export", "--locked", "--quiet", "--no-default-groups", "--extra", "aws", "--no-emit-project")
    left_out = (word for name in _LEFT_OUT for word in ("--prune", name))
    wanted = folder.with_suffix(".txt")
    _uv(*locked, *left_out, "--output-file", str(wanted))
    platform = ("--python-platform", _PLATFORMS[arch], "--python-version", python)
    exact = ("--only-binary", ":all:", "--no-deps", "--require-hashes", "--requirements", str(wanted))
    _uv("pip", "install", "--quiet", "--target", str(folder), *platform, *exact)


def _uv(*words: str) -> None:
    subprocess.run([_UV, *words], cwd=ROOT, check=True)  # noqa: S603 - our own words


def _libraries(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        match path.relative_to(folder).parts:
            case ["bin" | ".lock" | ".gitignore" | ".gitattributes", *_]:
                continue  # programs and markers of uv's
            case ["botocore" | "boto3", "data", service, _, *_] if service not in _SERVICES:
                continue
            case ["boto3", "examples", *_]:
                continue
            case ["fontTools", *_, name] if name.endswith((".c", ".so")):
                continue  # 13 MB that make it faster; each module is there in Python, too
            case [*_, "RECORD" | "INSTALLER" | "REQUESTED" | "direct_url.json" | "uv_cache.json"]:
                continue  # about the installation
            case parts if path.is_file() and "__pycache__" not in parts:
                yield "/".join(parts), path


def _program() -> Iterator[tuple[str, Path]]:
    source = ROOT / "src"
    for path in (source / "primanota").rglob("*"):
        parts = path.relative_to(source).parts
        if path.is_file() and not {"__pycache__", "simulator"} & {*parts}:
            yield "/".join(parts), path


def main() -> None:
    """Parse the arguments, build the zip, and print its path and size."""
    parser = argparse.ArgumentParser(description="Build the zip for Lambda.")
    parser.add_argument("--arch", choices=_PLATFORMS, default="arm64")
    parser.add_argument("--python", default="3.13", help="the version of the template's Runtime")
    parser.add_argument("--config", type=Path, help="a file of settings to include")
    parser.add_argument("--to", type=Path, help="default: dist/primanota-aws-ARCH.zip")
    given = parser.parse_args()
    path = (given.to or ROOT / "dist" / f"primanota-aws-{given.arch}.zip").absolute()
    to = build(given.arch, given.python, path, given.config)
    sys.stdout.write(f"{to}: {to.stat().st_size / 1_000_000:.1f} MB\n")


if __name__ == "__main__":
    main()
