"""Read the statements of a camt.053 file: head, rows with their balances, and the sums that must be right.

A statement is read in pieces: first its head, then one entry after the other. What cannot be right is refused: the
closing balance must be the opening one and the entries, and numbers and sums of entries must be those that are stated
(ISO 20022, ``TxsSummry``).
"""

import re
from collections.abc import Generator, Iterator
from datetime import date
from hashlib import sha256
from typing import IO, NamedTuple

from primanota.banks.camt.entry_sums import EntrySums
from primanota.banks.camt.errors import UnreadableFile
from primanota.banks.camt.fields import (
    booking_day,
    currency_of,
    day_in,
    parts_of,
    require_hundredths,
    signed_cents,
    status_of,
)
from primanota.banks.camt.identity import FAMILY_LETTERS, Identities, bank_reference
from primanota.banks.camt.rows import row_of
from primanota.banks.camt.running_balances import RunningBalances
from primanota.banks.camt.xml_reader import End, Event, Start, read_events
from primanota.banks.camt.xml_tree import Element, as_xml
from primanota.banks.statement_files import FiledRow, FiledStatement, StatedSpan
from primanota.core.model import COMPLETED, RawRecord, decimal_text

_ENTRY, _STATEMENT, _MESSAGE, _DOCUMENT = "Ntry", "Stmt", "BkToCstmrStmt", "Document"
# Around the document a bank may have an envelope with a business header (head.001).
_ENVELOPES = ("BizMsgEnvlp", "Envelope", "Message", "Xchg", "DataPDU", "Body", "Pyld", "BizMsg")
_OPENED = frozenset((_DOCUMENT, _MESSAGE, _STATEMENT, *_ENVELOPES))
_SPACE = re.compile(r".*:(?P<kind>camt\.\d{3})\.001\.(?P<version>\d{2})", re.DOTALL)
_VERSIONS = range(2, 14)
_KINDS = {"camt.052": "a report within the day", "camt.054": "a notification of single payments"}
_WANT = "Ask the bank for the statement of the day or the month: camt.053, version 001.02 to 001.13."
_OPENING, _CLOSING, _INTERIM = ("OPBD", "PRCD"), "CLBD", "ITBD"
# A few banks state the available balances alone; the entries must lead from one to the other all the same.
_AVAILABLE = ("OPAV", "CLAV")
_DIGESTS = 1 << 256
_NOT_OF_ID = re.compile(r"[^A-Za-z0-9._]+")


def read_statements(stream: IO[bytes]) -> Iterator[FiledStatement]:
    """Yield the statements of a file, one after the other; the rows of each must be taken before the next.

    The file is read twice: first all of it is checked, and the balances after each row are found.

    Args:
        stream: the file, at its beginning, to which it must be able to return.

    Raises:
        UnreadableFile: the file is not camt.053, is not whole, or says what cannot be right.
    """
    balances = [one.check() for one in _readers(stream)]
    stream.seek(0)
    for one, found in zip(_readers(stream), balances, strict=False):
        yield one.statement(found)


def read_first_account(stream: IO[bytes]) -> RawRecord:
    """Return the account of the first statement; nothing else is read or checked.

    Raises:
        UnreadableFile: the file is not camt.053, or its beginning says what cannot be right.
    """
    return next(_readers(stream)).account


def _readers(stream: IO[bytes]) -> Iterator["_Reader"]:
    events, found, line = read_events(stream, _OPENED), False, 0
    for event in events:
        if isinstance(event, Start):
            line = event.line
            if event.name == _DOCUMENT:
                _check_kind(event)
            elif event.name == _STATEMENT:
                found = True
                yield _Reader(events, event.line)
    if not found:
        raise UnreadableFile("it has no statement of camt.053", line, _WANT)


def _check_kind(document: Start) -> None:
    parts = _SPACE.fullmatch(document.space)
    kind = parts["kind"] if parts else ""
    if parts is None or kind != "camt.053":
        what = f"it is {_KINDS.get(kind, 'another kind of document')}, not a statement ({document.space[-60:]})"
        raise UnreadableFile(what, document.line, _WANT)
    if int(parts["version"]) not in _VERSIONS:
        raise UnreadableFile(f"its version 001.{parts['version']} of camt.053 is not known", document.line, _WANT)


class _EntryRow(NamedTuple):
    """A row of an entry: one payment of a batch, or the whole of it."""

    entry: Element
    day: date
    status: str
    cents: int
    part: int | None = None
    details: Element | None = None


