"""A secret is kept where only its owner finds it, and shown to nobody."""

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
    """A key store that forgets everything with the test."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """What was kept."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep it."""
        self.kept[service, username] = password


@pytest.fixture(autouse=True)
def _the_machines_own_store_comes_back() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call] # its constructor has no types
    yield
    keyring.set_keyring(before)


@pytest.fixture
def store() -> InMemory:
    """A system with a key store."""
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
def test_a_secret_does_not_show(shown: type[str], thing: Secret | Credentials) -> None:
    """However a secret, or a key that holds one, is turned into text: the secret is not in it."""
    assert SECRET not in shown(thing)


def test_a_secret_is_in_no_attribute_dump() -> None:
    """What prints all attributes of an object finds none."""
    assert not hasattr(Secret(SECRET), "__dict__")
    assert not hasattr(Credentials("acme", Secret(SECRET)), "__dict__")


def test_a_secret_is_not_in_a_traceback() -> None:
    """An error beside a secret, shown with all local names, does not show it."""

    def use(credentials: Credentials, secret: Secret) -> None:
        raise ValueError(f"{credentials} {secret}")

    secret = Secret(SECRET)
    try:
        use(Credentials("acme", secret), secret)
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "Secret(…)" in shown
    assert SECRET not in shown


def test_the_one_header_has_the_secret() -> None:
    """The Authorization header is the login and the secret, raw."""
    credentials = Credentials("acme", Secret(SECRET))
    assert credentials.header == f"acme:{SECRET}"
    assert credentials.secret.reveal() == SECRET


def test_the_key_store_is_used_where_there_is_one(store: InMemory, tmp_path: Path) -> None:
    """With a key store the secret goes there, and into no file."""
    assert store_secret("acme", Secret(SECRET), tmp_path) == KEYRING
    assert store.kept == {(SERVICE, "acme"): SECRET}
    assert list(tmp_path.iterdir()) == []
    assert load_credentials("acme", KEYRING, tmp_path).header == f"acme:{SECRET}"


def test_without_a_key_store_a_private_file_is_used(tmp_path: Path) -> None:
    """Without a key store the secret goes into a file that only its owner can read."""
    folder = tmp_path / "deep" / "folder"
    assert store_secret("acme", Secret(SECRET), folder) == FILE
    (path,) = folder.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert load_credentials("acme", FILE, folder).header == f"acme:{SECRET}"


def test_a_new_secret_replaces_an_open_file(tmp_path: Path) -> None:
    """A file that others could read before is private after the next login, and holds the new secret alone."""
    path = _private(tmp_path, b"an older and much longer secret than the new one")
    path.chmod(0o644)
    store_secret("acme", Secret(SECRET), tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8").strip() == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o644])
def test_a_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    """A secret that others may read or write is not used; the sentence says how to mend that, not the secret."""
    path = _private(tmp_path, SECRET.encode())
    path.chmod(mode)
    with pytest.raises(InvalidConfiguration, match="can be read by others") as refused:
        load_credentials("acme", FILE, tmp_path)
    assert refused.value.hint == f"Run: chmod 600 {path}"
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("reference", [KEYRING, FILE])
def test_nothing_kept_is_said(tmp_path: Path, reference: str) -> None:
    """Where no secret is kept, the way to log in is named."""
    with pytest.raises(ConfigurationError, match="primanota login"):
        load_credentials("acme", reference, tmp_path)


def test_the_key_store_may_not_know_this_login(store: InMemory, tmp_path: Path) -> None:
    """A key store that holds another organisation's secret does not lend it."""
    store.set_password(SERVICE, "other", SECRET)
    with pytest.raises(ConfigurationError, match="does not have a secret for acme"):
        load_credentials("acme", KEYRING, tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Where the secret can be kept nowhere, the place is named and the secret is not."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigurationError, match=r"cannot be stored in .*acme\.secret") as refused:
        store_secret("acme", Secret(SECRET), tmp_path / "file")
    assert SECRET not in "".join(traceback.format_exception(refused.value))


def test_a_command_may_know_the_secret(tmp_path: Path) -> None:
    """A password manager is asked by a command, and what it prints is the secret, without its line end."""
    assert load_credentials("acme", _command(f"print({SECRET!r})"), tmp_path).header == f"acme:{SECRET}"


def test_a_command_is_no_shell(tmp_path: Path) -> None:
    """The command's words are passed on as they are; no shell looks at them."""
    program = "import sys; print(*sys.argv[1:], sep='')"
    found = load_credentials("acme", f"{_command(program)} '$HOME;' `id`", tmp_path)
    assert found.secret.reveal() == "$HOME;`id`"


@pytest.mark.parametrize(
    "program", [f"print({SECRET!r}); raise SystemExit(1)", f"raise SystemExit({SECRET!r})", "print(' ')", "pass"]
)
def test_a_command_that_fails_is_named_without_what_it_said(tmp_path: Path, program: str) -> None:
    """A command that fails or prints nothing is named; what it printed never shows."""
    (tmp_path / "ask.py").write_text(program, encoding="utf-8")
    command = shlex.join([sys.executable, str(tmp_path / "ask.py")])
    with pytest.raises(ConfigurationError, match="The command for the secret") as refused:
        load_credentials("acme", COMMAND + command, tmp_path)
    assert command in refused.value.message
    assert SECRET not in "".join(traceback.format_exception(refused.value))


@pytest.mark.parametrize("command", ["", "no-such-program-anywhere", "'unbalanced"])
def test_a_command_that_cannot_be_run_is_refused(tmp_path: Path, command: str) -> None:
    """A command that is none is refused with a sentence."""
    with pytest.raises(ConfigurationError, match="The command for the secret failed"):
        load_credentials("acme", COMMAND + command, tmp_path)


def test_an_unknown_place_is_refused(tmp_path: Path) -> None:
    """A reference of no known kind is refused with the kinds that there are, and not repeated: it may be a secret."""
    with pytest.raises(InvalidConfiguration, match="is not of a known kind") as refused:
        load_credentials("acme", "vault", tmp_path)
    assert "command:" in refused.value.hint
    assert "vault" not in str(refused.value)


@pytest.mark.parametrize("login", ["", "../acme", "a/b", "acme corp", "müller", "acme\n", ".acme"])
def test_a_login_that_could_be_a_path_is_refused(login: str) -> None:
    """A login names files and stands in a header: nothing but a slug is one."""
    with pytest.raises(ConfigurationError, match="is not a login"):
        Credentials(login, Secret(SECRET))


@pytest.mark.parametrize("secret", ["", "two words", "login:secret", "schlüssel", "line\nbreak"])
def test_a_secret_that_no_header_could_carry_is_refused_unsaid(secret: str) -> None:
    """A secret with a blank, a colon or a strange letter was copied wrongly; the sentence does not repeat it."""
    with pytest.raises(ConfigurationError) as refused:
        Credentials("acme", Secret(secret))
    assert not secret or secret not in str(refused.value)
