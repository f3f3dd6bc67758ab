"""The screen of an error: what happened and what to do about it, with a status that says whose turn it is.

HTTP's classes (RFC 9110, section 15): 4xx where a person has to change something first, 502 and 503 where it may work
later, 507 where a disk is full, 500 for a mistake of this program alone.
"""

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from primanota.core.disk_errors import system_error
from primanota.core.errors import (
    BankRefused,
    BookConflict,
    BookLocked,
    ConfigurationError,
    DeliveryFailed,
    DiskFailed,
    DiskFull,
    FormatRuleViolated,
    InvalidInput,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
    SomeNotDone,
    mistake,
)
from primanota.core.redaction import redacted_error
from primanota.web.page_visit import PageSite, PageVisit

# What is shown as this screen; any other error of a screen is made one of these.
SHOWN: tuple[type[Exception], ...] = (PrimanotaError, HTTPException, OSError, ClientDisconnect)
_NOT_FOUND = frozenset((404, 405))
# By class; an error without an entry has the one of its nearest base class.
_STATUS: dict[type[BaseException], int] = {
    InvalidInput: 400,
    ConfigurationError: 409,
    NotProven: 409,
    FormatRuleViolated: 409,
    SomeNotDone: 409,
    BankRefused: 502,
    ServiceUnavailable: 502,
    BookLocked: 503,
    BookConflict: 503,
    DeliveryFailed: 503,
    DiskFailed: 503,
    DiskFull: 507,
    PrimanotaError: 500,
}


def error_of(error: Exception) -> PrimanotaError:
    """Return the error for the user: of the operating system, or a mistake of this program, if it is not one yet."""
    return error if isinstance(error, PrimanotaError) else system_error(error) or mistake(error)


def status_of(error: PrimanotaError) -> int:
    """Return the status of an error."""
    return next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)


def error_screen(site: PageSite[PageVisit], request: Request, error: Exception) -> Response:
    """Return the screen of an error; without the organisation's name and screens if its settings cannot be read."""
    if isinstance(error, ClientDisconnect):
        return Response(status_code=400)  # to a browser that has gone
    visit = _visit(site, request)
    if isinstance(error, HTTPException):
        code, texts = error.status_code, visit.texts
        return visit.page(
            "error.html", code, message=texts.not_found if code in _NOT_FOUND else texts.bad_form, hint=""
        )
    shown = error_of(error)
    return visit.page(
        "error.html", status_of(shown), message=redacted_error(shown.message), hint=redacted_error(shown.hint)
    )


def _visit(site: PageSite[PageVisit], request: Request) -> PageVisit:
    try:
        return site.visit(request)
    except (PrimanotaError, OSError):
        return PageVisit(site.access, site.language, request)
