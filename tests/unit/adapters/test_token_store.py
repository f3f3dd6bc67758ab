"""The store of tokens: whole or not at all, in the key store or in a private file, under one lock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backends.fail import Keyring as NoKeyring

from primanota.adapters.secrets.tokens import StoredTokens, store_tokens, stored_tokens
from primanota.core.errors import ConfigurationError, InvalidConfiguration
from primanota.core.oauth import Tokens, decoded
from primanota.core.secret import Secret
from tests.unit.adapters.test_secret_stores import InMemory

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _tokens(word: str = "1") -> Tokens:
    access, refresh = Secret(f"ory_at_{word}"), Secret(f"ory_rt_{word}")
    return Tokens(
        access, NOW + timedelta(hours=1), refresh, NOW + timedelta(days=90), NOW, ("organization.read",), "id"
    )


@pytest.fixture(autouse=True)
def _restore_the_key_store() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call] # its constructor has no types
    yield
    keyring.set_keyring(before)


def test_tokens_in_the_key_store(tmp_path: Path) -> None:
    """Where the system has a key store the tokens are in it, and no file has them."""
    keyring.set_keyring(InMemory())
    place = store_tokens("acme-1", _tokens(), tmp_path)
    assert place.reference == "oauth:keyring"
    assert place.load().encoded() == _tokens().encoded()
    assert not any(b"ory_" in path.read_bytes() for path in tmp_path.iterdir())


def test_a_key_store_that_forgets(tmp_path: Path) -> None:
    """A key store that does not give back what it was given is not used for a consent, and is an error later."""

    class Forgetful(InMemory):
        def set_password(self, service: str, username: str, password: str) -> None:
            """Forget it."""

    keyring.set_keyring(Forgetful())
    assert store_tokens("acme-1", _tokens(), tmp_path).reference == "oauth:file"
    with pytest.raises(ConfigurationError, match="does not keep the tokens"):
        StoredTokens("acme-1", "keyring", tmp_path).save(_tokens())


def test_a_private_file(tmp_path: Path) -> None:
    """Without a key store the tokens are in a file that only its owner can read, or they are refused."""
    place = store_tokens("acme-1", _tokens(), tmp_path / "new")
    path = tmp_path / "new" / "acme-1.oauth"
    assert (place.reference, path.stat().st_mode & 0o777) == ("oauth:file", 0o600)
    path.chmod(0o644)
    with pytest.raises(InvalidConfiguration, match="can be read by others"):
        place.load()


def test_a_failed_write_leaves_the_earlier_tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tokens that cannot be written leave the earlier ones whole."""
    place = store_tokens("acme-1", _tokens(), tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ConfigurationError):
        place.save(_tokens("2"))
    assert place.load().encoded() == _tokens().encoded()


@given(st.binary(max_size=80))
def test_a_damaged_record(content: bytes) -> None:
    """Whatever a record contains, it is tokens, or an error that says what to do and does not quote it."""
    text = content.decode("utf-8", "replace")
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        decoded(text, "acme-1")
    assert caught.value.hint == "Run “primanota login --oauth” again."


@pytest.mark.parametrize("reference", ["oauth", "oauth:", "oauth:secretsmanager:x", "oauth:command:x"])
def test_places_that_cannot_have_tokens(tmp_path: Path, reference: str) -> None:
    """A reference to a place that cannot have tokens is refused with those that can."""
    with pytest.raises(InvalidConfiguration, match="not of a known kind") as caught:
        stored_tokens("acme-1", reference, tmp_path)
    assert "oauth:keyring" in caught.value.hint
    assert stored_tokens("acme-1", "keyring", tmp_path) is None
