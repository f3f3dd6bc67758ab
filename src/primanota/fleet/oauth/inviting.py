"""Invite a client to consent, and accept its answer: tokens are stored if they open the client's own organisation."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from primanota.adapters import loopback
from primanota.adapters.settings.config import Config
from primanota.adapters.storage.checkout import checked_out
from primanota.adapters.storage.remote_book import book_store
from primanota.app.installation.consent import Consent, begin_consent, consenting_company, redeem_code, revoke_consent
from primanota.app.workspace import Workspace
from primanota.book.file.other_books import organisation_record
from primanota.core.commands import CONSENT_AGAIN, invitation
from primanota.core.errors import ConsentEnded, InvalidInput, PrimanotaError
from primanota.core.model import Organisation
from primanota.core.oauth import Tokens
from primanota.fleet import stored_settings
from primanota.fleet.database import FleetDatabase
from primanota.fleet.fleet_clients import ClientTable, FleetClient
from primanota.fleet.oauth.consent_states import needs_consent
from primanota.fleet.oauth.fleet_tokens import FLEET_TOKENS, FleetTokens
from primanota.fleet.oauth.invitations import Invitation, InvitationTable
from primanota.fleet.oauth.token_key import KeySource

# Where the client's browser is sent, on its own machine, if the settings name no port: as by “login --manual”.
_PORT = 53683


class Accepted(NamedTuple):
    """A consent whose tokens are stored: the client, its company's name, and when the consent ends (UTC)."""

    login: str
    name: str
    until: datetime


