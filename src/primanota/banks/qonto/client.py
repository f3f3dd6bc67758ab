"""The only HTTP of the program: GET, politely, with an end to its patience.

Limits, headers and errors follow Qonto's documentation (rate limitations; API key authentication; errors).
"""

import ipaddress
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
from primanota.core.secret import Credentials

# Documented: 1,000 requests in 10 s and 10,000 in 10 min, per address. A little below, since the bank counts
# when a request arrives and we when it leaves.
_RATES = [Rate(950, Duration.SECOND * 10), Rate(9_500, Duration.MINUTE * 10)]
_TIMEOUT = httpx2.Timeout(10, read=60)
_ATTEMPTS = 8
_PATIENCE_SECONDS = 300
_LONGEST_WAIT_SECONDS = 30
_SERVER_FAILURE = 500
_TOO_MANY = 429

# A retry is a matter of patience, not of the log; what the end of it means is said in one error.
stamina.instrumentation.set_on_retry_hooks(())

T = TypeVar("T")


class _AskAgain(Exception):
    """An answer that a later try may better: 429, 5xx, or a body that is cut off.

    ``after`` is what Retry-After asks for, in seconds; ``final`` is what to raise when patience ends.
    """

    def __init__(self, final: PrimanotaError, after: float | None = None) -> None:
        super().__init__(final)
        self.final = final
        self.after = after


class Client:
    """Asks the bank, with one API key. A context manager; safe to use from several threads.

    Args:
        credentials: the API key. It goes into the Authorization header and nowhere else.
        api_url: https anywhere, plain http only to this machine itself.
        staging_token: what the sandbox wants beside the key.
        transport: replaces the network, for tests and the demo.
        connections: how many requests may be under way at once.

    Raises:
        InvalidConfiguration: the URL would carry the key over an open line, or is no URL.
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
        loopback = _check_url(api_url)
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
            # A proxy of the environment must not see what goes to this machine itself in plain text.
            trust_env=not loopback,
        )
        self._limiter = Limiter(_RATES)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="qonto")
        self._ahead = 2 * connections
        self._refusal: InvalidApiKey | None = None
        self._bank_time: datetime | None = None

    def get(self, request: Request, kind: type[T]) -> T:
        """Ask, and decode the JSON answer as ``kind``.

        Raises:
            InvalidApiKey: 401. The client then asks nothing more: 200 such answers an hour lock an address out.
            Forbidden: 403.
            Refused: any other 4xx, with the bank's own words.
            ServiceUnavailable: no answer, 429 or 5xx to the end of our patience.
            NotProven: the answers are not what the bank documents, again and again.
        """
        return self._patiently(request, lambda response: _decode(response, kind))

    def raw(self, request: Request) -> bytes:
        """Ask, and give the bank's own bytes. Raises what :meth:`get` raises."""
        return self._patiently(request, lambda response: response.content)

    def get_many(self, questions: Iterable[Request], kind: type[T]) -> Iterator[T]:
        """Ask side by side; the answers come in the order of the questions, at most a few kept in memory."""
        waiting: deque[Future[T]] = deque()
        try:
            for request in questions:
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
        """Close the connections; ``at_once`` waits for no answer that is under way."""
        self._threads.shutdown(wait=not at_once, cancel_futures=True)
        self._limiter.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(at_once=kind is KeyboardInterrupt)

    def _patiently(self, request: Request, read: Callable[[httpx2.Response], T]) -> T:
        try:
            for attempt in stamina.retry_context(
                on=_wait_for, attempts=_ATTEMPTS, timeout=_PATIENCE_SECONDS, wait_max=_LONGEST_WAIT_SECONDS
            ):
                with attempt:
                    return read(self._ask(request))
        except _AskAgain as error:
            raise error.final from None
        except httpx2.TransportError as error:
            raise ServiceUnavailable(
                f"The bank could not be reached ({type(error).__name__}) at {self._http.base_url.host}.",
                "Look at the network connection, then run the same command again: nothing was lost.",
            ) from None
        raise AssertionError  # retry_context gives an answer or raises

    def _ask(self, request: Request) -> httpx2.Response:
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
    """Whether the URL is plain http to this machine itself; https goes anywhere, all else is refused."""
    try:
        url = httpx2.URL(api_url)
    except httpx2.InvalidURL:
        raise InvalidConfiguration(
            f"“{api_url}” is not a URL.", "Write it like https://thirdparty.qonto.com."
        ) from None
    if url.scheme == "https" and url.host:
        return False
    if url.scheme == "http" and _is_loopback(url.host):
        return True
    raise InvalidConfiguration(
        f"The key will not be sent to “{url.scheme}://{url.host}”: the line is not encrypted.",
        "Use an https address; plain http is for this machine itself (127.0.0.1) only.",
    )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _wait_for(error: Exception) -> bool | float:
    if isinstance(error, _AskAgain):
        return error.after if error.after is not None else True
    return isinstance(error, httpx2.TransportError)


def _check(response: httpx2.Response, request: Request) -> None:
    status = response.status_code
    if response.is_success or response.is_redirect:
        _check_is_data(response)
        return
    words = _complaint(response)
    if status == _TOO_MANY or status >= _SERVER_FAILURE:
        raise _AskAgain(
            ServiceUnavailable(
                f"The bank answers {status} again and again ({words}).",
                "Wait a few minutes, then run the same command again: nothing was lost.",
            ),
            _retry_after(response),
        )
    raise _refusal(status, request.path, words)


def _refusal(status: int, path: str, words: str) -> BankRefused:
    if status == httpx2.codes.UNAUTHORIZED:
        return InvalidApiKey(
            f"The bank does not accept the API key ({words}).",
            "Look in Qonto under Settings → Integrations whether it was renewed, then run “primanota login”.",
            status=status,
            detail=words,
        )
    if status == httpx2.codes.FORBIDDEN:
        return AccessDenied(
            f"The bank does not let this key read {path} ({words}).",
            "Check the plan and the rights of the key, and that no firewall stands between.",
            status=status,
            detail=words,
        )
    return BankRefused(
        f"The bank refused the question {path} with {status} ({words}).",
        "If this was not a path of your own, please report it: the bank may have changed.",
        status=status,
        detail=words,
    )


def _check_is_data(response: httpx2.Response) -> None:
    if response.is_redirect or "html" in response.headers.get("content-type", ""):
        raise AccessDenied(
            f"{response.request.url.host} answered a web page instead of data.",
            "The sandbox wants PRIMANOTA_STAGING_TOKEN; otherwise look at PRIMANOTA_API_URL.",
            status=response.status_code,
        )


def _decode(response: httpx2.Response, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(response.content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _AskAgain(
            NotProven(
                f"The bank's answer to {response.request.url.path} cannot be read: {error}.",
                "Run the same command again later; if it stays so, please report it.",
            )
        ) from None


class _Complaint(msgspec.Struct):
    code: str = ""
    detail: str = ""
    message: str = ""


class _Complaints(msgspec.Struct):
    # Documented as a list; for 404 and 422 some answers have one object instead (OpenAPI description).
    errors: list[_Complaint] | _Complaint = []
    message: str = ""


def _complaint(response: httpx2.Response) -> str:
    """The bank's own words for what it refuses, short; never a header, never a page of HTML."""
    try:
        body = msgspec.json.decode(response.content, type=_Complaints)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return response.reason_phrase or "no reason given"
    errors = body.errors if isinstance(body.errors, list) else [body.errors]
    words = [": ".join(filter(None, (error.code, error.detail or error.message))) for error in errors]
    return "; ".join(filter(None, words)) or body.message or "no reason given"


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
