"""How the bank is reached: directly, or through a proxy of the environment."""

from typing import TYPE_CHECKING
from urllib.request import getproxies

import httpx2

from primanota.banks.qonto.address import Address
from primanota.banks.qonto.deadline import Deadline
from primanota.banks.qonto.direct import DirectTransport

if TYPE_CHECKING:
    import ssl


def connect(address: Address, deadline: Deadline, connections: int) -> httpx2.BaseTransport:
    """Return the connections to an address; none is opened yet.

    Args:
        address: the bank's address.
        deadline: limits each read and write.
        connections: the most connections.
    """
    context: ssl.SSLContext | None = None
    if address.is_encrypted:  # a proxy must not see what is sent to this machine itself in plain text
        if getproxies():
            from primanota.banks.qonto.proxied import proxied  # slow to import, and few need it

            if transport := proxied(address.url, deadline, connections):
                return transport
        context = httpx2.create_ssl_context()  # the system's certificates; takes a tenth of a second
        context.set_alpn_protocols(["http/1.1"])
    return DirectTransport(address.url, deadline, context)
