"""Secrets: stored where only their owner can read them, and never shown."""

import shlex
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from primanota.adapters.secrets.stores import COMMAND, FILE, KEYRING, SERVICE, load_credentials, store_secret
from primanota.core.errors import ConfigurationError, InvalidConfiguration
from primanota.core.secret import Credentials, Secret

SECRET = "s3cr3t-0f-acme"  # noqa: S105 - an invented one


class InMemory(KeyringBackend):
    """A key store in memory."""

    priority = 1

    def __init__(self) -> None:
        self.stored: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return a stored password."""
        return self.stored.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a password."""
        self.stored[service, username] = password


@pytest.fixture(autouse=True)
def _restore_the_key_store() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call] # its constructor has no types
    yield
    keyring.set_keyring(before)


@pytest.fixture
def store() -> InMemory:
    """The key store of the system."""
    made = InMemory()
    keyring.set_keyring(made)
    return made


def _command(program: str) -> str:
    return COMMAND + shlex.join([sys.executable, "-c", program])


def _private(folder: Path, content: bytes) -> Path:
    path = folder / "acme.secret"
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "shown", [repr, str, format, "{}".format, "{!r}".format, "{!s}".format, lambda it: f"{[it]}"]
)
@pytest.mark.parametrize(
    "thing", [Secret(SECRET), Credentials("acme", Secret(SECRET))], ids=["secret", "credentials"]
)
def test_a_secret_is_not_shown(shown: type[str], thing: Secret | Credentials) -> None:
    """No way to turn a secret or credentials into text shows the secret."""
    assert SECRET not in shown(thing)


def test_a_secret_has_no_attribute_dump() -> None:
    """Secrets and credentials have no ``__dict__`` that could be printed."""
    assert not hasattr(Secret(SECRET), "__dict__")
    assert not hasattr(Credentials("acme", Secret(SECRET)), "__dict__")


def test_a_secret_is_not_in_a_traceback() -> None:
    """A traceback with all local variables does not show a secret."""

    def use(credentials: Credentials, secret: Secret) -> None:
        raise ValueError(f"{credentials} {secret}")

    secret = Secret(SECRET)
    try:
        use(Credentials("acme", secret), secret)
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "Secret(…)" in shown
    assert SECRET not in shown


def test_the_header_contains_the_secret() -> None:
    """The Authorization header consists of the login, a colon and the secret."""
    credentials = Credentials("acme", Secret(SECRET))
    assert credentials.header == f"acme:{SECRET}"
    assert credentials.secret.reveal() == SECRET


def test_the_key_store_is_preferred(store: InMemory, tmp_path: Path) -> None:
    """With a key store, the secret is stored there and not in a file."""
    assert store_secret("acme", Secret(SECRET), tmp_path) == KEYRING
    assert store.stored == {(SERVICE, "acme"): SECRET}
    assert list(tmp_path.iterdir()) == []
    assert load_credentials("acme", KEYRING, tmp_path).header == f"acme:{SECRET}"


def test_without_a_key_store_a_private_file_is_used(tmp_path: Path) -> None:
    """Without a key store, the secret is stored in a file that only its owner can read."""
    folder = tmp_path / "deep" / "folder"
    assert store_secret("acme", Secret(SECRET), folder) == FILE
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert load_credentials("acme", FILE, folder).header == f"acme:{SECRET}"


