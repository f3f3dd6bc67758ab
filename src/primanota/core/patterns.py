"""Globs over texts as people read them, and whether one glob leaves anything to another. Pure.

Capitals, two ways to write an accent, invisible characters and how many blanks there are make no difference.
"""

import re
import unicodedata
from functools import lru_cache

# Stands for “any text” where a glob is looked at as a text; no plain text has it.
_ANY = "\0"


class Glob:
    """A pattern that a whole text must fit: ``*`` stands for any text, ``?`` for one character.

    ``text`` is the pattern in the one way in which it can be written: in a run of wildcards, ``*`` stands once and
    last.
    """

    def __init__(self, said: str) -> None:
        self.text = re.sub(r"[*?]+", lambda run: "?" * run[0].count("?") + "*" * ("*" in run[0]), plain(said))
        self._fullmatch = _regex(self.text).fullmatch

    def fits(self, text: str) -> bool:
        """Whether a plain text fits."""
        return self._fullmatch(text) is not None

    def covers(self, other: "Glob") -> bool:
        """Whether every text that fits the other one fits this one, too."""
        return self.fits(other.text.replace("*", _ANY))


@lru_cache(maxsize=1 << 14)
def plain(text: str) -> str:
    """A text without all that makes no difference."""
    if not text.isprintable():
        text = "".join(sign for sign in text if sign.isprintable() or sign.isspace())
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _regex(glob: str) -> re.Pattern[str]:
    """What fits a glob. Each part is looked for once, at its first place, so that no text can take long."""
    *parts, end = glob.split("*")
    start, *middle = (_part(text) for text in parts) if parts else ("",)
    more = "".join(f"(?>.*?{part})" for part in middle)
    return re.compile(start + more + ".*" * bool(parts) + _escaped(end), re.DOTALL)


def _part(text: str) -> str:
    """What stands before a ``*``. The characters at its end need not be together, for any text may follow."""
    begin = text.rstrip("?")
    return _escaped(begin) + f"{_ANY}*[^{_ANY}]" * (len(text) - len(begin))


def _escaped(text: str) -> str:
    return re.escape(text).replace(r"\?", f"[^{_ANY}]")
