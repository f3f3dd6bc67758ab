"""The row that is stored of an entry: the bank's own elements, in an element with what is derived of the statement.

``row`` has the id, the account, its currency, the balance after the row (cents), and the key of the statement;
``part`` is the place of a payment in a batch, whose entry then has the details of this payment alone. Day, amount
and status are read from the bank's elements each time.
"""

from primanota.banks.camt.errors import UnreadableFile
from primanota.banks.camt.fields import booking_day, noted_at, part_cents, signed_cents, status_of
from primanota.banks.camt.xml_reader import parse
from primanota.banks.camt.xml_tree import Element, as_xml
from primanota.core.model import COMPLETED, Facts, RawRecord

_DETAILS = "NtryDtls"


def row_of(entry: Element, marks: dict[str, str], details: Element | None = None) -> RawRecord:
    """Return the record of an entry, or of one payment of a batch.

    Args:
        entry: the bank's ``Ntry``.
        marks: the attributes of the row.
        details: the payment, for a batch that is split.
    """
    row = Element("row", marks)
    row.children = [entry if details is None else _with_one(entry, details)]
    return _record(row, as_xml(row).encode())


def record(raw: bytes) -> RawRecord:
    """Return a stored row with the facts by which the book finds it.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        return _record(parse(bytes(raw)), bytes(raw))
    except KeyError as error:
        raise UnreadableFile(f"a stored row has no {error}") from None


def facts(body: bytes) -> Facts:
    """Return the facts of a stored row.

    Raises:
        ValueError: it cannot be read.
    """
    return record(body).facts


def cents_of_row(row: Element, entry: Element) -> int:
    """Return the signed cents of a stored row."""
    currency = row.attributes["currency"]
    if "part" not in row.attributes:
        return signed_cents(entry, currency)
    (details,) = entry.each("NtryDtls/TxDtls")
    return part_cents(entry, details, currency)


def _record(row: Element, body: bytes) -> RawRecord:
    marks, (entry,) = row.attributes, row.children
    status, at = status_of(entry), noted_at(booking_day(entry))
    booked = status == COMPLETED
    return RawRecord(
        marks["id"],
        body,
        marks["account"],
        status,
        created=at,
        emitted=at,
        updated=at,
        settled=at if booked else None,
        amount=cents_of_row(row, entry),
        balance=int(marks["balance"]) if booked else None,
    )


def _with_one(entry: Element, details: Element) -> Element:
    """Return a copy of an entry with the details of one payment."""
    one, holder = Element(entry.name, entry.attributes), Element(_DETAILS, {})
    holder.children = [details]
    one.children = [*(child for child in entry.children if child.name != _DETAILS), holder]
    return one
