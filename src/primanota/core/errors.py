"""Every error that a user can meet, as a tree, each with its exit code.

    PrimanotaError            1  an error of ours: a bug
    ├─ InvalidInput             2  a word on the command line that nobody understands
    ├─ ConfigurationError          3  config or credentials missing, or not usable
    │  ├─ InvalidConfiguration          a file of settings or a profile says something impossible
    │  ├─ BookUnusable           not a book, damaged, or written by a newer Primanota
    │  ├─ BookLocked               another process is writing the book
    │  └─ BookConflict              somebody else changed a book that lies elsewhere, meanwhile
    ├─ Refused                4  the bank refused: key, rights, or the question itself
    │  ├─ InvalidApiKey             401
    │  └─ Forbidden              403
    ├─ ServiceUnavailable            5  the bank could not be reached, or answered with its own failure
    ├─ NotProven              6  the book, or what the bank says, is not proven complete
    ├─ FormatRuleViolated             7  the file would break the rules of the tool that it is for
    │  ├─ AlreadyExported            rows that left in another batch, where nobody wants them twice
    │  └─ FileLimitReached               a file takes no more, and fewer rows make another one necessary
    └─ DeliveryFailed          8  the file could not be put where it belongs

Interruption by the keyboard exits with 130, as shells expect.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class PrimanotaError(Exception):
    """What went wrong, in one sentence, and what to do about it, in another.

    Args:
        message: one sentence for a person: what happened, and where.
        hint: one sentence: what to do next. Empty when nothing can be done.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class InvalidInput(PrimanotaError):
    """A period, an account, a profile or a path that does not exist or cannot be read."""

    exit_code = 2


class ConfigurationError(PrimanotaError):
    """Credentials or settings are missing."""

    exit_code = 3


class InvalidConfiguration(ConfigurationError):
    """A file of settings or a profile has a mistake; the sentence names file and field."""


class BookUnusable(ConfigurationError):
    """The file is not a book, is damaged, or was written by a newer Primanota."""


class BookLocked(ConfigurationError):
    """Another process is writing the book; the sentence names it."""


class BookConflict(ConfigurationError):
    """A book that lies elsewhere was changed by somebody else meanwhile; nothing of ours is in it."""


class BankRefused(PrimanotaError):
    """The bank understood the question and refused it."""

    exit_code = 4

    def __init__(self, message: str, hint: str = "", *, status: int = 0, detail: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.detail = detail


class InvalidApiKey(BankRefused):
    """401: the API key is wrong or was revoked."""


class AccessDenied(BankRefused):
    """403: the key may not read this, or something before the bank refused us."""


class ServiceUnavailable(PrimanotaError):
    """No answer in time, no connection, or 429 and 5xx to the end of our patience."""

    exit_code = 5


class NotProven(PrimanotaError):
    """What was read does not add up, so nobody may rely on it."""

    exit_code = 6


class FormatRuleViolated(PrimanotaError):
    """A rendered row breaks a rule of the tool; the sentence names row, cell and rule."""

    exit_code = 7


class AlreadyExported(FormatRuleViolated):
    """Rows left already, and a file with them again was refused (``--strict``)."""


class FileLimitReached(FormatRuleViolated):
    """A file of the tool takes no more; ``fits`` is with how many of its rows to try again, 0 if that cannot help."""

    def __init__(self, message: str, hint: str = "", *, fits: int = 0) -> None:
        super().__init__(message, hint)
        self.fits = fits


class DeliveryFailed(PrimanotaError):
    """The place cannot be written; nothing half written is left there."""

    exit_code = 8


def mistake(error: Exception) -> PrimanotaError:
    """One of ours, in a sentence."""
    message = f"This is a mistake in Primanota: {type(error).__name__} ({error})."
    return PrimanotaError(message, "Run it again with -v and report what it prints.")


def among(word: str, known: Iterable[str]) -> str:
    """What to do about an unknown word: the one that was probably meant, or all that there are."""
    words = list(known)
    close = get_close_matches(word, words, n=1)
    return f"Did you mean “{close[0]}”?" if close else f"Known: {', '.join(words) or 'none'}."
