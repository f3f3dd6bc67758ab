"""Invitations to consent: one for each client, kept until the answer is brought; what proves it ours is encrypted."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from primanota.app.installation.consent import Consent, state_of
from primanota.core.commands import invitation
from primanota.core.errors import InvalidInput
from primanota.core.secret import Secret
from primanota.fleet.database import FleetDatabase
from primanota.fleet.oauth.sealing import Purpose, Sealed
from primanota.fleet.oauth.token_key import KeySource

if TYPE_CHECKING:
    from psycopg import Connection

_WHAT = "invitation"


class Invitation(NamedTuple):
    """A client that was asked for a consent, which it can give until then (UTC)."""

    login: str
    consent: Consent
    expires: datetime


class InvitationTable:
    """The table of invitations.

    Args:
        database: the fleet's database.
        keys: returns the keys that encrypt them.
    """

    def __init__(self, database: FleetDatabase, keys: KeySource) -> None:
        self._database = database
        self._keys = keys

    def put(self, invitations: Iterable[Invitation], now: datetime) -> None:
        """Store invitations; earlier ones of the same clients are void."""
        keys = self._keys()
        rows = []
        for one in invitations:
            sealed = keys.seal(_encoded(one.consent), Purpose(_WHAT, one.login))
            rows.append((one.login, _hash(one.consent.state), sealed.data, sealed.key_id, now, one.expires))
        with self._database.transaction() as connection:
            connection.cursor().executemany(
                "INSERT INTO invitations (login, state_hash, sealed, key_id, made, expires)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (login) DO UPDATE SET state_hash = excluded.state_hash,"
                " sealed = excluded.sealed, key_id = excluded.key_id, made = excluded.made,"
                " expires = excluded.expires",
                rows,
            )

    def open_at(self, now: datetime) -> dict[str, Invitation]:
        """Return the invitations that can still be answered, by client."""
        query = "SELECT login, sealed, key_id, expires FROM invitations WHERE expires > %s"
        found = self._database.fetch(query, now)
        return {row[0]: self._opened(*row) for row in found}

    @contextmanager
    def answered(self, login: str, answer: str, now: datetime) -> Iterator[tuple["Connection[Any]", Consent]]:
        """Yield the consent that an answer belongs to, and a transaction at the end of which the invitation is used.

        If the block fails, the invitation stays open. Another process with an answer of the same client waits.

        Args:
            login: the client.
            answer: the address to which the browser was sent.
            now: the present, aware.

        Raises:
            InvalidInput: the answer is not that of the client's invitation, or came too late.
        """
        again = f"Run “{invitation(login)} --link” for another address."
        with self._database.transaction() as connection:
            query = "SELECT login, sealed, key_id, expires FROM invitations WHERE login = %s FOR UPDATE"
            row = connection.execute(query, (login,)).fetchone()
            found = self._opened(*row) if row else None
            if not found or not found.consent.has_answer(answer):
                self._require_own(connection, login, answer)
                raise InvalidInput(
                    f"This address answers no open invitation of {login}: it was used, replaced, or is not whole.",
                    f"Copy the whole address; or run “{invitation(login)} --link” for another one.",
                )
            if found.expires <= now:
                raise InvalidInput(f"The invitation of {login} expired on {found.expires:%Y-%m-%d}.", again)
            yield connection, found.consent
            connection.execute("DELETE FROM invitations WHERE login = %s", (login,))

    def _require_own(self, connection: "Connection[Any]", login: str, answer: str) -> None:
        """Refuse the answer to the invitation of another client."""
        query = "SELECT login FROM invitations WHERE state_hash = %s AND login <> %s"
        row = connection.execute(query, (_hash(state_of(answer)), login)).fetchone()
        if row:
            raise InvalidInput(
                f"This address answers the invitation of {row[0]}, not of {login}.",
                f"Run “{invitation(row[0])} --answer” with it.",
            )

    def _opened(self, login: str, data: bytes, key_id: str, expires: datetime) -> Invitation:
        record = self._keys().open(Sealed(data, key_id), Purpose(_WHAT, login))
        return Invitation(login, _decoded(record), expires)


def _hash(state: str) -> str:
    return sha256(state.encode("utf-8", "replace")).hexdigest()


def _encoded(consent: Consent) -> str:
    return msgspec.json.encode({**consent._asdict(), "verifier": consent.verifier.reveal()}).decode()


def _decoded(record: Secret) -> Consent:
    found = msgspec.json.decode(record.reveal(), type=dict[str, str])
    return Consent(found["address"], found["state"], Secret(found["verifier"]), found["redirect_uri"])
