"""Names of accounts: of any length, and in either way to encode an accent."""

import unicodedata
from collections.abc import Callable

import msgspec
import pytest

from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.core.model import Account
from tests.support.screens.command_line import Terminal

_MONTH = ("--period", "2026-11")
_LONG = "Rücklagen für Steuern und Sozialabgaben der Niederlassung 🏦 " * 12


@pytest.fixture
def renamed(desk: Terminal, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Terminal]:
    """Return a function that gives a name to every account of a book with a row."""
    desk.arrive(2)

    def rename(name: str) -> Terminal:
        account = QontoConnector().account

        def read(_: QontoConnector, raw: bytes) -> Account:
            return msgspec.structs.replace(account(raw), name=name)

        monkeypatch.setattr(QontoConnector, "account", read)
        return desk

    return rename


@pytest.mark.parametrize("name", [_LONG, "ä" * 300, "a\u0308" * 300, "🏦" * 100, "e" + "\u0301" * 400])
def test_an_overlong_name(renamed: Callable[[str], Terminal], name: str) -> None:
    """An overlong account name is cut by bytes in the file's name; its tail, the days and the suffix stay."""
    here = renamed(name)
    done = here.run("export", "generic", *_MONTH, "--json")
    assert done.code == 0
    (path,) = [file["path"] for file in done.data["files"] if file["path"]]
    file_name = path.rpartition("/")[2]
    assert len(file_name.encode()) <= 255
    assert file_name.endswith("_2026-11.csv")
    assert unicodedata.is_normalized("NFC", file_name)
    assert here.run("export", "generic", "--new", "--since", "2026-01-01").code == 0


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_either_form_of_a_name_is_found(renamed: Callable[[str], Terminal], form: str, typed: str) -> None:
    """``--account`` finds a name in composed and in decomposed letters, whichever the bank and the keyboard use."""
    here = renamed(unicodedata.normalize(form, "Rücklage Zürich é"))  # type: ignore[arg-type]
    word = unicodedata.normalize(typed, "rücklage  zürich É")  # type: ignore[arg-type]
    result = here.run("export", "generic", *_MONTH, "--account", word)
    many = len(here.simulator.bank.account_ids())
    assert result.code == (0 if many == 1 else 2)
    assert many == 1 or f"means {many} accounts" in result.err


def test_a_path_that_is_too_long(renamed: Callable[[str], Terminal]) -> None:
    """A file or folder with a name that no file system takes is refused with a sentence."""
    here = renamed("Konto")
    result = here.run("export", "generic", *_MONTH, "--to", "x" * 300)
    assert (result.code, "too long" in result.err or "cannot be written" in result.err) == (8, True)


def test_the_words_of_a_scheduled_run(desk: Terminal) -> None:
    """``schedule install -- --new`` understands that the first word after -- is an option of the run."""
    result = desk.run("schedule", "install", "--dry-run", "--", "--new")
    assert "a mistake in Primanota" not in result.err
    wrong = desk.run("schedule", "install", "--dry-run", "--", "--nope")
    assert (wrong.code, "Usage: primanota run" in wrong.err) == (2, True)
