"""Checks of the switches and faults of the OAuth server: consents, codes, tokens, and what a token may read."""

import base64
from hashlib import sha256

import httpx2
import pytest

from tests.simulator.api_client import ApiClient, OpenClient
from tests.simulator.check_registry import checks_fault, checks_switch
from tests.simulator.oauth_app import REDIRECT, OAuthApp

_CHALLENGE = base64.urlsafe_b64encode(sha256(b"verifier").digest()).rstrip(b"=").decode()
_HALF_A_LIFE = 45 * 86_400


def _redeemed_in_header(app: OAuthApp) -> int:
    header = "Basic " + base64.b64encode(f"{app.id}:{app.secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": app.consent()["code"], "redirect_uri": REDIRECT}
    return app.http.post("/oauth2/token", data=form, headers={"Authorization": header}).status_code


@checks_switch("app-public")
def _public(on: ApiClient, off: ApiClient) -> None:
    for client, status in ((on, 200), (off, 401)):
        app = OAuthApp(client)
        assert app.redeem(app.consent()["code"], client_secret="").status_code == status


@checks_switch("app-basic-only")
def _basic_only(on: ApiClient, off: ApiClient) -> None:
    for client, status in ((on, 401), (off, 200)):
        app = OAuthApp(client)
        assert app.redeem(app.consent()["code"]).status_code == status
        assert _redeemed_in_header(app) == 200


@checks_switch("app-form-only")
def _form_only(on: ApiClient, off: ApiClient) -> None:
    for client, status in ((on, 401), (off, 200)):
        app = OAuthApp(client)
        assert app.redeem(app.consent()["code"]).status_code == 200
        assert _redeemed_in_header(app) == status


@checks_switch("pkce-required")
def _pkce_required(on: ApiClient, off: ApiClient) -> None:
    assert OAuthApp(on).consent()["error"] == "invalid_request"
    assert "code" in OAuthApp(on).consent(code_challenge=_CHALLENGE, code_challenge_method="S256")
    assert "code" in OAuthApp(off).consent()


@checks_switch("consent-denied")
def _denied(on: ApiClient, off: ApiClient) -> None:
    assert OAuthApp(on).consent()["error"] == "access_denied"
    assert "error" not in OAuthApp(off).consent()


@checks_switch("no-offline-access")
def _no_offline_access(on: ApiClient, off: ApiClient) -> None:
    assert "refresh_token" not in OAuthApp(on).tokens()
    assert "refresh_token" in OAuthApp(off).tokens()


@checks_switch("code-expired")
def _code_expired(on: ApiClient, off: ApiClient) -> None:
    for client, status in ((on, 400), (off, 200)):
        app = OAuthApp(client)
        assert app.redeem(app.consent()["code"]).status_code == status


@checks_switch("refresh-end-fixed")
def _end_fixed(on: ApiClient, off: ApiClient) -> None:
    for client, status in ((on, 400), (off, 200)):
        app = OAuthApp(client)
        token = app.tokens()["refresh_token"]
        client.clock.advance(seconds=_HALF_A_LIFE)
        token = app.refresh(token).json()["refresh_token"]
        client.clock.advance(seconds=_HALF_A_LIFE)
        assert app.refresh(token).status_code == status


@checks_switch("refresh-end-told")
def _end_told(on: ApiClient, off: ApiClient) -> None:
    tokens = OAuthApp(on).tokens()
    assert tokens["refresh_token_expires_in"] == 2 * _HALF_A_LIFE
    on.clock.advance(days=1)
    assert OAuthApp(on).refresh(tokens["refresh_token"]).json()["refresh_token_expires_in"] == 2 * _HALF_A_LIFE
    assert "refresh_token_expires_in" not in OAuthApp(off).tokens()


@checks_switch("refresh-kept")
def _kept(on: ApiClient, off: ApiClient) -> None:
    app = OAuthApp(on)
    token = app.tokens()["refresh_token"]
    assert "refresh_token" not in app.refresh(token).json()
    on.clock.advance(minutes=2)
    assert app.refresh(token).status_code == 200
    assert "refresh_token" in OAuthApp(off).refresh(OAuthApp(off).tokens()["refresh_token"]).json()


