"""Errors that a user can meet, as a tree, each with its exit code.

    PrimanotaError                  1  an internal error: a bug of this program
    ├─ InvalidInput                 2  a word on the command line is not valid
    ├─ ConfigurationError           3  settings or credentials are missing or not usable
    │  ├─ InvalidConfiguration         the settings file has a mistake
    │  │  └─ InvalidProfile               a profile has a mistake
    │  ├─ BookUnusable                 the file is not a book, or was written by a newer Primanota
    │  │  └─ BookDamaged                  the file is damaged
    │  ├─ BookLocked                   another process is writing the book
    │  ├─ BookConflict                 another run changed the book where it is stored, in a bucket or a shared folder
    │  ├─ DiskFull                     the disk of the book or of the settings is full
    │  ├─ NoRights                     this user may not write or read there
    │  └─ DiskFailed                   the disk fails, or its connection
    ├─ BankRefused                  4  the bank refused the request: its content, the API key, or the key's rights
    │  ├─ InvalidApiKey                HTTP 401
    │  │  └─ ConsentEnded                 a consent (OAuth) has ended or was withdrawn
    │  └─ AccessDenied                 HTTP 403
    ├─ ServiceUnavailable           5  the bank or another service did not answer, or answered with HTTP 429 or 5xx
    ├─ NotProven                    6  the bank's data or the book is not proven complete
    ├─ FormatRuleViolated           7  the file would break a rule of the accounting tool
    │  ├─ AlreadyExported              rows are in an earlier batch, and repeated rows are refused
    │  └─ FileLimitReached             the file is full; the remaining rows need another file
    └─ DeliveryFailed               8  the file could not be delivered to its destination
       ├─ DestinationFull              as DiskFull
       ├─ DestinationForbidden         as NoRights
       └─ DestinationFailed            as DiskFailed

An interruption by the keyboard exits with 130, as shells expect.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING

from primanota.core.redaction import redacted_error
from primanota.core.text import shortened

if TYPE_CHECKING:
    from primanota.core.notice import Notice

# How many known words are compared with an unknown one, and named.
_COMPARED = 200
_NAMED = 60
# Of 0 to 1: about one letter in four may differ; of a short word one in three.
_SIMILAR, _SIMILAR_SHORT, _SHORT = 0.75, 0.65, 4
_BEGINNING = 3
_LONGEST = 60


class PrimanotaError(Exception):
    """An error for the user: a message that says what happened, and a hint what to do about it.

    Neither has a secret: an error may quote what a person typed, or what a server answered.

    Args:
        message: one sentence: what happened, and where.
        hint: one sentence: what to do next; empty if nothing can be done.
    """

    exit_code = 1
    topic = ""  # the page of the documentation that explains errors of this kind
    notices: tuple["Notice", ...] = ()  # what the user should know beside it

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = redacted_error(message)
        self.hint = redacted_error(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class InvalidInput(PrimanotaError):
    """A word on the command line (a period, an account, a profile, a path) is not valid or does not exist."""

    exit_code = 2


class ConfigurationError(PrimanotaError):
    """Settings or credentials are missing or not usable."""

    exit_code = 3


class NoBookYet(ConfigurationError):
    """The organisation has no book yet: nothing was read from the bank."""


class InvalidConfiguration(ConfigurationError):
    """The settings file has a mistake; the message names file and field."""

    topic = "configuration"


class InvalidProfile(InvalidConfiguration):
    """A profile has a mistake; the message names file and field."""

    topic = "own-profile"


class BookUnusable(ConfigurationError):
    """The file is not a book, is damaged, or was written by a newer Primanota."""

    topic = "book"


class BookDamaged(BookUnusable):
    """The file was a book and is damaged: only a backup helps."""


class BookLocked(ConfigurationError):
    """Another process is writing the book; the message names it."""


class BookConflict(ConfigurationError):
    """Another run changed the book in its bucket or shared folder meanwhile; nothing of this run is in it."""

    topic = "places"


class DiskFull(ConfigurationError):
    """The disk has no room, or this user's share of it is used up."""


class NoRights(ConfigurationError):
    """The operating system refuses this user to write or read there, or the disk is read-only."""


