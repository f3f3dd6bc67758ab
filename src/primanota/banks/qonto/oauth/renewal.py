"""Requests with an access token, which is renewed before it ends, by one process at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Lock

from primanota.banks.qonto.http.refusals import RetryLater
from primanota.core.commands import CONSENT_AGAIN
from primanota.core.errors import BankRefused, ConsentEnded, InvalidApiKey
from primanota.core.oauth import Tokens, TokenStore

# A token is renewed so long before its end, or in the last quarter of a short life.
_AHEAD = timedelta(minutes=5)
# After a renewal ahead of time that failed, the token that still works is used for so long without another try.
_PAUSE = timedelta(minutes=1)


class FreshToken:
    """Authorises requests with the access token of a new consent, which is stored nowhere yet."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def authorization(self) -> str:
        """Return the header of the token."""
        return _header(self._tokens)

    def renew(self, refused: str) -> bool:  # noqa: ARG002 - a token that was just given is not renewed
        """Return False."""
        return False

    def refused(self, error: BankRefused | RetryLater) -> BankRefused | RetryLater:
        """Return the error of a refused request, as of a consent."""
        return _refused("the new consent", error, CONSENT_AGAIN)


class TokenAccess:
    """Authorises requests with the access token of a consent. Safe to use from several threads.

    The clock decides when a token is renewed ahead of its end. If it is wrong, the bank's 401 does.

    Args:
        name: the organisation, for errors.
        store: where its tokens are.
        renewed: returns new tokens for the present ones.
        clock: returns the present, aware.
    """

    def __init__(
        self, name: str, store: TokenStore, renewed: Callable[[Tokens], Tokens], clock: Callable[[], datetime]
    ) -> None:
        self._name = name
        self._store = store
        self._renewed = renewed
        self._clock = clock
        self._lock = Lock()
        self._tokens = store.load()
        self._not_before: datetime | None = None
        self._tried = 0
        self._failure: BankRefused | RetryLater | None = None

    @property
    def tokens(self) -> Tokens:
        """The present tokens."""
        return self._tokens

    def authorization(self) -> str:
        """Return the header of a token that does not end soon; as :class:`BankAccess` does."""
        if self._is_due(self._tokens):
            with self._alone():
                self._renew_ahead()
        return _header(self._tokens)

    def renew(self, refused: str) -> bool:
        """Renew a token that was refused, unless another thread or process did; as :class:`BankAccess` does."""
        with self._alone():
            if _header(self._tokens) == refused:
                self._replace(lambda stored: _header(stored) == refused)
        return True

    def refused(self, error: BankRefused | RetryLater) -> BankRefused | RetryLater:
        """Return the error of a refused request, as of a consent."""
        return _refused(self._name, error, self._advice)

    @property
    def _advice(self) -> str:
        return f"Run “{self._store.consent_command}” again."

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one thread renew the tokens; those that waited fail as it did; a refusal is final for all."""
        tried = self._tried
        with self._lock:
            if self._failure and (tried != self._tried or not isinstance(self._failure, RetryLater)):
                raise self._failure
            self._failure = None
            try:
                yield
            except (BankRefused, RetryLater) as error:
                self._failure = error
                raise
            finally:
                self._tried += 1

    def _renew_ahead(self) -> None:
        """Renew a token that ends soon; while it lasts, a bank that cannot be asked is no reason to stop."""
        if not self._is_due(self._tokens):  # another thread was first
            return
        try:
            self._replace(self._is_due)
        except RetryLater:
            now = self._clock()
            if now >= self._tokens.access_end:
                raise
            self._not_before = now + _PAUSE

    def _replace(self, is_needed: Callable[[Tokens], bool]) -> None:
        """Take the tokens that are stored, or new ones if those are needed, which are stored before they are used."""
        with self._store.locked():
            stored = self._store.load()
            if is_needed(stored):
                try:
                    stored = self._renewed(stored)
                except ConsentEnded as error:
                    what = f"The consent of {self._name} has ended, or was withdrawn ({error.detail})."
                    raise _ended(what, error, self._advice) from None
                self._store.save(stored)
        self._tokens = stored
        self._not_before = None

    def _is_due(self, tokens: Tokens) -> bool:
        now = self._clock()
        if self._not_before and now < self._not_before:
            return False
        return now >= tokens.access_end - min(_AHEAD, (tokens.access_end - tokens.issued) / 4)


def _refused(name: str, error: BankRefused | RetryLater, advice: str) -> BankRefused | RetryLater:
    if isinstance(error, InvalidApiKey):
        return _ended(f"The bank does not accept the access token of {name} ({error.detail}).", error, advice)
    return error


def _ended(what: str, error: InvalidApiKey, advice: str) -> ConsentEnded:
    return ConsentEnded(what, advice, status=error.status, detail=error.detail)


def _header(tokens: Tokens) -> str:
    return f"Bearer {tokens.access.reveal()}"
