"""Who of a fleet has consented, and until when. It needs no key: that much is in the database in the clear."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

import msgspec

from primanota.core.oauth import ends_soon
from primanota.fleet.database import FleetDatabase
from primanota.fleet.fleet_clients import FleetClient
from primanota.fleet.oauth.fleet_tokens import FLEET_TOKENS

# "missing" has not consented; "invited" neither, but has an open invitation; "ends" within two weeks.
ConsentState = Literal["missing", "invited", "given", "ends", "ended"]


class ClientConsent(msgspec.Struct, frozen=True):
    """The consent of a client whose tokens are in the fleet. Moments are UTC, None if there is none.

    ``since`` is when a person consented, ``until`` when the consent ends, ``invited_until`` when the open invitation
    expires; ``why`` says why the bank takes the tokens no longer.
    """

    login: str
    state: ConsentState
    since: datetime | None = None
    until: datetime | None = None
    invited_until: datetime | None = None
    why: str = ""

    @property
    def needs(self) -> bool:
        """Return whether a person has to ask for another consent: it has ended, or ends within two weeks."""
        return self.state in {"ends", "ended"}


def client_consents(database: FleetDatabase, now: datetime) -> dict[str, ClientConsent]:
    """Return the consents by client, of all clients whose tokens are in the fleet."""
    rows = database.fetch(
        "SELECT login, consented, until, ended, expires FROM clients"
        " LEFT JOIN client_tokens USING (login) LEFT JOIN invitations USING (login)"
        " WHERE clients.settings->>'secret' = %s ORDER BY login",
        FLEET_TOKENS,
    )
    return {row[0]: _consent(row, now) for row in rows}


def needs_consent(database: FleetDatabase, now: datetime) -> set[str]:
    """Return the clients that have no consent, or one that has ended or ends soon."""
    return {login for login, one in client_consents(database, now).items() if one.state != "given"}


def consent_warnings(consents: Iterable[ClientConsent], clients: Iterable[FleetClient]) -> tuple[ClientConsent, ...]:
    """Return the consents for which a person has to do something, of clients that are not paused."""
    paused = {one.login for one in clients if one.paused}
    return tuple(one for one in consents if one.needs and one.login not in paused)


def _consent(row: tuple[Any, ...], now: datetime) -> ClientConsent:
    login, since, until, ended, expires = row
    invited = expires if expires and expires > now else None
    state: ConsentState
    if until is None:
        state = "invited" if invited else "missing"
    elif ended or until <= now:
        state = "ended"
    else:
        state = "ends" if ends_soon(until, now) else "given"
    return ClientConsent(login, state, since, until, invited, ended or "")
