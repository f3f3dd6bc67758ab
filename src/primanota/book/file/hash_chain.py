"""The hash chain: each version carries the SHA-256 of itself and of the one before it.

The German GoBD and French law require that a change of a book can be detected: a changed version breaks the chain.
"""

import hashlib
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

GENESIS = bytes(32)


def seal(before: bytes, kind: str, key: str, account: str, run: int, absent: int, body: bytes) -> bytes:
    """Return the hash of a version, given the hash of the version before it."""
    head = f"{kind}\x1f{key}\x1f{account}\x1f{run}\x1f{absent}\x1f{len(body)}\x1f".encode()
    digest = hashlib.sha256(before + head)
    digest.update(body)  # a body is long: it is not copied
    return digest.digest()


def follow(before: bytes, versions: Iterable[tuple[int, str, str, str, int, int, bytes, bytes]]) -> bool:
    """Return whether each of some versions, with all its columns, has the hash that follows from the one before."""
    for _, kind, key, account, run, absent, body, sealed in versions:
        before = seal(before, kind, key, account, run, absent, body)
        if before != sealed:
            return False
    return True


class SealedVersion(NamedTuple):
    """A version of a record that the bank shows, with its hash and that of the version before it."""

    id: str
    account: str
    run: int
    body: bytes
    hash: bytes
    before: bytes | None


def first_broken(kind: str, versions: Iterable[SealedVersion]) -> str | None:
    """Return the id of the first of some versions that does not have its hash; None if all have it."""
    for key, account, run, body, sealed, before in versions:
        if seal(before or GENESIS, kind, key, account, run, 0, body) != sealed:
            return key
    return None


def last(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Return the number and the hash of the newest version; 0 and ``GENESIS`` in an empty book."""
    found = connection.execute("SELECT seq, hash FROM version ORDER BY seq DESC LIMIT 1").fetchone()
    return (int(found[0]), bytes(found[1])) if found else (0, GENESIS)


def head(connection: sqlite3.Connection) -> bytes:
    """Return the hash of the newest version."""
    return last(connection)[1]
