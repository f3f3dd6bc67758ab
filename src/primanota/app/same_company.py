"""Find the book of a company by its organisation id: after a renaming the company has another login, but the same id.

A second book of a company does not know what left from the first one, so everything would leave again.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from primanota import banks
from primanota.adapters.storage import disk
from primanota.adapters.storage.shared_book import SHARED
from primanota.book.file.other_books import books_in, organisation_record
from primanota.core.errors import ConfigurationError
from primanota.core.model import Organisation
from primanota.core.notice import Notice
from primanota.core.secret import check_login


class CompanyBooks(NamedTuple):
    """The books beside one book.

    Args:
        path: the book, which may not exist yet.
        connector: decodes the records of the bank.
        shared: whether the folder is a shared one.
    """

    path: Path
    connector: banks.Connector
    shared: bool = False

    def find(self, login: str, company: Callable[[], Organisation] | None, notify: Callable[[Notice], None]) -> Path:
        """Return the company's book: the one that is named after the login, or one beside it of the same company.

        Args:
            login: the login of the organisation.
            company: asks the bank for the organisation, if a book may be begun; None if it may not.
            notify: called if another book is used.

        Raises:
            ConfigurationError: there are several books of the company.
        """
        if organisation_record(self.path, shared=self.shared) is not None:
            return self.path  # also if it cannot be read: whoever opens it says why
        others = self._others()
        found = [path for path, other in others.items() if other.slug == login]
        if not found and others and company:
            key = company().id
            found = [path for path, other in others.items() if other.id == key]
            if len(found) == 1:
                notify(Notice.of("other_login", path=f"{found[0]}", login=login))
        if len(found) > 1:
            names = " and ".join(map(str, found))
            raise ConfigurationError(f"There are {len(found)} books of this company: {names}.", _NAME_ONE)
        return found[0] if found else self.path

    def require_only(
        self, company: Callable[[], Organisation], notify: Callable[[Notice], None], *, was_asked_for: bool
    ) -> None:
        """Refuse to begin a second book of the company beside the first one; only say so where a person named it.

        Raises:
            ConfigurationError: there is a book of the company, and the new one was not named by a person.
        """
        begins = organisation_record(self.path, shared=self.shared) is None
        others = self._others() if begins else {}
        if not others:
            return
        key = company().id
        for path, other in others.items():
            if other.id == key:
                message = f"{path} is the book of {other.name} already; {self.path} would be a second one."
                if not was_asked_for:
                    raise ConfigurationError(message, _USE_FIRST)
                notify(Notice.of("second_book", path=f"{path}", company=other.name, second=f"{self.path}"))

    def _others(self) -> dict[Path, Organisation]:
        found = ((path, self._organisation(path)) for path in books_in(self.path.parent) if path != self.path)
        return {path: organisation for path, organisation in found if organisation}

    def _organisation(self, path: Path) -> Organisation | None:
        record = organisation_record(path, shared=self.shared)
        try:
            return self.connector.organisation(record) if record else None
        except ValueError:
            return None


def login_of(book: str, connector: banks.Connector) -> str:
    """Return the login of the company to which a book on this machine belongs; empty if the book does not say."""
    shared = book.startswith(SHARED)
    if "://" in book:
        return ""
    record = organisation_record(disk.path_of(book.removeprefix(SHARED)), shared=shared)
    if not record:
        return ""
    try:
        login = connector.organisation(record).slug
    except ValueError:
        return ""
    check_login(login)
    return login


_NAME_ONE = "Name one of them with --book, and move the other away."
_USE_FIRST = "Name the first one as “book” in the settings; or begin the second once with --book."
