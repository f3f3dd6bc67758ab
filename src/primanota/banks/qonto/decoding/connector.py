"""Decode Qonto's records: the ``Connector`` of this bank."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from primanota.banks.base import Names, OpenPoint, Reader
from primanota.banks.qonto.decoding import attachments, checked_rows, normalise
from primanota.banks.qonto.decoding.open_points import RULE, open_points_of
from primanota.banks.qonto.decoding.rows import decode_detailed


class QontoConnector:
    """Decodes the records of Qonto. Instances have no state."""

    lacks_rule = RULE
    record = staticmethod(checked_rows.record)
    facts = staticmethod(checked_rows.facts)
    account = staticmethod(normalise.account)
    organisation = staticmethod(normalise.organisation)
    account_order = staticmethod(normalise.account_order)
    member_name = staticmethod(normalise.member_name)
    label_name = staticmethod(normalise.label_name)
    name_ids = staticmethod(normalise.name_ids)
    receipt_ids = staticmethod(attachments.ids_of)

    def reader(self, names: Names, zone: tzinfo, fields: frozenset[str] | None = None) -> Reader:
        """Return a function that decodes a transaction, with no more work than its ``fields`` need.

        Args:
            names: the names of members and labels.
            zone: the organisation's time zone.
            fields: the fields of a completed transaction that will be used; others may be left out. None for all.
        """
        full = fields is None or fields & normalise.NOT_BRIEF
        details = normalise.DETAILS if fields is None else fields & normalise.DETAILS
        if details - normalise.VAT or (details and full):
            return lambda body: normalise.detailed_transaction(decode_detailed.row(body), zone, names)
        if full:
            return lambda body: normalise.transaction(body, zone, names.members)
        return normalise.brief_reader(zone, names.members, vat=bool(details))

    def open_points(self, bodies: Iterable[bytes], names: Names, zone: tzinfo) -> Iterator[OpenPoint]:
        """Yield what completed transactions lack; each body is decoded once, and converted only where needed."""
        for body in bodies:
            row, unreadable = decode_detailed(body)
            if points := list(open_points_of(row, unreadable)):
                transaction = normalise.detailed_transaction(row, zone, names)
                yield from (OpenPoint(kind, reason, transaction) for kind, reason in points)
