"""Texts of the bank on one line: for cells, tables, mails and the fields of a format. Pure."""

import re
import unicodedata
from functools import lru_cache

# Line breaks, tabs and control characters break a row; zero-width characters and direction marks mislead a reader.
_BREAKING = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]+")

# Controls, direction marks, what has no width, halves of characters; not the joiners, which scripts and emoji need.
_MISLEADING_SIGNS = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff"
)
_MISLEADING = re.compile(f"[{_MISLEADING_SIGNS}\t\n\r]")
_MISLEADING_IN_JSON = re.compile(f"[{_MISLEADING_SIGNS}]")  # blanks between its values stay


# What banks write into a field that must not be empty (ISO 20022: EndToEndId, names and agents of payments).
_FILLER = re.compile(r"\s*not[\s_-]?provided\s*", re.IGNORECASE)


def stated(text: str) -> str:
    """Return a text of the bank; an empty one where it only says that there is none (``NOTPROVIDED``)."""
    if text and (text[0] in "nN" or text[0].isspace()) and _FILLER.fullmatch(text):
        return ""
    return text


def clean(text: str) -> str:
    """Return a text on one line, without control characters, without blanks at its ends."""
    if not text.isprintable():
        text = _BREAKING.sub(" ", _INVISIBLE.sub("", text))
    return text.strip()


def one_blank(text: str) -> str:
    """Return a text on one line with single blanks, so that breaking it into lines at blanks loses nothing else."""
    return " ".join(clean(text).split())


def one_line(text: str) -> str:
    """Replace control, format and unassigned characters, which could end a line or reverse its direction, by blanks.

    Unlike ``clean`` it keeps every other character and the length: a mail shows amounts with no-break spaces.
    """
    if text.isprintable():
        return text
    return "".join(" " if _is_control(character) else character for character in text)


@lru_cache(maxsize=1 << 14)
def comparable(text: str) -> str:
    """Return a text in the form in which names are compared: NFC, case folded, without what is invisible.

    Case, the two ways to encode an accent, invisible characters and the number of blanks make no difference.
    """
    if not text.isprintable():
        text = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    folded = unicodedata.normalize("NFC", text).casefold()  # which may take letters apart again
    return " ".join(unicodedata.normalize("NFC", folded).split())


def cut_bytes(text: str, limit: int) -> str:
    """Return the longest beginning of a text that has at most so many bytes in UTF-8, with whole letters."""
    cut = text.encode("utf-8", "replace")[: max(limit, 0)].decode("utf-8", "ignore")
    while cut and len(cut) < len(text) and unicodedata.combining(text[len(cut)]):  # an accent belongs to its letter
        cut = cut[:-1]
    return cut


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters: a longer one ends with a sign of omission."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def visible(text: str) -> str:
    """Return a text whose control, direction and invisible characters are shown as escapes: an ESC as its number.

    A terminal would obey them: they move the cursor, colour, hide, or turn what follows around. The joiners that
    scripts and emoji need stay, and so does the soft hyphen.
    """
    return text if text.isprintable() else _MISLEADING.sub(lambda found: _escape(found[0]), text)


def escaped_json(document: str) -> str:
    """Return a JSON document with such characters as escapes within its strings: the same values, harmless."""
    return _MISLEADING_IN_JSON.sub(lambda found: _json_escape(found[0]), document)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode()


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def display_width(text: str) -> int:
    """Return how many places of a terminal a text takes: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(_places(character) for character in text)


def _places(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
