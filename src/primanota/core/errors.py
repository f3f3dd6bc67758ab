"""Every error that a user can meet, as a tree, each with its exit code.

    PrimanotaError            1  an error of ours: a bug
    ├─ WrongWords             2  a word on the command line that nobody understands
    ├─ NotConfigured          3  config or credentials missing, or not usable
    │  ├─ ConfigMistake          a file of settings or a profile says something impossible
    │  ├─ BookUnusable           not a book, damaged, or written by a newer Primanota
    │  ├─ BookHeld               another process is writing the book
    │  └─ BookMoved              somebody else changed a book that lies elsewhere, meanwhile
    ├─ Refused                4  the bank refused: key, rights, or the question itself
    │  ├─ KeyRefused             401
    │  └─ Forbidden              403
    ├─ Unreachable            5  the bank could not be reached, or answered with its own failure
    ├─ NotProven              6  the book, or what the bank says, is not proven complete
    ├─ RuleBroken             7  the file would break the rules of the tool that it is for
    │  ├─ LeftAlready            rows that left in another batch, where nobody wants them twice
    │  └─ FileFull               a file takes no more, and fewer rows make another one necessary
    └─ Undeliverable          8  the file could not be put where it belongs

Interruption by the keyboard exits with 130, as shells expect.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class PrimanotaError(Exception):
    """What went wrong, in one sentence, and what to do about it, in another.

    Args:
        what: one sentence for a person: what happened, and where.
        do: one sentence: what to do next. Empty when nothing can be done.
    """

    exit_code = 1

    def __init__(self, what: str, do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.do = do

    def __str__(self) -> str:
        return f"{self.what} {self.do}".rstrip()


class WrongWords(PrimanotaError):
    """A period, an account, a profile or a path that does not exist or cannot be read."""

    exit_code = 2


class NotConfigured(PrimanotaError):
    """Credentials or settings are missing."""

    exit_code = 3


class ConfigMistake(NotConfigured):
    """A file of settings or a profile has a mistake; the sentence names file and field."""


class BookUnusable(NotConfigured):
    """The file is not a book, is damaged, or was written by a newer Primanota."""


class BookHeld(NotConfigured):
    """Another process is writing the book; the sentence names it."""


class BookMoved(NotConfigured):
    """A book that lies elsewhere was changed by somebody else meanwhile; nothing of ours is in it."""


class Refused(PrimanotaError):
    """The bank understood the question and refused it."""

    exit_code = 4

    def __init__(self, what: str, do: str = "", *, status: int = 0, detail: str = "") -> None:
        super().__init__(what, do)
        self.status = status
        self.detail = detail


class KeyRefused(Refused):
    """401: the API key is wrong or was revoked."""


class Forbidden(Refused):
    """403: the key may not read this, or something before the bank refused us."""


class Unreachable(PrimanotaError):
    """No answer in time, no connection, or 429 and 5xx to the end of our patience."""

    exit_code = 5


class NotProven(PrimanotaError):
    """What was read does not add up, so nobody may rely on it."""

    exit_code = 6


class RuleBroken(PrimanotaError):
    """A rendered row breaks a rule of the tool; the sentence names row, cell and rule."""

    exit_code = 7


class LeftAlready(RuleBroken):
    """Rows left already, and a file with them again was refused (``--strict``)."""


class FileFull(RuleBroken):
    """A file of the tool takes no more; ``fits`` is with how many of its rows to try again, 0 if that cannot help."""

    def __init__(self, what: str, do: str = "", *, fits: int = 0) -> None:
        super().__init__(what, do)
        self.fits = fits


class Undeliverable(PrimanotaError):
    """The place cannot be written; nothing half written is left there."""

    exit_code = 8


def mistake(error: Exception) -> PrimanotaError:
    """One of ours, in a sentence."""
    what = f"This is a mistake in Primanota: {type(error).__name__} ({error})."
    return PrimanotaError(what, "Run it again with -v and report what it prints.")


def among(word: str, known: Iterable[str]) -> str:
    """What to do about an unknown word: the one that was probably meant, or all that there are."""
    words = list(known)
    close = get_close_matches(word, words, n=1)
    return f"Did you mean “{close[0]}”?" if close else f"Known: {', '.join(words) or 'none'}."
