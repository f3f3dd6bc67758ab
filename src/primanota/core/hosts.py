"""Host names and addresses. Pure."""

import ipaddress


def is_this_machine(host: str) -> bool:
    """Return whether a host is this machine itself: ``localhost``, or a loopback address (127.0.0.0/8, ::1).

    What is sent there does not leave the machine, so it may be sent without encryption.
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
