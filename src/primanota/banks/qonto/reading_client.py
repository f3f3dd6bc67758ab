"""A client of Qonto's API for other programs: typed, read-only, and without a book."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, tzinfo
from types import TracebackType
from typing import TYPE_CHECKING, Self

from primanota.banks.base import Names, Silent
from primanota.banks.files import FileRefused, OfferedFile, OfferedReceipt, OfferedStatement
from primanota.banks.qonto.bank import QontoBank
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.banks.qonto.decoding.lists import Label, Member, decoded
from primanota.banks.qonto.http.access import BankAccess, BearerAccess
from primanota.banks.qonto.http.client import Client
from primanota.banks.qonto.http.deadline import TimeLimits
from primanota.core import redaction
from primanota.core.errors import (
    AccessDenied,
    BankRefused,
    InvalidInput,
    NotProven,
    PrimanotaError,
    ServiceUnavailable,
)
from primanota.core.model import Account, Organisation, Transaction
from primanota.core.period import Days, microseconds, parse_days
from primanota.core.secret import Credentials, Secret

if TYPE_CHECKING:
    from primanota.banks.base import Reader, TransactionSource
    from primanota.core.model import RawRecord

# A client may be kept for the life of a process. Locks cannot wait for ever: they count in whole nanoseconds.
_YEARS = 10 * 365 * 86_400.0
PRODUCTION = "https://thirdparty.qonto.com"


def _now() -> datetime:
    return datetime.now(UTC)


class ReadingClient:
    """Reads Qonto's API: all pages, within the bank's rate limits, with repetitions of what failed for a while.

    A context manager. It sends GET requests alone, so nothing can be changed at the bank. Several threads may use it.

    Args:
        login: the login of an API key: the organisation's slug.
        secret: the secret of the API key.
        token: the access token of a consent (OAuth), instead of login and secret. It is not renewed.
        api_url: the API; that of the sandbox or of the simulator, instead of the bank's.
        staging_token: the token that the sandbox needs beside the key.
        zone: the time zone of local days and times, such as ``ZoneInfo("Europe/Berlin")``; UTC by default.
        timeout: the most seconds of one attempt of a request.
        give_up_after: the most seconds of a request with all its repetitions, without the waits for the rate limits.
        clock: returns the present, aware.

    Raises:
        InvalidInput: there is neither an API key nor a token, or there are both.
        ConfigurationError: login or secret have characters that keys do not have.
        InvalidConfiguration: the key would be sent without encryption, or the URL is not valid.
    """

    def __init__(
        self,
        login: str = "",
        secret: Secret | str = "",
        *,
        token: Secret | str = "",
        api_url: str = PRODUCTION,
        staging_token: str | None = None,
        zone: tzinfo = UTC,
        timeout: float = 90.0,
        give_up_after: float = 300.0,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self._secret = Secret(_text(token) or _text(secret))
        self._client = Client(
            _access(login, secret, token),
            api_url=api_url,
            staging_token=staging_token,
            limits=TimeLimits(run=_YEARS, request=give_up_after, attempt=timeout),
        )
        self._zone = zone
        self._clock = clock
        self._connector = QontoConnector()

    def organisation(self) -> Organisation:
        """Return the organisation. It is the cheapest way to try a key.

        Raises:
            BankRefused: the bank refused the key (``InvalidApiKey``), or the request.
            ServiceUnavailable: the bank did not answer, after all repetitions.
            NotProven: the bank's answer cannot be read.
        """
        with self._remembered():
            return self._connector.organisation(self._bank.organisation())

    def accounts(self) -> list[Account]:
        """Return all accounts, also closed and external ones; ``balance`` is the settled balance in cents.

        Raises:
            PrimanotaError: as :meth:`organisation`.
        """
        with self._remembered():
            bank = self._bank
            return [self._connector.account(one.body) for one in bank.accounts(bank.organisation())]

    def transactions(
        self, account: Account | str, days: Days | None = None, *, updated_since: datetime | None = None
    ) -> Iterator[Transaction]:
        """Yield an account's transactions, each once; read while they are taken.

        Without ``days`` and ``updated_since`` these are all transactions of every status, in no particular order.

        Args:
            account: an account, or its id.
            days: a period: then completed transactions by their local day of settlement. ``"2026-10"``, a day, two
                days (both included), or another word that the command line knows.
            updated_since: an aware moment: then transactions of every status that are new or have changed since.

        Raises:
            PrimanotaError: as :meth:`organisation`.
            NotProven: also after the last one, if the bank's own count says that some may be missing.
            InvalidInput: the period cannot be read, the moment is not aware, or both are given.
        """
        if updated_since is not None and (days is not None or updated_since.tzinfo is None):
            raise InvalidInput("updated_since must be an aware datetime, without days.", "Give one of the two.")
        key = account if isinstance(account, str) else account.id
        since = None if updated_since is None else microseconds(updated_since)
        period = None if days is None else parse_days(days, self._clock().astimezone(self._zone).date())
        with self._remembered():
            source, read = self._bank.sources({key: since}, Silent())[key], self._reader()
        if period:
            begin, end = period.span(self._zone)
            pages = source.settled_between(begin, end - 1)
        else:
            pages = source.everything() if since is None else source.updated_since(since)
        yield from map(read, _each_once(source, self._taken(pages)))

    def members(self) -> list[Member]:
        """Return all members.

        Raises:
            AccessDenied: the key's role may not read them.
            PrimanotaError: as :meth:`organisation`.
        """
        with self._remembered():
            return [decoded(one.body, Member, "/v2/memberships") for one in self._bank.members()]

    def labels(self) -> list[Label]:
        """Return all labels.

        Raises:
            AccessDenied: the key's role may not read them.
            PrimanotaError: as :meth:`organisation`.
        """
        with self._remembered():
            return [decoded(one.body, Label, "/v2/labels") for one in self._bank.labels()]

    def attachments(self, transaction: Transaction | str) -> list[OfferedReceipt]:
        """Return the attachments of a transaction, given by itself or its id; their links are valid for 30 minutes.

        Raises:
            PrimanotaError: as :meth:`organisation`.
        """
        with self._remembered():
            return self._bank.files.receipts(transaction if isinstance(transaction, str) else transaction.id)

    def statements(self) -> list[OfferedStatement]:
        """Return the bank's monthly statements; their links are valid for a short time only.

        Raises:
            PrimanotaError: as :meth:`organisation`.
        """
        with self._remembered():
            return self._bank.files.statements()

    def content(self, file: OfferedFile) -> bytes:
        """Return the bytes of an attachment or a statement: 16 MB at most. The host of the file never gets the key.

        Raises:
            BankRefused: the file cannot be had: its link has ended, or its host refused it.
            ServiceUnavailable: the connection broke.
            NotProven: it has not the size that the bank states.
        """
        try:
            with self._client.files.opened(file.link) as pieces:
                found = b"".join(pieces)
        except FileRefused as error:
            raise _refused(file, error) from None
        if file.size not in {None, len(found)}:
            raise NotProven(
                f"The file “{file.name}” has {len(found)} bytes, and the bank says {file.size}.", "Ask for it again."
            )
        return found

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close(at_once=kind is not None)

    @property
    def _bank(self) -> QontoBank:
        """A bank that shares nothing with those of other threads but the client."""
        return QontoBank(self._client, self._clock)

    def _remembered(self) -> AbstractContextManager[None]:
        """Keep the secret out of every error, also one that repeats what the bank answered."""
        return redaction.remembering([self._secret.reveal()])

    def _taken(self, pages: "Iterator[list[RawRecord]]") -> "Iterator[list[RawRecord]]":
        """Yield pages; while none is being read, the caller's context is as it was."""
        while True:
            with self._remembered():
                page = next(pages, None)
            if page is None:
                return
            yield page

    def _reader(self) -> "Reader":
        bank = self._bank
        members = {one.id: self._connector.member_name(one.body) for one in _allowed(bank.members)}
        labels = {one.id: self._connector.label_name(one.body) for one in _allowed(bank.labels)}
        return self._connector.reader(Names(members, labels), self._zone)


