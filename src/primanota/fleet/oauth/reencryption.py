"""Encrypt all tokens and invitations of a fleet with the present key, so that older keys can be thrown away."""

from typing import NamedTuple

from primanota.fleet.database import FleetDatabase
from primanota.fleet.oauth.sealing import Purpose, Sealed, SealingKeys

_TABLES = {"client_tokens": "tokens", "invitations": "invitation"}


class Reencrypted(NamedTuple):
    """How many records were encrypted anew, and how many were so before."""

    changed: int
    current: int


def reencrypt(database: FleetDatabase, keys: SealingKeys) -> Reencrypted:
    """Encrypt every record with the first key, each in a transaction of its own; workers may go on.

    Raises:
        ConfigurationError: a record was encrypted with a key that is not here. Those before it are done.
    """
    changed = current = 0
    for table, what in _TABLES.items():
        for login, known in database.fetch(f"SELECT login, key_id FROM {table} ORDER BY login"):
            if known == keys.first:
                current += 1
            else:
                changed += _one(database, keys, table, Purpose(what, login))
    return Reencrypted(changed, current)


def _one(database: FleetDatabase, keys: SealingKeys, table: str, purpose: Purpose) -> int:
    with database.transaction() as connection:
        query = f"SELECT sealed, key_id FROM {table} WHERE login = %s FOR UPDATE"
        row = connection.execute(query, (purpose.login,)).fetchone()
        if not row:
            return 0
        sealed = keys.seal(keys.open(Sealed(*row), purpose).reveal(), purpose)
        update = f"UPDATE {table} SET sealed = %s, key_id = %s WHERE login = %s"
        return connection.execute(update, (sealed.data, sealed.key_id, purpose.login)).rowcount
