"""What a command said, and what no command may say."""

from typing import NamedTuple

_DOCUMENTED = {0, 2, 3, 4, 5, 6, 7, 8}
_NEVER = ("mistake in Primanota", "Traceback")


class Told(NamedTuple):
    """What a command said."""

    words: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Return both outputs."""
        return self.out + self.err


def is_forbidden(code: int, text: str) -> bool:
    """Return whether a command ended with an undocumented exit code, or said that the program has a mistake."""
    return code not in _DOCUMENTED or any(word in text for word in _NEVER)
