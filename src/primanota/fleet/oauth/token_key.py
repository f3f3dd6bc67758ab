"""The key that encrypts a fleet's tokens, by its reference in PRIMANOTA_FLEET_KEY: make, read and replace it."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from primanota.adapters.secrets.stores import FILE, KEYRING, SERVICE, load_secret
from primanota.adapters.settings.config import Config
from primanota.adapters.storage import disk
from primanota.core.disk_errors import disk_error
from primanota.core.errors import ConfigurationError, InvalidConfiguration, InvalidInput
from primanota.core.secret import Secret
from primanota.fleet.oauth.sealing import SealingKeys, joined, new_key

# The name of the key in the key store, and of its private file. No slug of an organisation has a full stop.
_NAME = "fleet.key"
_MAKE = "Make one with “primanota fleet key”, or copy it from a machine that has it."
KeySource = Callable[[], SealingKeys]


def key_reference(settings: Config) -> str:
    """Return the reference to the key; ``file`` if none is set."""
    return settings.environment.get("PRIMANOTA_FLEET_KEY", "").strip() or FILE


class FleetKeys:
    """Reads the keys when they are first needed, and keeps them: a reference may lead to another machine.

    Args:
        settings: the settings of this machine.
    """

    def __init__(self, settings: Config) -> None:
        self._settings = settings
        self._lock = Lock()
        self._known: SealingKeys | None = None

    def __call__(self) -> SealingKeys:
        """Return the keys.

        Raises:
            ConfigurationError: there is no key, or it cannot be read.
            InvalidConfiguration: its file is readable by others, or it is not a key.
            ServiceUnavailable: AWS did not answer.
        """
        with self._lock:
            if self._known is None:
                self._known = SealingKeys(_stored(self._settings))
            return self._known


def make_key(settings: Config, *, rotate: bool = False) -> str:
    """Make a key, and store it in the key store or a private file; return its reference.

    Args:
        settings: the settings of this machine.
        rotate: put it before the present keys, which go on to decrypt.

    Raises:
        InvalidInput: there is a key already; or, to rotate, there is none.
        ConfigurationError: the reference leads where this program cannot write, or the key cannot be stored.
    """
    reference = key_reference(settings)
    if reference not in {FILE, KEYRING}:
        raise ConfigurationError(
            "A new key cannot be stored where PRIMANOTA_FLEET_KEY leads.",
            "Store 32 random bytes in Base64 there, before the present key if there is one: openssl rand -base64 32.",
        )
    present = _found(settings)
    if present and not rotate:
        raise InvalidInput(
            "There is a key already, without which the stored tokens cannot be read.",
            "Keep it; “primanota fleet key --rotate” puts a new one before it.",
        )
    if rotate and not present:
        raise InvalidInput("There is no key to put a new one before.", "Run it without --rotate.")
    keys = joined([new_key(), *(present.reveal().split() if present else ())])
    if reference == KEYRING:
        _into_keyring(Secret(keys))
    else:
        _into_file(settings.folder / f"{_NAME}.secret", Secret(keys), replace=rotate)
    return reference


def _stored(settings: Config) -> Secret:
    try:
        return load_secret(_NAME, key_reference(settings), settings.folder)
    except InvalidConfiguration:
        raise
    except ConfigurationError as error:
        raise ConfigurationError(f"There is no key for the fleet's tokens here: {error.message}", _MAKE) from None


def _found(settings: Config) -> Secret | None:
    """Return the present keys; None if there are none. What is there and no key is refused, not replaced."""
    if key_reference(settings) == FILE:
        found = _stored(settings) if disk.is_there(settings.folder / f"{_NAME}.secret") else None
    else:
        found = _from_keyring()
    if found:
        SealingKeys(found)
    return found


def _from_keyring() -> Secret | None:
    import keyring
    import keyring.errors

    try:
        found = keyring.get_password(SERVICE, _NAME)
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        raise _not_kept() from None
    return Secret(found) if found else None


def _into_keyring(keys: Secret) -> None:
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, _NAME, keys.reveal())
        is_kept = keyring.get_password(SERVICE, _NAME) == keys.reveal()
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        is_kept = False
    if not is_kept:
        raise _not_kept()


def _not_kept() -> ConfigurationError:
    return ConfigurationError(
        "The system's key store does not keep the key.", "Unlock it, or set PRIMANOTA_FLEET_KEY to “file”."
    )


def _into_file(path: Path, keys: Secret, *, replace: bool) -> None:
    """Write a private file; one that is there is never overwritten unless it is to be replaced, and then at once."""
    content = keys.reveal().encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if replace:
            disk.write(path, [content])
            return
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        what = f"The key cannot be stored in {path}: {error.strerror}."
        failed = ConfigurationError(what, "Choose another folder.")
        raise disk_error(error, path, otherwise=failed) from None
