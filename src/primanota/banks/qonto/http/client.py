"""The HTTP client of Qonto's API: GET requests within the bank's rate limits, with a limited number of retries.

Limits, headers and errors follow Qonto's documentation (rate limitations; API key authentication; errors).
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from primanota import __version__
from primanota.banks.qonto.http.access import BankAccess, access_of
from primanota.banks.qonto.http.address import Address
from primanota.banks.qonto.http.answer_body import Undecodable, decode_json, read_body, read_error
from primanota.banks.qonto.http.concurrency import Concurrency
from primanota.banks.qonto.http.connections import connect
from primanota.banks.qonto.http.deadline import USUAL_LIMITS, Deadline, TimeLimits
from primanota.banks.qonto.http.file_hosts import FileHosts
from primanota.banks.qonto.http.rates import RateLimiter, RequestBudget
from primanota.banks.qonto.http.refusals import RetryLater, date_of, is_data, refusal
from primanota.banks.qonto.http.request import Request
from primanota.banks.qonto.http.transport import HttpAnswer, NoAnswer
from primanota.core.errors import InvalidApiKey, InvalidConfiguration, NotProven, ServiceUnavailable
from primanota.core.hosts import MOST_CONNECTIONS
from primanota.core.secret import Credentials

if TYPE_CHECKING:
    import httpx2

# Pages are requested ahead of their use, this many times as many as may be sent at the same time.
_AHEAD = 1.25

T = TypeVar("T")


class Client:
    """Sends requests to the bank with one API key or token. A context manager; safe to use from several threads.

    Args:
        access: the API key, or the tokens of a consent. They are sent in the Authorization header and nowhere else.
        api_url: https to any host, plain http only to this machine itself.
        staging_token: the token that the sandbox requires beside the key.
        transport: replaces the network, for tests and the demo: one of httpx2.
        connections: the most requests at the same time; fewer while the bank answers slowly or has trouble.
        limits: how long the bank may take.
        budget: says when requests may be sent, where clients share an address; None for the bank's rates.
        clock: seconds of a clock that is never set back.

    Attributes:
        files: reads the files behind links of the bank, at their own hosts and without the key.

    Raises:
        InvalidConfiguration: the key would be sent without encryption, or the URL is not valid.
    """

    def __init__(
        self,
        access: Credentials | BankAccess,
        *,
        api_url: str,
        staging_token: str | None = None,
        transport: "httpx2.BaseTransport | None" = None,
        connections: int = MOST_CONNECTIONS,
        limits: TimeLimits = USUAL_LIMITS,
        budget: RequestBudget | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._access = access_of(access)
        self._deadline = Deadline(limits, clock)
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",  # what can be decompressed piece by piece
            "User-Agent": f"primanota/{__version__}",
        }
        if staging_token:
            if not (staging_token.isascii() and staging_token.isprintable()):
                raise InvalidConfiguration(
                    "PRIMANOTA_STAGING_TOKEN has a character that cannot be sent.", "Copy it again from Qonto."
                )
            headers["X-Qonto-Staging-Token"] = staging_token
        self._address = Address(api_url, headers)
        self._transport = connect(self._address, self._deadline, connections, transport)
        # The hosts of files get neither the key nor anything else of these headers.
        self.files = FileHosts(self._deadline, connections, transport, allows_plain=not self._address.is_encrypted)
        self._budget = budget or RateLimiter(clock=clock)
        self._concurrency = Concurrency(connections, clock)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="qonto")
        self._refusal: InvalidApiKey | None = None
        self._is_given_up = False
        self._bank_time: datetime | None = None

    def get(self, request: Request, kind: type[T]) -> T:
        """Send a request, and decode the JSON of the answer as ``kind``.

        Raises:
            InvalidApiKey: 401. The client then sends nothing more: 200 such answers an hour lock an address out.
            AccessDenied: 403.
            BankRefused: any other 4xx, with the bank's own message.
            ServiceUnavailable: no answer, 408, 425, 429 or 5xx at each try, or the time is used up.
            NotProven: an answer that cannot be decoded at each try, or is too large.
        """
        return self._with_retries(request, lambda content: _decode(content, request.path, kind))

    def raw(self, request: Request, *, as_json: bool = False) -> bytes:
        """Send a request, and return the bytes of the answer; with ``as_json`` only if they are a JSON object.

        Raises:
            PrimanotaError: as :meth:`get` does.
        """

        def read(content: bytes) -> bytes:
            if as_json:
                _decode(content, request.path, dict[str, Any])
            return content

        return self._with_retries(request, read)

    def seconds_until(self, requests: int) -> float:
        """Return the seconds until so many further requests can have been sent: the bank limits them."""
        return self._budget.seconds_until(requests)

    def begin(self, request: Request, kind: type[T]) -> Future[T]:
        """Send a request beside others; the future has what :meth:`get` returns or raises."""
        # In the context of the caller, whose redaction knows the secrets: a thread may get a new token.
        return self._threads.submit(copy_context().run, self.get, request, kind)

    def get_many(
        self, requests: Iterable[Request], kind: type[T], ahead: Callable[[], int | None] = lambda: None
    ) -> Iterator[T]:
        """Send requests side by side, and yield the answers in the order of the requests; few are kept in memory.

        Args:
            requests: the requests.
            kind: as what the answers are decoded.
            ahead: returns how many may be sent before their answers are taken, at present; None for the usual number.
        """
        waiting: deque[Future[T]] = deque()
        try:
            for request in requests:
                waiting.append(self.begin(request, kind))
                while len(waiting) >= (ahead() or int(_AHEAD * self._concurrency.allowed)):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    @property
    def key_is_refused(self) -> bool:
        """Whether the bank has refused the key."""
        return self._refusal is not None

    @property
    def bank_time(self) -> datetime | None:
        """The bank's clock at its last answer (UTC, whole seconds), None before the first."""
        return self._bank_time

    def close(self, *, at_once: bool = False) -> None:
        """Close the connections; ``at_once`` does not wait for answers that are outstanding."""
        self._threads.shutdown(wait=not at_once, cancel_futures=True)
        self._transport.close()
        self.files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What is still asked is not repeated: each request would use up its own time, one after the other.
        self._is_given_up = kind is not None
        self.close(at_once=kind is KeyboardInterrupt)

    def _with_retries(self, request: Request, read: Callable[[bytes], T]) -> T:
        target = self._address.target(request)
        # It keeps its turn while it waits to be repeated: then the others are sent more slowly, too.
        with self._concurrency.turn(self._deadline.left_of_run), self._deadline.within(self._deadline.limits.request):
            self._deadline.left_of_run()
            try:
                return self._repeatedly(lambda: self._attempt(target, request.path, read))
            except RetryLater as error:
                raise error.final from None
            except NoAnswer as error:
                self._deadline.left_of_run()
                raise ServiceUnavailable(
                    f"The bank could not be reached ({error}) at {self._address.host}.",
                    "Check the network connection, then run the same command again: nothing was lost.",
                ) from None

    def _repeatedly(self, attempt: Callable[[], T]) -> T:
        try:
            return attempt()
        except (RetryLater, NoAnswer) as error:
            from primanota.banks.qonto.http.repetitions import repeated  # slow to import, and rarely needed

            return repeated(error, attempt, self._retry_wait, self._deadline.limits.wait)

    def _attempt(self, target: str, path: str, read: Callable[[bytes], T]) -> T:
        if self._is_given_up:
            raise NoAnswer("it was given up")
        self._wait_for_rates()
        with self._deadline.within(self._deadline.limits.attempt):
            return read(self._send(target, path))

    def _retry_wait(self, error: Exception) -> bool | float:
        """Return the seconds to wait before the next try, True for the usual wait, False for no further try."""
        after = error.after if isinstance(error, RetryLater) else None
        if self._is_given_up or not isinstance(error, RetryLater | NoAnswer):
            return False
        if max(after or 0, 0) > min(self._deadline.limits.wait, self._deadline.left) or self._deadline.left <= 0:
            return False
        return True if after is None else after

    def _wait_for_rates(self) -> None:
        """Wait as long as the bank's rates demand, which is not the bank's time."""
        if self._refusal:
            raise self._refusal
        for wait in (self._budget.hold_back, self._budget.reserve):
            with self._deadline.stopped():
                seconds = wait()
                self._deadline.left_of_run(seconds)
                if seconds > 0:
                    time.sleep(seconds)

    def _send(self, target: str, path: str) -> bytes:
        """Send a request once, and tell ``_concurrency`` how it went."""
        if self._refusal:
            raise self._refusal
        asked = self._concurrency.asked()
        try:
            content = self._answer(target, path)
        except (RetryLater, NoAnswer) as error:
            if not isinstance(error, RetryLater) or isinstance(error.final, ServiceUnavailable):
                self._concurrency.troubled(asked)
            raise
        self._concurrency.answered(asked)
        return content

    def _answer(self, target: str, path: str) -> bytes:
        """Send a request, and once again if its token is refused and another can be had."""
        try:
            authorization = self._access.authorization()
            try:
                return self._asked(target, path, authorization)
            except InvalidApiKey:
                if self._refusal or not self._access.renew(authorization):
                    raise
            self._wait_for_rates()
            return self._asked(target, path, self._access.authorization())
        except InvalidApiKey as error:
            self._refusal = error
            raise

    def _asked(self, target: str, path: str, authorization: str) -> bytes:
        with closing(self._transport.send(target, authorization)) as answer:
            self._bank_time = date_of(answer) or self._bank_time
            if is_data(answer, self._address.host):
                return _content(answer, path, self._deadline.check)
            body = read_error(answer, path, self._deadline.check)
        raise self._access.refused(refusal(answer, body, path))


def _content(answer: HttpAnswer, path: str, check_time: Callable[[], None]) -> bytes:
    try:
        return read_body(answer, path, check_time)
    except Undecodable as error:
        raise _unreadable(path, error) from None


def _decode(content: bytes, path: str, kind: type[T]) -> T:
    try:
        return decode_json(content, kind)
    except Undecodable as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: Undecodable) -> RetryLater:
    return RetryLater(
        NotProven(
            f"The bank's answer to {path} cannot be read: {error}.",
            "Run the same command again later; if it happens again, please report it.",
        )
    )
