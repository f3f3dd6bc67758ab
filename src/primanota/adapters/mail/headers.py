"""Headers of a mail in ASCII, the same on every Python: RFC 2047. Pure.

The email package folds headers, too, but it decodes what looks like an encoded word in their text (a company's name
could add a header), and some of its versions add a blank between two encoded words (3.13). Here nothing is decoded.
"""

from collections.abc import Iterable, Iterator
from email.headerregistry import Address
from email.policy import Policy
from typing import Self

_LINE = 76  # RFC 2047, section 2: the longest line with an encoded word
_START, _END = "=?utf-8?q?", "?="
# RFC 2047, section 5 (3): the characters of an encoded word that are allowed everywhere, also in the names of people.
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!*+-/")


class Header(str):
    """A header that is folded already; as a ``str`` it is its decoded text.

    The email package stores and writes it as it is, since it has a name and ``fold`` (see its documentation of
    ``EmailPolicy.header_store_parse`` and ``EmailPolicy.fold``).
    """

    __slots__ = ("lines", "name")
    name: str
    lines: tuple[str, ...]

    def __new__(cls, name: str, text: str, lines: Iterable[str]) -> Self:
        """Return a header.

        Args:
            name: of the header.
            text: decoded.
            lines: encoded, in ASCII.
        """
        header = super().__new__(cls, text)
        header.name, header.lines = name, tuple(lines)
        return header

    def fold(self, *, policy: Policy) -> str:
        """Return the header as it stands in the mail."""
        return f"{self.name}: {f'{policy.linesep} '.join(self.lines)}{policy.linesep}"


def text_header(name: str, text: str) -> Header:
    """Return a header with free text, which must be one line."""
    room = _LINE - len(f"{name}: ")
    return Header(name, text, [text] if _is_plain(text, room) else _encoded_words(text, room))


def address_header(name: str, addresses: Iterable[Address]) -> Header:
    """Return a header with the addresses of people, each on lines of its own."""
    people = list(addresses)
    lines: list[str] = []
    for person in people:
        room = _LINE - (len(f"{name}: ") if not lines else 1)
        lines += [*_phrase(person.display_name, room), f"<{person.addr_spec}>,"]
    lines[-1] = lines[-1].removesuffix(",")
    return Header(name, ", ".join(map(str, people)), lines)


def _phrase(name: str, room: int) -> Iterable[str]:
    """Return the lines of a display name: a quoted string (RFC 5322, 3.2.4) or encoded words."""
    if not name:
        return []
    quoted = '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))
    return [quoted] if _is_plain(quoted, room) else _encoded_words(name, room)


def _is_plain(text: str, room: int) -> bool:
    """Return whether a text is the same on every reader's side without being encoded or folded."""
    return len(text) <= room and text.isascii() and text.isprintable() and "=?" not in text and text == text.strip()


def _encoded_words(text: str, room: int) -> Iterator[str]:
    """Yield encoded words, the first of which fits into the room of its line; none of them splits a character."""
    word = ""
    for character in text:
        encoded = "".join(
            chr(byte) if byte in _PLAIN else "_" if byte == ord(" ") else f"={byte:02X}"
            for byte in character.encode("utf-8", "replace")
        )
        if len(_START + word + encoded + _END) > room:
            yield f"{_START}{word}{_END}"
            word, room = "", _LINE - 1
        word += encoded
    yield f"{_START}{word}{_END}"
