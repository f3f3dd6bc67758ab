"""An organisation that has consented, in this process: the simulator as its bank, its tokens in a private file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import httpx2

from primanota.adapters.secrets.tokens import StoredTokens
from primanota.adapters.settings import config, oauth_app
from primanota.app.installation.consent import Consent, begin_consent, redeem_code
from primanota.app.workspace import Workspace
from primanota.banks.qonto.oauth.grants import renewed
from primanota.banks.qonto.oauth.renewal import TokenAccess
from primanota.core.oauth import App, Tokens
from primanota.simulator import Simulator
from tests.support.clock import Clock

API = "https://bank.example"
REDIRECT = "http://127.0.0.1:53683/callback"


class ConsentWorld(NamedTuple):
    """A bank that gives tokens, the settings of an app, and a clock that both have."""

    simulator: Simulator
    settings: config.Config
    clock: Clock

    @property
    def app(self) -> App:
        """The app that the organisation consents to."""
        return oauth_app.app(self.settings, API)

    @property
    def store(self) -> StoredTokens:
        """The place of the tokens."""
        return StoredTokens(self.simulator.login, "file", self.settings.folder)

    def answer(self, consent: Consent) -> str:
        """Open the address of a consent as a browser does; return the address to which that is sent."""
        with httpx2.Client(transport=self.simulator.transport()) as browser:
            return browser.get(consent.address).headers["Location"]

    def consent(self) -> Tokens:
        """Give a consent, and return its tokens."""
        asked = begin_consent(self.settings, API, REDIRECT)
        code = asked.code(self.answer(asked))
        return redeem_code(self.settings, asked, code, API, self.clock, self.simulator.transport())

    def log_in(self) -> Tokens:
        """Give a consent, and store its tokens."""
        self.store.save(tokens := self.consent())
        return tokens

    def access(self, clock: Callable[[], Any] | None = None) -> TokenAccess:
        """Return the access of a new process."""
        return TokenAccess(self.simulator.login, self.store, self.renewed, clock or self.clock)

    def renewed(self, tokens: Tokens) -> Tokens:
        """Return new tokens for present ones."""
        return renewed(self.app, tokens, self.clock, self.simulator.transport())

    def workspace(self, **options: Any) -> Workspace:  # noqa: ANN401 - of Workspace
        """Return the workspace of the organisation, whose tokens are stored."""
        own = {"settings": self.settings, "clock": self.clock, "transport": self.simulator.transport()}
        return Workspace(self.simulator.login, **{**own, **options})

    def count(self, path: str) -> int:
        """Return how many requests for a path the bank has had."""
        return sum(asked == path for asked, _ in self.simulator.requests)

    def issued(self) -> set[str]:
        """Return all tokens that the bank has given and still knows."""
        oauth = self.simulator.oauth
        return {*oauth._access, *oauth._refresh}


def consent_world(home: Path, clock: Clock, **how: Any) -> ConsentWorld:  # noqa: ANN401 - the simulator's options
    """Return a bank that accepts tokens alone, and settings that know its app and its organisation."""
    simulator = Simulator(clock=clock, **{"auth": "oauth", "size": 60, **how})
    found = {
        "PRIMANOTA_HOME": str(home),
        "PRIMANOTA_LOGIN": simulator.login,
        "PRIMANOTA_SECRET": "oauth:file",
        "PRIMANOTA_API_URL": API,
        "PRIMANOTA_OAUTH_CLIENT_ID": simulator.oauth.client_id,
        "PRIMANOTA_OAUTH_CLIENT_SECRET": simulator.oauth.client_secret,
    }
    if simulator.switches & {"sandbox", "sandbox-redirect"}:
        found["PRIMANOTA_STAGING_TOKEN"] = simulator.staging_token
    return ConsentWorld(simulator, config.load(found), clock)
