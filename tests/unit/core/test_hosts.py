"""Which hosts are this machine itself."""

import pytest

from primanota.core.hosts import is_this_machine


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine(host: str) -> None:
    """Localhost and loopback addresses are this machine itself."""
    assert is_this_machine(host)


@pytest.mark.parametrize("host", ["", "qonto.com", "localhost.evil", "127.0.0.1.evil", "10.0.0.1", "::"])
def test_other_machines(host: str) -> None:
    """Other names and addresses are not this machine, even if they begin like one that is."""
    assert not is_this_machine(host)
