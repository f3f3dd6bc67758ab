"""A client of a simulated bank, without a socket."""

from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.rates import Rate, RateLimiter
from primanota.core.secret import Credentials, Secret
from primanota.simulator import Simulator

LOOPBACK = "http://127.0.0.1"
# A simulated bank answers in an instant: at the rate of the real one, tests of many requests would wait for minutes.
_ANY_RATE = (Rate(1_000_000, 1),)


def connect(simulator: Simulator) -> Client:
    """Return a client of a simulated bank that calls it directly."""
    return Client(
        Credentials(simulator.login, Secret(simulator.secret)),
        api_url=LOOPBACK,
        staging_token=simulator.staging_token,
        transport=simulator.transport(),
        budget=RateLimiter(_ANY_RATE),
    )
