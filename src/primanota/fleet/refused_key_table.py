"""The keys that the bank refused, known to all workers: each is asked once, whichever worker runs its client."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from primanota.adapters.secrets.refused_keys import RefusedKey
from primanota.core.errors import PrimanotaError
from primanota.core.secret import Credentials
from primanota.fleet.database import FleetDatabase

_SALT_BYTES = 16


class RefusedKeyTable:
    """Remembers refused keys in the fleet's database. While that is away, nothing is remembered.

    Args:
        database: the fleet's database.
        clock: returns the present, aware.
    """

    def __init__(self, database: FleetDatabase, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def refused(self, key: Credentials) -> datetime | None:
        """Return when the bank refused this key (UTC); None if it did not."""
        query = "SELECT salt, fingerprint, refused FROM refused_keys WHERE login = %s"
        with suppress(PrimanotaError):
            for row in self._database.fetch(query, key.login):
                kept = RefusedKey(*row)
                return kept.refused if kept.is_of(key) else None
        return None

    def remember(self, key: Credentials) -> None:
        """Remember that the bank refused this key."""
        found = RefusedKey.of(key, self._clock(), os.urandom(_SALT_BYTES))
        with suppress(PrimanotaError):
            self._database.execute(
                "INSERT INTO refused_keys (login, salt, fingerprint, refused) VALUES (%s, %s, %s, %s)"
                " ON CONFLICT (login) DO UPDATE SET salt = excluded.salt, fingerprint = excluded.fingerprint,"
                " refused = excluded.refused",
                *(key.login, found.salt, found.fingerprint, found.refused),
            )

    def forget(self, login: str) -> None:
        """Forget what was remembered of a client."""
        with suppress(PrimanotaError):
            self._database.execute("DELETE FROM refused_keys WHERE login = %s", login)
