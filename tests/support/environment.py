"""The environment of every test, and of every program that a test starts: the same on every machine.

A terminal, a desktop, a shell or a CI sets variables that change what a program prints, reads and writes: ``TERM``,
``LC_ALL``, ``COLUMNS``, ``NO_COLOR``, ``TZ``, ``HOME``, ``XDG_CONFIG_HOME``, ``AWS_PROFILE``, ``PYTHONUTF8`` and many
more. So only the variables that are named here are inherited.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PIPE = subprocess.PIPE
# The environment when the tests were started.
_OUTSIDE = dict(os.environ)
# The variables by which programs are found and measured, and the one by which a missing tool fails a test.
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "CI")
_INHERITED_PREFIXES = ("COVERAGE_", "PYTEST_")
# The variables of uv: its caches, and how to reach a registry.
_OF_UV = ("HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "SSL_CERT_FILE", "SSL_CERT_DIR")
_OF_UV_PREFIXES = ("UV_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
_FIXED = {
    "COLUMNS": "80",
    "HOME": "/nonexistent",
    "LC_ALL": "C.UTF-8",
    "LINES": "24",
    "PRIMANOTA_HOME": "/nonexistent",
    "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    "TERM": "xterm-256color",
    "TZ": "UTC",
}
# Terminals and locales in which everything must work, too.
UNUSUAL = {
    "dumb": {"TERM": "dumb"},
    "unknown": {"TERM": "unknown"},
    "no-term": {"TERM": ""},
    "C": {"LC_ALL": "C"},
    "german": {"LC_ALL": "", "LANG": "de_DE.UTF-8"},
    "latin-1": {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"},
    "not-compatible": {"TTY_COMPATIBLE": "0"},
    "not-interactive": {"TTY_INTERACTIVE": "0"},
    "no-color": {"NO_COLOR": "1"},
    "color": {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1"},
}


def plain(**more: str) -> dict[str, str]:
    """Return the environment of the tests, with additional variables."""
    return {**_inherited(_INHERITED, _INHERITED_PREFIXES), **_FIXED, **more}


def of_uv(**more: str) -> dict[str, str]:
    """Return an environment in which uv finds its caches and the network."""
    return plain(**{**_inherited(_OF_UV, _OF_UV_PREFIXES), **more})


def run(
    words: Sequence[str | Path],
    variables: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - the options of subprocess.run
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, without a terminal.

    Args:
        words: the program and its arguments.
        variables: its whole environment; ``plain()`` by default.
        options: of ``subprocess.run``.

    Returns:
        The completed process; its output is text, unless the options redirect it.
    """
    quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if "input" in options:
        del quiet["stdin"]
    options = {"encoding": "utf-8", "check": False, **quiet, **options}
    return subprocess.run(words, env=plain() if variables is None else variables, **options)  # noqa: PLW1510, S603 - the command is ours


def start(
    words: Sequence[str | Path],
    variables: Mapping[str, str] | None = None,
    **options: Any,  # noqa: ANN401 - the options of Popen
) -> subprocess.Popen[str]:
    """Start a program without a terminal; the arguments are those of ``run``."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    options = {"encoding": "utf-8", **quiet, **options}
    return subprocess.Popen(words, env=plain() if variables is None else variables, **options)  # noqa: S603 - the command is ours


def _inherited(names: Sequence[str], prefixes: tuple[str, ...]) -> dict[str, str]:
    return {name: value for name, value in _OUTSIDE.items() if name in names or name.upper().startswith(prefixes)}
