"""Refuse to replace a file that is not one of the book's own: what a person wrote or edited is never lost."""

import hashlib
import os
from pathlib import Path

from primanota.book import Batches
from primanota.core.errors import DeliveryFailed

_EMPTY = hashlib.sha256().hexdigest()


def require_replaceable(path: Path, present: str, before: int, batches: Batches) -> None:
    """Refuse to replace a file, unless it is empty, or byte for byte that of an earlier batch, which the book has.

    Args:
        path: the place of a batch's file.
        present: the SHA-256 of the regular file that is there; empty if there is none.
        before: the number of the batch; 0 for one that replaces no file.
        batches: the batches of the book.

    Raises:
        DeliveryFailed: the file that is there must stay.
    """
    if not present and not os.path.lexists(path):
        return
    if before and present == _EMPTY:
        return
    same = [one.number for one in batches.all() if one.name == path.name and one.sha256 == present]
    if before and any(number < before for number in same):
        return
    if before and same:
        raise DeliveryFailed(f"{path} is the file of a later batch, {same[-1]}.", "Name another place with --to.")
    if before:
        message = f"{path} is not a file of this book, or was changed since."
        raise DeliveryFailed(message, "Move it away, or name another place with --to.")
    raise DeliveryFailed(f"{path} is already there, perhaps not imported yet.", "Name another place with --to.")
