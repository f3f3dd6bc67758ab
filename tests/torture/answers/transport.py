"""A transport that passes true answers on, or mutates them for a while, and notes what it told."""

from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import format_datetime
from itertools import repeat
from threading import Lock

import httpx2

from tests.torture.answers.company import Answer, BankState
from tests.torture.answers.mutations import Mutation, mutated

_HISTORY = 200


class Trouble(httpx2.BaseTransport):
    """The network to the bank.

    Args:
        state: the bank; another one can be set.
        case: the mutations.
        now: the true time, which each answer has as its Date.
    """

    def __init__(self, state: BankState, case: tuple[Mutation, ...], now: Callable[[], datetime]) -> None:
        self.state = state
        self.is_dated = True
        self.lies: list[bytes] = []  # the mutated answers that were told
        self._case = case
        self._now = now
        self.requests = self.most_requests = 0
        self._left = 0
        self._count: dict[str, int] = {}
        self.earlier: list[Answer] = []  # the first true answers
        self._lock = Lock()

    def begin(self, requests: int) -> None:
        """Begin to mutate answers, and stop after a number of requests."""
        self._left = requests
        self._count.clear()

    def end(self) -> None:
        """Pass all further answers on unchanged."""
        self._left = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        true = self.state.answer(request)
        self.requests += 1
        self.most_requests = max(self.requests, self.most_requests)
        dates = [(b"Date", format_datetime(self._now(), usegmt=True).encode())] if self.is_dated else []
        headers = [(key, value) for key, value in true.headers if key.lower() != b"date"]
        answer = true._replace(headers=[*headers, *dates])
        with self._lock:
            answer = self._mutated(request, answer) if self._left else answer
            if len(self.earlier) < _HISTORY:
                self.earlier.append(true)
        stream = _Endless(answer.content) if answer.endless else httpx2.ByteStream(answer.content)
        return httpx2.Response(answer.status, headers=answer.headers, stream=stream)

    def _mutated(self, request: httpx2.Request, answer: Answer) -> Answer:
        self._left -= 1
        path, before = request.url.path, answer
        number = self._count[path] = self._count.get(path, -1) + 1
        for one in self._case:
            if one.concerns(path, number):
                answer = mutated(one, answer, self.state.secret, self.earlier)
        if answer.content != before.content:
            self.lies.append(answer.content)
        return answer


class _Endless(httpx2.SyncByteStream):
    def __init__(self, begin: bytes) -> None:
        self._begin = begin

    def __iter__(self) -> Iterator[bytes]:
        yield self._begin
        yield from repeat(b" " * (1 << 20))
