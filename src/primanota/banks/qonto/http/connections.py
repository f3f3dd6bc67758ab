"""How the bank is reached: directly, or through a proxy of the environment."""

import ssl
import sys
from typing import TYPE_CHECKING
from urllib.request import getproxies

from primanota.banks.qonto.http.address import Address
from primanota.banks.qonto.http.deadline import Deadline
from primanota.banks.qonto.http.direct import DirectTransport
from primanota.banks.qonto.http.transport import Transport

if TYPE_CHECKING:
    import httpx2


def connect(
    address: Address, deadline: Deadline, connections: int, instead: "httpx2.BaseTransport | None" = None
) -> Transport:
    """Return the connections to an address; none is opened yet.

    Args:
        address: the bank's address.
        deadline: limits each read and write.
        connections: the most connections.
        instead: replaces the network.
    """
    if instead is not None:
        from primanota.banks.qonto.http.httpx_transport import HttpxTransport  # slow to import, and few need it

        return HttpxTransport(instead, address)
    if not address.is_encrypted:  # a proxy must not see what is sent to this machine itself in plain text
        return DirectTransport(address, deadline, None)
    if getproxies():
        from primanota.banks.qonto.http.proxied import proxied  # as above

        if transport := proxied(address, deadline, connections):
            return transport
    context = _system_certificates()
    context.set_alpn_protocols(["http/1.1"])
    return DirectTransport(address, deadline, context)


def _system_certificates() -> ssl.SSLContext:
    """Return how certificates are checked: by those that the system trusts."""
    paths = ssl.get_default_verify_paths()
    if sys.platform == "linux" and (paths.cafile or paths.capath):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # checks certificates and names
        context.load_default_certs()
        return context
    import httpx2  # knows the stores of other systems, and is slow to import

    return httpx2.create_ssl_context()