def _access(login: str, secret: Secret | str, token: Secret | str) -> Credentials | BankAccess:
    if bool(token) == bool(login or secret):
        raise InvalidInput("A client needs login and secret, or else a token.", "Give one of the two.")
    return BearerAccess(Secret(_text(token))) if token else Credentials(login, secret)


def _text(secret: Secret | str) -> str:
    return secret.reveal() if isinstance(secret, Secret) else secret


def _refused(file: OfferedFile, error: FileRefused) -> PrimanotaError:
    message = f"The file “{file.name}” cannot be had: {error.problem.replace('_', ' ')}."
    if error.problem == "broken":
        return ServiceUnavailable(message, "Ask for it again later.")
    return BankRefused(message, "Ask for its link again: it is valid for some minutes.")


def _allowed(read: "Callable[[], list[RawRecord]]") -> "list[RawRecord]":
    """Return a list; an empty one where the key's role may not read it: then there are no names."""
    try:
        return read()
    except AccessDenied:
        return []


def _each_once(source: "TransactionSource", pages: "Iterator[list[RawRecord]]") -> "Iterator[bytes]":
    """Yield the body of each row once, though a bank that changes meanwhile shows some on two pages.

    Raises:
        NotProven: after the last row, if some may be missing.
    """
    seen = set[str]()
    for page in pages:
        for row in page:
            if row.id not in seen:
                seen.add(row.id)
                yield row.body
    if source.doubts:
        raise NotProven(f"Transactions may be missing: {'; '.join(source.doubts)}.", "Read them again later.")
