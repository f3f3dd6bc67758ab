"""Fit texts to a file's characters and lengths, and report every text that had to change. Pure.

A character that the charset has is never changed. Another one is transliterated: the German way for umlauts, else by
the ``anyascii`` tables. An accent that stands behind its letter (NFD) is one with it, which is no change, and what
only modifies the character before it leaves no trace. A text that is too long loses whole words, and words with a
digit last, since they may be references.
"""

import re
import string
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from primanota.core.model import TextChange, TextChanges, Transaction
from primanota.core.text import clean

# SWIFT x (ISO 9362 user handbook, “X Character Set”), without the line ends.
_SWIFT = frozenset(string.ascii_letters + string.digits + "/-?:().,'+ ")
_ASCII = frozenset(string.printable) - frozenset("\t\n\r\x0b\x0c")
_CHARACTER_SETS = {"swift": _SWIFT, "ascii": _ASCII}
_TRANSLITERATIONS = {
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
_UNKNOWN_CHARACTER = "."
# Accents, enclosing marks, joiners: they stand behind a character, which can do without them.
_MODIFIERS = {"Mn", "Me", "Cf"}


class Fitter:
    """Fits the texts of a statement's rows to a format.

    Args:
        charset: ``swift``, ``ascii``, or a codec of Python such as ``cp1252`` or ``utf-8``.
        text_changes: where each text that changed is reported.
        banned: characters that the format cannot hold although its charset has them, each with its replacement.
    """

    def __init__(self, charset: str, text_changes: TextChanges, banned: dict[str, str] | None = None) -> None:
        self._charset = charset
        self.text_changes = text_changes
        self._banned = str.maketrans(banned or {})
        self._has_banned = re.compile(f"[{re.escape(''.join(banned))}]").search if banned else None
        self._keeps_ascii = is_encodable("".join(sorted(_ASCII)), charset)

    def fit(self, row: Transaction, field: str, text: str, limit: int | None = None) -> str:
        """Return a text on one line, in the file's characters, not longer than the limit."""
        plain = clean(text) if text else ""
        if not plain:
            return ""
        done = self._transliterate(plain)
        if limit is not None and len(done) > limit:
            done = shorten(done, limit)
        if done != plain and done != unicodedata.normalize("NFC", plain):
            self.text_changes.append(TextChange(row.id, field, plain, done))
        return done

    def fit_lines(self, row: Transaction, field: str, text: str, width: int, count: int) -> list[str]:
        """Return a text as at most ``count`` lines of a width, broken between words where words are short enough."""
        plain = clean(text)
        done = self._transliterate(plain)
        lines = wrap(done, width)
        if len(lines) > count:
            lines = wrap(shorten(done, width * count), width)
            while len(lines) > count:
                lines = wrap(shorten(" ".join(lines), len(" ".join(lines)) - 1), width)
        whole = " ".join(lines)
        if whole != plain and whole != unicodedata.normalize("NFC", plain):
            self.text_changes.append(TextChange(row.id, field, plain, whole))
        return lines

    def _transliterate(self, plain: str) -> str:
        # Most texts need no replacement, which is much faster to find than ``translate`` is.
        allowed = plain.translate(self._banned) if self._has_banned and self._has_banned(plain) else plain
        if self._keeps_ascii and allowed.isascii():
            return allowed
        done = transliterate(allowed, self._charset)
        # The replacement of a character may be banned itself: a full-width question mark becomes a plain one.
        return done if done is allowed else done.translate(self._banned).strip()


def is_encodable(text: str, charset: str) -> bool:
    """Return whether a charset has all characters of a text."""
    if charset in _CHARACTER_SETS:
        return _CHARACTER_SETS[charset].issuperset(text)
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


@lru_cache(maxsize=8192)
def transliterate(text: str, charset: str) -> str:
    """Return a text in the characters of a charset; other characters are replaced by similar ones."""
    if is_encodable(text, charset):
        return text
    return "".join([_fitting(char, charset) for char in unicodedata.normalize("NFC", text)])


def shorten(text: str, limit: int) -> str:
    """Return a text of at most ``limit`` characters: whole words in their order, those with a digit chosen first."""
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
    return " ".join(words[place] for place in sorted(kept)) or cut(text, limit)


def cut(text: str, limit: int) -> str:
    """Return the beginning of a text, at most ``limit`` characters: a letter goes together with its accents."""
    end = limit
    while 0 < end < len(text) and unicodedata.combining(text[end]):
        end -= 1
    return text[: end or limit].strip()


def wrap(text: str, width: int) -> list[str]:
    """Return lines of at most ``width`` characters, broken between words; a longer word is broken at the width.

    Unlike ``textwrap.wrap``, a long word begins a line of its own, and blanks within a line are kept.
    """
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if len(joined) <= width:
            line = joined
            continue
        lines += [line] if line else []
        # Cut by places: to copy the rest of a long word for each line would take quadratic time.
        *cut, line = (word[place : place + width] for place in range(0, len(word) or 1, width))
        lines += cut
    return [*lines, line] if line else lines


@lru_cache(maxsize=8192)
def _fitting(char: str, charset: str) -> str:
    if is_encodable(char, charset):
        return char
    replacement = _TRANSLITERATIONS.get(char) or anyascii(char)
    unknown = "" if unicodedata.category(char) in _MODIFIERS else _UNKNOWN_CHARACTER
    return "".join(part for part in replacement if is_encodable(part, charset)) or unknown
