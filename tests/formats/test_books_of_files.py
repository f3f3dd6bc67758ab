"""A company's book comes back through camt.053: each profile writes the same files from the book of the files.

The rows of the first book are taken as camt.053 carries them: ``_as_carried`` has all that gets lost on the way, with
the reasons. Nothing else may differ, in any byte of any profile's files, but the name of the source.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, time, tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from primanota import profiles
from primanota.app.exporting.export import export
from primanota.app.workspace import Workspace
from primanota.banks import Names, Reader, connector
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.cli import main
from primanota.core.language.purposes import purposes_in
from primanota.core.model import Account, Ledger, Original, Transaction
from primanota.core.period import between
from primanota.core.results import Batch
from primanota.core.text import clean
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from primanota.profiles import Profile
from tests.support.books.book_world import CONNECTOR
from tests.support.clock import Clock
from tests.support.files import golden_company, statements
from tests.support.files.profile_inputs import country_of, given_to, ledger_of

_DAYS = between(golden_company.FIRST, golden_company.LAST)
_WRITTEN_WITH = "camt-de"
# Statements have a key of the ids of their rows; formats show as much of it as they have room for.
_SHOWN_OF_KEYS = (32, 20, 12, 11, 10)
# How files name the bank whose API was read, and how they are to name the source of an account of files.
_NAMED = {b"<Issr>Qonto<": b"<Issr>Primanota<", b":20:QONTO" + b"K" * 11: b":20:STMT" + b"K" * 12}
_ROWS = {"transfer": -20_00, "income": 50_00, "fee": -3_00, "card": -1_00, "direct_debit": -7_00, "recall": 2_00}


def _as_carried(row: Transaction, filed: Transaction) -> Transaction:
    """Return a row of the bank as camt.053 carries it; ``filed`` is the row that came of it.

    All differences that are allowed are here. Amount, day, status, operation, balance, the counterparty's name,
    account and bank, and mandate are not among them.
    """
    purpose = clean(purposes_in(profiles.load(_WRITTEN_WITH).purpose_language)(row).purpose)
    at = datetime.combine(row.day, time(), row.emitted.tzinfo)
    return replace(
        row,
        # A row of a file has an id of its own, and its account too; the bank's reference is the id of the first row.
        id=filed.id,
        account_id=filed.account_id,
        number=row.id.replace("-", ""),
        # BookgDt is a day. Banks state no time in it.
        booked=at,
        emitted=at,
        updated=at,
        created=at,
        # One text is all that there is: the words for a row without a reference become its reference.
        reference=purpose,
        purpose=purpose,
        # Line breaks and control characters are blanks in a file.
        counterparty=clean(row.counterparty),
        details=clean(row.details),
        note=clean(row.note),
        # An amount has the decimals of its currency: 99.00 for the 99.0 that JSON Lines shows as Qonto wrote it.
        original=row.original and Original(Decimal(f"{row.original}".split()[0]), row.original.currency),
        # There is one name, and no element for these facts of Qonto. A card's PAN has at least eight digits
        # (ISO 20022, Min8Max28NumericText), and Qonto gives four.
        clean_counterparty=clean(row.counterparty),
        member="",
        member_id="",
        card="",
        labels=(),
        label_ids=(),
        vat=(),
        receipts=0,
        attachment_ids=(),
    )


class _Carrying(QontoConnector):
    """Decodes the rows of the first book as camt.053 carries them.

    Args:
        filed: the rows that came of them, by the bank's id.
    """

    def __init__(self, filed: dict[str, Transaction]) -> None:
        self._filed = filed

    def reader(self, names: Names, zone: tzinfo, fields: frozenset[str] | None = None) -> Reader:  # noqa: ARG002
        """Return a function that decodes all fields of a row."""
        read = super().reader(names, zone)

        def carried(body: bytes) -> Transaction:
            row = read(body)
            return _as_carried(row, self._filed[row.id.replace("-", "")])

        return carried


class _Books(NamedTuple):
    """The company's book as Qonto gives it, with rows as camt.053 carries them, and the book of its file."""

    first: Journal
    carried: Journal
    filed: Journal

    @property
    def filed_account(self) -> Account:
        (account,) = self.filed.accounts()
        return account


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Books]:
    """Return the books: one is exported as camt.053, and the file is imported into a new one, in an empty home."""
    home, clock = tmp_path_factory.mktemp("home"), Clock()
    with Book(home / "first.book", clock.micros) as book, pytest.MonkeyPatch.context() as patch:
        golden_company.keep(book)
        first = Journal(book, CONNECTOR, golden_company.BERLIN)
        (made,) = _export(first, profiles.load(_WRITTEN_WITH), golden_company.ACCOUNT, home / "made")
        patch.setenv("PRIMANOTA_HOME", str(home))
        assert main(["import", f"{made.path}"], partial(Workspace, clock=clock)) == 0
        (path,) = (home / "books").glob("*.book")
        with Book(path, clock.micros) as imported:
            filed = Journal(imported, connector(), golden_company.BERLIN)
            rows = {row.number: row for account in filed.accounts() for row in filed.transactions(account)}
            yield _Books(first, Journal(book, _Carrying(rows), golden_company.BERLIN), filed)


