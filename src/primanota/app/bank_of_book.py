"""Whether a book has a bank to ask, beside the files from which it may come."""

from contextlib import suppress

from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.errors import ConfigurationError, NoBookYet
from primanota.core.model import Organisation

_NO_BANK = "The accounts of this book come from files: there is no bank to ask."
# The advice of a sync, and of what else asks a bank.
IMPORT = "Run “primanota import FILE” to bring it up to date, or name the folder of files in “statements”."
_LOOK = "What its statements say is in the book: look at “primanota list”."


def asks_bank(workspace: Workspace, book: Book) -> bool:
    """Return whether there is a bank to ask: not without a key, if files have begun the book or are to begin it."""
    return asks_bank_for(workspace, Journal(book, workspace.connector).find_organisation())


def asks_bank_for(workspace: Workspace, found: Organisation | None) -> bool:
    """Return whether there is a bank to ask for a book of this organisation; None for a book that is not begun."""
    is_of_bank = bool(found.id) if found else not workspace.config.statements(workspace.login)
    return is_of_bank or has_key(workspace)


def expect_files(workspace: Workspace) -> None:
    """Let a book be begun without asking the bank whose it is, if there is no key, but a folder of statements."""
    if workspace.config.statements(workspace.login) and not has_key(workspace):
        begun_by_files(workspace)


def begun_by_files(workspace: Workspace) -> None:
    """Let a book be begun by files, which know the company's name."""
    workspace.owner = Organisation(workspace.login, workspace.login, "", "")


def require_bank(workspace: Workspace, book: Book, hint: str = _LOOK) -> None:
    """Refuse a book that has no bank to ask.

    Args:
        workspace: the organisation.
        book: its book.
        hint: what to do instead of asking a bank.

    Raises:
        ConfigurationError: it has none.
    """
    if not asks_bank(workspace, book):
        raise ConfigurationError(_NO_BANK, hint)


def require_bank_of(workspace: Workspace) -> None:
    """Refuse a company that has no bank to ask, whether it has a book already or not.

    Raises:
        ConfigurationError: it has none.
    """
    found: Organisation | None = None
    with suppress(NoBookYet):
        found = workspace.transaction(lambda book: Journal(book, workspace.connector).find_organisation())
    if not asks_bank_for(workspace, found):
        raise ConfigurationError(_NO_BANK, _LOOK)


def has_key(workspace: Workspace) -> bool:
    """Return whether the organisation has a key or has consented, so that its bank can be asked."""
    try:
        return workspace.has_consented or bool(workspace.config.credentials(workspace.login))
    except ConfigurationError:
        return False
