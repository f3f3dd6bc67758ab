"""Decode the records of camt.053: the ``Connector`` of files of any bank."""

from collections.abc import Iterable, Iterator
from datetime import tzinfo

from primanota.banks.base import Names, OpenPoint, Reader
from primanota.banks.camt import normalise, rows
from primanota.banks.camt.fields import iban_of, signed_cents
from primanota.banks.camt.xml_reader import parse
from primanota.banks.camt.xml_tree import Element, as_xml
from primanota.core.model import Account, Organisation, RawRecord


class CamtConnector:
    """Decodes the records of camt.053. Instances have no state.

    Statements say nothing of receipts and VAT, so their rows lack nothing.
    """

    lacks_rule = 0  # it adds nothing to the rules of other banks
    record = staticmethod(rows.record)
    facts = staticmethod(rows.facts)

    def account(self, raw: bytes) -> Account:
        """Decode an account; its balance is the closing one of its newest statement."""
        found = parse(raw)
        stated, currency = found.children[0], found.attributes["currency"]
        iban = iban_of(stated)
        key, closing = found.attributes["id"], found.find("Bal")
        return Account(
            id=key,
            name=stated.value("Nm") or stated.value("Svcr/FinInstnId/Nm") or iban or key,
            iban=iban,
            currency=currency,
            balance=None if closing is None else signed_cents(closing, currency),
            from_files=True,
        )

    def organisation(self, raw: bytes) -> Organisation:
        """Decode the organisation: the owner of the first account. No bank has given it an id."""
        found = parse(raw)
        slug = found.attributes["login"]
        return Organisation("", slug, found.value("Ownr/Nm") or slug, found.attributes["country"])

    def account_order(self, raw: bytes) -> list[str]:  # noqa: ARG002 - the protocol's
        """Return no ids: files state no order."""
        return []

    def member_name(self, raw: bytes) -> str:  # noqa: ARG002 - the protocol's
        """Return an empty name: statements have no members."""
        return ""

    label_name = member_name

    def name_ids(self, raw: bytes) -> Iterable[str]:  # noqa: ARG002 - the protocol's
        """Return no ids."""
        return ()

    def receipt_ids(self, raw: bytes) -> tuple[str, ...]:  # noqa: ARG002 - the protocol's
        """Return no ids."""
        return ()

    def reader(self, names: Names, zone: tzinfo, fields: frozenset[str] | None = None) -> Reader:  # noqa: ARG002
        """Return a function that decodes a transaction with all its fields."""
        return lambda body: normalise.transaction(body, zone)

    def open_points(self, bodies: Iterable[bytes], names: Names, zone: tzinfo) -> Iterator[OpenPoint]:  # noqa: ARG002
        """Yield nothing."""
        return iter(())


def organisation_of(account: bytes, login: str) -> RawRecord:
    """Return the record of the organisation that an account belongs to."""
    stated = parse(account).children[0]
    country = iban_of(stated)[:2] or stated.value("Ownr/PstlAdr/Ctry")
    found = Element("organisation", {"country": country, "login": login})
    found.children = [*stated.each("Ownr")]
    return RawRecord("organisation", as_xml(found).encode())
