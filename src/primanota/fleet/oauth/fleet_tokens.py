"""The tokens of a client in the fleet's database: encrypted, the same for all workers, renewed by one of them.

A refresh token that was used ends a minute later (Qonto docs: OAuth), so what replaces it is committed before it is
used. Whoever renews holds the client's row locked, which PostgreSQL releases when the process is killed; if its whole
machine vanishes, after three quarters of that minute.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import local
from typing import TYPE_CHECKING, Any

from primanota.core.commands import invitation
from primanota.core.errors import ConfigurationError, ConsentEnded, ServiceUnavailable
from primanota.core.oauth import Tokens, decoded
from primanota.fleet.database import FleetDatabase
from primanota.fleet.oauth.sealing import Purpose, Sealed
from primanota.fleet.oauth.token_key import KeySource

if TYPE_CHECKING:
    from psycopg import Connection

FLEET_TOKENS = "oauth:fleet"
_WHAT = "tokens"
# A request for tokens ends within 30 seconds.
_PATIENCE, _IDLE = "60s", "45s"
_MOST_TRIES, _LONGEST_PAUSE = 10, 30.0


class FleetTokens:
    """The tokens of one client, as :class:`TokenStore` has them.

    Args:
        database: the fleet's database; who renews keeps a connection while the bank is asked.
        keys: returns the keys that encrypt them.
        login: the client.
        pause: waits some seconds, before tokens are stored again that could not be stored.
    """

    def __init__(
        self, database: FleetDatabase, keys: KeySource, login: str, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.consent_command = invitation(login)
        self._database = database
        self._keys = keys
        self._login = login
        self._pause = pause
        self._held = local()
        self._version = 0  # of what was read last

    @property
    def purpose(self) -> Purpose:
        """What is encrypted."""
        return Purpose(_WHAT, self._login)

    def load(self) -> Tokens:
        """Return the tokens, as :class:`TokenStore` does."""
        query = "SELECT sealed, key_id, version, ended FROM client_tokens WHERE login = %s"
        held: Connection[Any] | None = getattr(self._held, "connection", None)
        rows = held.execute(query, (self._login,)).fetchall() if held else self._database.fetch(query, self._login)
        if not rows:
            raise ConfigurationError(f"{self._login} has not consented yet.", f"Run “{self.consent_command}”.")
        data, key_id, version, ended = rows[0]
        if ended:
            raise ConsentEnded(ended, f"Run “{self.consent_command}” again.")
        record = self._keys().open(Sealed(data, key_id), self.purpose)
        self._version = version
        return decoded(record.reveal(), self._login)

    def save(self, tokens: Tokens) -> None:
        """Commit tokens in place of those that were read, within the lock; as :class:`TokenStore` does.

        If the database is lost in this moment the tokens are in this process alone, so that it goes on trying. What
        another one has stored meanwhile is not overwritten: it works as well.
        """
        import psycopg

        sealed = self._keys().seal(tokens.encoded(), self.purpose)
        query = (
            "UPDATE client_tokens SET sealed = %s, key_id = %s, until = %s, version = version + 1"
            " WHERE login = %s AND version = %s"
        )
        values = (sealed.data, sealed.key_id, tokens.refresh_end, self._login, self._version)
        connection: Connection[Any] = self._held.connection
        try:
            stored = connection.execute(query, values).rowcount
            connection.commit()
        except psycopg.Error:
            if not connection.closed:
                raise
            stored = self._save_later(query, values)
        self._version += stored

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the client's row, which the database releases when its holder is killed."""
        import psycopg

        with self._database.transaction() as connection:
            connection.execute(
                "SELECT set_config('lock_timeout', %s, true),"
                " set_config('idle_in_transaction_session_timeout', %s, true)",
                (_PATIENCE, _IDLE),
            )
            try:
                connection.execute("SELECT FROM client_tokens WHERE login = %s FOR UPDATE", (self._login,))
            except psycopg.errors.LockNotAvailable:
                raise ServiceUnavailable(
                    f"Another worker has been renewing the tokens of {self._login} for a minute.",
                    "Run the same command again later; if it happens again, look for a worker that hangs.",
                ) from None
            self._held.connection = connection
            try:
                yield
            finally:
                del self._held.connection

    def put(self, connection: "Connection[Any]", tokens: Tokens) -> None:
        """Store the tokens of a new consent, within the transaction of the connection."""
        sealed = self._keys().seal(tokens.encoded(), self.purpose)
        connection.execute(
            "INSERT INTO client_tokens AS known (login, sealed, key_id, consented, until) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (login) DO UPDATE SET sealed = excluded.sealed, key_id = excluded.key_id, ended = '',"
            " consented = excluded.consented, until = excluded.until, version = known.version + 1",
            (self._login, sealed.data, sealed.key_id, tokens.issued, tokens.refresh_end),
        )

    def remove(self) -> None:
        """Remove the tokens, within the lock or without; it is no error if there are none."""
        query = "DELETE FROM client_tokens WHERE login = %s"
        if held := getattr(self._held, "connection", None):
            held.execute(query, (self._login,))
        else:
            self._database.execute(query, self._login)

    def end(self, why: str) -> None:
        """Write down why the bank no longer takes the tokens that were read last, unless others are stored by now."""
        query = "UPDATE client_tokens SET ended = %s WHERE login = %s AND version = %s AND ended = ''"
        self._database.execute(query, why, self._login, self._version)

    def _save_later(self, query: str, values: tuple[object, ...]) -> int:
        """Store tokens when the database is back; return 1, or 0 if other tokens, or these, are stored already."""
        for tried in range(_MOST_TRIES):
            self._pause(min(0.1 * 2.0**tried, _LONGEST_PAUSE))
            with suppress(ServiceUnavailable):
                return self._database.execute(query, *values)
        raise ServiceUnavailable(
            f"The new tokens of {self._login} could not be stored: the fleet's database is away.",
            f"Start it; if the bank refuses the next run, use “{self.consent_command}”.",
        )


def forget_end(database: FleetDatabase, login: str) -> None:
    """Let a client's tokens be tried once more, although the bank took them no longer: a person asked for it."""
    database.execute("UPDATE client_tokens SET ended = '' WHERE login = %s", login)
