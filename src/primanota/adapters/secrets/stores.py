"""Where secrets come from: the environment, the system's key store, a private file, a command, or AWS.

A secret is wrapped the moment it is read and unwrapped only where the request is made, so that it never
stands in a repr, a log line or an error.
"""

import os
import shlex
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

from primanota.adapters.secrets import aws
from primanota.core.errors import ConfigurationError, InvalidConfiguration
from primanota.core.secret import Credentials, Secret

SERVICE = "primanota"
KEYRING = "keyring"
FILE = "file"
COMMAND = "command:"
_COMMAND_SECONDS = 60
_LOGIN = "Run “primanota login”, or set PRIMANOTA_LOGIN and PRIMANOTA_SECRET_KEY."


def remember(login: str, secret: Secret, folder: Path) -> str:
    """Keep a secret in the system's key store, or where there is none, in a file only its owner can read.

    Returns:
        The reference that the config keeps: ``keyring`` or ``file``.

    Raises:
        ConfigurationError: neither the key store nor the folder can be written.
    """
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, login, secret.reveal())
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        _write_private(_secret_file(login, folder), secret.reveal())
        return FILE
    return KEYRING


def recall(login: str, reference: str, folder: Path) -> Credentials:
    """The credentials that a reference of the config stands for.

    Args:
        login: the organisation's slug.
        reference: as for :func:`secret`.
        folder: where private files lie.

    Raises:
        ConfigurationError: there is nothing at the reference.
        InvalidConfiguration: the reference is of no known kind, or its file is open to others.
        ServiceUnavailable: AWS did not answer.
    """
    return Credentials(login, secret(login, reference, folder))


def secret(name: str, reference: str, folder: Path) -> Secret:
    """The secret that a reference of the config stands for.

    Args:
        name: under which key store and private file have it.
        reference: ``keyring``, ``file``, ``command:`` and a command that prints it, or an address in AWS's vaults.
        folder: where private files lie.

    Raises:
        ConfigurationError: there is nothing at the reference.
        InvalidConfiguration: the reference is of no known kind, or its file is open to others.
        ServiceUnavailable: AWS did not answer.
    """
    if reference == KEYRING:
        return Secret(_from_keyring(name))
    if reference == FILE:
        return Secret(_from_file(_secret_file(name, folder)))
    if reference.startswith(COMMAND):
        return Secret(_from_command(reference.removeprefix(COMMAND)))
    if found := aws.read(reference):
        return Secret(found)
    raise InvalidConfiguration(
        f"Where the secret of {name} is kept is no known place.",  # perhaps somebody wrote the secret itself there
        "Use “keyring”, “file”, “command:…”, “secretsmanager:…” or “ssm:…”.",
    )


def _from_keyring(login: str) -> str:
    import keyring
    import keyring.errors

    found = None
    with suppress(keyring.errors.KeyringError, RuntimeError, OSError):
        found = keyring.get_password(SERVICE, login)
    if not found:
        raise ConfigurationError(f"The key store has no secret for {login}.", _LOGIN)
    return found


def _from_file(path: Path) -> str:
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InvalidConfiguration(f"{path} can be read by others.", f"Run: chmod 600 {shlex.quote(str(path))}")
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"The secret's file {path} cannot be read.", _LOGIN) from None
    if not secret:
        raise ConfigurationError(f"The secret's file {path} is empty.", _LOGIN)
    return secret


def _from_command(command: str) -> str:
    advice = "Run it by hand and see what it says."
    try:
        words = shlex.split(command)
        # The command is the user's own, from the config only the user can write.
        done = subprocess.run(words, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=True)
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        raise ConfigurationError(f"The command for the secret failed: {command}", advice) from None
    if not done.stdout.strip():
        raise ConfigurationError(f"The command for the secret printed nothing: {command}", advice)
    return done.stdout.strip()


def _secret_file(login: str, folder: Path) -> Path:
    return folder / f"{login}.secret"


def _write_private(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        raise ConfigurationError(
            f"The secret cannot be kept in {path}: {error.strerror}.", "Choose another place."
        ) from None
