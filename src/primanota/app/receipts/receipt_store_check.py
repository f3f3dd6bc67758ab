"""Examine the store of receipts: whether it can be used, is private, and has what the book names, by a sample."""

from collections.abc import Iterable
from typing import NamedTuple

from primanota.adapters.storage.file_store import FileStore
from primanota.book.journal import Journal
from primanota.core.errors import ConfigurationError
from primanota.core.kept_files import KeptFile

# A sample is read in a second or two; “primanota check” reads every file.
_MOST_FILES, _MOST_BYTES = 50, 64 * 1024 * 1024
_REPAIR = "Run “primanota receipts --repair”."


class ExaminedStore(NamedTuple):
    """A store that is well: how many files the book names in it, their bytes, and how many of them were read."""

    files: int
    size: int
    read: int


def examine_store(journal: Journal, store: FileStore) -> ExaminedStore:
    """Examine a store, and read a sample of its files. Nothing is changed.

    Raises:
        ConfigurationError: it is not there, cannot be written, or can be read by others; or a file of the sample is
            missing or was changed.
    """
    files = [*{file.sha256: file for file in journal.receipts().files()}.values()]
    if files:
        store.require_usable()
    sample = _sample(files)
    for wanted, what in (("missing", "is missing"), ("changed", "was changed")):
        wrong = [file for file, state in zip(sample, map(store.state, sample), strict=True) if state == wanted]
        if wrong:
            others = f", and {len(wrong) - 1} more of {len(sample)} that were read" if len(wrong) > 1 else ""
            raise ConfigurationError(f"The receipt {wrong[0].path} in {store.place} {what}{others}.", _REPAIR)
    return ExaminedStore(len(files), sum(file.size for file in files), len(sample))


def _sample(files: Iterable[KeptFile]) -> list[KeptFile]:
    """Return some files, evenly spread over their hashes, which are as good as drawn by lot."""
    ordered = sorted(files, key=lambda file: file.sha256)
    step = max(1, len(ordered) // _MOST_FILES)
    found, size = list[KeptFile](), 0
    for file in ordered[::step][:_MOST_FILES]:
        if found and size + file.size > _MOST_BYTES:
            break
        found.append(file)
        size += file.size
    return found
