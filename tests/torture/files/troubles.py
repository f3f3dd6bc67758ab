"""Troubles of one operation: an error of the system, of SQLite, of a host, or the end of the process."""

import errno
import os
import sqlite3
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from primanota.core.errors import DeliveryFailed
from tests.torture.files.hosts import AMAZON, refusal
from tests.torture.files.operations import Call, Operation, Process, Trouble

# What is tried at each operation.
FAULTS = 6
_ERRNOS = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.ESTALE, errno.EIO)
_CODES = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_FULL,
)
_READING = {"stat", "access", "open", "read", "list"}
Fault = Callable[[Operation, Call, Call | None], Any]


def failing(number: int, fault: int, *, stays: bool = False) -> Trouble:
    """Return a trouble that fails one operation.

    Args:
        number: the operation, from 1.
        fault: which of the errors that the operation can have.
        stays: whether later operations of the same kind of medium fail, too.
    """
    failed: list[str] = []

    def trouble(_: Process, operation: Operation, call: Call, part: Call | None) -> Any:  # noqa: ANN401
        again = stays and failed and _medium(operation) in failed and operation.kind not in {*_READING, "unlink"}
        if operation.number != number and not again:
            return call()
        failed.append(_medium(operation))
        return _failed(operation, call, part, fault)

    return trouble


def killing(number: int) -> Trouble:
    """Return a trouble that ends the process before an operation."""

    def trouble(process: Process, operation: Operation, call: Call, _: Call | None) -> Any:  # noqa: ANN401
        if operation.number == number:
            process.kill()
        return call()

    return trouble


def _medium(operation: Operation) -> str:
    """Return what an operation works on: the disk, a database, a host, the mail server."""
    first = operation.kind.partition(" ")[0]
    return first if first in {"sql", "s3", "mail"} else operation.subject.partition("/")[0]


def _failed(operation: Operation, call: Call, part: Call | None, fault: int) -> Any:  # noqa: ANN401
    medium = _medium(operation)
    if medium == "sql":
        return _sql(operation, call, part, _CODES[fault], lost=fault == FAULTS - 1)
    if medium == "s3":
        return _s3(operation, call, fault)
    if medium == "mail":
        return _mail(call, fault)
    if operation.kind == "access":
        return False
    if operation.kind in {"link", "rename"} and fault == FAULTS - 1:
        call()  # a shared folder whose answer is lost
    if part and fault % 2 == 0:
        part()
    code = _ERRNOS[fault]
    raise OSError(code, os.strerror(code), operation.subject)


def _sql(operation: Operation, call: Call, part: Call | None, code: int, *, lost: bool) -> Any:  # noqa: ANN401
    """Fail a statement; a commit may have taken effect although its error says that it did not."""
    if lost and operation.kind == "sql commit":
        call()
    elif code == sqlite3.SQLITE_FULL and part:
        part()
    elif operation.kind == "sql rollback":
        call()
    error = sqlite3.OperationalError("an error of the test")
    error.sqlite_errorcode = code
    raise error


def _s3(operation: Operation, call: Call, fault: int) -> Any:  # noqa: ANN401
    """Fail a request: refused by the host, not answered, or done although its answer is lost."""
    name = {"s3 put": "PutObject", "s3 try": "PutObject", "s3 get": "GetObject"}.get(operation.kind, "HeadObject")
    if fault == 0:
        raise refusal(500, "InternalError", name)
    if fault == 1:
        call()
        raise ConnectionClosedError(endpoint_url=AMAZON)
    if fault == 2:
        raise ReadTimeoutError(endpoint_url=AMAZON)
    if fault == 3 and operation.kind == "s3 put":
        call()  # boto3 repeats a put whose answer is lost, and its condition is no longer true
        raise refusal(412, "PreconditionFailed", name)
    if fault == 4 and operation.kind == "s3 put":
        raise refusal(409, "ConditionalRequestConflict", name)
    raise refusal(403, "AccessDenied", name)


def _mail(call: Call, fault: int) -> Any:  # noqa: ANN401
    """Fail a mail: refused, or accepted although its answer is lost."""
    if fault % 2:
        call()
    raise DeliveryFailed("The mail server broke the connection off.", "The next run sends it.")
