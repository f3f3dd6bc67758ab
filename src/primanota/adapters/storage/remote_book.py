"""Find the place of a remote book: S3, or a folder that several machines share."""

import os
from collections.abc import Callable

from primanota.adapters.storage import disk, s3
from primanota.adapters.storage.book_place import BookStore
from primanota.adapters.storage.s3_book import S3BookStore
from primanota.adapters.storage.shared_book import SHARED, SharedFolderBookStore
from primanota.core.errors import InvalidInput
from primanota.core.notice import Notice
from primanota.core.redaction import is_key

_S3 = "s3://"


def book_store(
    place: str,
    store: s3.Store,
    notify: Callable[[Notice], None] = lambda _: None,
    token: Callable[[], str] = disk.new_token,
) -> BookStore | None:
    """Return the store of a remote book; None for a path, whose book is opened in its place.

    Args:
        place: the value of ``--book``.
        store: the host, for a book in S3.
        notify: called with notices for the user, such as that the lock of a crashed run was taken over.
        token: makes a unique word.

    Raises:
        InvalidInput: the place is a folder, or not valid.
    """
    if is_key(place) and "/" not in place:
        raise InvalidInput(f"“{place}” looks like an API key, not like the place of a book.", "Write a path.")
    if place.startswith(_S3):
        where = s3.Location.parse(place)
        if where.is_folder:
            raise InvalidInput(f"“{place}” is a folder.", "Name the book in it, like s3://bucket/acme.book.")
        return S3BookStore(store, where, token=token)
    if not place.startswith(SHARED):
        return None
    path = disk.path_of(place.removeprefix(SHARED))
    is_other = os.path.exists(path) and not path.is_file()  # noqa: PTH110 - also where a folder may not be read
    if not path.is_absolute() or is_other:
        raise InvalidInput(
            f"“{place}” is not the path of a book.", f"Write its whole path, like {SHARED}/mnt/office/acme.book."
        )
    return SharedFolderBookStore(path, notify=notify, token=token)
