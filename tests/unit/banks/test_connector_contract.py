"""What every connector promises, for each bank and for a book with accounts of several."""

from datetime import date
from io import BytesIO
from typing import NamedTuple

import pytest

from primanota.banks import Connector, Names, StatementFiles, connector, statement_files
from primanota.banks.by_words import BookConnector
from primanota.banks.camt.connector import CamtConnector, organisation_of
from primanota.banks.camt.files import CamtFiles
from primanota.banks.camt.statements import read_statements
from primanota.core.model import Transaction
from tests.support.banks.camt_files import Booked, document, statement
from tests.support.factories import raw
from tests.support.files.golden_company import BERLIN, LABELS, MEMBERS, bodies

_DAY = date(2026, 10, 5)
_NAMES = Names(MEMBERS, LABELS)


class Samples(NamedTuple):
    """Records of one bank."""

    bank: str
    rows: list[bytes]
    account: bytes
    organisation: bytes
    broken: list[bytes]


def _of_files() -> Samples:
    rows = [Booked(_DAY, -12_34, ref="A"), Booked(_DAY, 5_00), Booked(_DAY, 1, status="PDNG")]
    (one,) = [(one, list(one.rows)) for one in read_statements(BytesIO(document(statement(rows, 0, _DAY, _DAY))))]
    found, taken = one
    first, *others = [row.record.body for row in taken]
    organisation = organisation_of(found.account.body, "company").body
    broken = [first[:-9], b"<row/>", first.replace(b"DBIT", b"MINUS"), first.replace(b' id="', b' di="')]
    return Samples("camt", [first, *others], found.account.body, organisation, broken)


def _of_qonto() -> Samples:
    account = (
        b'{"id": "a1", "name": "Konto", "iban": "DE89370400440532013000", "currency": "EUR", "balance_cents": 5}'
    )
    organisation = b'{"id": "o1", "slug": "company", "legal_name": "Erfunden", "bank_accounts": [{"id": "a1"}]}'
    return Samples("qonto", bodies(), account, organisation, [raw()[:-1], b"{}", raw(side="minus"), raw(id="")])


_SAMPLES = [_of_qonto(), _of_files()]
_EACH = pytest.mark.parametrize("samples", _SAMPLES, ids=lambda one: one.bank)
_BOTH = pytest.mark.parametrize("of_book", [False, True], ids=["alone", "in a book"])


def _connector(samples: Samples, *, of_book: bool) -> Connector:
    return connector() if of_book else connector(samples.bank)


def test_the_protocols_are_implemented() -> None:
    """The classes implement the protocols: the type checker compares them here."""
    connectors: tuple[type[Connector], ...] = (CamtConnector, BookConnector)
    files: type[StatementFiles] = CamtFiles
    assert isinstance(connector(), connectors)
    assert isinstance(statement_files(), files)


@_EACH
@_BOTH
def test_facts_are_those_of_the_record(samples: Samples, of_book: bool) -> None:  # noqa: FBT001 - a parameter
    """The facts of a stored body are those with which it was stored, and the body is kept byte for byte."""
    decode = _connector(samples, of_book=of_book)
    for body in samples.rows:
        record = decode.record(body)
        assert record.body == body
        assert record.facts == decode.facts(body)
        assert record.id


@_EACH
@_BOTH
def test_the_model_agrees_with_the_facts(samples: Samples, of_book: bool) -> None:  # noqa: FBT001 - as above
    """Id, account, status, amount and balance of a transaction are those by which the book finds it."""
    decode = _connector(samples, of_book=of_book)
    read = decode.reader(_NAMES, BERLIN)
    for body in samples.rows:
        record, row = decode.record(body), read(body)
        assert (row.id, row.account_id, row.status) == (record.id, record.account, record.status)
        assert row.amount.cents == record.amount
        assert (row.balance.cents if row.balance else None) == record.balance
        assert (row.booked is None) == (record.settled is None)
        assert row.purpose


@_EACH
def test_fewer_fields_have_the_same_values(samples: Samples) -> None:
    """A reader that is asked for some fields has them as the full one does."""
    fields = frozenset(("id", "amount", "booked", "counterparty", "reference", "purpose"))
    whole, part = (connector().reader(_NAMES, BERLIN, wanted) for wanted in (None, fields))
    for body in samples.rows:
        known, found = whole(body), part(body)
        assert all(getattr(found, one) == getattr(known, one) for one in fields & {*Transaction.__struct_fields__})


@_EACH
@_BOTH
def test_the_other_records_are_decoded(samples: Samples, of_book: bool) -> None:  # noqa: FBT001 - as above
    """Account and organisation are decoded; only an account of files says so, and only a bank gives an id."""
    decode = _connector(samples, of_book=of_book)
    account, organisation = decode.account(samples.account), decode.organisation(samples.organisation)
    assert (account.iban, account.currency) == ("DE89370400440532013000", "EUR")
    assert account.from_files == (samples.bank == "camt")
    assert bool(organisation.id) == (samples.bank == "qonto")
    assert organisation.slug == "company"
    assert set(decode.account_order(samples.organisation)) <= {account.id}
    for body in samples.rows:
        assert isinstance([*decode.name_ids(body), *decode.receipt_ids(body)], list)
    assert all(point.kind for point in decode.open_points(samples.rows, _NAMES, BERLIN))


@_EACH
@_BOTH
def test_a_broken_record_is_a_value_error(samples: Samples, of_book: bool) -> None:  # noqa: FBT001 - as above
    """A record that cannot be decoded is a ValueError with a sentence, from ``record`` and from ``facts``."""
    decode = _connector(samples, of_book=of_book)
    for body in samples.broken:
        for read in (decode.record, decode.facts):
            with pytest.raises(ValueError, match=r"."):
                read(body)
