"""Whether a book has a bank to ask, beside the files from which it may come."""

from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.errors import ConfigurationError

_NO_BANK = "The accounts of this book come from files: there is no bank to ask."


def asks_bank(workspace: Workspace, book: Book) -> bool:
    """Return whether there is a bank to ask: not if the book was begun by files, and the settings have no key."""
    found = Journal(book, workspace.connector).find_organisation()
    return found is None or bool(found.id) or has_key(workspace)


def require_bank(workspace: Workspace, book: Book) -> None:
    """Refuse a book that has no bank to ask.

    Raises:
        ConfigurationError: it has none.
    """
    if not asks_bank(workspace, book):
        raise ConfigurationError(_NO_BANK, "Run “primanota import FILE” to bring it up to date.")


def has_key(workspace: Workspace) -> bool:
    """Return whether the organisation has a key or has consented, so that its bank can be asked."""
    try:
        return workspace.has_consented or bool(workspace.config.credentials(workspace.login))
    except ConfigurationError:
        return False
