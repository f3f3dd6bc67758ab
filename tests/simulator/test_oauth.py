"""The OAuth mode: codes, tokens, their lifetimes, scopes, and the choice of what is accepted."""

import base64
from hashlib import sha256

import pytest

from tests.simulator.api_client import OpenClient
from tests.simulator.oauth_app import EVERYTHING, REDIRECT, OAuthApp


@pytest.fixture
def app(open_client: OpenClient) -> OAuthApp:
    """The app at a bank that accepts OAuth tokens alone."""
    return OAuthApp(open_client(auth="oauth"))


def test_a_code_becomes_tokens(app: OAuthApp) -> None:
    """The consent sends back a code and the state; the code becomes tokens of the documented form."""
    sent = app.consent()
    assert sent["state"] == "s1"
    assert sent["code"].startswith("ory_ac_")
    answer = app.redeem(sent["code"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    tokens = answer.json()
    assert tokens.keys() == {"access_token", "refresh_token", "expires_in", "scope", "token_type"}
    assert (tokens["expires_in"], tokens["token_type"], tokens["scope"]) == (3600, "bearer", EVERYTHING)
    assert (tokens["access_token"][:7], tokens["refresh_token"][:7]) == ("ory_at_", "ory_rt_")
    assert app.status(tokens["access_token"]) == 200
    rows = app.client.get(
        "/v2/transactions",
        {"bank_account_id": app.client.main},
        {"Authorization": f"Bearer {tokens['access_token']}"},
    )
    assert len(rows.json()["transactions"]) == 100


def test_without_offline_access(app: OAuthApp) -> None:
    """Without the scope offline_access there is no refresh token."""
    assert "refresh_token" not in app.tokens("organization.read")


def test_a_code_works_once(app: OAuthApp) -> None:
    """A code works once, within ten minutes, and for its redirect URI alone."""
    code = app.consent()["code"]
    assert app.redeem(code).status_code == 200
    assert app.redeem(code).json()["error"] == "invalid_grant"
    assert app.redeem(app.consent()["code"], redirect_uri=f"{REDIRECT}/x").json()["error"] == "invalid_grant"
    late = app.consent()["code"]
    app.client.clock.advance(minutes=10)
    assert (app.redeem(late).status_code, app.redeem(late).json()["error"]) == (400, "invalid_grant")


def test_an_access_token_expires(app: OAuthApp) -> None:
    """An access token works for an hour; a refresh token gives the next one."""
    tokens = app.tokens()
    app.client.clock.advance(minutes=59, seconds=59)
    assert app.status(tokens["access_token"]) == 200
    app.client.clock.advance(seconds=1)
    assert app.status(tokens["access_token"]) == 401
    assert app.status(app.refresh(tokens["refresh_token"]).json()["access_token"]) == 200


def test_refresh_tokens_rotate(app: OAuthApp) -> None:
    """A refresh gives a new refresh token; the old one works for another minute, and a new one for ninety days."""
    first = app.tokens()["refresh_token"]
    second = app.refresh(first).json()["refresh_token"]
    assert second != first
    app.client.clock.advance(seconds=59)
    assert app.refresh(first).status_code == 200
    app.client.clock.advance(seconds=1)
    assert app.refresh(first).json()["error"] == "invalid_grant"
    app.client.clock.advance(days=89)
    third = app.refresh(second).json()["refresh_token"]
    app.client.clock.advance(days=90)
    assert app.refresh(third).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v2/organization", "organization.read"),
        ("/v2/bank_accounts", "organization.read"),
        ("/v2/labels", "organization.read"),
        ("/v2/memberships", "organization.read"),
        ("/v2/statements", "organization.read"),
        ("/v2/cash_flow_categories", "organization.read"),
        ("/v2/membership", "membership.read"),
        ("/v2/teams", "team.read"),
    ],
)
def test_scopes(app: OAuthApp, path: str, scope: str) -> None:
    """Each endpoint needs its scope; without it the answer is 403."""
    assert app.status(app.tokens(scope)["access_token"], path) == 200
    others = " ".join(one for one in EVERYTHING.split() if one not in {scope, "organization.read"})
    refused = app.client.get(path, headers={"Authorization": f"Bearer {app.tokens(others)['access_token']}"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "forbidden")


def test_what_is_accepted(open_client: OpenClient) -> None:
    """The simulator accepts the key, tokens, or both; by default the key, and there is no OAuth server."""
    for auth, with_key, with_token in (("key", 200, 401), ("oauth", 401, 200), ("both", 200, 200)):
        client = open_client(auth=auth)
        app = OAuthApp(client)
        assert client.get("/v2/organization").status_code == with_key
        if auth == "key":
            assert app.http.get("/v2/oauth2/auth").status_code == 401
            assert app.http.get("/oauth2/auth").status_code == 404
            assert app.status("ory_at_invented") == with_token
        else:
            assert app.status(app.tokens()["access_token"]) == with_token
            assert app.status("ory_at_invented") == 401


def test_tokens_are_given_for_a_post_alone(app: OAuthApp) -> None:
    """The token endpoint accepts a POST of a form alone."""
    assert app.http.get("/oauth2/token").status_code == 405
    assert app.http.post("/oauth2/token", json={"grant_type": "refresh_token"}).json()["error"] == "invalid_request"
    assert app.post(grant_type="password").json()["error"] == "unsupported_grant_type"
    assert app.client.http.post("/v2/labels", headers={"Authorization": "Bearer x"}).status_code in {401, 405}


def test_the_app_is_checked(app: OAuthApp) -> None:
    """Another id or secret is refused, in the form and in the header; the right ones work in either."""
    for change in ({"client_id": "x"}, {"client_secret": "x"}):
        answer = app.post(grant_type="authorization_code", code="x", redirect_uri=REDIRECT, **change)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    form = {"grant_type": "authorization_code", "code": app.consent()["code"], "redirect_uri": REDIRECT}
    for name, password, status in ((app.id, "x", 401), (app.id, app.secret, 200)):
        header = "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
        assert app.http.post("/oauth2/token", data=form, headers={"Authorization": header}).status_code == status
    assert app.http.post("/oauth2/token", data=form, headers={"Authorization": "Basic ?"}).status_code == 401


def test_refused_consent(app: OAuthApp) -> None:
    """An unknown app or an address elsewhere is refused at once; an unknown scope is sent back as an error."""
    elsewhere = (
        "https://evil.example/callback",
        "x",
        "http://[",
        "http://127.0.0.1/\r\nX: y",
        "http://127.0.0.1@evil/",
    )
    for change in ({"client_id": "x"}, *({"redirect_uri": address} for address in elsewhere)):
        query = {"client_id": app.id, "redirect_uri": REDIRECT, "response_type": "code", **change}
        assert app.http.get("/oauth2/auth", params=query).status_code in {400, 401}
    assert app.consent(scope="organization.read everything")["error"] == "invalid_scope"
    assert app.consent(response_type="token") == {
        "error": "unsupported_response_type",
        "error_description": "Only code is supported.",
        "state": "s1",
    }


def test_pkce(app: OAuthApp) -> None:
    """A code with a challenge needs its verifier; the only method is S256."""
    challenge = base64.urlsafe_b64encode(sha256(b"verifier").digest()).rstrip(b"=").decode()
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    assert app.redeem(app.consent(**asked)["code"], code_verifier="verifier").status_code == 200
    assert app.redeem(app.consent(**asked)["code"], code_verifier="other").json()["error"] == "invalid_grant"
    assert app.redeem(app.consent(**asked)["code"]).json()["error"] == "invalid_grant"
    assert app.consent(code_challenge=challenge, code_challenge_method="plain")["error"] == "invalid_request"


def test_revocation(app: OAuthApp) -> None:
    """A revoked token is refused; revoking an unknown one is no error."""
    tokens = app.tokens()
    for token in (tokens["access_token"], tokens["refresh_token"], "ory_at_unknown"):
        assert app.post("/oauth2/revoke", token=token).status_code == 200
    assert app.status(tokens["access_token"]) == 401
    assert app.refresh(tokens["refresh_token"]).status_code == 400


def test_the_sandbox(open_client: OpenClient) -> None:
    """In the sandbox the token endpoint needs the staging token, too."""
    app = OAuthApp(open_client(auth="oauth", switches=["sandbox"]))
    assert "OneLogin" in app.http.post("/oauth2/token").text
    answer = app.http.post(
        "/oauth2/token", data={"code": "x"}, headers={"X-Qonto-Staging-Token": app.client.simulator.staging_token}
    )
    assert answer.json()["error"] == "invalid_client"