def _export(journal: Journal, profile: Profile, account: Account, folder: Path) -> tuple[Batch, ...]:
    """Export the company's rows with a profile; the account is in the profile's country."""
    abroad = replace(account, iban=statements.IBANS[country_of(profile)])
    asked = Export(journal, profile, _DAYS, lambda _: ledger_of(profile), Destinations(folder))
    (done,), _ = export(asked, [abroad])
    return done.batches


def _file(batch: Batch) -> dict[str, bytes]:
    """Return the content of a file without the key of its statement and its source; of a workbook its parts.

    An account of files has its IBAN as its id.
    """
    assert batch.path
    content, key = batch.path.read_bytes(), batch.statement_key
    content = content.replace(golden_company.ACCOUNT.id.encode(), golden_company.ACCOUNT.iban.encode())
    for length in _SHOWN_OF_KEYS if key else ():
        for shown in (key[:length], key[:length].upper()):
            content = content.replace(shown.encode(), b"K" * length)
    for bank, source in _NAMED.items():
        content = content.replace(bank, source)
    return _parts(content)


def _parts(content: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook; another file as its only part."""
    if not content.startswith(b"PK"):
        return {"": content}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_rows_come_back_but_for_what_the_file_cannot_carry(books: _Books) -> None:
    """All fields of all rows of the imported book are those of the first one, as camt.053 carries them."""
    first, filed = golden_company.ACCOUNT, books.filed_account
    assert [*books.filed.transactions(filed)] == [*books.carried.transactions(first, _DAYS)]
    assert (filed.iban, filed.name, filed.currency, filed.balance) == (
        first.iban,
        first.name,
        first.currency,
        first.balance,
    )


@pytest.mark.parametrize("name", profiles.names())
def test_every_profile_writes_the_same_files_from_a_book_of_files(name: str, books: _Books, tmp_path: Path) -> None:
    """Files of both books have the same rows, sums, balances and bytes; only the keys of statements differ."""
    profile = profiles.load(name)
    first = _export(books.carried, profile, golden_company.ACCOUNT, tmp_path / "first")
    filed = _export(books.filed, profile, books.filed_account, tmp_path / "filed")
    facts: list[Callable[[Batch], object]] = [
        lambda batch: (batch.rows, batch.sum_in, batch.sum_out, batch.opening, batch.closing, batch.proven),
        lambda batch: batch.path and batch.path.name,
        _file,
    ]
    for fact in facts:
        assert [fact(batch) for batch in filed] == [fact(batch) for batch in first]


@pytest.mark.parametrize("name", profiles.names())
def test_a_file_for_an_account_of_files_names_no_bank_of_its_own(name: str) -> None:
    """Rows that came from a file of any bank are in no file said to be of the bank whose API the program reads."""
    profile = profiles.load(name)
    made = statements.make(_ROWS.values(), country=country_of(profile))
    rows = [replace(row, operation=one) for row, one in zip(made.rows, _ROWS, strict=True)]
    filed = given_to(profile, replace(made, rows=rows, account=replace(made.account, from_files=True)))
    ledger = filed.ledger and _at_another_bank(filed.ledger)
    content = b"".join(profile.render(replace(filed, ledger=ledger)))
    assert not [part for part in _parts(content).values() if b"qonto" in part.lower()]


def _at_another_bank(ledger: Ledger) -> Ledger:
    """Return a ledger whose account of the bank has another name."""
    names = {number: name.replace("Qonto", "Sparkasse") for number, name in ledger.names.items()}
    return replace(ledger, bank=ledger.bank.replace("Qonto", "Sparkasse"), names=names)
