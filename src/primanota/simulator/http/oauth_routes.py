"""The routes of the OAuth server over HTTP: consent, token, revocation."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from primanota.simulator.data.company import Json
from primanota.simulator.oauth.server import OAuthError
from primanota.simulator.state import SimulatorState

_FORM = "application/x-www-form-urlencoded"
Handler = Callable[[Request], Awaitable[Response]]


def oauth_routes(state: SimulatorState) -> list[Route]:
    """Return the routes; a token is only given for a POST."""
    served: dict[str, tuple[str, Handler]] = {
        "/oauth2/auth": ("GET", _authorise(state)),
        "/oauth2/token": ("POST", _token(state)),
        "/oauth2/revoke": ("POST", _revoke(state)),
    }
    routes = [Route(path, handler, methods=[method]) for path, (method, handler) in served.items()]
    for route, (method, _) in zip(routes, served.values(), strict=True):
        route.methods = {method}  # Starlette would serve HEAD as well
    return routes


def _authorise(state: SimulatorState) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            with state.bank.lock:
                address = state.oauth.authorise(request.query_params, state.bank.now())
        except OAuthError as error:
            return _refusal(error)
        return Response(b"", 302, {"location": address})

    return answer


def _token(state: SimulatorState) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            form = await _form(request)
            with state.bank.lock:
                _check_withdrawn(state, form)
                tokens = state.oauth.token(form, request.headers.get("authorization"), state.bank.now())
        except OAuthError as error:
            return _refusal(error)
        return _json(tokens, 200)

    return answer


def _check_withdrawn(state: SimulatorState, form: dict[str, str]) -> None:
    """Raise `OAuthError` for a refresh token, if every one is refused."""
    if "consent-withdrawn" in state.faults and form.get("grant_type") == "refresh_token":
        raise state.oauth.ended("The refresh token was revoked.")


def _revoke(state: SimulatorState) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            form = await _form(request)
            with state.bank.lock:
                state.oauth.revoke(form, request.headers.get("authorization"))
        except OAuthError as error:
            return _refusal(error)
        return Response(b"", 200)

    return answer


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a request's body.

    Raises:
        OAuthError: the body has another form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise OAuthError(400, "invalid_request", f"The body must be {_FORM}.")
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))


def _refusal(error: OAuthError) -> Response:
    return _json({"error": error.code, "error_description": str(error)}, error.status)


def _json(answer: Json, status: int) -> Response:
    return Response(msgspec.json.encode(answer), status, {"cache-control": "no-store"}, "application/json")
