"""Errors of a disk, told apart by what helps against them: it is full, it refuses this user, or it fails. Pure."""

import errno
from typing import NamedTuple

from primanota.core.errors import (
    ConfigurationError,
    DeliveryFailed,
    DestinationFailed,
    DestinationForbidden,
    DestinationFull,
    DiskFailed,
    DiskFull,
    NoRights,
    PrimanotaError,
)


class _DiskCase(NamedTuple):
    """A cause: its error for books and settings, its error for delivered files, its words and its hint."""

    kind: type[PrimanotaError]
    delivery: type[PrimanotaError]
    why: str
    hint: str


_FULL = _DiskCase(DiskFull, DestinationFull, "the disk is full", "Make room on that disk; then run it again.")
_FORBIDDEN = _DiskCase(
    NoRights, DestinationForbidden, "this user has no right to", "Give this user the right to it; then run it again."
)
_READ_ONLY = _DiskCase(
    NoRights, DestinationForbidden, "the disk is read-only", "Make that disk writable; then run it again."
)
_FAILING = _DiskCase(
    DiskFailed, DestinationFailed, "the disk fails", "Check that disk and its connection; then run it again."
)
_CASES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), _FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM), _FORBIDDEN),
    errno.EROFS: _READ_ONLY,
    **dict.fromkeys(
        (errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN),
        _FAILING,
    ),
}


def disk_error(
    error: OSError, subject: object, *, otherwise: PrimanotaError, action: str = "written"
) -> PrimanotaError:
    """Return the error of a disk that is full, that refuses this user, or that fails.

    Args:
        error: the error of the operating system.
        subject: what could not be written or read: a path, or words with it.
        otherwise: the error for every other cause; if it is a ``DeliveryFailed``, the returned one is one, too.
        action: what could not be done: ``written``, ``read``.
    """
    case = _CASES.get(error.errno or 0)
    return otherwise if case is None else _error(case, subject, isinstance(otherwise, DeliveryFailed), action)


def system_error(error: Exception) -> PrimanotaError | None:
    """Return the error for one of the operating system that no other place expected; None for any other error."""
    if not isinstance(error, OSError):
        return None
    subject = error.filename or "A file"
    if error.errno == errno.ENAMETOOLONG:
        return DeliveryFailed(f"The name of {subject} is too long for this system.", "Choose a shorter one.")
    return disk_error(error, subject, otherwise=DeliveryFailed("")) if error.errno in _CASES else None


def unnameable(error: UnicodeEncodeError) -> DeliveryFailed:
    """Return the error for a file name that the locale cannot write."""
    letter = error.object[error.start]
    return DeliveryFailed(
        f"The locale has only {error.encoding}, so no file can be named with “{letter}”.", "Set PYTHONUTF8=1."
    )


def place_error(error: DeliveryFailed) -> PrimanotaError:
    """Return the error of a book or of settings for an error of a file that could not be written there."""
    kinds = {case.delivery: case.kind for case in (_FULL, _FORBIDDEN, _FAILING)}
    return kinds.get(type(error), ConfigurationError)(error.message, error.hint)


def disk_full(subject: object) -> PrimanotaError:
    """Return the error for a book, whose disk is full."""
    return _error(_FULL, subject)


def no_rights(subject: object) -> PrimanotaError:
    """Return the error for a book that this user may not write."""
    return _error(_FORBIDDEN, subject)


def disk_failed(subject: object) -> PrimanotaError:
    """Return the error for a book, whose disk fails."""
    return _error(_FAILING, subject)


def _error(case: _DiskCase, subject: object, is_delivery: bool = False, action: str = "written") -> PrimanotaError:  # noqa: FBT001, FBT002 - internal
    kind = case.delivery if is_delivery else case.kind
    return kind(f"{subject} cannot be {action}: {case.why}.", case.hint)
