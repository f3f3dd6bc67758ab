"""The HTTP client of Qonto's API: GET requests within the bank's rate limits, with a limited number of retries.

Limits, headers and errors follow Qonto's documentation (rate limitations; API key authentication; errors).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self, TypeVar

import httpx2
import msgspec
import stamina
import stamina.instrumentation
from pyrate_limiter import Duration, Limiter, Rate

from primanota import __version__
from primanota.banks.qonto.request import Request
from primanota.core.errors import (
    AccessDenied,
    BankRefused,
    InvalidApiKey,
    InvalidConfiguration,
    InvalidInput,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
)
from primanota.core.hosts import is_this_machine
from primanota.core.secret import Credentials

# Documented: 1,000 requests in 10 s and 10,000 in 10 min, per address. A little less, because the bank counts a
# request when it arrives, and the limiter when it is sent.
_RATES = [Rate(950, Duration.SECOND * 10), Rate(9_500, Duration.MINUTE * 10)]
_TIMEOUT = httpx2.Timeout(10, read=60)
_ATTEMPTS = 8
_RETRY_SECONDS = 300
_LONGEST_WAIT_SECONDS = 30
_SERVER_FAILURE = 500
_TOO_MANY = 429

# Retries are not logged: the last one raises an error with all that is known.
stamina.instrumentation.set_on_retry_hooks(())

T = TypeVar("T")


class _RetryLater(Exception):
    """An answer that may be better at a later try: 429, 5xx, or an incomplete body.

    ``after`` is the value of Retry-After in seconds; ``final`` is the error to raise after the last try.
    """

    def __init__(self, final: PrimanotaError, after: float | None = None) -> None:
        super().__init__(final)
        self.final = final
        self.after = after


class Client:
    """Sends requests to the bank with one API key. A context manager; safe to use from several threads.

    Args:
        credentials: the API key. It is sent in the Authorization header and nowhere else.
        api_url: https to any host, plain http only to this machine itself.
        staging_token: the token that the sandbox requires beside the key.
        transport: replaces the network, for tests and the demo.
        connections: the most requests at the same time.

    Raises:
        InvalidConfiguration: the key would be sent without encryption, or the URL is not valid.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        api_url: str,
        staging_token: str | None = None,
        transport: httpx2.BaseTransport | None = None,
        connections: int = 32,
    ) -> None:
        unencrypted = _check_url(api_url)
        headers = {
            "Authorization": credentials.header,
            "Accept": "application/json",
            "User-Agent": f"primanota/{__version__}",
        }
        if staging_token:
            headers["X-Qonto-Staging-Token"] = staging_token
        self._http = httpx2.Client(
            base_url=api_url,
            headers=headers,
            timeout=_TIMEOUT,
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            transport=transport,
            # A proxy of the environment must not see what is sent to this machine itself in plain text.
            trust_env=not unencrypted,
        )
        self._limiter = Limiter(_RATES)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="qonto")
        self._ahead = 2 * connections
        self._refusal: InvalidApiKey | None = None
        self._bank_time: datetime | None = None

    def get(self, request: Request, kind: type[T]) -> T:
        """Send a request, and decode the JSON of the answer as ``kind``.

        Raises:
            InvalidApiKey: 401. The client then sends nothing more: 200 such answers an hour lock an address out.
            AccessDenied: 403.
            BankRefused: any other 4xx, with the bank's own message.
            ServiceUnavailable: no answer, 429 or 5xx at each try.
            NotProven: an answer that cannot be decoded at each try.
        """
        return self._with_retries(request, lambda response: _decode(response, kind))

    def raw(self, request: Request) -> bytes:
        """Send a request, and return the bytes of the answer.

        Raises:
            PrimanotaError: as :meth:`get` does.
        """
        return self._with_retries(request, lambda response: response.content)

    def get_many(self, requests: Iterable[Request], kind: type[T]) -> Iterator[T]:
        """Send requests side by side, and yield the answers in the order of the requests; few are kept in memory."""
        waiting: deque[Future[T]] = deque()
        try:
            for request in requests:
                waiting.append(self._threads.submit(self.get, request, kind))
                if len(waiting) >= self._ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    @property
    def bank_time(self) -> datetime | None:
        """The bank's clock at its last answer (UTC, whole seconds), None before the first."""
        return self._bank_time

    def close(self, *, at_once: bool = False) -> None:
        """Close the connections; ``at_once`` does not wait for answers that are outstanding."""
        self._threads.shutdown(wait=not at_once, cancel_futures=True)
        self._limiter.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(at_once=kind is KeyboardInterrupt)

    def _with_retries(self, request: Request, read: Callable[[httpx2.Response], T]) -> T:
        try:
            for attempt in stamina.retry_context(
                on=_retry_wait, attempts=_ATTEMPTS, timeout=_RETRY_SECONDS, wait_max=_LONGEST_WAIT_SECONDS
            ):
                with attempt:
                    return read(self._send(request))
        except _RetryLater as error:
            raise error.final from None
        except httpx2.TransportError as error:
            raise ServiceUnavailable(
                f"The bank could not be reached ({type(error).__name__}) at {self._http.base_url.host}.",
                "Check the network connection, then run the same command again: nothing was lost.",
            ) from None
        raise AssertionError  # the last attempt returns or raises

    def _send(self, request: Request) -> httpx2.Response:
        if self._refusal:
            raise self._refusal
        if not request.path.startswith("/") or request.path.startswith("//"):
            raise InvalidInput(f"“{request.path}” is not a path at the bank.", "Write it like /v2/organization.")
        self._limiter.try_acquire("qonto")
        response = self._http.get(request.path, params=request.params)
        self._bank_time = _date(response) or self._bank_time
        try:
            _check(response, request)
        except InvalidApiKey as refusal:
            self._refusal = refusal
            raise
        return response


