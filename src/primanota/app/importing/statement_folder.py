"""Import the files of statements in the folder that the settings name, as the first step of a run or a sync."""

from pathlib import Path

from primanota.adapters.storage import disk
from primanota.app.bank_of_book import has_key
from primanota.app.importing.import_files import Imported, import_into
from primanota.app.progress import ShowProgress, no_progress
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.errors import ConfigurationError, InvalidConfiguration

_ENDINGS = {".xml", ".zip"}
_NOTHING = Imported([], [], [])


def import_folder(workspace: Workspace, book: Book, progress: ShowProgress = no_progress) -> Imported:
    """Import all files of the folder; those that the book has change nothing.

    Args:
        workspace: the organisation.
        book: its book.
        progress: shows the progress.

    Raises:
        ConfigurationError: there is no file yet, and no key either, with which the book could begin.
        InvalidConfiguration: the folder cannot be read.
        InvalidInput: a file cannot be read, or contradicts the book.
    """
    folder = workspace.config.statements(workspace.login)
    if not folder:
        return _NOTHING
    if paths := statement_files_in(disk.path_of(folder)):
        with progress(counts_pages=False) as shown:
            return import_into(workspace, book, paths, shown)
    if not Journal(book, workspace.connector).find_organisation() and not has_key(workspace):
        what = f"The folder of statements {folder} has no files yet."
        raise ConfigurationError(what, "Put the bank's files of camt.053 into it.")
    return _NOTHING


def statement_files_in(folder: Path) -> list[Path]:
    """Return the files of a folder that may have statements.

    Raises:
        InvalidConfiguration: the folder cannot be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)
    except OSError as error:
        what = f"The folder of statements {folder} cannot be read ({error.strerror})."
        raise InvalidConfiguration(what, "Correct “statements” in the settings.") from None