class DiskFailed(ConfigurationError):
    """The disk fails, or the connection to it."""


class BankRefused(PrimanotaError):
    """The bank understood the request and refused it.

    ``status`` is the HTTP status, 0 if there is none; ``detail`` is the bank's own text.
    """

    exit_code = 4

    def __init__(self, message: str, hint: str = "", *, status: int = 0, detail: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.detail = redacted_error(detail)


class InvalidApiKey(BankRefused):
    """HTTP 401: the API key is wrong or was revoked."""

    topic = "guide"


class ConsentEnded(InvalidApiKey):
    """The consent of an organisation (OAuth) has ended or was withdrawn: a person has to give it again."""

    topic = "oauth"


class AccessDenied(BankRefused):
    """HTTP 403: the key may not read this, or a server in front of the bank refused the request."""


class ServiceUnavailable(PrimanotaError):
    """A service could not be reached, did not answer in time, or answered with HTTP 429 or 5xx to every attempt."""

    exit_code = 5


class NotProven(PrimanotaError):
    """The data that was read does not add up, so it is not proven complete."""

    exit_code = 6
    topic = "proof"


class FormatRuleViolated(PrimanotaError):
    """A rendered row breaks a rule of the accounting tool; the message names row, cell and rule."""

    exit_code = 7
    topic = "profiles"


class AlreadyExported(FormatRuleViolated):
    """Rows are in an earlier batch, and a file that repeats them was refused (``--refuse-repeats``)."""

    topic = "weekly"


class FileLimitReached(FormatRuleViolated):
    """A file has reached the size limit of the accounting tool.

    ``fits`` is the number of its rows to try again with, 0 if fewer rows do not help.
    """

    def __init__(self, message: str, hint: str = "", *, fits: int = 0) -> None:
        super().__init__(message, hint)
        self.fits = fits


class DeliveryFailed(PrimanotaError):
    """A file could not be written to its destination; no half-written file remains there."""

    exit_code = 8


class DestinationFull(DiskFull, DeliveryFailed):
    """The disk of a destination is full."""

    exit_code = 8


class DestinationForbidden(NoRights, DeliveryFailed):
    """This user may not write to a destination."""

    exit_code = 8


class DestinationFailed(DiskFailed, DeliveryFailed):
    """The disk of a destination fails."""

    exit_code = 8


class SomeNotDone(PrimanotaError):
    """Of several organisations some were not done; the exit code is theirs if it is the same, else 9."""

    exit_code = 9
    topic = "many-organisations"

    def __init__(self, message: str, hint: str = "", codes: Iterable[int] = ()) -> None:
        super().__init__(message, hint)
        known = set(codes)
        if len(known) == 1:
            self.exit_code = known.pop()


def mistake(error: BaseException) -> PrimanotaError:
    """Return the error that reports a bug of this program."""
    message = f"This is a mistake in Primanota: {type(error).__name__} ({error})."
    return PrimanotaError(message, "Run it again with -v and report what it prints.")


def among(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the hint for an unknown word: the known word that was likely meant, or else the known words.

    Args:
        word: what was typed.
        known: the known words.
        otherwise: a sentence that says where the known words are listed, where they are many.

    Of very many words only the first are compared and named, so that many mistakes take no quadratic time.
    """
    words = list(known)
    if close := likely(word, words):
        return f"Did you mean “{shortened(close, _LONGEST)}”?"
    if otherwise:
        return otherwise
    rest = f" and {len(words) - _NAMED} more" if len(words) > _NAMED else ""
    known = ", ".join(shortened(one, _LONGEST) for one in words[:_NAMED])
    return f"Known: {known or 'none'}{rest}."


def likely(word: str, known: Iterable[str]) -> str:
    """Return the known word that was likely meant: one that it begins, or is close to; else empty."""
    words, typed = list(known)[:_COMPARED], word.casefold()
    begun = [one for one in words if len(typed) >= _BEGINNING and one.casefold().startswith(typed)]
    if len(begun) == 1:
        return begun[0]
    plain = {one.casefold(): one for one in words}
    close = get_close_matches(typed, plain, n=1, cutoff=_SIMILAR if len(typed) > _SHORT else _SIMILAR_SHORT)
    return plain[close[0]] if close else ""