class _Reader:
    """Reads one statement: its head at once, its entries as they are taken."""

    def __init__(self, events: Iterator[Event], line: int) -> None:
        self._events = events
        self._head = head = Element(_STATEMENT, {}, line)
        self._next: Element | None = None
        self._read_head()
        account = head.find("Acct")
        if account is None:
            raise UnreadableFile("a statement names no account", line)
        opening, closing = _balances(head)
        self._currency = account.value("Ccy") or currency_of(_amount_of(opening))
        require_hundredths(self._currency, account.line)
        key = account_id(account, self._currency)
        last = day_in(closing, "Dt") or date.min
        first = min(day_in(opening, "Dt") or last, last)
        self._span = StatedSpan(
            key=_key(key, head, first, last),
            account=key,
            name=head.value("Id"),
            number=_number(head),
            first=first,
            last=last,
            opening=signed_cents(opening, self._currency),
            closing=signed_cents(closing, self._currency),
        )
        holder = Element("account", {"currency": self._currency, "id": key})
        holder.children = [account, closing]
        self.account = RawRecord(key, as_xml(holder).encode())

    def check(self) -> RunningBalances:
        """Read all entries, refuse what cannot be right, and return the balances after the rows."""
        span, balances = self._span, RunningBalances()
        sums = EntrySums(span.name, self._currency)
        for entry in self._entries():
            status = status_of(entry)
            sums.add(entry, status, signed_cents(entry, self._currency))
            for row in self._rows_of(entry):
                balances.add(row.day, row.status, row.cents)
        made = span.opening + balances.moved
        if made != span.closing:
            opening, reached, closing = (decimal_text(one, ".") for one in (span.opening, made, span.closing))
            ends = f"opens with {opening}, its entries lead to {reached}, and it closes with {closing}"
            raise UnreadableFile(f"statement {span.name} {ends}", self._head.line)
        sums.check(self._head.find("TxsSummry"))
        return balances.begin(span.opening)

    def statement(self, balances: RunningBalances) -> FiledStatement:
        """Return the statement; its rows are read as they are taken."""
        return FiledStatement(self._span, self.account, self._rows(balances), self._head.line)

    def _read_head(self) -> None:
        for event in self._events:
            if isinstance(event, End):
                return
            if isinstance(event, Element):
                if event.name == _ENTRY:
                    self._next = event
                    return
                self._head.children.append(event)

    def _record(self, digest: str) -> RawRecord:
        """Return the record of the statement: its head in the bank's words, and a digest of its rows."""
        span = self._span
        marks = {
            "account": span.account,
            "closing": f"{span.closing}",
            "digest": digest,
            "first": f"{span.first}",
            "last": f"{span.last}",
            "number": f"{span.number or ''}",
            "opening": f"{span.opening}",
        }
        holder = Element("statement", marks)
        holder.children = [self._head]
        return RawRecord(span.key, as_xml(holder).encode())

    def _rows(self, balances: RunningBalances) -> Generator[FiledRow, None, RawRecord]:
        """Yield the rows with their balances; return the record of the statement."""
        ids, span = Identities(self._span.account), self._span
        said, place = _digest_of(f"{span.opening} {span.closing}"), 0
        for entry in self._entries():
            for row in self._rows_of(entry):
                if place == len(balances):
                    raise UnreadableFile("it was changed while it was read", entry.line)
                marks = {
                    "account": span.account,
                    "currency": self._currency,
                    "id": ids.of(entry, row.day, row.cents, row.part),
                    "statement": span.key,
                }
                if row.status == COMPLETED:
                    marks["balance"] = f"{balances[place]}"
                if row.part is not None:
                    marks["part"] = f"{row.part}"
                found = row_of(entry, marks, row.details)
                said, place = said + _digest_of(f"{found.id} {row.status}"), place + 1
                yield FiledRow(found, found.id[:FAMILY_LETTERS] if bank_reference(entry) else "", entry.line)
        return self._record(f"{said % _DIGESTS:064x}")

    def _rows_of(self, entry: Element) -> list[_EntryRow]:
        """Return the rows of an entry; an entry that is only information has none."""
        status = status_of(entry)
        if not status:
            return []
        day, parts = booking_day(entry), parts_of(entry, self._currency)
        if not parts:
            return [_EntryRow(entry, day, status, signed_cents(entry, self._currency))]
        return [_EntryRow(entry, day, status, cents, place, one) for place, (one, cents) in enumerate(parts)]

    def _entries(self) -> Iterator[Element]:
        if self._next is None:
            return
        yield self._next
        for event in self._events:
            if isinstance(event, End):
                return
            if isinstance(event, Element) and event.name == _ENTRY:
                yield event


def _digest_of(text: str) -> int:
    """Return a digest as a number: the sum of those of several texts does not depend on their order."""
    return int.from_bytes(sha256(text.encode()).digest())


def account_id(account: Element, currency: str) -> str:
    """Return the id of an account of files: its IBAN, or the bank's own number; with the currency if it is not euro.

    Raises:
        UnreadableFile: it has neither.
    """
    number = _NOT_OF_ID.sub("", account.value("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN"))
    if not number:
        raise UnreadableFile("a statement names no account", account.line)
    return number if currency == "EUR" else f"{number}-{currency}"


def _amount_of(balance: Element) -> Element:
    found = balance.find("Amt")
    if found is None:
        raise UnreadableFile("a balance has no amount", balance.line)
    return found


def _balances(head: Element) -> tuple[Element, Element]:
    """Return the opening and the closing balance. A page of a statement has interim ones at its inner ends.

    Raises:
        UnreadableFile: it states none.
    """
    by_kind: dict[str, list[Element]] = {}
    for one in head.each("Bal"):
        by_kind.setdefault(one.value("Tp/CdOrPrtry/Cd"), []).append(one)
    interim = by_kind.get(_INTERIM, [])
    opening = next((by_kind[kind][0] for kind in _OPENING if kind in by_kind), None)
    closing = by_kind[_CLOSING][-1] if _CLOSING in by_kind else None
    if closing is None and interim:
        closing = interim.pop()
    if opening is None and interim:
        opening = interim[0]
    if opening is None and closing is None:
        opening, closing = (next(iter(by_kind.get(kind, [])), None) for kind in _AVAILABLE)
    for found, kinds in ((opening, "OPBD or PRCD"), (closing, "CLBD")):
        if found is None:
            raise UnreadableFile(f"statement {head.value('Id')} states no balance {kinds}", head.line)
    assert opening is not None and closing is not None  # noqa: S101, PT018 - for the type checker
    return opening, closing


def _key(account: str, head: Element, first: date, last: date) -> str:
    page = head.value("StmtPgntn/PgNb")
    parts = (account, head.value("Id"), page, f"{first}", f"{last}")
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _number(head: Element) -> int | None:
    text = head.value("ElctrncSeqNb", "LglSeqNb")
    return int(text) if text.isdecimal() and len(text) < 19 else None  # noqa: PLR2004 - Number of 18 digits
