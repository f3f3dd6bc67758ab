"""Texts of the bank on one line: for cells, tables, mails and the fields of a format. Pure."""

import re
import unicodedata

# Line breaks, tabs and control characters break a row; zero-width characters and direction marks mislead a reader.
_BREAKING = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]+")


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
    return "".join(" " if _is_control(character) else character for character in text)


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
