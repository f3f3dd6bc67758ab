"""The checks before the bank answers: limits, faults of every request, the sandbox's token, a key or token."""

from typing import NoReturn

from primanota.simulator.data.company import MAIN
from primanota.simulator.faults.responses import (
    BANNED_CLIENT,
    LOGIN_PAGE,
    LOGIN_REDIRECT,
    TOKENS_ALWAYS,
    TOKENS_ONCE,
    FaultResponse,
    fault_response,
)
from primanota.simulator.http.error_answers import FORBIDDEN, ApiError, GatewayError
from primanota.simulator.oauth.scopes import require_scope
from primanota.simulator.state import IncomingRequest, SimulatorState

_RESTRICTED_PATHS = ("/v2/memberships", "/v2/membership", "/v2/labels")


def check_request(state: SimulatorState, request: IncomingRequest) -> FaultResponse | None:
    """Return the answer that replaces the bank's, or None if the request may go on.

    Raises:
        ApiError: the bank refuses the request.
        GatewayError: the bank's gateway refuses the request.
    """
    if not state.limits.allow(request.client, request.now):
        raise ApiError(429, "too_many_requests", "Too many requests")
    if response := fault_response(state.faults, request.number):
        return response
    if response := _check_user_agent(state, request):
        return response
    if response := _check_staging_token(state, request):
        return response
    if request.path.startswith("/oauth2/"):
        return _token_fault(state) if request.path == "/oauth2/token" else None
    _check_authorization(state, request)
    if "forbidden" in state.faults and request.path.startswith(_RESTRICTED_PATHS):
        raise ApiError(403, *FORBIDDEN)
    return None


def _token_fault(state: SimulatorState) -> FaultResponse | None:
    """Return the answer of a fault to a request for tokens; a truncated one is carried out."""
    for name, response in TOKENS_ALWAYS.items():
        if name in state.faults:
            return response
    return next((one for name, one in TOKENS_ONCE.items() if state.applies_once(name, MAIN)), None)


def _check_user_agent(state: SimulatorState, request: IncomingRequest) -> FaultResponse | None:
    if "gateway-403" in state.faults:
        raise GatewayError(403, "Forbidden")
    banned = "cloudflare-1010" in state.faults and "urllib" in request.headers.get("user-agent", "").lower()
    return BANNED_CLIENT if banned else None


def _check_staging_token(state: SimulatorState, request: IncomingRequest) -> FaultResponse | None:
    is_sandbox = bool(state.switches & {"sandbox", "sandbox-redirect"})
    if not is_sandbox or request.path == "/oauth2/auth":  # a browser has no such header
        return None
    if request.headers.get("x-qonto-staging-token") == state.credentials.staging_token:
        return None
    return LOGIN_REDIRECT if "sandbox-redirect" in state.switches else LOGIN_PAGE


def _check_authorization(state: SimulatorState, request: IncomingRequest) -> None:
    """Accept the API key, an OAuth token with the scope of the endpoint, or either, as the simulator was told."""
    given = request.headers.get("authorization")
    scheme, _, token = (given or "").partition(" ")
    if state.auth != "key" and scheme.lower() == "bearer":
        if request.number > state.key_revoked_after and state.applies_once("access-revoked", MAIN):
            state.oauth.revoke_access_tokens()
        scopes = state.oauth.scopes_of(token, request.now)
        if scopes is None or "access-refused" in state.faults:
            _refuse(state, request, given)
        require_scope(request.path, scopes, state.switches)
    elif state.auth == "oauth" or not _is_key(state, request, given):
        _refuse(state, request, given)


def _is_key(state: SimulatorState, request: IncomingRequest, given: str | None) -> bool:
    """Return whether the header is exactly `login:secret`, without a prefix (Qonto docs: API key)."""
    accepted = {f"{state.credentials.login}:{state.credentials.secret}"}
    if "secret-alone" in state.switches:
        accepted.add(state.credentials.secret)
    revoked = "key-revoked" in state.faults and request.number > state.key_revoked_after
    return given in accepted and not revoked


def _refuse(state: SimulatorState, request: IncomingRequest, given: str | None) -> NoReturn:
    """Refuse a request without a valid key or token."""
    if given is None and "missing-header-400" in state.switches:
        raise ApiError(400, "bad_request", "Authorization field missing")
    state.limits.record_unauthorized(request.client, request.now)
    if "gateway-auth" in state.switches:
        raise GatewayError(401, "Unauthorized")
    if given is None:
        raise ApiError(401, "authorization_header_missing", "authorization header missing")
    raise ApiError(401, "authorization_token_invalid", "authorization token invalid")
