"""Install Primanota for this user, with Python and pip alone: python3 install.py, or py install.py on Windows.

uv installs the program in an environment of its own, with the versions of uv.lock, and puts the command on the path.
If the machine has no uv, pip installs one below this folder; the system's own packages stay as they are. If this
Python is too old for the program, uv fetches another one. Run it again after an update of this folder.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent
_OLDEST = (3, 11)
_INSTEAD = "3.13"
_NEXT = "primanota demo (needs no account), or primanota login"
# Behind a company's proxy the system knows certificates that uv does not bring.
_CERTIFICATES = {"UV_SYSTEM_CERTS": "1"} if Path("/etc/ssl/certs/ca-certificates.crt").exists() else {}
_WHERE: Any = {"cwd": _FOLDER, "env": {**_CERTIFICATES, **os.environ}}


def main() -> None:
    """Install uv if it is missing, then the program; say where it is, and what to type next."""
    parser = argparse.ArgumentParser(description="Install Primanota for this user.")
    parser.add_argument("--aws", action="store_true", help="with what S3, SES and AWS's stores of secrets need")
    parser.add_argument("--fleet", action="store_true", help="with what a fleet of many organisations needs")
    extras = [name for name, is_wanted in vars(parser.parse_args()).items() if is_wanted]
    uv = shutil.which("uv") or _own_uv()
    with tempfile.TemporaryDirectory() as folder:
        versions = Path(folder, "versions.txt")
        locked = ("export", "--locked", "--no-default-groups", "--no-emit-project", "--no-hashes")
        _run(uv, "--quiet", *locked, *(f"--extra={name}" for name in extras), "--output-file", str(versions))
        python = sys.executable if sys.version_info >= _OLDEST else _INSTEAD
        what = f"{_FOLDER}[{','.join(extras)}]" if extras else str(_FOLDER)
        exact = ("--constraints", str(versions), "--reinstall-package", "primanota")
        _run(uv, "--quiet", "tool", "install", "--python", python, *exact, what)
    commands = _run(uv, "tool", "dir", "--bin").strip()
    sys.stdout.write(f"Installed: {Path(commands, 'primanota')}\n")
    if commands in os.environ.get("PATH", "").split(os.pathsep):
        sys.stdout.write(f"Next: {_NEXT}\n")
    elif _is_done(uv, "--quiet", "tool", "update-shell"):
        sys.stdout.write(f"{commands} is on the path of new terminals. Next, in a new one: {_NEXT}\n")
    else:
        sys.stdout.write(f"Next: add {commands} to your PATH. Then: {_NEXT}\n")


def _own_uv() -> str:
    """Return the uv below this folder, after pip has installed it there."""
    tools = _FOLDER / ".tools"
    program = tools / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    if not program.exists():
        quiet = ("--quiet", "--disable-pip-version-check", "--root-user-action=ignore")
        if not _is_done(sys.executable, "-m", "pip", "install", *quiet, "--target", str(tools), "uv"):
            sys.exit("uv could not be installed with pip.")
    return str(program)


def _run(*words: str) -> str:
    """Return what a program prints; end with its exit code if it fails, after it has said why."""
    done = subprocess.run(words, stdout=subprocess.PIPE, check=False, text=True, **_WHERE)  # noqa: S603 - our own words
    if done.returncode:
        sys.exit(done.returncode)
    return str(done.stdout)


def _is_done(*words: str) -> bool:
    """Run a program, and return whether it succeeded."""
    return not subprocess.run(words, check=False, **_WHERE).returncode  # noqa: S603 - our own words


if __name__ == "__main__":
    main()
