"""Texts of the bank on one line: for cells, tables, mails and the fields of a format. Pure."""

import re
import unicodedata

# Line breaks, tabs and control characters break a row; zero-width and direction marks deceive its reader.
_BREAKING = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u2060\ufeff\u202a-\u202e\u2066-\u2069]+")


def clean(text: str) -> str:
    """A text on one line, without control characters, without blanks at its ends."""
    if not text.isprintable():
        text = _BREAKING.sub(" ", _INVISIBLE.sub("", text))
    return text.strip()


def one_blank(text: str) -> str:
    """A text on one line with one blank between its words, so that none but those can be lost where it is broken."""
    return " ".join(clean(text).split())


def one_line(text: str) -> str:
    """A text in which nothing can end a line, turn its direction round or be no letter at all."""
    return "".join(" " if _is_odd(letter) else letter for letter in text)


def _is_odd(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
