"""What an answer says besides its data: its status as an error for the user, the bank's clock, when to ask again."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus

import msgspec

from primanota.banks.qonto.http.answer_body import Undecodable, decode_json
from primanota.banks.qonto.http.transport import HttpAnswer
from primanota.core.errors import AccessDenied, BankRefused, InvalidApiKey, PrimanotaError, ServiceUnavailable

_DATA = range(200, 300)
_REDIRECTS = range(300, 400)
_SERVER_FAILURE = 500
# The request came too slowly, too early, or too often: it may be sent again (RFC 9110, 15.5.9; RFC 8470; RFC 6585).
_NOT_NOW = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
# More digits than any number of seconds that a server can mean.
_MOST_DIGITS = 9
# The bank opened in 2017: a clock that shows another century is no clock.
_YEARS = range(2000, 2200)
_LONGEST_MESSAGE = 500
_KEPT = 16


class RetryLater(Exception):
    """An answer that may be better at a later try: 408, 425, 429, 5xx, or a body that cannot be decoded.

    ``after`` is the value of Retry-After in seconds; ``final`` is the error to raise after the last try.
    """

    def __init__(self, final: PrimanotaError, after: float | None = None) -> None:
        super().__init__(final)
        self.final = final
        self.after = after


def is_data(answer: HttpAnswer, host: str) -> bool:
    """Return whether an answer has the data that was asked for.

    Raises:
        AccessDenied: it is a web page, or leads to one.
    """
    if answer.status not in _DATA and answer.status not in _REDIRECTS:
        return False
    if answer.status in _REDIRECTS or "html" in answer.headers.get("content-type", ""):
        raise AccessDenied(
            f"{host} answered with a web page instead of data.",
            "Set PRIMANOTA_STAGING_TOKEN for the sandbox; otherwise check PRIMANOTA_API_URL.",
            status=answer.status,
        )
    return True


def is_temporary(status: int) -> bool:
    """Return whether a request that was answered with a status may be sent again."""
    return status in _NOT_NOW or status >= _SERVER_FAILURE


def refusal(answer: HttpAnswer, body: bytes, path: str) -> BankRefused | RetryLater:
    """Return the error of an answer without data.

    Args:
        answer: the answer.
        body: its body, as far as it was read.
        path: the path that was asked for.
    """
    status, message = answer.status, bank_message(answer, body)
    if is_temporary(status):
        return RetryLater(
            ServiceUnavailable(
                f"The bank answers {status} again and again ({message}).",
                "Wait a few minutes, then run the same command again: nothing was lost.",
            ),
            retry_after(answer),
        )
    if status == HTTPStatus.UNAUTHORIZED:
        return InvalidApiKey(
            f"The bank does not accept the API key ({message}).",
            "If it was renewed in Qonto (Integrations and Partnerships → API key), run “primanota login” again.",
            status=status,
            detail=message,
        )
    if status == HTTPStatus.FORBIDDEN:
        return AccessDenied(
            f"The bank does not let this key read {path} ({message}).",
            "Check the plan and the rights of the key, and that no firewall blocks the request.",
            status=status,
            detail=message,
        )
    return BankRefused(
        f"The bank refused the request {path} with {status} ({message}).",
        "If you did not type this path yourself, please report it: the bank may have changed.",
        status=status,
        detail=message,
    )


class _Error(msgspec.Struct):
    code: str = ""
    detail: str = ""
    message: str = ""


class _Errors(msgspec.Struct):
    # Documented as a list; some answers of 404 and 422 have one object instead (OpenAPI description).
    errors: list[_Error] | _Error = []
    message: str = ""


def bank_message(answer: HttpAnswer, content: bytes) -> str:
    """Return the bank's own message of an error, without headers and without HTML, at most some lines of it."""
    try:
        body = decode_json(content, _Errors)
    except Undecodable:
        return answer.reason[:_LONGEST_MESSAGE] or "no reason given"
    errors = body.errors if isinstance(body.errors, list) else [body.errors]
    messages = [": ".join(filter(None, (error.code, error.detail or error.message))) for error in errors]
    message = "; ".join(filter(None, messages)) or body.message or "no reason given"
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"


def retry_after(answer: HttpAnswer) -> float | None:
    """Return the seconds after which the bank wants to be asked again; None if it does not say, or not clearly."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:_MOST_DIGITS])
    moment = _moment(value)
    return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def date_of(answer: HttpAnswer) -> datetime | None:
    """Return the bank's clock as an answer states it (UTC); None if it does not, or if no clock could say so."""
    moment = _moment(answer.headers.get("date", ""))
    return moment if moment and moment.year in _YEARS else None


@lru_cache(_KEPT)  # all answers of a second have the same
def _moment(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, LookupError, AttributeError):  # as many as the parser has
        return None