def _check_url(api_url: str) -> bool:
    """Check that the key is sent encrypted, or to this machine itself. Return whether it is sent unencrypted.

    Raises:
        InvalidConfiguration: it is neither, or the URL is not valid.
    """
    try:
        url = httpx2.URL(api_url)
    except httpx2.InvalidURL:
        raise InvalidConfiguration(
            f"“{api_url}” is not a URL.", "Write it like https://thirdparty.qonto.com."
        ) from None
    if url.scheme == "https" and url.host:
        return False
    if url.scheme == "http" and is_this_machine(url.host):
        return True
    raise InvalidConfiguration(
        f"The key will not be sent to “{url.scheme}://{url.host}”: the connection is not encrypted.",
        "Use an https address; plain http is for this machine itself (127.0.0.1) only.",
    )


def _retry_wait(error: Exception) -> bool | float:
    """Return the seconds to wait before the next try, True for the usual wait, False for no further try."""
    if isinstance(error, _RetryLater):
        return error.after if error.after is not None else True
    return isinstance(error, httpx2.TransportError)


def _check(response: httpx2.Response, request: Request) -> None:
    status = response.status_code
    if response.is_success or response.is_redirect:
        _check_is_data(response)
        return
    message = _message(response)
    if status == _TOO_MANY or status >= _SERVER_FAILURE:
        raise _RetryLater(
            ServiceUnavailable(
                f"The bank answers {status} again and again ({message}).",
                "Wait a few minutes, then run the same command again: nothing was lost.",
            ),
            _retry_after(response),
        )
    raise _refusal(status, request.path, message)


def _refusal(status: int, path: str, message: str) -> BankRefused:
    if status == httpx2.codes.UNAUTHORIZED:
        return InvalidApiKey(
            f"The bank does not accept the API key ({message}).",
            "If it was renewed in Qonto (Integrations and Partnerships → API key), run “primanota login” again.",
            status=status,
            detail=message,
        )
    if status == httpx2.codes.FORBIDDEN:
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


def _check_is_data(response: httpx2.Response) -> None:
    if response.is_redirect or "html" in response.headers.get("content-type", ""):
        raise AccessDenied(
            f"{response.request.url.host} answered with a web page instead of data.",
            "Set PRIMANOTA_STAGING_TOKEN for the sandbox; otherwise check PRIMANOTA_API_URL.",
            status=response.status_code,
        )


def _decode(response: httpx2.Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _RetryLater(
            NotProven(
                f"The bank's answer to {response.request.url.path} cannot be read: {error}.",
                "Run the same command again later; if it happens again, please report it.",
            )
        ) from None


class _Error(msgspec.Struct):
    code: str = ""
    detail: str = ""
    message: str = ""


class _Errors(msgspec.Struct):
    # Documented as a list; some answers of 404 and 422 have one object instead (OpenAPI description).
    errors: list[_Error] | _Error = []
    message: str = ""


def _message(response: httpx2.Response) -> str:
    """Return the bank's own message of an error, without headers and without HTML."""
    try:
        body = msgspec.json.decode(response.content, type=_Errors)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return response.reason_phrase or "no reason given"
    errors = body.errors if isinstance(body.errors, list) else [body.errors]
    messages = [": ".join(filter(None, (error.code, error.detail or error.message))) for error in errors]
    return "; ".join(filter(None, messages)) or body.message or "no reason given"


def _retry_after(response: httpx2.Response) -> float | None:
    value = response.headers.get("retry-after", "")
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _date(response: httpx2.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return None
