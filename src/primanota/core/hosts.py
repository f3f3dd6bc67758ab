"""Host names, addresses, and connections. Pure."""

import ipaddress

# The most connections to the bank at the same time: more gain nothing, since then the processor is busy.
MOST_CONNECTIONS = 64
# The most organisations that one process runs at the same time.
MOST_AT_ONCE = 16


def is_this_machine(host: str) -> bool:
    """Return whether a host is this machine itself: ``localhost``, or a loopback address (127.0.0.0/8, ::1).

    What is sent there does not leave the machine, so it may be sent without encryption.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
