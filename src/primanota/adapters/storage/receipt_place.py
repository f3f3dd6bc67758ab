"""Find the store of receipts beside a book: a folder on this machine or a shared one, or a prefix of a bucket."""

from primanota.adapters.storage import disk, s3
from primanota.adapters.storage.file_store import FileStore, place_beside
from primanota.adapters.storage.folder_file_store import FolderFileStore
from primanota.adapters.storage.s3_file_store import S3FileStore
from primanota.adapters.storage.shared_book import SHARED

_S3 = "s3://"


def receipt_store(book: str, store: s3.Store) -> FileStore:
    """Return the store beside a book.

    Args:
        book: the place of the book: a path, or the address of a remote book.
        store: the host, for a book in S3.
    """
    if book.startswith(_S3):
        return S3FileStore(store, s3.Location.parse(place_beside(book)))
    path = disk.path_of(book.removeprefix(SHARED)).absolute()
    beside = disk.path_of(place_beside(f"{path}"))
    return FolderFileStore(beside, book=path if book.startswith(SHARED) else None)
