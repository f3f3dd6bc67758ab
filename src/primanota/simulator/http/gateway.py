"""Who may come in: limits, faults that strike before anybody looks, the sandbox's token, the key."""

from primanota.simulator.faults.catalogue import BANNED, LOGIN_PAGE, LOGIN_REDIRECT, Mishap, struck
from primanota.simulator.http.error_answers import Refusal
from primanota.simulator.state import State, Visit

_FORBIDDEN_ROOMS = ("/v2/memberships", "/v2/membership", "/v2/labels")


class GatewayRefusal(Exception):
    """The gateway before the bank says no: `message` instead of `errors`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def turned_away(state: State, visit: Visit) -> Mishap | None:
    """What a visitor gets instead of an answer, or None when they may come in.

    Raises:
        Refusal: the bank refuses.
        GatewayRefusal: its gateway does.
    """
    if not state.limits.allow(visit.client, visit.now):
        raise Refusal(429, "too_many_requests", "Too many requests")
    if mishap := struck(state.faults, visit.number):
        return mishap
    if mishap := _agent_banned(state, visit):
        return mishap
    if mishap := _sandbox(state, visit):
        return mishap
    _check_key(state, visit)
    if "forbidden" in state.faults and visit.path.startswith(_FORBIDDEN_ROOMS):
        raise Refusal(403, "forbidden", "User does not have sufficient permissions for this action.")
    return None


def _agent_banned(state: State, visit: Visit) -> Mishap | None:
    if "gateway-403" in state.faults:
        raise GatewayRefusal(403, "Forbidden")
    banned = "cloudflare-1010" in state.faults and "urllib" in visit.headers.get("user-agent", "").lower()
    return BANNED if banned else None


def _sandbox(state: State, visit: Visit) -> Mishap | None:
    if not state.switches & {"sandbox", "sandbox-redirect"}:
        return None
    if visit.headers.get("x-qonto-staging-token") == state.key.staging_token:
        return None
    return LOGIN_REDIRECT if "sandbox-redirect" in state.switches else LOGIN_PAGE


def _check_key(state: State, visit: Visit) -> None:
    """Exactly `login:secret`, raw (Qonto docs: API key)."""
    given = visit.headers.get("authorization")
    accepted = {f"{state.key.login}:{state.key.secret}"}
    if "secret-alone" in state.switches:
        accepted.add(state.key.secret)
    revoked = "key-revoked" in state.faults and visit.number > state.key_revoked_after
    if given in accepted and not revoked:
        return
    if given is None and "missing-header-400" in state.switches:
        raise Refusal(400, "bad_request", "Authorization field missing")
    state.limits.refused(visit.client, visit.now)
    if "gateway-auth" in state.switches:
        raise GatewayRefusal(401, "Unauthorized")
    if given is None:
        raise Refusal(401, "authorization_header_missing", "authorization header missing")
    raise Refusal(401, "authorization_token_invalid", "authorization token invalid")
