"""Import the files of statements in the folder that the settings name, as the first step of a run."""

from pathlib import Path

from primanota.adapters.storage import disk
from primanota.app.importing.import_files import import_into
from primanota.app.workspace import Workspace
from primanota.book import Book
from primanota.core.errors import InvalidConfiguration
from primanota.core.notice import Notice

_ENDINGS = {".xml", ".zip"}


def import_folder(workspace: Workspace, book: Book) -> list[Notice]:
    """Import all files of the folder, and return notes for a person; those that the book has change nothing.

    Raises:
        InvalidConfiguration: the folder cannot be read.
        InvalidInput: a file cannot be read, or contradicts the book.
    """
    folder = workspace.config.statements(workspace.login)
    paths = _files(disk.path_of(folder)) if folder else []
    return import_into(workspace, book, paths).notes if paths else []


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)
    except OSError as error:
        what = f"The folder of statements {folder} cannot be read ({error.strerror})."
        raise InvalidConfiguration(what, "Correct “statements” in the settings.") from None
