"""Find the book of a company that has no settings: one that was begun by an import of files."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from primanota import banks
from primanota.adapters.settings.config import Config
from primanota.adapters.settings.toml_file import OrganisationSettings
from primanota.book.file.other_books import books_in, organisation_record
from primanota.core.errors import ConfigurationError
from primanota.core.secret import check_login

_NOT_OF_LOGIN = re.compile(r"[^a-z0-9]+")
_FIRST_LOGIN, _LONGEST = "company", 40
_NO_LOGIN = ""


def known_by_books(settings: Config, wanted: str | None) -> Config:
    """Return the settings with the organisation of a book of files, if they do not know an organisation.

    Args:
        settings: the settings.
        wanted: the login that was named; None for the only one.

    Raises:
        ConfigurationError: several companies have such books, and none was named.
    """
    if wanted == "" or wanted in settings.organisations or (wanted is None and settings.has_organisation):
        return settings
    logins = [path.stem for path in books_in(settings.books) if wanted in {None, path.stem} and _is_of_files(path)]
    if wanted is None and len(logins) > 1:
        raise ConfigurationError(f"There are books of {', '.join(logins)}.", "Name one with --organisation.")
    return settings.with_organisation(logins[0], OrganisationSettings(secret="")) if logins else settings


def known_together(settings: Config, wanted: Sequence[str]) -> Config:
    """Return the settings with the organisations of books of files that are wanted and that they do not know.

    Args:
        settings: the settings.
        wanted: the logins that were named; empty for all of the settings, or else of all such books.
    """
    if wanted:
        for login in wanted:
            settings = known_by_books(settings, login)
        return settings
    found = [] if settings.has_organisation else filter(_is_of_files, books_in(settings.books))
    for path in found:
        settings = settings.with_organisation(path.stem, OrganisationSettings(secret=""))
    return settings


def settings_for(settings: Config, wanted: str | None, paths: Sequence[Path]) -> Config:
    """Return the settings with an organisation for files, unless they or a book of files know one.

    Args:
        settings: the settings.
        wanted: the login that was named; None to make one of the name of the first account's owner.
        paths: the files.

    Raises:
        ConfigurationError: the word is not a login, or it is not clear which book is meant.
        InvalidInput: the first file cannot be read.
    """
    settings = known_by_books(settings, wanted)
    if wanted == "" or wanted in settings.organisations or (wanted is None and settings.has_organisation):
        return settings
    login = wanted or _NOT_OF_LOGIN.sub("-", _plain(_owner(paths[0])))[:_LONGEST].strip("-") or _FIRST_LOGIN
    check_login(login)
    return settings.with_organisation(login, OrganisationSettings(secret=""))


def _owner(path: Path) -> str:
    """Return the name of the owner of a file's first account; empty if the file does not say it."""
    files, decode = banks.statement_files(), banks.connector().organisation
    return decode(files.organisation(files.first_account(path).body, _NO_LOGIN).body).name


def _plain(name: str) -> str:
    """Return a name in small letters without accents."""
    return unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()


def _is_of_files(path: Path) -> bool:
    record = organisation_record(path)
    return bool(record) and record[:1] == b"<"  # type: ignore[index]  # it is not None
