"""Where files are bound for: a folder or a file of this machine, buckets, people."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import NamedTuple

from primanota.core.errors import InvalidInput
from primanota.core.mail_address import parse_mailbox

_BUCKET, _PEOPLE = "s3://", "mailto:"
_KNOWN = "Name a folder, a file, s3://BUCKET/PREFIX/, or mailto:ADDRESS."


class Destinations(NamedTuple):
    """Where files are bound for.

    ``here`` is a folder or a file of this machine; ``buckets`` are ``s3://`` addresses, each the beginning of what
    its objects are called; ``people`` are mail addresses. ``occasion`` is what the run that writes them is called, if
    it is called anything, so that the same one does not send twice.
    """

    here: Path | None = None
    buckets: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    occasion: str = ""

    def copies(self, name: str, batch: int) -> Iterator[str]:
        """The places of a file beside the one here; in a bucket no two batches' files are called alike."""
        path, mark = PurePath(name), f"batch-{batch}"
        unique = path if re.search(rf"{mark}(?!\d)", name) else path.with_stem(f"{path.stem}_{mark}")
        yield from (f"{bucket}{unique}" for bucket in self.buckets)
        if self.people:
            yield self.mail

    @property
    def mail(self) -> str:
        """The people as one place; empty where there are none."""
        return f"{_PEOPLE}{','.join(self.people)}" if self.people else ""


def bound(words: Iterable[str], otherwise: Path | None = None) -> Destinations:
    """What people said about places.

    Args:
        words: each a folder, a file, an address that begins with ``s3://``, or one with ``mailto:``.
        otherwise: the folder that is meant where there is no word at all.

    Raises:
        InvalidInput: a word is no place, or there are two folders.
    """
    here: list[Path] = []
    buckets: dict[str, None] = {}
    people: dict[str, None] = {}
    said = [word for word in words if word]
    for word in said:
        if word.startswith(_BUCKET):
            buckets[word if word.endswith("/") else f"{word}/"] = None
        elif word.startswith(_PEOPLE):
            people.update(dict.fromkeys(map(_address, word.removeprefix(_PEOPLE).split(","))))
        elif re.match(r"[a-z][a-z0-9+.-]+:/", word):
            raise InvalidInput(f"“{word}” is not a place that files can go to.", _KNOWN)
        else:
            here.append(Path(word).expanduser())
    if len(here) > 1:
        raise InvalidInput(f"{here[0]} and {here[1]} are two places on this machine.", "Name one of them.")
    return Destinations(here[0] if here else None if said else otherwise, tuple(buckets), tuple(people))


def is_bucket(place: str) -> bool:
    """Whether a place is in a bucket, and not people."""
    return place.startswith(_BUCKET)


def is_mail(place: str) -> bool:
    """Whether a place is people."""
    return place.startswith(_PEOPLE)


def _address(word: str) -> str:
    try:
        parse_mailbox(word)
    except ValueError as error:
        raise InvalidInput(f"{error}", "Write it as mailto:ada@example.com.") from None
    return word.strip()
