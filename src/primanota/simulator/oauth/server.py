"""The authorisation-code and refresh-token grants (Qonto docs: OAuth; Ory Hydra's forms of tokens and errors)."""

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import unquote_plus, urlencode, urlsplit

from primanota.simulator.data.company import Json
from primanota.simulator.data.identifiers import make_uuid
from primanota.simulator.data.timestamps import DAY, HOUR, MINUTE, SECOND
from primanota.simulator.oauth.scopes import KNOWN_SCOPES

_CODE_LASTS = 10 * MINUTE
_ACCESS_LASTS = HOUR
_REFRESH_LASTS = 90 * DAY
_REFRESH_GRACE = 60 * SECOND  # how long a refresh token works after its first use
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MOST_GRANTS = 10_000


class OAuthError(Exception):
    """A refusal of the OAuth server: HTTP status, the error's code, and a sentence."""

    def __init__(self, status: int, code: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.code = code


@dataclass
class _Grant:
    """A code or a token: what it grants, until when, of which consent, and when it was first used."""

    scopes: tuple[str, ...]
    expires: int
    consent: int
    redirect_uri: str = ""
    challenge: str = ""
    used: int | None = None


def _is_of_this_machine(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    is_clean = address.isascii() and address.isprintable() and " " not in address
    return is_clean and parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK


class OAuthServer:
    """Grants tokens to one invented app. The user consents at once, so that no browser is needed.

    Args:
        seed: selects the app's id and secret and all tokens.
        switches: doubtful behaviours, by their names.
    """

    def __init__(self, seed: int, switches: Collection[str] = ()) -> None:
        self._switches = frozenset(switches)
        self._consents = 0
        self.client_id = make_uuid(seed, "oauth-client", 0)
        self.client_secret = make_uuid(seed, "oauth-secret", 0).replace("-", "")
        if "app-public" in self._switches:
            self.client_secret = ""
        self._seed = seed
        self._issued = 0
        self._codes: dict[str, _Grant] = {}
        self._access: dict[str, _Grant] = {}
        self._refresh: dict[str, _Grant] = {}

    def authorise(self, query: Mapping[str, str], now: int) -> str:
        """Return where the browser is sent, with a code or an error (RFC 6749, 4.1.2).

        Raises:
            OAuthError: the app or its redirect URI is unknown, so that the browser must not be sent anywhere.
        """
        if query.get("client_id") != self.client_id:
            raise OAuthError(401, "invalid_client", "The requested OAuth 2.0 Client does not exist.")
        redirect_uri = query.get("redirect_uri", "")
        if not _is_of_this_machine(redirect_uri):
            raise OAuthError(400, "invalid_request", "The redirect_uri is not one of this machine.")
        answer = self._code_or_error(query, redirect_uri, now)
        if state := query.get("state"):
            answer["state"] = state
        separator = "&" if "?" in redirect_uri else "?"
        return f"{redirect_uri}{separator}{urlencode(answer)}"

    def _code_or_error(self, query: Mapping[str, str], redirect_uri: str, now: int) -> dict[str, str]:
        if query.get("response_type") != "code":
            return {"error": "unsupported_response_type", "error_description": "Only code is supported."}
        scopes = tuple(dict.fromkeys(query.get("scope", "").split()))
        if unknown := [scope for scope in scopes if scope not in KNOWN_SCOPES]:
            return {"error": "invalid_scope", "error_description": f"The scope {unknown[0]} is unknown."}
        if query.get("code_challenge") and query.get("code_challenge_method") != "S256":
            return {"error": "invalid_request", "error_description": "Only the challenge method S256 is supported."}
        if "pkce-required" in self._switches and not query.get("code_challenge"):
            return {"error": "invalid_request", "error_description": "Clients must include a code_challenge."}
        if "consent-denied" in self._switches:
            return {"error": "access_denied", "error_description": "The resource owner denied the request."}
        if "no-offline-access" in self._switches:
            scopes = tuple(scope for scope in scopes if scope != "offline_access")
        self._consents += 1
        expires = now if "code-expired" in self._switches else now + _CODE_LASTS
        grant = _Grant(scopes, expires, self._consents, redirect_uri, query.get("code_challenge", ""))
        return {"code": self._issue(self._codes, "ory_ac", grant), "scope": " ".join(scopes)}

    def token(self, form: Mapping[str, str], authorization: str | None, now: int) -> Json:
        """Return the tokens for a code or a refresh token.

        Args:
            form: the fields of the request.
            authorization: its Authorization header: the app may name itself there (HTTP Basic) or in the form.
            now: milliseconds of UTC.

        Raises:
            OAuthError: the app, the code or the token is refused.
        """
        self._check_client(form, authorization)
        grant_type = form.get("grant_type")
        if grant_type == "authorization_code":
            return self._tokens(self._redeem_code(form, now), now)
        if grant_type == "refresh_token":
            grant = self._redeem_refresh_token(form, now)
            kept = "refresh-kept" in self._switches
            return self._tokens(grant, now, grant.expires, with_refresh_token=not kept)
        raise OAuthError(400, "unsupported_grant_type", "The authorization grant type is not supported.")

    def revoke(self, form: Mapping[str, str], authorization: str | None) -> None:
        """Revoke an access or refresh token; an unknown one is ignored (RFC 7009)."""
        self._check_client(form, authorization)
        name = form.get("token", "")
        self._access.pop(name, None)
        if grant := self._refresh.pop(name, None):
            self._end_consent(grant.consent)

    def revoke_access_tokens(self) -> None:
        """Revoke every access token that was given so far; refresh tokens stay."""
        self._access.clear()

    def scopes_of(self, access_token: str, now: int) -> tuple[str, ...] | None:
        """Return the scopes of an access token, or None if it is unknown or has expired."""
        grant = self._access.get(access_token)
        return None if grant is None or now >= grant.expires else grant.scopes

    def ended(self, description: str) -> OAuthError:
        """Return the error of a refresh token that is refused."""
        if "refresh-inactive-401" in self._switches:  # Ory Hydra's answer to one that was used
            return OAuthError(401, "token_inactive", description)
        return OAuthError(400, "invalid_grant", description)

    def _check_client(self, form: Mapping[str, str], authorization: str | None) -> None:
        given = f"{form.get('client_id', '')}:{form.get('client_secret', '')}"
        in_header = (authorization or "").startswith("Basic ")
        if authorization and in_header:
            try:
                given = unquote_plus(base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode())
            except ValueError:
                given = ""
        if ("app-form-only" if in_header else "app-basic-only") in self._switches:
            raise OAuthError(401, "invalid_client", "The app may not name itself in this way.")
        if not compare_digest(given.encode(), f"{self.client_id}:{self.client_secret}".encode()):
            raise OAuthError(401, "invalid_client", "Client authentication failed.")

    def _redeem_code(self, form: Mapping[str, str], now: int) -> _Grant:
        """Return what a code grants. A code works once, for the redirect URI that it was sent to."""
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or now >= grant.expires or grant.redirect_uri != form.get("redirect_uri"):
            raise OAuthError(400, "invalid_grant", "The authorization code is invalid, expired, or was used.")
        verifier = sha256(form.get("code_verifier", "").encode()).digest()
        if grant.challenge and base64.urlsafe_b64encode(verifier).rstrip(b"=").decode() != grant.challenge:
            raise OAuthError(400, "invalid_grant", "The PKCE code challenge did not match the code verifier.")
        return grant

    def _redeem_refresh_token(self, form: Mapping[str, str], now: int) -> _Grant:
        """Return what a refresh token grants. A used one works for another minute only."""
        grant = self._refresh.get(form.get("refresh_token", ""))
        in_grace = grant is not None and (grant.used is None or now < grant.used + _REFRESH_GRACE)
        if grant is not None and not in_grace and "refresh-reuse-kills" in self._switches:
            self._end_consent(grant.consent)
        if grant is None or now >= grant.expires or not in_grace:
            raise self.ended("The refresh token is invalid, expired, or was used.")
        if grant.used is None and "refresh-kept" not in self._switches:
            grant.used = now
        return grant

    def _end_consent(self, consent: int) -> None:
        """Revoke all tokens of a consent."""
        for tokens in (self._access, self._refresh):
            for name in [name for name, grant in tokens.items() if grant.consent == consent]:
                del tokens[name]

    def _tokens(self, granted: _Grant, now: int, end: int | None = None, *, with_refresh_token: bool = True) -> Json:
        """Return tokens for a grant; ``end`` is that of the refresh token that they are for."""
        scopes, consent, lasts = granted.scopes, granted.consent, _ACCESS_LASTS // SECOND
        answer: Json = {
            "access_token": self._issue(self._access, "ory_at", _Grant(scopes, now + _ACCESS_LASTS, consent)),
            "expires_in": f"{lasts}" if "expires-in-text" in self._switches else lasts,
            "scope": " ".join(scopes),
            "token_type": "bearer",
        }
        if "offline_access" in scopes and with_refresh_token:
            is_fixed = end is not None and "refresh-end-fixed" in self._switches
            expires = end if end is not None and is_fixed else now + _REFRESH_LASTS
            answer["refresh_token"] = self._issue(self._refresh, "ory_rt", _Grant(scopes, expires, consent))
            if "refresh-end-told" in self._switches:
                answer["refresh_token_expires_in"] = (expires - now) // SECOND
        return answer

    def _issue(self, tokens: dict[str, _Grant], prefix: str, grant: _Grant) -> str:
        """Store a grant under a new name, and drop the oldest if there are too many."""
        self._issued += 1
        name = f"{prefix}_{make_uuid(self._seed, prefix, self._issued).replace('-', '')}"
        tokens[name] = grant
        if len(tokens) > _MOST_GRANTS:
            del tokens[next(iter(tokens))]
        return name
