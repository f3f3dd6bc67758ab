"""Build the zip that Lambda runs: the program and what it needs, of exactly the versions in uv.lock.

Usage: python deploy/aws/package.py [--arch arm64|x86_64] [--python 3.13] [--config FILE] [--to FILE]

The same source and lock file give the same bytes, on whatever machine: wheels only, no compiled modules, names in
order, one moment for all. Lambda could not keep compiled modules, and must not get another Python's.
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
# What Lambda's Amazon Linux 2023 can load, by the name that the template has for it.
_PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
# Only for people at a terminal, and for the simulator; nothing that a function runs imports them.
_LEFT_OUT = ("keyring", "rich", "starlette", "uvicorn")
# boto3 describes some 400 services, 28 MB, in a folder for each. Ours are these; files beside the folders stay.
_SERVICES = {"s3", "secretsmanager", "sesv2", "ssm", "sts"}
# The earliest moment that a zip can name.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644 << 16


def build(arch: str, python: str, to: Path, config: Path | None = None) -> Path:
    """Build it; nothing is left at its place unless all of it is.

    Args:
        arch: Lambda's name of the architecture.
        python: the version of Lambda's Python, like 3.13.
        to: where the zip goes.
        config: settings that go with it, for tools that ask for ledger accounts. They have no secret in them.
    """
    settings = [("config.toml", config)] if config else []
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=to.parent) as folder:
        libraries, whole = Path(folder, "libraries"), Path(folder, "whole.zip")
        _install(libraries, arch, python)
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, path in sorted([*_libraries(libraries), *_program(), *settings]):
                entry = zipfile.ZipInfo(name, _MOMENT)
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
                continue  # programs and marks of uv's
            case ["botocore" | "boto3", "data", service, _, *_] if service not in _SERVICES:
                continue
            case ["boto3", "examples", *_]:
                continue
            case [*_, "RECORD" | "INSTALLER" | "REQUESTED" | "direct_url.json" | "uv_cache.json"]:
                continue  # how it was installed, which nobody asks
            case parts if path.is_file() and "__pycache__" not in parts:
                yield "/".join(parts), path


def _program() -> Iterator[tuple[str, Path]]:
    source = ROOT / "src"
    for path in (source / "primanota").rglob("*"):
        parts = path.relative_to(source).parts
        if path.is_file() and not {"__pycache__", "simulator"} & {*parts}:
            yield "/".join(parts), path


def main() -> None:
    """Read the words, build, say what came of it."""
    words = argparse.ArgumentParser(description="Build the zip that Lambda runs.")
    words.add_argument("--arch", choices=_PLATFORMS, default="arm64")
    words.add_argument("--python", default="3.13", help="as the template's Runtime says")
    words.add_argument("--config", type=Path, help="settings that go with it")
    words.add_argument("--to", type=Path, help="default: dist/primanota-aws-ARCH.zip")
    asked = words.parse_args()
    place = (asked.to or ROOT / "dist" / f"primanota-aws-{asked.arch}.zip").absolute()
    to = build(asked.arch, asked.python, place, asked.config)
    sys.stdout.write(f"{to}: {to.stat().st_size / 1_000_000:.1f} MB\n")


if __name__ == "__main__":
    main()
