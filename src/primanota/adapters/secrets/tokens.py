"""The tokens of a consent: one record in the system's key store, or in a file that only its owner can read.

A refresh token that was used ends a minute later, so what replaces it is stored durably before it is used; and only
one process at a time renews it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from primanota.adapters.secrets.stores import FILE, KEYRING, SERVICE, from_file, from_keyring
from primanota.adapters.storage import disk
from primanota.core.commands import CONSENT, CONSENT_AGAIN
from primanota.core.disk_errors import disk_error
from primanota.core.errors import ConfigurationError, DeliveryFailed, InvalidConfiguration, ServiceUnavailable
from primanota.core.oauth import Tokens, decoded

OAUTH = "oauth:"
# A process that renews tokens asks the bank once, which ends within half of this.
_PATIENCE_SECONDS = 60


class _NotKept(ConfigurationError):
    """The key store does not keep a record."""


class StoredTokens:
    """The tokens of one organisation on this machine.

    Args:
        name: the login of the organisation.
        kept_in: ``keyring`` or ``file``.
        folder: the folder of private files.
    """

    consent_command = CONSENT

    def __init__(self, name: str, kept_in: str, folder: Path) -> None:
        self.reference = f"{OAUTH}{kept_in}"
        self._name = name
        self._key = f"{name}.oauth"
        self._in_file = kept_in == FILE
        self._folder = folder
        self._path = folder / f"{name}.oauth"

    def load(self) -> Tokens:
        """Return the tokens, as :class:`TokenStore` does."""
        try:
            record = from_file(self._path) if self._in_file else from_keyring(self._key)
        except InvalidConfiguration:
            raise
        except ConfigurationError:
            raise ConfigurationError(f"There are no tokens of {self._name}.", CONSENT_AGAIN) from None
        return decoded(record, self._name)

    def save(self, tokens: Tokens) -> None:
        """Store tokens durably, as :class:`TokenStore` does."""
        if self._in_file:
            self._write(tokens.encoded())
        elif not _is_in_keyring(self._key, tokens.encoded()):
            raise _NotKept("The system's key store does not keep the tokens.", "Unlock it, and try again.")

    def remove(self) -> None:
        """Remove the tokens; it is no error if there are none."""
        if self._in_file:
            self._path.unlink(missing_ok=True)
            return
        import keyring
        import keyring.errors

        with suppress(keyring.errors.KeyringError, RuntimeError, OSError):
            keyring.delete_password(SERVICE, self._key)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the tokens, which the system releases when its holder is killed."""
        from filelock import FileLock, Timeout  # slow to import, and needed once an hour

        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FileLock(self._folder / f"{self._key}.lock", timeout=_PATIENCE_SECONDS, mode=0o600)
            lock.acquire()
        except Timeout:
            raise ServiceUnavailable(
                f"Another process has been renewing the tokens of {self._name} for a minute.",
                "Run the same command again later; if it happens again, look for a process that hangs.",
            ) from None
        except OSError as error:
            raise _not_written(error, self._folder) from None
        try:
            yield
        finally:
            lock.release()

    def _write(self, record: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            disk.write(self._path, [record.encode(), b"\n"])
        except OSError as error:
            raise _not_written(error, self._path) from None
        except DeliveryFailed as error:
            raise ConfigurationError(error.message, error.hint) from None


def stored_tokens(name: str, reference: str, folder: Path) -> StoredTokens | None:
    """Return the place of an organisation's tokens; None if the reference is that of an API key.

    Args:
        name: the login of the organisation.
        reference: ``oauth:keyring`` or ``oauth:file``, or another reference.
        folder: the folder of private files.

    Raises:
        InvalidConfiguration: tokens cannot be kept there.
    """
    if not reference.startswith(OAUTH.rstrip(":")):
        return None
    kept_in = reference.removeprefix(OAUTH)
    if kept_in not in {KEYRING, FILE}:
        raise InvalidConfiguration(
            f"The reference to the tokens of {name} is not of a known kind.", "Use “oauth:keyring” or “oauth:file”."
        )
    return StoredTokens(name, kept_in, folder)


def store_tokens(name: str, tokens: Tokens, folder: Path) -> StoredTokens:
    """Store the tokens of a new consent in the key store, or if there is none, in a private file; return the place.

    Raises:
        ConfigurationError: neither can be written.
    """
    try:
        return _stored(StoredTokens(name, KEYRING, folder), tokens)
    except _NotKept:
        return _stored(StoredTokens(name, FILE, folder), tokens)


def _stored(place: StoredTokens, tokens: Tokens) -> StoredTokens:
    with place.locked():
        place.save(tokens)
    return place


def _is_in_keyring(key: str, record: str) -> bool:
    """Put a record into the key store, and return whether it is read back."""
    import keyring
    import keyring.errors

    try:
        keyring.set_password(SERVICE, key, record)
        return keyring.get_password(SERVICE, key) == record
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return False


def _not_written(error: OSError, path: Path) -> Exception:
    failed = ConfigurationError(f"The tokens cannot be stored in {path}: {error.strerror}.", "Choose another folder.")
    return disk_error(error, path, otherwise=failed)
