"""Texts into what a file can hold: its characters, its lengths; and a report of every text that had to change. Pure.

A character that the file has is never touched. Another one is written with those it has: the German way for umlauts,
else by the ``anyascii`` tables. A text that is too long loses words, never parts of words, and what looks like a
reference (a word with a digit) last.
"""

import string
from functools import lru_cache

from anyascii import anyascii

from primanota.core.model import TextChange, Transaction
from primanota.core.text import clean

# SWIFT x (ISO 9362 user handbook, “X Character Set”), without the line ends.
_SWIFT = frozenset(string.ascii_letters + string.digits + "/-?:().,'+ ")
_ASCII = frozenset(string.printable) - frozenset("\t\n\r\x0b\x0c")
_SETS = {"swift": _SWIFT, "ascii": _ASCII}
_GERMAN = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "ß": "ss",
    "Ä": "Ae",
    "Ö": "Oe",
    "Ü": "Ue",
    "€": "EUR",
    "&": "+",
    '"': "'",
}
_UNKNOWN = "."


class Fitter:
    """Fits the texts of a statement's rows.

    Args:
        charset: ``swift``, ``ascii``, or a codec of Python such as ``cp1252`` or ``utf-8``.
        fitted: where each text that changed is reported.
        banned: characters that the format cannot hold although its charset has them, and what stands for them.
    """

    def __init__(self, charset: str, fitted: list[TextChange], banned: dict[str, str] | None = None) -> None:
        self._charset = charset
        self.fitted = fitted
        self._banned = str.maketrans(banned or {})

    def fit(self, row: Transaction, field: str, text: str, limit: int | None = None) -> str:
        """A text on one line, in the file's characters, no longer than the limit."""
        plain = clean(text)
        done = self._spell(plain)
        if limit is not None and len(done) > limit:
            done = shorten(done, limit)
        if done != plain:
            self.fitted.append(TextChange(row.id, field, plain, done))
        return done

    def lines(self, row: Transaction, field: str, text: str, width: int, count: int) -> list[str]:
        """A text over at most so many lines of a width, broken between words where words are short enough."""
        plain = clean(text)
        done = self._spell(plain)
        lines = wrap(done, width)
        if len(lines) > count:
            lines = wrap(shorten(done, width * count), width)
            while len(lines) > count:
                lines = wrap(shorten(" ".join(lines), len(" ".join(lines)) - 1), width)
        if " ".join(lines) != plain:
            self.fitted.append(TextChange(row.id, field, plain, " ".join(lines)))
        return lines

    def _spell(self, plain: str) -> str:
        allowed = plain.translate(self._banned)
        done = spell(allowed, self._charset)
        # What stands for a character may be banned itself: a full-width question mark becomes a plain one.
        return done if done is allowed else done.translate(self._banned)


@lru_cache(maxsize=8192)
def spell(text: str, charset: str) -> str:
    """A text in the characters of a charset; what it lacks is written with what it has."""
    if _has(text, charset):
        return text
    return "".join(char if _has(char, charset) else _instead(char, charset) for char in text)


def shorten(text: str, limit: int) -> str:
    """A text of at most so many characters: whole words in their order, those with a digit before all others."""
    words = text.split(" ")
    kept: set[int] = set()
    room = limit + 1
    for with_digit in (True, False):
        for place, word in enumerate(words):
            if any(map(str.isdigit, word)) is with_digit and len(word) < room:
                kept.add(place)
                room -= len(word) + 1
            elif not with_digit and place not in kept:
                break  # the first plain word that does not fit ends the text
    return " ".join(words[place] for place in sorted(kept)) or text[:limit].strip()


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most a width, broken between words; a longer word is broken where the line ends."""
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if len(joined) <= width:
            line = joined
            continue
        lines += [line] if line else []
        while len(word) > width:
            lines.append(word[:width])
            word = word[width:]
        line = word
    return [*lines, line] if line else lines


def _has(text: str, charset: str) -> bool:
    if charset in _SETS:
        return _SETS[charset].issuperset(text)
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _instead(char: str, charset: str) -> str:
    spelled = _GERMAN.get(char) or anyascii(char)
    return "".join(part for part in spelled if _has(part, charset)) or _UNKNOWN
