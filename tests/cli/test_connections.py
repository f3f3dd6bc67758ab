"""The connections to the bank, through the command line: over TLS, and as many as the settings allow."""

from pathlib import Path

import pytest

from primanota.simulator import Simulator
from tests.support.banks.simulator_server import served
from tests.support.clock import Clock
from tests.support.screens.command_line import Terminal
from tests.support.servers.relay import relaying
from tests.support.servers.smtp_server import authority


@pytest.fixture
def over_tls(
    tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """Return a command line whose bank is reached over TLS, with a certificate of an authority that is trusted."""
    trusted = authority(tmp_path / "authority")
    simulator = Simulator(size=300, clock=clock)
    variables = {
        "SSL_CERT_FILE": str(trusted.trusted),
        "PRIMANOTA_LOGIN": simulator.login,
        "PRIMANOTA_SECRET_KEY": simulator.secret,
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return Terminal(simulator, clock, tmp_path / "home", capsys)


@pytest.mark.parametrize("most", ["1", "2", "64"])
def test_sync_over_tls(over_tls: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: str) -> None:
    """A sync over TLS reads every account, and opens no more connections than the settings allow."""
    trusted = authority(tmp_path / "authority")
    monkeypatch.setenv("PRIMANOTA_CONNECTIONS", most)
    with served(over_tls.simulator) as url, relaying(int(url.rpartition(":")[2]), trusted.context) as bank:
        monkeypatch.setenv("PRIMANOTA_API_URL", f"https://localhost:{bank.port}")
        done = over_tls.run("sync", "--json")
    assert done.code == 0, done.err
    assert [account["proof"] for account in done.data["accounts"]] == [*["proven"] * 3, "counts only"]
    assert len(bank.accepted) <= int(most)


def test_a_bank_with_an_unknown_certificate(
    over_tls: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A certificate of an authority that is not trusted is exit code 5, and the bank is asked for nothing."""
    stranger = authority(tmp_path / "stranger")
    with served(over_tls.simulator) as url, relaying(int(url.rpartition(":")[2]), stranger.context) as bank:
        monkeypatch.setenv("PRIMANOTA_API_URL", f"https://localhost:{bank.port}")
        done = over_tls.run("sync")
    assert (done.code, "could not be reached" in done.err) == (5, True)
    assert over_tls.simulator.requests.count == 0


def test_a_token_that_cannot_be_sent(over_tls: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token of the sandbox that no header can have is exit code 3, before a request."""
    monkeypatch.setenv("PRIMANOTA_STAGING_TOKEN", "tök€")
    with served(over_tls.simulator) as url:
        monkeypatch.setenv("PRIMANOTA_API_URL", url)
        done = over_tls.run("sync")
    assert (done.code, "PRIMANOTA_STAGING_TOKEN" in done.err) == (3, True)
    assert over_tls.simulator.requests.count == 0


@pytest.mark.parametrize("words", ["0", "many", "65"])
def test_an_invalid_number_of_connections(over_tls: Terminal, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """A number of connections that cannot be used is exit code 3, with the numbers that can, before a request."""
    monkeypatch.setenv("PRIMANOTA_CONNECTIONS", words)
    done = over_tls.run("sync")
    assert (done.code, "from 1 to 64" in done.err) == (3, True)


def test_an_unusable_proxy(over_tls: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of an unknown kind is exit code 3, not a mistake of the program."""
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")
    done = over_tls.run("sync")
    assert (done.code, "SOCKS proxies are not supported" in done.err) == (3, True)
