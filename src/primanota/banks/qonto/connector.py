"""Decode Qonto's records: the ``Connector`` of this bank."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from primanota.banks.base import Names, OpenPoint, Reader
from primanota.banks.qonto import normalise
from primanota.banks.qonto.open_points import open_points_of
from primanota.banks.qonto.rows import decode_detailed
from primanota.core.model import Account, Organisation, RawRecord


class QontoConnector:
    """Decodes the records of Qonto. Instances have no state."""

    def record(self, raw: bytes) -> RawRecord:
        """Check a transaction, and return it as the book stores it.

        Raises:
            Unreadable: an id, an amount, a side or a day is missing, or amount and cents disagree.
        """
        return normalise.record(raw)

    def account(self, raw: bytes) -> Account:
        """Decode a bank account."""
        return normalise.account(raw)

    def organisation(self, raw: bytes) -> Organisation:
        """Decode the organisation."""
        return normalise.organisation(raw)

    def account_order(self, raw: bytes) -> list[str]:
        """Return the ids of the organisation's accounts in the bank's order."""
        return normalise.account_order(raw)

    def member_name(self, raw: bytes) -> str:
        """Return a member's first and last name."""
        return normalise.member_name(raw)

    def label_name(self, raw: bytes) -> str:
        """Return a label's name."""
        return normalise.label_name(raw)

    def reader(self, names: Names, zone: tzinfo, fields: frozenset[str] | None = None) -> Reader:
        """Return a function that decodes a transaction, with no more work than its ``fields`` need.

        Args:
            names: the names of members and labels.
            zone: the organisation's time zone.
            fields: the fields of a completed transaction that will be used; others may be left out. None for all.
        """
        if fields is None or fields & normalise.DETAILS:
            return lambda body: normalise.detailed_transaction(decode_detailed(body)[0], zone, names)
        read = normalise.transaction if fields & normalise.NOT_BRIEF else normalise.brief
        return lambda body: read(body, zone, names.members)

    def open_points(self, bodies: Iterable[bytes], names: Names, zone: tzinfo) -> Iterator[OpenPoint]:
        """Yield what completed transactions lack; a body is decoded once, and converted only if it has a point."""
        for body in bodies:
            row, unreadable = decode_detailed(body)
            if points := list(open_points_of(row, unreadable)):
                transaction = normalise.detailed_transaction(row, zone, names)
                yield from (OpenPoint(kind, reason, transaction) for kind, reason in points)
