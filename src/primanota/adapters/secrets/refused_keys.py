"""Remember API keys that the bank refused, so that runs of many organisations do not ask with them again.

The bank answers 401 to an address 200 times an hour, and then refuses it (Qonto docs: rate limits). What is kept
is a fingerprint: scrypt of the key with a salt of its own, in a file that only its owner can read.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from primanota.adapters.storage import disk, regular_file
from primanota.core.errors import PrimanotaError
from primanota.core.secret import Credentials

_MOST_BYTES = 4096
_SALT_BYTES = 16


class RefusedKeys(Protocol):
    """Knows which organisation's key the bank refused, and when; another key of the same one is not refused."""

    def refused(self, key: Credentials) -> datetime | None:
        """Return when the bank refused this key (UTC); None if it did not."""

    def remember(self, key: Credentials) -> None:
        """Remember that the bank refused this key."""

    def forget(self, login: str) -> None:
        """Forget what was remembered of an organisation: the bank accepted a key of it."""


class RefusedKey(msgspec.Struct, frozen=True):
    """A refused key: the salt and the fingerprint, both hexadecimal, and when the bank refused it."""

    salt: str
    fingerprint: str
    refused: datetime

    @classmethod
    def of(cls, key: Credentials, now: datetime, salt: bytes) -> "RefusedKey":
        """Return the record of a key."""
        return cls(salt.hex(), fingerprint(key, salt), now)

    def is_of(self, key: Credentials) -> bool:
        """Return whether it is this key."""
        return hmac.compare_digest(fingerprint(key, bytes.fromhex(self.salt)), self.fingerprint)


def fingerprint(key: Credentials, salt: bytes) -> str:
    """Return a text from which the key cannot be found."""
    return hashlib.scrypt(key.header.encode(), salt=salt, n=1 << 12, r=8, p=1, dklen=32).hex()


class RefusedKeyFiles:
    """Remembers refused keys in private files of a folder. What cannot be read or written is not remembered."""

    def __init__(self, folder: Path, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._clock = clock

    def refused(self, key: Credentials) -> datetime | None:
        """Return when the bank refused this key (UTC); None if it did not."""
        with suppress(OSError, ValueError, msgspec.MsgspecError):
            kept = msgspec.json.decode(regular_file.read(self._file(key.login), _MOST_BYTES), type=RefusedKey)
            return kept.refused if kept.is_of(key) else None
        return None

    def remember(self, key: Credentials) -> None:
        """Remember that the bank refused this key."""
        record = RefusedKey.of(key, self._clock(), os.urandom(_SALT_BYTES))
        with suppress(OSError, PrimanotaError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            disk.write(self._file(key.login), [json.dumps(msgspec.to_builtins(record)).encode()])

    def forget(self, login: str) -> None:
        """Forget what was remembered of an organisation."""
        with suppress(OSError):
            self._file(login).unlink(missing_ok=True)

    def _file(self, login: str) -> Path:
        return self._folder / f"{login}.refused"
