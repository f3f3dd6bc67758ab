"""The store of receipts of a workspace: beside its book, wherever that is."""

from primanota.adapters.storage.file_store import FileStore
from primanota.adapters.storage.receipt_place import receipt_store
from primanota.app.workspace import Workspace


def store_of(workspace: Workspace) -> FileStore:
    """Return the store of receipts beside the book of a workspace, once the book was opened."""
    return receipt_store(workspace.place, workspace.store_settings)
