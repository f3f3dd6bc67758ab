"""Destinations of files: a folder or a file of this machine, buckets, mail addresses."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from primanota.adapters.storage import disk
from primanota.core.errors import InvalidInput
from primanota.core.mail_address import parse_mailbox
from primanota.core.redaction import is_key
from primanota.core.results import STANDARD_OUTPUT

_BUCKET, _MAIL = "s3://", "mailto:"
_KNOWN = "Name a folder, a file, s3://BUCKET/PREFIX/, or mailto:ADDRESS."


class Destinations(NamedTuple):
    """Destinations of an export's files.

    ``local`` is a folder or a file of this machine; ``buckets`` are ``s3://`` addresses, prefixes of object names;
    ``recipients`` are mail addresses; ``output`` says whether the file is written to standard output.
    """

    local: Path | None = None
    buckets: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    output: bool = False

    def remote(self, name: str, batch: int) -> Iterator[str]:
        """Yield the destinations of a file besides the local one; in a bucket each batch's file has its own name."""
        path, mark = PurePath(name), f"batch-{batch}"
        unique = path if re.search(rf"{mark}(?!\d)", name) else path.with_stem(f"{path.stem}_{mark}")
        yield from (f"{bucket}{unique}" for bucket in self.buckets)
        if self.recipients:
            yield mail_destination(self.recipients)

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words that name these destinations, without standard output."""
        local = (f"{self.local}",) if self.local else ()
        return (*local, *self.buckets, *((mail_destination(self.recipients),) if self.recipients else ()))


def mail_destination(recipients: Iterable[str]) -> str:
    """Return the word that names recipients as a destination."""
    return f"{_MAIL}{','.join(recipients)}"


def parse_destinations(
    words: Iterable[str], default: Path | None = None, *, takes_output: bool = False
) -> Destinations:
    """Parse the words that name destinations.

    Args:
        words: each a folder, a file, an address that begins with ``s3://``, or one with ``mailto:``.
        default: the folder to use if there is no word.
        takes_output: whether ``-`` may name standard output.

    Raises:
        InvalidInput: a word does not name a destination, or there are two folders.
    """
    local: list[Path] = []
    buckets: dict[str, None] = {}
    recipients: dict[str, None] = {}
    given = [word for word in words if word]
    for word in given:
        if word == STANDARD_OUTPUT:
            if not takes_output:
                raise InvalidInput("Only “export” writes to standard output.", _KNOWN)
        elif word.startswith(_BUCKET):
            buckets[word if word.endswith("/") else f"{word}/"] = None
        elif word.startswith(_MAIL):
            recipients.update(dict.fromkeys(map(_address, word.removeprefix(_MAIL).split(","))))
        elif re.match(r"[a-z][a-z0-9+.-]+:/", word):
            raise InvalidInput(f"“{word}” is not a destination for files.", _KNOWN)
        elif is_key(word) and "/" not in word:
            raise InvalidInput(f"“{word}” looks like an API key, not like a place for files.", _KNOWN)
        else:
            local.append(disk.path_of(word))
    output = STANDARD_OUTPUT in given
    if len(local) + output > 1:
        first, second = [*local, "standard output"][:2]
        raise InvalidInput(f"{first} and {second} are two places on this machine.", "Name one of them.")
    found = local[0] if local else None if given else default
    return Destinations(found, tuple(buckets), tuple(recipients), output)


def _address(word: str) -> str:
    try:
        parse_mailbox(word)
    except ValueError as error:
        raise InvalidInput(f"{error}", "Write it as mailto:ada@example.com.") from None
    return word.strip()
