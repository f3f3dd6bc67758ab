"""The consent of an organisation (OAuth 2.0): the app that it was given to, its tokens, and where they are stored."""

import re
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import msgspec

from primanota.core.commands import CONSENT, CONSENT_AGAIN
from primanota.core.errors import ConfigurationError
from primanota.core.notice import Notice
from primanota.core.secret import Secret

READING = "organization.read"
OFFLINE = "offline_access"
RECEIPTS = "attachment.read"
# How long before its end a person is asked to renew a consent.
_WARNING = timedelta(days=14)
CONSENT_ENDS = "consent_ends"  # the name of the notice that says so
_TOKEN_FORM = re.compile(r"[!-~]+")


class App(NamedTuple):
    """An app that is registered with the bank.

    Args:
        client_id: its id.
        client_secret: its secret; None for a public app.
        url: the OAuth server, without its path.
        scopes: what the app asks for.
        basic: whether it names itself in a header (HTTP Basic) instead of the form.
        staging_token: the token that the sandbox requires beside it.
    """

    client_id: str
    client_secret: Secret | None
    url: str
    scopes: tuple[str, ...] = (READING, OFFLINE)
    basic: bool = False
    staging_token: str | None = None


class Tokens(NamedTuple):
    """The tokens of a consent. All moments are UTC, by the clock of the program that received them.

    ``access`` lasts for an hour, until ``access_end``; ``refresh`` gives the next one, until ``refresh_end``.
    """

    access: Secret
    access_end: datetime
    refresh: Secret
    refresh_end: datetime
    issued: datetime
    scopes: tuple[str, ...]
    client_id: str

    def encoded(self) -> str:
        """Return the tokens as one record, a secret, for the place where they are stored."""
        kept = {
            name: value.reveal() if isinstance(value, Secret) else value for name, value in self._asdict().items()
        }
        return msgspec.json.encode(kept).decode()


class TokenStore(Protocol):
    """The place of one organisation's tokens. One process at a time may renew them.

    ``consent_command`` is the command that asks for another consent, and stores its tokens there.
    """

    consent_command: str

    def load(self) -> Tokens:
        """Return the tokens that were stored last.

        Raises:
            ConfigurationError: there are none, or they cannot be read.
            ConsentEnded: it is known that the bank takes them no longer.
        """

    def save(self, tokens: Tokens) -> None:
        """Store tokens durably, in place of the earlier ones: the earlier refresh token ends a minute after its use.

        Raises:
            ConfigurationError: they cannot be stored.
        """

    def locked(self) -> AbstractContextManager[object]:
        """Keep other processes and threads from renewing the tokens within the block.

        The system must release it when its holder is killed: the earlier refresh token works for a minute only.

        Raises:
            ServiceUnavailable: another process held it for too long.
        """


class _Record(msgspec.Struct):
    access: str
    access_end: datetime
    refresh: str
    refresh_end: datetime
    issued: datetime
    scopes: tuple[str, ...]
    client_id: str


def decoded(record: str, name: str) -> Tokens:
    """Return the tokens of a record; the error does not quote it.

    Args:
        record: what :meth:`Tokens.encoded` returned.
        name: the organisation, for the error.

    Raises:
        ConfigurationError: it is not such a record.
    """
    try:
        found = msgspec.json.decode(record, type=_Record)
        moments = [one.astimezone(UTC) for one in (found.access_end, found.refresh_end, found.issued) if one.tzinfo]
        access_end, refresh_end, issued = moments
    except (msgspec.MsgspecError, ValueError, OverflowError):
        raise ConfigurationError(f"The stored tokens of {name} cannot be read.", CONSENT_AGAIN) from None
    access, refresh = Secret(found.access), Secret(found.refresh)
    return Tokens(access, access_end, refresh, refresh_end, issued, found.scopes, found.client_id)


def is_token(text: str) -> bool:
    """Return whether a text can be sent as a token in a header."""
    return bool(_TOKEN_FORM.fullmatch(text))


def ends_soon(end: datetime, now: datetime) -> bool:
    """Return whether a consent that ends then should be renewed by a person now: two weeks before."""
    return now >= end - _WARNING


def consent_ends(name: str, end: datetime, now: datetime, command: str = CONSENT) -> Notice | None:
    """Return a notice that the consent of an organisation ends soon; None while it has more than two weeks.

    Args:
        name: the login of the organisation.
        end: when the consent ends, UTC.
        now: the present, aware.
        command: asks for another consent.
    """
    if not ends_soon(end, now):
        return None
    return Notice.of(CONSENT_ENDS, login=name, day=end.date(), command=command)