def test_a_new_secret_replaces_an_open_file(tmp_path: Path) -> None:
    """A secret file that others could read is private after the next login, and contains only the new secret."""
    path = _private(tmp_path, b"an older and much longer secret than the new one")
    path.chmod(0o644)
    store_secret("acme", Secret(SECRET), tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8").strip() == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644])
def test_a_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    """A secret file that others may read or write is refused; the hint is the command that corrects it."""
    path = _private(tmp_path, SECRET.encode())
    path.chmod(mode)
    with pytest.raises(InvalidConfiguration, match="can be read by others") as refused:
        load_credentials("acme", FILE, tmp_path)
    assert refused.value.hint == f"Run: chmod 600 {path}"
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("reference", [KEYRING, FILE])
def test_a_missing_secret(tmp_path: Path, reference: str) -> None:
    """Without a stored secret, the error names the command to log in."""
    with pytest.raises(ConfigurationError, match="primanota login"):
        load_credentials("acme", reference, tmp_path)


def test_the_secret_of_another_login(store: InMemory, tmp_path: Path) -> None:
    """A secret in the key store is not used for another login."""
    store.set_password(SERVICE, "other", SECRET)
    with pytest.raises(ConfigurationError, match="does not have a secret for acme"):
        load_credentials("acme", KEYRING, tmp_path)


def test_a_secret_that_cannot_be_stored(tmp_path: Path) -> None:
    """If the secret cannot be stored, the error names the file, not the secret."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigurationError, match=r"cannot be stored in .*acme\.secret") as refused:
        store_secret("acme", Secret(SECRET), tmp_path / "file")
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_the_output_of_a_command(tmp_path: Path) -> None:
    """A command's output without its line end is the secret."""
    assert load_credentials("acme", _command(f"print({SECRET!r})"), tmp_path).header == f"acme:{SECRET}"


def test_a_command_runs_without_a_shell(tmp_path: Path) -> None:
    """The arguments of a command are passed on unchanged, not interpreted by a shell."""
    program = "import sys; print(*sys.argv[1:], sep='')"
    found = load_credentials("acme", f"{_command(program)} '$HOME;' `id`", tmp_path)
    assert found.secret.reveal() == "$HOME;`id`"


@pytest.mark.parametrize(
    "program", [f"print({SECRET!r}); raise SystemExit(1)", f"raise SystemExit({SECRET!r})", "print(' ')", "pass"]
)
def test_a_command_that_fails_is_named_without_its_output(tmp_path: Path, program: str) -> None:
    """The error about a command that fails or prints nothing contains its first word alone, and not its output."""
    (tmp_path / "ask.py").write_text(program, encoding="utf-8")
    command = shlex.join([sys.executable, str(tmp_path / "ask.py")])
    with pytest.raises(ConfigurationError, match="The command for the secret") as refused:
        load_credentials("acme", COMMAND + command, tmp_path)
    assert f": {shlex.quote(sys.executable)} …" in refused.value.message
    assert "ask.py" not in refused.value.message
    assert SECRET not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("command", ["", "no-such-program-anywhere", "'unbalanced"])
def test_a_command_that_cannot_be_run_is_refused(tmp_path: Path, command: str) -> None:
    """A command that cannot be run is refused."""
    with pytest.raises(ConfigurationError, match="The command for the secret failed"):
        load_credentials("acme", COMMAND + command, tmp_path)


def test_an_unknown_reference_is_refused(tmp_path: Path) -> None:
    """An unknown reference is refused with the known kinds, and not quoted, because it may be a secret."""
    with pytest.raises(InvalidConfiguration, match="is not of a known kind") as refused:
        load_credentials("acme", "vault", tmp_path)
    assert "command:" in refused.value.hint
    assert "vault" not in str(refused.value)


@pytest.mark.parametrize("login", ["", "../acme", "a/b", "acme corp", "müller", "acme\n", ".acme"])
def test_a_login_that_could_be_a_path_is_refused(login: str) -> None:
    """A login that is not a slug is refused, because it is part of file names and of a header."""
    with pytest.raises(ConfigurationError, match="is not a login"):
        Credentials(login, Secret(SECRET))


@pytest.mark.parametrize("between", [":", " ", "\n", "/", "=", "ß"])
def test_a_login_with_its_secret_is_refused_without_the_secret(between: str) -> None:
    """An error of a login with which the secret was pasted does not quote the secret."""
    with pytest.raises(ConfigurationError, match="“acme-corp-1234…” is not a login") as refused:
        Credentials(f"acme-corp-1234{between}{SECRET}", Secret(SECRET))
    assert SECRET not in str(refused.value)


def test_a_secret_with_its_login_is_understood() -> None:
    """A secret that was pasted as “login:secret” is the secret of that login."""
    assert Credentials("acme", Secret(f"acme:{SECRET}")).header == f"acme:{SECRET}"


@pytest.mark.parametrize("secret", ["", "two words", "login:secret", "schlüssel", "line\nbreak"])
def test_a_secret_that_a_header_cannot_carry_is_refused(secret: str) -> None:
    """A secret with a blank, a colon or a character outside ASCII is refused; the error does not quote it."""
    with pytest.raises(ConfigurationError) as refused:
        Credentials("acme", Secret(secret))
    assert not secret or secret not in str(refused.value)


@pytest.mark.parametrize(
    "program",
    [
        "import sys\nwhile True: sys.stdout.write('x' * 100_000)",
        "import time; time.sleep(99)",
        "import os; os.spawnlp(os.P_NOWAIT, 'sleep', 'sleep', '3'); print('x')",
    ],
)
def test_a_command_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """A command that prints without end, or that does not end, fails in bounded time and memory."""
    monkeypatch.setattr("primanota.adapters.secrets.stores._COMMAND_SECONDS", 0.5)
    with pytest.raises(ConfigurationError, match="The command for the secret failed"):
        load_credentials("acme", _command(program), tmp_path)


def test_a_secret_in_place_of_a_command(tmp_path: Path) -> None:
    """A secret that was pasted behind “command:” is not quoted, since it is no program."""
    with pytest.raises(ConfigurationError, match="there is no such program") as refused:
        load_credentials("acme", f"{COMMAND}{SECRET}", tmp_path)
    assert SECRET not in "".join(traceback.format_exception(refused.value))
