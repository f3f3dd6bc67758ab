"""How often ``primanota sync`` asks the bank."""

from collections.abc import Iterator

import pytest

from primanota.simulator import Simulator
from tests.support.banks.altered_bank import AlteredBank
from tests.support.banks.simulator_client import LOOPBACK
from tests.support.clock import Clock


@pytest.fixture
def bank(clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[AlteredBank]:
    """Return a company's bank that counts requests."""
    with Simulator(size=450, clock=clock) as simulator:
        monkeypatch.setenv("PRIMANOTA_API_URL", LOOPBACK)
        monkeypatch.setenv("PRIMANOTA_LOGIN", simulator.login)
        monkeypatch.setenv("PRIMANOTA_SECRET_KEY", simulator.secret)
        yield AlteredBank(simulator, clock, capsys)


@pytest.mark.parametrize("hours", [0, 1, 19, 26, 24 * 14])
def test_a_sync_without_changes_asks_24_times(bank: AlteredBank, hours: int) -> None:
    """However long ago the last sync was, four accounts without changes take at most 24 requests."""
    assert bank.run("sync").code == 0
    bank.run("sync")
    for _ in range(2):
        bank.clock.advance(hours=hours)
        result = bank.run("sync")
        assert (result.code, bank.requests) == (0, 24)


def test_new_rows_ask_no_more(bank: AlteredBank) -> None:
    """Twenty new rows come with the answers that are asked for anyway."""
    bank.run("sync")
    bank.clock.advance(days=7)
    bank.simulator.bank.arrive(20)
    result = bank.run("sync", "--json")
    assert (result.code, bank.requests) == (0, 24)
    assert '"new": 20' in result.out


def test_a_full_sync_reads_everything_again(bank: AlteredBank) -> None:
    """A full sync after others reads everything again, and finds the same."""
    bank.run("sync")
    assert bank.run("sync", "--full").code == 0
    assert bank.requests > 24
    assert bank.run("check").code == 0
