"""Secrets in the system's key store, in a private file, printed by a command, or in AWS.

A secret is wrapped as soon as it is read and unwrapped only for the request, so that it is never in a repr, a log
line or an error.
"""

import os
import shlex
import shutil
import stat
import subprocess
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from threading import Thread

from primanota.adapters.secrets import aws
from primanota.adapters.storage import regular_file
from primanota.core.commands import LOGIN_FIRST
from primanota.core.disk_errors import disk_error
from primanota.core.errors import ConfigurationError, InvalidConfiguration
from primanota.core.secret import Credentials, Secret

SERVICE = "primanota"
KEYRING = "keyring"
FILE = "file"
COMMAND = "command:"
_COMMAND_SECONDS = 60
_MOST_BYTES = 1 << 20  # a token of a cloud may have some thousands


def store_secret(name: str, secret: Secret, folder: Path) -> str:
    """Store a secret in the system's key store, or if there is no key store, in a file that only its owner can read.

    Args:
        name: the name of the secret: the organisation's slug, or the slug and ``.mail``.
        secret: the secret.
        folder: the folder of private files.

    Returns:
        The reference for the settings: ``keyring`` or ``file``.

    Raises:
        ConfigurationError: neither the key store nor the folder can be written.
    """
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, name, secret.reveal())
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        _write_private(_secret_file(name, folder), secret.reveal())
        return FILE
    return KEYRING


def load_credentials(login: str, reference: str, folder: Path) -> Credentials:
    """Return the API key of an organisation.

    Args:
        login: the organisation's slug.
        reference: as for :func:`load_secret`.
        folder: the folder of private files.

    Raises:
        ConfigurationError: the secret does not exist or cannot be read.
        InvalidConfiguration: the reference is not of a known kind, or its file is readable by others.
        ServiceUnavailable: AWS did not answer.
    """
    return Credentials(login, load_secret(login, reference, folder))


def load_secret(name: str, reference: str, folder: Path) -> Secret:
    """Return the secret behind a reference of the settings.

    Args:
        name: of the secret in the key store, and of its private file.
        reference: ``keyring``, ``file``, ``command:`` and a command that prints it, or a reference of ``aws.read``.
        folder: the folder of private files.

    Raises:
        ConfigurationError: the secret does not exist or cannot be read.
        InvalidConfiguration: the reference is not of a known kind, or its file is readable by others.
        ServiceUnavailable: AWS did not answer.
    """
    if reference == KEYRING:
        return Secret(from_keyring(name))
    if reference == FILE:
        return Secret(from_file(_secret_file(name, folder)))
    if reference.startswith(COMMAND):
        return Secret(_from_command(reference.removeprefix(COMMAND)))
    if found := aws.read(reference):
        return Secret(found)
    raise InvalidConfiguration(
        f"The reference to the secret of {name} is not of a known kind.",  # not quoted: it may be the secret itself
        "Use “keyring”, “file”, “command:…”, “secretsmanager:…” or “ssm:…”.",
    )


def from_keyring(name: str) -> str:
    """Return a text of the system's key store.

    Raises:
        ConfigurationError: there is none of this name, or there is no key store.
    """
    import keyring
    import keyring.errors

    found = None
    with suppress(keyring.errors.KeyringError, RuntimeError, OSError):
        found = keyring.get_password(SERVICE, name)
    if not found:
        raise ConfigurationError(f"The key store does not have a secret for {name}.", LOGIN_FIRST)
    return found


def from_file(path: Path) -> str:
    """Return the text of a private file.

    Raises:
        ConfigurationError: it cannot be read, or is empty.
        InvalidConfiguration: it is readable by others.
    """
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise InvalidConfiguration(f"{path} can be read by others.", f"Run: chmod 600 {shlex.quote(str(path))}")
        secret = regular_file.read(path, _MOST_BYTES).decode().strip()
    except (OSError, ValueError):
        raise ConfigurationError(f"The secret file {path} cannot be read.", LOGIN_FIRST) from None
    if not secret:
        raise ConfigurationError(f"The secret file {path} is empty.", LOGIN_FIRST)
    return secret


def _from_command(command: str) -> str:
    hint = "Run it by hand and read its output."
    first = next(iter(command.split()), "")
    # What is no program, and what follows one, may be the secret itself.
    first = f"{first} …" if first and shutil.which(first) else "there is no such program"
    try:
        printed = _output_of(shlex.split(command)).decode().strip()
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        raise ConfigurationError(f"The command for the secret failed: {first}.", hint) from None
    if not printed:
        raise ConfigurationError(f"The command for the secret printed nothing: {first}.", hint)
    return printed


def _output_of(words: list[str]) -> bytes:
    """Run a command and return what it prints, in bounded time and memory. Its errors may quote the secret.

    Raises:
        OSError: it cannot be run.
        subprocess.SubprocessError: it fails, does not end in time, or prints more than a secret.
    """
    # The command comes from the settings, which only the user can write.
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603
    read: list[bytes] = []

    def drain() -> None:
        with process.stdout or BytesIO() as output:
            read.append(output.read(_MOST_BYTES + 1))

    # A child of the command may keep the pipe open for ever, so the thread that reads it is not waited for.
    reader = Thread(target=drain, daemon=True)
    reader.start()
    reader.join(_COMMAND_SECONDS)
    try:
        if not read or len(read[0]) > _MOST_BYTES:
            raise subprocess.SubprocessError
        if code := process.wait(_COMMAND_SECONDS):
            raise subprocess.CalledProcessError(code, words[:1])
    finally:
        process.kill()
        process.wait()
    return read[0]


def _secret_file(name: str, folder: Path) -> Path:
    return folder / f"{name}.secret"


def _write_private(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except OSError as error:
        failed = ConfigurationError(
            f"The secret cannot be stored in {path}: {error.strerror}.", "Choose another folder."
        )
        raise disk_error(error, path, otherwise=failed) from None
