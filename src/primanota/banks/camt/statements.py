"""Read the statements of a camt.053 file: head, rows with their balances, and the sums that must be right.

A statement is read in pieces: first its head, then one entry after the other. What cannot be right is refused: the
closing balance must be the opening one and the entries, and numbers and sums of entries must be those that are stated
(ISO 20022, ``TxsSummry``).
"""

import re
from collections.abc import Generator, Iterator
from datetime import date
from hashlib import sha256
from typing import IO

from primanota.banks.camt.errors import UnreadableFile
from primanota.banks.camt.fields import (
    booking_day,
    cents_of,
    currency_of,
    day_in,
    parts_of,
    signed_cents,
    status_of,
)
from primanota.banks.camt.identity import FAMILY_LETTERS, Identities, bank_reference
from primanota.banks.camt.rows import row_of
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
_NOT_OF_ID = re.compile(r"[^A-Za-z0-9._]+")


def read_statements(stream: IO[bytes]) -> Iterator[FiledStatement]:
    """Yield the statements of a file, one after the other; the rows of each must be taken before the next.

    Raises:
        UnreadableFile: the file is not camt.053, is not whole, or says what cannot be right.
    """
    events, found, line = read_events(stream, _OPENED), False, 0
    for event in events:
        if isinstance(event, Start):
            line = event.line
            if event.name == _DOCUMENT:
                _check_kind(event)
            elif event.name == _STATEMENT:
                found = True
                yield _Reader(events, event.line).statement()
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


class _Reader:
    """Reads one statement."""

    def __init__(self, events: Iterator[Event], line: int) -> None:
        self._events = events
        self._head = Element(_STATEMENT, {}, line)
        self._next: Element | None = None
        self._count = self._booked = 0
        self._sums = {1: [0, 0], -1: [0, 0]}  # number and cents of booked entries, by their sign

    def statement(self) -> FiledStatement:
        """Read the head, and return the statement."""
        for event in self._events:
            if isinstance(event, End):
                break
            if isinstance(event, Element):
                if event.name == _ENTRY:
                    self._next = event
                    break
                self._head.children.append(event)
        head = self._head
        account = head.find("Acct")
        if account is None:
            raise UnreadableFile("a statement names no account", head.line)
        opening, closing = _balances(head)
        self._currency = account.value("Ccy") or currency_of(_amount_of(opening))
        key = account_id(account, self._currency)
        self._opening, self._closing = (signed_cents(one, self._currency) for one in (opening, closing))
        last = day_in(closing, "Dt") or date.min
        first = min(day_in(opening, "Dt") or last, last)
        self._span = StatedSpan(
            key=_key(key, head, first, last),
            account=key,
            name=head.value("Id"),
            number=_number(head),
            first=first,
            last=last,
            opening=self._opening,
            closing=self._closing,
        )
        return FiledStatement(self._span, self._account(account, closing), self._rows(), head.line)

    def record(self, digest: str) -> RawRecord:
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

    def _account(self, account: Element, closing: Element) -> RawRecord:
        holder = Element("account", {"currency": self._currency, "id": self._span.account})
        holder.children = [account, closing]
        return RawRecord(self._span.account, as_xml(holder).encode())

    def _rows(self) -> Generator[FiledRow, None, RawRecord]:
        """Yield the rows with their balances; return the record of the statement after its sums are right."""
        ids, balance, said = Identities(self._span.account), self._opening, sha256()
        said.update(f"{self._opening} {self._closing}\n".encode())
        for entry in self._entries():
            status, day = status_of(entry), booking_day(entry)
            self._count += 1
            if not status:
                continue
            cents = signed_cents(entry, self._currency)
            if status == COMPLETED:
                self._note(cents, entry)
            parts = parts_of(entry, self._currency)
            for place, (details, one) in enumerate(parts or [(None, cents)]):
                balance += one if status == COMPLETED else 0
                marks = {
                    "account": self._span.account,
                    "balance": f"{balance}",
                    "currency": self._currency,
                    "id": ids.of(entry, day, one, place if parts else None),
                    "statement": self._span.key,
                } | ({"part": f"{place}"} if parts else {})
                found = row_of(entry, marks, details)
                said.update(f"{found.id} {status}\n".encode())
                family = found.id[:FAMILY_LETTERS] if bank_reference(entry) else ""
                yield FiledRow(found, family, entry.line)
        self._check(balance)
        return self.record(said.hexdigest())

    def _entries(self) -> Iterator[Element]:
        if self._next is None:
            return
        yield self._next
        for event in self._events:
            if isinstance(event, End):
                return
            if isinstance(event, Element) and event.name == _ENTRY:
                yield event

    def _note(self, cents: int, entry: Element) -> None:
        self._booked += 1
        sums = self._sums[1 if entry.value("CdtDbtInd") == "CRDT" else -1]
        sums[0] += 1
        sums[1] += abs(cents)

    def _check(self, balance: int) -> None:
        """Refuse a statement whose entries are not those that its balances and sums state."""
        name, line = self._span.name, self._head.line
        if balance != self._closing:
            made, closing = decimal_text(balance, "."), decimal_text(self._closing, ".")
            opening = decimal_text(self._opening, ".")
            what = f"statement {name} opens with {opening}, its entries lead to {made}, and it closes with {closing}"
            raise UnreadableFile(what, line)
        summary = self._head.find("TxsSummry")
        if summary is None:
            return
        (number_in, paid_in), (number_out, paid_out) = self._sums[1], self._sums[-1]
        for path, number, cents in (
            ("TtlNtries", number_in + number_out, paid_in + paid_out),
            ("TtlCdtNtries", number_in, paid_in),
            ("TtlDbtNtries", number_out, paid_out),
        ):
            total = summary.find(path)
            numbers = {number, self._count} if path == "TtlNtries" else {number}
            if total is not None and self._booked == self._count:
                _compare(total, name, path, numbers, cents, self._currency)


def _compare(total: Element, name: str, path: str, numbers: set[int], cents: int, currency: str) -> None:
    stated, stated_sum = total.value("NbOfNtries"), total.value("Sum")
    if stated and (not stated.isdecimal() or int(stated) not in numbers):
        found = max(numbers)
        raise UnreadableFile(f"statement {name} states {stated[:20]} entries in {path}, and has {found}", total.line)
    if stated_sum:
        amount = Element("Sum", {"Ccy": currency}, total.line)
        amount.text = stated_sum
        if cents_of(amount, currency) != cents:
            what = f"statement {name} states a sum of {stated_sum[:20]} in {path}, and has {decimal_text(cents, '.')}"
            raise UnreadableFile(what, total.line)


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
