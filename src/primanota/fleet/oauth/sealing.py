"""Encrypt records for the database, each bound to its client (AES-256-GCM, NIST SP 800-38D).

The nonce of each record is 96 random bits, which one key may have 2^32 times (SP 800-38D, 8.3): a fleet of 5,000
clients would take thousands of years.
"""

import base64
import binascii
import os
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from primanota.core.errors import ConfigurationError, InvalidConfiguration
from primanota.core.secret import Secret

_KEY_BYTES, _NONCE_BYTES = 32, 12
_PROGRAM = "primanota/fleet/1"


class Purpose(NamedTuple):
    """What a record is, and whose: a cipher text that is read as another one is refused."""

    what: str
    login: str

    @property
    def bound(self) -> bytes:
        """The authenticated data. A login has no slash."""
        return f"{_PROGRAM}/{self.what}/{self.login}".encode()


class Sealed(NamedTuple):
    """An encrypted record: nonce and cipher text, and the name of its key."""

    data: bytes
    key_id: str


class SealingKeys:
    """The keys of a fleet: the first one encrypts, each of them decrypts.

    Args:
        text: one key or several, in Base64, separated by blanks or line ends; 32 bytes each.

    Raises:
        InvalidConfiguration: it is not such a text. The error does not quote it.
    """

    def __init__(self, text: Secret) -> None:
        keys = [_decoded(word) for word in text.reveal().split()]
        if not keys:
            raise InvalidConfiguration("The key of the fleet's tokens is empty.", "Make one: primanota fleet key.")
        self.first = key_id(keys[0])
        self._keys = {key_id(key): key for key in keys}

    def seal(self, record: str, purpose: Purpose) -> Sealed:
        """Return a record, encrypted with the first key."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # of the extra

        nonce = os.urandom(_NONCE_BYTES)
        return Sealed(
            nonce + AESGCM(self._keys[self.first]).encrypt(nonce, record.encode(), purpose.bound), self.first
        )

    def open(self, sealed: Sealed, purpose: Purpose) -> Secret:
        """Return a record in the clear.

        Raises:
            ConfigurationError: it was encrypted with a key that is not here, was changed, or is not of this purpose.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        what = f"The stored {purpose.what} of {purpose.login}"
        if not (key := self._keys.get(sealed.key_id)):
            raise ConfigurationError(
                f"{what} cannot be read: this machine has another key than the one that encrypted it.",
                "Copy the fleet's key from a machine that has it.",
            )
        nonce, cipher_text = sealed.data[:_NONCE_BYTES], sealed.data[_NONCE_BYTES:]
        try:
            return Secret(AESGCM(key).decrypt(nonce, cipher_text, purpose.bound).decode())
        except (InvalidTag, ValueError):
            raise ConfigurationError(
                f"{what} cannot be read: it was changed, or is that of another client.",
                f"Run “primanota fleet invite {purpose.login}” again.",
            ) from None


def new_key() -> str:
    """Return a new key, as :class:`SealingKeys` reads it."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def key_id(key: bytes) -> str:
    """Return the name of a key, from which it cannot be found: the key is random."""
    return sha256(f"{_PROGRAM}/key/".encode() + key).hexdigest()[:16]


def _decoded(word: str) -> bytes:
    try:
        key = base64.b64decode(word, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise InvalidConfiguration(
            "The key of the fleet's tokens is not 32 bytes in Base64.",
            "Make one with “primanota fleet key”, or with “openssl rand -base64 32”.",
        )
    return key


def joined(keys: Sequence[str]) -> str:
    """Return several keys as one text, the one that encrypts first."""
    return "\n".join(keys)
