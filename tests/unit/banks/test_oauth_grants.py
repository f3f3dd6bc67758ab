"""Answers of the OAuth server: tokens, or an error that says what to do and has no secret."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from primanota.banks.qonto.http.refusals import RetryLater
from primanota.banks.qonto.oauth.consent import Consent
from primanota.banks.qonto.oauth.grants import redeem, renewed
from primanota.core.errors import AccessDenied, BankRefused, InvalidConfiguration, PrimanotaError
from primanota.core.oauth import App
from primanota.core.secret import Secret
from tests.support.clock import NOON

APP = App("id", Secret("s3cret/of+the app"), "https://oauth.example")
CONSENT = Consent.begin(APP, "http://127.0.0.1:1/callback")
RIGHT = {"access_token": "ory_at_abcdef123", "refresh_token": "ory_rt_abcdef123", "expires_in": 3600}


def _server(answer: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.BaseTransport:
    return httpx2.MockTransport(answer)


def _redeem(body: object, status: int = 200, app: App = APP) -> object:
    answer = httpx2.Response(status, content=body if isinstance(body, bytes) else json.dumps(body).encode())
    return redeem(app, CONSENT, Secret("ory_ac_code123"), lambda: NOON, _server(lambda _: answer))


@pytest.mark.parametrize("basic", [True, False])
def test_how_the_app_names_itself(basic: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The app's secret is in the form or in the header, and neither it nor a code is in the URL."""
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(200, json=RIGHT)

    redeem(APP._replace(basic=basic), CONSENT, Secret("ory_ac_code123"), lambda: NOON, _server(answer))
    form = parse_qs(asked[0].content.decode())
    assert (str(asked[0].url), asked[0].method) == ("https://oauth.example/oauth2/token", "POST")
    assert ("client_secret" in form, "Authorization" in asked[0].headers) == (not basic, basic)
    assert form["code_verifier"] == [CONSENT.verifier.reveal()]


def test_the_secret_needs_encryption() -> None:
    """A form is not sent to a server without encryption, but for one of this machine."""
    with pytest.raises(InvalidConfiguration, match="not encrypted"):
        _redeem(RIGHT, app=APP._replace(url="http://oauth.example"))


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "invalid_scope", "", "server_error"])
def test_a_server_that_repeats_what_it_was_sent(code: str) -> None:
    """A message that repeats the code, the secret or a token is shown without them."""
    said = "code ory_ac_code123, secret s3cret/of+the app, token ory_rt_old123456"
    with pytest.raises(PrimanotaError) as caught:
        _redeem({"error": code, "error_description": said}, 400)
    assert not any(word in f"{caught.value}" for word in ("code123", "old123456"))


def test_a_redirect_is_not_followed() -> None:
    """A server that redirects is refused, as a web page is."""
    answer = httpx2.Response(302, headers={"Location": "https://evil.example/"})
    with pytest.raises(AccessDenied):
        redeem(APP, CONSENT, Secret("x"), lambda: NOON, _server(lambda _: answer))


def test_without_a_refresh_token() -> None:
    """A consent without a refresh token is refused: it would end in an hour."""
    with pytest.raises(BankRefused, match="no refresh token") as caught:
        _redeem({"access_token": "ory_at_abcdef123"})
    assert "offline_access" in caught.value.hint


@pytest.mark.parametrize(
    ("said", "life"),
    [
        ({"expires_in": "1800"}, 1800),
        ({"expires_in": 1800.5}, 1800.5),
        ({"expires_in": "soon", "scope": ["organization.read"], "token_type": None}, 3600),
        ({"expires_in": True, "refresh_token_expires_in": "90 days", "token_type": "Bearer"}, 3600),
        ({"expires_in": 0, "refresh_expires_in": []}, 3600),
        ({"expires_in": "NaN", "refresh_expires_in": "1e999"}, 3600),
    ],
)
def test_tokens_are_kept_whatever_is_said_beside_them(said: dict[str, object], life: float) -> None:
    """New tokens are taken though a number beside them cannot be read: the earlier ones end with this answer."""
    tokens = redeem(
        APP, CONSENT, Secret("x"), lambda: NOON, _server(lambda _: httpx2.Response(200, json=RIGHT | said))
    )
    assert (tokens.access_end - NOON).total_seconds() == life
    assert (tokens.refresh_end - NOON).days >= 90
    assert tokens.scopes == APP.scopes


@settings(max_examples=60)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.fixed_dictionaries(
            {},
            optional={
                name: st.one_of(st.none(), st.text(max_size=8), st.integers(), st.floats(allow_nan=False))
                for name in (*RIGHT, "scope", "token_type", "refresh_token_expires_in")
            },
        ),
    ),
    st.sampled_from([200, 201, 204, 400, 401, 403, 404, 418, 429, 500, 503]),
)
def test_any_answer(body: object, status: int) -> None:
    """Any answer is tokens or a known error, for a code and for a refresh token."""
    tokens = redeem(APP, CONSENT, Secret("x"), lambda: NOON, _server(lambda _: httpx2.Response(200, json=RIGHT)))
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        found = renewed(APP, tokens, lambda: NOON, _server(lambda _: httpx2.Response(status, content=content)))
    except (PrimanotaError, RetryLater):
        return
    assert found.access_end > NOON
    assert found.refresh_end > NOON
