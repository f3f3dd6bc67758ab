"""The connector of a book: each record is decoded by the connector of the bank whose words it has.

Records of an API are JSON, records of files of statements are XML: the first character tells. So one book has
accounts of a bank and accounts of files, and nothing above this package needs to know which is which.
"""

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from functools import cached_property

from primanota.banks.base import Connector, Names, OpenPoint, Reader, connector
from primanota.core.model import Account, Facts, Organisation, RawRecord, Transaction

_XML = b"<"


class BookConnector:
    """Decodes records of JSON with one connector, and records of XML with another, which is loaded when used."""

    def __init__(self, json: str = "qonto", xml: str = "camt") -> None:
        self._json = connector(json)
        self._name_of_xml = xml

    @cached_property
    def _xml(self) -> Connector:
        return connector(self._name_of_xml)

    def _of(self, raw: bytes) -> Connector:
        return self._xml if raw[:1] == _XML else self._json

    @property
    def lacks_rule(self) -> int:
        """The number of the rule of the bank whose rows can lack something."""
        return self._json.lacks_rule

    def record(self, raw: bytes) -> RawRecord:
        """Check a transaction, and return it with the facts by which the book finds it."""
        return self._of(raw).record(raw)

    def facts(self, body: bytes) -> Facts:
        """Return the facts of a stored transaction."""
        return self._of(body).facts(body)

    def account(self, raw: bytes) -> Account:
        """Decode a bank account."""
        return self._of(raw).account(raw)

    def organisation(self, raw: bytes) -> Organisation:
        """Decode the organisation."""
        return self._of(raw).organisation(raw)

    def account_order(self, raw: bytes) -> list[str]:
        """Return the ids of the organisation's accounts in the bank's order."""
        return self._of(raw).account_order(raw)

    def member_name(self, raw: bytes) -> str:
        """Return a member's first and last name."""
        return self._of(raw).member_name(raw)

    def label_name(self, raw: bytes) -> str:
        """Return a label's name."""
        return self._of(raw).label_name(raw)

    def name_ids(self, raw: bytes) -> Iterable[str]:
        """Return the ids of the members and labels that a transaction names."""
        return self._of(raw).name_ids(raw)

    def receipt_ids(self, raw: bytes) -> tuple[str, ...]:
        """Return the ids of the receipts that a transaction lists, in the bank's order."""
        return self._of(raw).receipt_ids(raw)

    def reader(self, names: Names, zone: tzinfo, fields: frozenset[str] | None = None) -> Reader:
        """Return a function that decodes a transaction: see ``Connector.reader``."""
        read = self._json.reader(names, zone, fields)
        others: list[Reader] = []

        def read_any(body: bytes) -> Transaction:
            if body[:1] != _XML:
                return read(body)
            if not others:
                others.append(self._xml.reader(names, zone, fields))
            return others[0](body)

        return read_any

    def open_points(self, bodies: Iterable[bytes], names: Names, zone: tzinfo) -> Iterator[OpenPoint]:
        """Yield what completed transactions lack; each body is decoded once."""
        for body in bodies:
            yield from self._of(body).open_points((body,), names, zone)
