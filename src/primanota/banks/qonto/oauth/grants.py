"""Tokens for a code and for a refresh token (RFC 6749, 4.1.3 and 6; Qonto docs, OAuth), and their revocation."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from math import isnan
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from primanota.banks.qonto.http.answer_body import Undecodable, decode_json
from primanota.banks.qonto.http.refusals import RetryLater, is_data, is_temporary, retry_after
from primanota.banks.qonto.http.transport import NoAnswer
from primanota.banks.qonto.oauth.consent import Consent
from primanota.banks.qonto.oauth.endpoint import OAuthPath, Reply, post
from primanota.core.commands import CONSENT_AGAIN
from primanota.core.errors import BankRefused, ConsentEnded, InvalidApiKey, ServiceUnavailable
from primanota.core.oauth import App, Tokens, is_token
from primanota.core.secret import Secret
from primanota.core.text import shortened

if TYPE_CHECKING:
    import httpx2

# Where an answer does not say it (Qonto docs, OAuth: 3600 seconds; 90 days).
_ACCESS_LASTS = timedelta(hours=1)
_REFRESH_LASTS = timedelta(days=90)
# No token lasts less than a minute or longer than this: another number is a mistake.
_SHORTEST, _LONGEST = 60, 10 * 365 * 24 * 3600
_LATER = "Run the same command again: nothing was lost."
_CHECK = f"Check the network. {_LATER}"
_LONGEST_MESSAGE = 300
_BEARER = "bearer"
# A refresh token or a code that is not, or no longer, valid: RFC 6749, 5.2; and what Ory Hydra answers with 401 for a
# refresh token that was used before.
_ENDED = {"invalid_grant", "token_inactive"}
# RFC 6749, 4.1.2.1: of the server, not of the request.
_FOR_NOW = {"server_error", "temporarily_unavailable"}


def redeem(
    app: App,
    consent: Consent,
    code: Secret,
    clock: Callable[[], datetime],
    transport: "httpx2.BaseTransport | None" = None,
) -> Tokens:
    """Return the tokens of a new consent for the code that the browser brought back. A code works once.

    Args:
        app: the app that asked for the consent.
        consent: the consent as it was begun, perhaps on another machine.
        code: the code.
        clock: returns the present, aware.
        transport: replaces the network.

    Raises:
        BankRefused: the code has expired, was used, or is not that of this consent; or there is no refresh token.
        InvalidApiKey: the bank does not know the app, or its secret is wrong.
        AccessDenied: a web page answered, as the sandbox does without its token.
        ServiceUnavailable: there was no answer that can be read.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code.reveal(),
        "redirect_uri": consent.redirect_uri,
        "code_verifier": consent.verifier.reveal(),
    }
    now = clock()
    try:
        given = _asked(app, "/oauth2/token", form, transport)
    except RetryLater as error:
        raise error.final from None
    except ConsentEnded as error:
        raise BankRefused(
            f"The bank does not take the code of this consent ({error.detail}).",
            f"A code works once, for ten minutes. {CONSENT_AGAIN}",
            status=error.status,
            detail=error.detail,
        ) from None
    if not given.refresh_token:
        raise BankRefused(
            "The bank gave no refresh token: the consent would end in an hour.",
            "Let the app at the bank have the scope offline_access, and consent again.",
        )
    return _tokens(app, given, now, given.refresh_token, now + _REFRESH_LASTS, app.scopes)


def renewed(
    app: App, tokens: Tokens, clock: Callable[[], datetime], transport: "httpx2.BaseTransport | None" = None
) -> Tokens:
    """Return new tokens for a refresh token, which works for another minute. Store them before they are used.

    Args:
        app: the app.
        tokens: the present tokens.
        clock: returns the present, aware.
        transport: replaces the network.

    Raises:
        ConsentEnded: the refresh token has ended, was used before, or the consent was withdrawn.
        InvalidApiKey: the bank does not know the app, or its secret is wrong.
        AccessDenied: a web page answered, as the sandbox does without its token.
        RetryLater: there was no answer that can be read. The same refresh token may be sent again at once.
    """
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh.reveal()}
    now = clock()
    given = _asked(app, "/oauth2/token", form, transport)
    # Without another one the refresh token goes on, and so does its end.
    is_new = given.refresh_token not in {None, "", tokens.refresh.reveal()}
    end = now + _REFRESH_LASTS if is_new else tokens.refresh_end
    return _tokens(app, given, now, given.refresh_token or tokens.refresh.reveal(), end, tokens.scopes)


