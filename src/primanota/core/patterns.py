"""Globs: match texts as people read them, and tell whether one glob covers another. Pure.

Case, the two ways to encode an accent, invisible characters and the number of blanks make no difference.
"""

import re

from primanota.core.text import comparable

# Stands for “any text” when a glob is itself matched as a text; no plain text contains it.
_ANY = "\0"


class Glob:
    """A pattern that must match a whole text: ``*`` stands for any text, ``?`` for one character.

    ``text`` is the pattern in its normal form: in a run of wildcards, ``*`` stands once and last.
    """

    def __init__(self, pattern: str) -> None:
        self.text = re.sub(r"[*?]+", lambda run: "?" * run[0].count("?") + "*" * ("*" in run[0]), comparable(pattern))
        self._fullmatch = _regex(self.text).fullmatch

    def matches(self, text: str) -> bool:
        """Return whether a text matches; it must be in the form that :func:`comparable` returns."""
        return self._fullmatch(text) is not None

    def covers(self, other: "Glob") -> bool:
        """Return whether every text that matches the other glob matches this one, too."""
        return self.matches(other.text.replace("*", _ANY))


def _regex(glob: str) -> re.Pattern[str]:
    """Compile a glob. Each part is searched for once, at its first place, so that matching is never slow."""
    *parts, end = glob.split("*")
    start, *middle = (_part(text) for text in parts) if parts else ("",)
    more = "".join(f"(?>.*?{part})" for part in middle)
    return re.compile(start + more + ".*" * bool(parts) + _escaped(end), re.DOTALL)


def _part(text: str) -> str:
    """Return the regex of a part before ``*``. A ``?`` at its end may match later, as any text may follow."""
    begin = text.rstrip("?")
    return _escaped(begin) + f"{_ANY}*[^{_ANY}]" * (len(text) - len(begin))


def _escaped(text: str) -> str:
    return re.escape(text).replace(r"\?", f"[^{_ANY}]")
