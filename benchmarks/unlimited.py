"""Run Primanota without its own limit of requests in a time, to fill a large book at the speed of the machine.

Usage: python unlimited.py WORDS OF PRIMANOTA... The bank has to be served with --no-limits.
"""

from primanota.__main__ import main
from primanota.banks.qonto.http.rates import Rate, RateLimiter

_MANY = 1_000_000


def lift_limits() -> None:
    """Replace the client's usual rates by one that is never reached."""
    RateLimiter.__init__.__defaults__ = ((Rate(_MANY, 1),), *(RateLimiter.__init__.__defaults__ or ())[1:])


if __name__ == "__main__":
    lift_limits()
    main()