def revoke(app: App, tokens: Tokens, transport: "httpx2.BaseTransport | None" = None) -> None:
    """Revoke a consent's refresh token, and with it what it gave (RFC 7009).

    Raises:
        PrimanotaError: the bank refuses it, or does not answer.
    """
    form = {"token": tokens.refresh.reveal(), "token_type_hint": "refresh_token"}
    try:
        _checked(app, _sent(app, "/oauth2/revoke", form, transport))
    except RetryLater as error:
        raise error.final from None


class _Given(msgspec.Struct):
    """An answer with tokens. What it says beside them may have any form: the earlier tokens end with this answer."""

    access_token: str
    expires_in: object = None
    refresh_token: str | None = None
    scope: object = None
    token_type: str | None = None
    # Not documented; other servers of this kind say one of them.
    refresh_token_expires_in: object = None
    refresh_expires_in: object = None


class _Refused(msgspec.Struct):
    error: str = ""
    error_description: str = ""


def _asked(app: App, path: OAuthPath, form: dict[str, str], transport: "httpx2.BaseTransport | None") -> _Given:
    reply = _sent(app, path, form, transport)
    _checked(app, reply)
    try:
        given = decode_json(reply.body, _Given)
    except Undecodable:
        raise _later("cannot be read") from None
    if not is_token(given.access_token) or (given.token_type or _BEARER).lower() != _BEARER:
        raise _later("has no access token")
    if given.refresh_token and not is_token(given.refresh_token):
        raise _later("has no refresh token that could be sent")
    return given


def _sent(app: App, path: OAuthPath, form: dict[str, str], transport: "httpx2.BaseTransport | None") -> Reply:
    try:
        return post(app, path, form, transport)
    except NoAnswer as error:
        raise RetryLater(
            ServiceUnavailable(f"The bank's OAuth server could not be reached ({error}).", _CHECK)
        ) from None


def _checked(app: App, reply: Reply) -> None:
    """Raise the error of an answer without tokens."""
    answer = reply.answer
    if is_data(answer, urlsplit(app.url).hostname or ""):
        return
    try:
        said = decode_json(reply.body, _Refused)
    except Undecodable:
        said = _Refused()
    code, status = shortened(said.error, _LONGEST_MESSAGE), answer.status
    message = ": ".join(filter(None, (code, shortened(said.error_description, _LONGEST_MESSAGE)))) or answer.reason
    if is_temporary(status) or code in _FOR_NOW:
        raise RetryLater(
            ServiceUnavailable(f"The bank's OAuth server answers {status} ({message}).", f"Wait a little. {_LATER}"),
            retry_after(answer),
        )
    if code in _ENDED:
        raise ConsentEnded(
            f"The consent has ended, or was withdrawn ({message}).", CONSENT_AGAIN, status=status, detail=message
        )
    if code == "invalid_client" or status == HTTPStatus.UNAUTHORIZED:
        raise InvalidApiKey(
            f"The bank does not know the app, or its secret is wrong ({message}).",
            "Check client_id, client_secret and client_authentication in [oauth] of the settings.",
            status=status,
            detail=message,
        )
    raise BankRefused(
        f"The bank's OAuth server refuses the request with {status} ({message}).",
        "Check the scopes and redirect URIs of the app at the bank, and [oauth] of the settings.",
        status=status,
        detail=message,
    )


def _later(why: str) -> RetryLater:
    return RetryLater(ServiceUnavailable(f"The answer of the bank's OAuth server {why}.", _LATER))


def _tokens(app: App, given: _Given, now: datetime, refresh: str, end: datetime, scopes: tuple[str, ...]) -> Tokens:
    """Return the tokens of an answer; ``now`` is when it was asked for, so that no token is believed for too long."""
    now = now.astimezone(UTC)
    told = _seconds(given.refresh_token_expires_in) or _seconds(given.refresh_expires_in)
    return Tokens(
        access=Secret(given.access_token),
        access_end=now + (_seconds(given.expires_in) or _ACCESS_LASTS),
        refresh=Secret(refresh),
        refresh_end=(now + told if told else end).astimezone(UTC),
        issued=now,
        scopes=(tuple(given.scope.split()) if isinstance(given.scope, str) else ()) or scopes,
        client_id=app.client_id,
    )


def _seconds(stated: object) -> timedelta | None:
    """Return a time in seconds that is stated as a number or as a text; None if it is no number, or zero."""
    if isinstance(stated, bool) or not isinstance(stated, int | float | str):
        return None
    try:
        number = float(stated)
    except (ValueError, OverflowError):
        return None
    return None if isnan(number) or not number else timedelta(seconds=min(max(number, _SHORTEST), _LONGEST))
