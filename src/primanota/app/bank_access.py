"""Open the bank of an organisation, or with a key that the settings do not have yet.

Besides ``workspace.py`` and ``cli/get.py`` the only module above the book that knows which bank is used. It is slow
to import, and an export does not need it.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from primanota.adapters.allocator import share_one_arena
from primanota.adapters.secrets.refused_keys import RefusedKeys
from primanota.adapters.settings.config import Config
from primanota.adapters.settings.oauth_app import app
from primanota.banks.qonto.bank import QontoBank
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.banks.qonto.http.access import BankAccess
from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.deadline import limits_until
from primanota.banks.qonto.http.rates import BANK_RATES, Rate, RequestBudget
from primanota.banks.qonto.http.shares import SharedBudget
from primanota.banks.qonto.oauth.grants import renewed
from primanota.banks.qonto.oauth.renewal import TokenAccess
from primanota.core.errors import InvalidApiKey
from primanota.core.model import Account, Organisation
from primanota.core.oauth import Tokens, TokenStore
from primanota.core.secret import Credentials, Secret

if TYPE_CHECKING:
    import httpx2

# What the bank allows each address, which several organisations may share.
RATES: tuple[Rate, ...] = BANK_RATES


class SharedAddress(NamedTuple):
    """What organisations share that read the bank from one address.

    ``budget`` says when requests may be sent, None for the bank's rates alone. ``refused`` knows the keys that the
    bank refused, None if it is to be asked each time.
    """

    budget: RequestBudget | None = None
    refused: RefusedKeys | None = None


def members_of_address(refused: RefusedKeys | None) -> Callable[[], AbstractContextManager[SharedAddress]]:
    """Return a function that opens a share of one address for an organisation, as long as it reads the bank.

    Args:
        refused: knows the keys that the bank refused.
    """
    budget = SharedBudget()

    @contextmanager
    def member() -> Iterator[SharedAddress]:
        with budget.share() as share:
            yield SharedAddress(share, refused)

    return member


class HeldTokens(NamedTuple):
    """The tokens of an organisation that has consented: their store, and the clock by which they end."""

    store: TokenStore
    clock: Callable[[], datetime]


@contextmanager
def open_client(
    settings: Config,
    login: str,
    end: float,
    transport: "httpx2.BaseTransport | None",
    address: SharedAddress,
    tokens: HeldTokens | None = None,
) -> Iterator[Client]:
    """Open the HTTP client of an organisation's bank.

    Args:
        settings: the settings.
        login: the login of the organisation.
        end: until when the bank may be read (seconds of the monotonic clock).
        transport: replaces the network.
        address: what it shares with other organisations.
        tokens: the tokens of a consent; None for the API key of the settings.

    Raises:
        ConfigurationError: the organisation has no key, or its tokens cannot be read.
        InvalidApiKey: the bank refused this key before.
    """
    share_one_arena()
    key = None if tokens else settings.credentials(login)
    refused = address.refused
    if key and refused and (day := refused.refused(key)):
        raise InvalidApiKey(
            f"The bank refused this API key on {day:%Y-%m-%d}, and is not asked with it again.",
            "Renew it in Qonto (Integrations and Partnerships → API key), then run “primanota login”.",
        )
    with Client(
        _token_access(settings, login, tokens, transport) if tokens else settings.credentials(login),
        api_url=settings.api_url(login),
        staging_token=settings.staging_token,
        transport=transport,
        connections=settings.connections(login),
        limits=limits_until(end),
        budget=address.budget,
    ) as client:
        try:
            yield client
        finally:
            if key and refused and client.key_is_refused:
                refused.remember(key)


def _token_access(
    settings: Config, login: str, tokens: HeldTokens, transport: "httpx2.BaseTransport | None"
) -> TokenAccess:
    """Return the access with tokens; the app's secret is read when they are renewed."""

    def renew(known: Tokens) -> Tokens:
        return renewed(app(settings, settings.api_url(login)), known, tokens.clock, transport)

    return TokenAccess(login, tokens.store, renew, tokens.clock)


def read_company(
    access: Credentials | BankAccess, api_url: str, staging_token: str | None
) -> tuple[Organisation, list[Account]]:
    """Read the organisation and its accounts with an API key or a token that the settings do not have yet.

    Raises:
        InvalidApiKey: the bank refused it.
    """
    with Client(access, api_url=api_url, staging_token=staging_token) as client:
        bank, connector = QontoBank(client, lambda: datetime.now(UTC)), QontoConnector()
        company = bank.organisation()
        return connector.organisation(company), [connector.account(one.body) for one in bank.accounts(company)]


def refuse_open_line(api_url: str) -> None:
    """Refuse a URL over which an API key would travel unencrypted.

    Raises:
        InvalidConfiguration: the URL is neither https nor on this machine.
    """
    with Client(Credentials("example", Secret("-")), api_url=api_url):
        pass  # the client checks the URL when it is created, and sends nothing
