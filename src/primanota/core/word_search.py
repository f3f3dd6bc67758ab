"""Search words in the bytes of a record, to decode only records that may hold them. Pure."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from primanota.core.text import comparable

_ASCII = bytes(range(128))
_SHARP_S = "ß".encode()


def may_hold(words: Sequence[str]) -> Callable[[bytes], bool]:
    """Return the function that tells whether a JSON record may hold some words, so that it has to be decoded.

    Of a word only its ASCII letters are searched. A record with escapes, invisible characters or letters that become
    ASCII letters (such as ligatures) may hold everything.

    Args:
        words: the words, in the form of ``comparable``.
    """
    parts = [part.encode() for word in words for part in _ascii_parts(word)]

    def may(record: bytes) -> bool:
        if not parts:
            return True
        text = record.lower().replace(_SHARP_S, b"ss")
        if all(part in text for part in parts):
            return True
        return b"\\" in text or not (text.isascii() or _stays_apart(text.translate(None, _ASCII)))

    return may


def _ascii_parts(word: str) -> list[str]:
    """Return the parts of a word between its letters beyond ASCII."""
    return "".join(sign if sign.isascii() else " " for sign in word).split()


@lru_cache(maxsize=1 << 12)
def _stays_apart(others: bytes) -> bool:
    """Return whether the letters beyond ASCII of a text stay there, and stay beyond ASCII, where it is compared."""
    text = others.decode("utf-8", "replace")
    return all(
        letter.isspace() or (letter.isprintable() and not any(sign.isascii() for sign in comparable(letter)))
        for letter in text
    )
