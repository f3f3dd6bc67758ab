"""The hash chain: each version carries the SHA-256 of itself and of the one before it.

The German GoBD and French law require that a change of a book can be detected: a changed version breaks the chain.
"""

import hashlib
import sqlite3

GENESIS = bytes(32)


def seal(before: bytes, kind: str, key: str, account: str, run: int, absent: int, body: bytes) -> bytes:
    """Return the hash of a version, given the hash of the version before it."""
    head = f"{kind}\x1f{key}\x1f{account}\x1f{run}\x1f{absent}\x1f{len(body)}\x1f".encode()
    return hashlib.sha256(before + head + body).digest()


def last(connection: sqlite3.Connection) -> tuple[int, bytes]:
    """Return the number and the hash of the newest version; 0 and ``GENESIS`` in an empty book."""
    found = connection.execute("SELECT seq, hash FROM version ORDER BY seq DESC LIMIT 1").fetchone()
    return (int(found[0]), bytes(found[1])) if found else (0, GENESIS)


def head(connection: sqlite3.Connection) -> bytes:
    """Return the hash of the newest version."""
    return last(connection)[1]
