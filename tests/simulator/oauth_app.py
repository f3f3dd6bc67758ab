"""The app of the simulator's OAuth server, for tests: its consents, codes and tokens."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from tests.simulator.api_client import ApiClient

REDIRECT = "http://127.0.0.1:53683/callback"
EVERYTHING = "offline_access organization.read attachment.read team.read membership.read"
Json = dict[str, Any]


class OAuthApp:
    """The app of the OAuth server, with its id and secret."""

    def __init__(self, client: ApiClient) -> None:
        self.client = client
        self.id = client.simulator.oauth.client_id
        self.secret = client.simulator.oauth.client_secret
        self.http = httpx2.Client(transport=client.simulator.transport(), base_url="https://oauth.example")

    def consent(self, **changes: str) -> dict[str, str]:
        """Ask for consent; return the parameters of the address to which the browser is sent."""
        query = {
            "client_id": self.id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": EVERYTHING,
            "state": "s1",
            **changes,
        }
        answer = self.http.get("/oauth2/auth", params=query)
        assert answer.status_code == 302, answer.text
        assert answer.headers["Location"].startswith(REDIRECT)
        return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}

    def post(self, path: str = "/oauth2/token", **form: str) -> httpx2.Response:
        """Post a form with the app's id and secret."""
        return self.http.post(path, data={"client_id": self.id, "client_secret": self.secret, **form})

    def redeem(self, code: str, **more: str) -> httpx2.Response:
        """Return the answer for a code."""
        return self.post(**{"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **more})

    def refresh(self, token: str) -> httpx2.Response:
        """Return the answer for a refresh token."""
        return self.post(grant_type="refresh_token", refresh_token=token)

    def tokens(self, scope: str = EVERYTHING) -> Json:
        """Return tokens with these scopes."""
        found: Json = self.redeem(self.consent(scope=scope)["code"]).json()
        return found

    def status(self, token: str, path: str = "/v2/organization") -> int:
        """Return the status of a request with an access token."""
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code