@checks_switch("refresh-reuse-kills")
def _reuse_kills(on: ApiClient, off: ApiClient) -> None:
    for client, status in ((on, 400), (off, 200)):
        app = OAuthApp(client)
        first = app.tokens()["refresh_token"]
        second = app.refresh(first).json()
        client.clock.advance(minutes=1)
        assert app.refresh(first).status_code == 400
        assert app.refresh(second["refresh_token"]).status_code == status
        assert app.status(second["access_token"]) == (401 if status == 400 else 200)


@checks_switch("refresh-inactive-401")
def _inactive(on: ApiClient, off: ApiClient) -> None:
    for client, refusal in ((on, (401, "token_inactive")), (off, (400, "invalid_grant"))):
        app = OAuthApp(client)
        first = app.tokens()["refresh_token"]
        assert app.refresh(first).status_code == 200
        client.clock.advance(minutes=1)
        answer = app.refresh(first)
        assert (answer.status_code, answer.json()["error"]) == refusal


@checks_switch("expires-in-text")
def _expires_in_text(on: ApiClient, off: ApiClient) -> None:
    assert (OAuthApp(on).tokens()["expires_in"], OAuthApp(off).tokens()["expires_in"]) == ("3600", 3600)


@checks_switch("attachment-scope")
def _attachment_scope(on: ApiClient, off: ApiClient) -> None:
    path = "/v2/attachments/00000000-0000-4000-8000-000000000000"
    for client, status in ((on, 403), (off, 404)):
        app = OAuthApp(client)
        assert app.status(app.tokens("organization.read")["access_token"], path) == status
        assert app.status(app.tokens("attachment.read")["access_token"], path) == 404


@checks_fault("token-500-once", "token-429-once")
def _refused_once(open_client: OpenClient, name: str) -> None:
    app = OAuthApp(open_client(faults=[name], auth="both"))
    code = app.consent()["code"]
    assert app.client.get("/v2/labels").status_code == 200
    assert [app.redeem(code).status_code for _ in range(2)] == [int(name.split("-")[1]), 200]


@checks_fault("token-timeout-once")
def _no_answer_once(open_client: OpenClient, name: str) -> None:
    app = OAuthApp(open_client(faults=[name], auth="both"))
    code = app.consent()["code"]
    with pytest.raises(httpx2.ReadTimeout):
        app.redeem(code)
    assert app.redeem(code).status_code == 200


@checks_fault("token-truncated-once")
def _cut_off_once(open_client: OpenClient, name: str) -> None:
    app = OAuthApp(open_client(faults=[name], auth="both"))
    code = app.consent()["code"]
    with pytest.raises(httpx2.RemoteProtocolError):
        app.redeem(code)
    assert app.redeem(code).status_code == 400  # the tokens were given for it


@checks_fault("token-down", "token-html")
def _never_tokens(open_client: OpenClient, name: str) -> None:
    app = OAuthApp(open_client(faults=[name], auth="both"))
    answers = [app.redeem(app.consent()["code"]) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {503 if name == "token-down" else 200}
    assert all(("OneLogin" in answer.text) == (name == "token-html") for answer in answers)


@checks_fault("access-revoked")
def _access_revoked(open_client: OpenClient, name: str) -> None:
    app = OAuthApp(open_client(faults=[name], auth="both", key_revoked_after=4))
    tokens = app.tokens()
    assert [app.status(tokens["access_token"]) for _ in range(3)] == [200, 200, 401]
    assert app.status(app.refresh(tokens["refresh_token"]).json()["access_token"]) == 200


@checks_fault("access-refused")
def _access_refused(open_client: OpenClient, name: str) -> None:
    app = OAuthApp(open_client(faults=[name], auth="both"))
    assert app.status(app.tokens()["access_token"]) == 401
    assert app.client.get("/v2/labels").status_code == 200


@checks_fault("consent-withdrawn")
def _withdrawn(open_client: OpenClient, name: str) -> None:
    app = OAuthApp(open_client(faults=[name], auth="both"))
    tokens = app.tokens()
    assert app.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert app.status(tokens["access_token"]) == 200
