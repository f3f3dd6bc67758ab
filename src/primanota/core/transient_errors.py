"""Tell errors that may pass with time from those that a person must mend."""

from primanota.core.errors import (
    BookConflict,
    BookLocked,
    DeliveryFailed,
    DiskFailed,
    DiskFull,
    NoRights,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
)

_TRANSIENT = (ServiceUnavailable, BookConflict, BookLocked, DeliveryFailed, NotProven)
# Some of them are of a class above as well: the disk of a destination stays full until somebody makes room.
_LASTING = (DiskFull, NoRights, DiskFailed)


def may_pass(error: PrimanotaError) -> bool:
    """Return whether the same run may succeed later though no person does anything.

    That is so where the bank, a bucket or a mail server could not be reached, where another run held the book, and
    where rows changed while they were read.
    """
    return isinstance(error, _TRANSIENT) and not isinstance(error, _LASTING)