class Inviter:
    """Asks the clients of a fleet for consents.

    Args:
        database: the fleet's database.
        keys: returns the keys that encrypt tokens and invitations.
        base: the settings of this machine, which have the app.
        workspaces: makes the workspace of a client.
        clock: returns the present, aware.
    """

    def __init__(
        self,
        database: FleetDatabase,
        keys: KeySource,
        base: Config,
        workspaces: Callable[..., Workspace],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._keys = keys
        self._base = base
        self._workspaces = workspaces
        self._clock = clock
        self._clients = ClientTable(database, clock)
        self._invitations = InvitationTable(database, keys)

    def invite(self, login: str, lasts: timedelta) -> Invitation:
        """Invite a client, and return the invitation, with the address to open; an earlier one is void.

        Raises:
            InvalidInput: there is no such client, or its tokens are not in the fleet.
            ConfigurationError: no app is known, or there is no key.
        """
        made = self._invitation(self._client(login), lasts)
        self._invitations.put([made], self._clock())
        return made

    def invite_missing(self, lasts: timedelta) -> list[Invitation]:
        """Invite every client that needs a consent, and return the invitations by login. Open ones are kept.

        Raises:
            ConfigurationError: no app is known, or there is no key.
        """
        now = self._clock()
        open_ones = self._invitations.open_at(now)
        wanted = [one for one in self._clients.all() if one.login in needs_consent(self._database, now)]
        made = {one.login: self._invitation(one, lasts) for one in wanted if one.login not in open_ones}
        self._invitations.put(made.values(), now)
        return [made.get(one.login) or open_ones[one.login] for one in wanted]

    def begin(self, login: str, redirect_uri: str) -> Consent:
        """Return a consent to ask for at once, in a browser of this machine.

        Raises:
            InvalidInput: there is no such client, or its tokens are not in the fleet.
            ConfigurationError: no app is known, or there is no key.
        """
        self._keys()  # before a person is asked
        return self._begun(self._client(login), redirect_uri)

    def accept(self, login: str, answer: str) -> Accepted:
        """Redeem the answer to an invitation, and store the tokens; the invitation is used by that.

        Args:
            login: the client.
            answer: the address to which its browser was sent.

        Raises:
            InvalidInput: the answer is not that of the client's open invitation, or opens another organisation.
            BankRefused: the client did not consent, or the bank does not take the code. The invitation stays open.
            ServiceUnavailable: the bank did not answer. The invitation stays open.
        """
        client = self._client(login)
        with self._invitations.answered(login, answer, self._clock()) as (connection, consent):
            tokens, company = self._redeemed(client, consent, answer)
            FleetTokens(self._database, self._keys, login).put(connection, tokens)
        return Accepted(login, company.name, tokens.refresh_end)

    def redeem(self, login: str, consent: Consent, answer: str) -> Accepted:
        """Redeem the answer to a consent that was begun here, and store the tokens; as :meth:`accept`."""
        client = self._client(login)
        tokens, company = self._redeemed(client, consent, answer)
        with self._database.transaction() as connection:
            FleetTokens(self._database, self._keys, login).put(connection, tokens)
            connection.execute("DELETE FROM invitations WHERE login = %s", (login,))
        return Accepted(login, company.name, tokens.refresh_end)

    def log_out(self, login: str) -> bool:
        """Revoke a client's consent at the bank, then delete its tokens and its invitation.

        Returns:
            Whether there were tokens.

        Raises:
            InvalidInput: there is no such client, or its tokens are not in the fleet.
            PrimanotaError: the bank did not revoke the consent. The tokens stay.
        """
        client = self._client(login)
        tokens = FleetTokens(self._database, self._keys, login)
        known = bool(self._database.fetch("SELECT FROM client_tokens WHERE login = %s", login))
        if known:
            with tokens.locked():
                try:
                    present = tokens.load()
                except ConsentEnded:
                    present = None
                if present:
                    revoke_consent(self._settings(client), login, present)
                tokens.remove()
        self._database.execute("DELETE FROM invitations WHERE login = %s", login)
        return known

    # --- details ----------------------------------------------------------------------------------------------

    def _client(self, login: str) -> FleetClient:
        client = self._clients.get(login)
        if client.settings.secret != FLEET_TOKENS:
            raise InvalidInput(
                f"The settings of {login} do not say that its tokens are in the fleet.",
                f"Add it again with --secret {FLEET_TOKENS} --replace.",
            )
        return client

    def _settings(self, client: FleetClient) -> Config:
        """Return the settings of a client, whose app asks for no scope but those that reading needs."""
        found = stored_settings.config_of(client.login, client.settings, client.first_day, self._base)
        return msgspec.structs.replace(found, oauth=msgspec.structs.replace(found.oauth, attachments=False))

    def _begun(self, client: FleetClient, redirect_uri: str) -> Consent:
        settings = self._settings(client)
        return begin_consent(settings, settings.api_url(client.login), redirect_uri)

    def _invitation(self, client: FleetClient, lasts: timedelta) -> Invitation:
        redirect_uri = f"http://{loopback.HOST}:{self._base.oauth.port or _PORT}{loopback.PATH}"
        return Invitation(client.login, self._begun(client, redirect_uri), self._clock() + lasts)

    def _redeemed(self, client: FleetClient, consent: Consent, answer: str) -> tuple[Tokens, Organisation]:
        settings = self._settings(client)
        url = settings.api_url(client.login)
        with _own_advice(client.login):
            tokens = redeem_code(settings, consent, consent.code(answer), url, self._clock)
            company, _ = consenting_company(settings, tokens, url)
        self._require_same(client, settings, company)
        return tokens, company

    def _require_same(self, client: FleetClient, settings: Config, company: Organisation) -> None:
        """Refuse the consent of another organisation than that of the client's book, or of its login without one."""
        workspace = self._workspaces(client.login, settings=settings, notify=lambda _: None)
        booked = _organisation_of(workspace)
        if booked.id != company.id if booked else company.slug != client.login:
            owner = f"the book is that of {booked.name}" if booked else "a login is its organisation's slug"
            raise InvalidInput(
                f"{company.name} ({company.slug}) has consented, which is not {client.login}: {owner}.",
                f"Nothing was stored. Let the right organisation consent: “{invitation(client.login)} --link”.",
            )


def _organisation_of(workspace: Workspace) -> Organisation | None:
    """Return the organisation of a client's book; None if there is no book yet.

    Raises:
        InvalidInput: the book cannot be read.
    """
    if not (store := book_store(workspace.place, workspace.store_settings)):
        return None
    with checked_out(store, f"{workspace.login}.book", create=True) as checkout:
        if not checkout.path.exists():
            return None
        record = organisation_record(checkout.path)
        if record == b"":
            raise InvalidInput(
                f"The book of {workspace.login} cannot be read, so it is not known whose it is.",
                "Look at it with “primanota check”.",
            )
        return workspace.connector.organisation(record) if record else None


@contextmanager
def _own_advice(login: str) -> Iterator[None]:
    """Let errors of a consent name the command of the fleet."""
    try:
        yield
    except PrimanotaError as error:
        again = f"Let the client open the address again, or run “{invitation(login)} --link” for another one."
        error.hint = error.hint.replace(CONSENT_AGAIN, again)
        raise
