"""The book's words as transactions: with the names of members and labels, on the organisation's days."""

from collections.abc import Callable
from datetime import tzinfo

from primanota.banks.qonto import normalise
from primanota.banks.qonto.details import detailed, label_name
from primanota.book import LABEL, MEMBER, Book
from primanota.core.model import Transaction
from primanota.formats.templates import DETAILS


def reader(book: Book, zone: tzinfo, fields: frozenset[str] | None = None) -> Callable[[bytes], Transaction]:
    """What makes a transaction of its body.

    Args:
        book: where names are.
        zone: the organisation's time zone.
        fields: those of a completed one that will be looked at, all others may be left out; None for all.
    """
    members = {key: normalise.member_name(body) for key, body in book.bodies(MEMBER).items()}
    if fields is None or fields & DETAILS:
        labels = {key: label_name(body) for key, body in book.bodies(LABEL).items()}
        return lambda body: detailed(normalise.transaction(body, zone, members), body, labels)
    read = normalise.transaction if fields & normalise.NOT_BRIEF else normalise.brief
    return lambda body: read(body, zone, members)
