"""Golden files of every profile: exports of the invented company's book, which a person has reviewed.

Independent programs read the bank's data in these files; the profile names the programs in ``verified``.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from primanota import profiles
from primanota.app.exporting.export import export
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.period import between
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from primanota.profiles import Profile
from tests.support.books.book_world import CONNECTOR
from tests.support.clock import Clock
from tests.support.files import fec_ledger, golden_company, statements
from tests.support.files.documented_csv import LAYOUTS
from tests.support.files.profile_inputs import country_of, ledger_of
from tests.support.readers import (
    ReaderTotals,
    beancount,
    camt053,
    cfonb120,
    coda,
    datev,
    datev_ascii,
    fec,
    journals,
    jsonl,
    mt940,
    norma43,
    ofx,
    qif,
    xlsx,
)

GOLDEN = Path(__file__).parents[1] / "golden"
Reader = Callable[[Path], ReaderTotals]
# The names that a profile may have in “verified”, by format, with readers. CSV is read as its tool documents it.
READERS: dict[str, dict[str, Reader]] = {
    "beancount": {"beancount": beancount.loader},
    "camt053": {
        "xmllint with ISO's schema": camt053.xmllint,
        "pyiso20022": camt053.pyiso20022,
        "aqbanking": camt053.aqbanking,
        "Odoo's importer": camt053.odoo,
    },
    "cfonb120": {"python-cfonb": cfonb120.python_cfonb, "Odoo's importer": cfonb120.oca},
    "coda": {"febelfin-coda": coda.febelfin},
    "datev": {"german-ledger": datev.german_ledger, "Apache Arrow": datev.arrow},
    "fec": {"fec-parser": partial(fec.fec_parser, bank=fec_ledger.BANK)},
    "hledger": {"hledger": journals.hledger},
    "jsonl": {"jq": jsonl.jq},
    "ledger": {"ledger": journals.ledger},
    "mt940": {"mt-940": mt940.mt_940, "aqbanking": mt940.aqbanking},
    "norma43": {"csb43": norma43.csb43, "aqbanking": norma43.aqbanking},
    "ofx": {"ofxtools": ofx.ofxtools, "ofxparse": ofx.ofxparse, "ofxdump": ofx.ofxdump},
    "qif": {"quiffen": qif.quiffen},
    "xlsx": {"calamine": xlsx.calamine, "xlsx2csv": xlsx.xlsx2csv},
}


class File(NamedTuple):
    """An exported file, the path of its golden file, and the totals that the export reported."""

    path: Path
    golden: Path
    reported: ReaderTotals


class ExportedFiles(NamedTuple):
    """The exported files of a profile."""

    profile: Profile
    files: list[File]

    @property
    def truth(self) -> list[tuple[date, int]]:
        """The day and the signed cents of each row, from the bank's JSON."""
        rows = map(_moved, golden_company.bodies())
        return [(day, cents) for day, cents in rows if cents or self.profile.rules.zero == "keep"]


def _moved(body: bytes) -> tuple[date, int]:
    raw = msgspec.json.decode(body)
    settled = datetime.fromisoformat(raw["settled_at"]).astimezone(golden_company.BERLIN)
    return settled.date(), {"credit": 1, "debit": -1}[raw["side"]] * raw["amount_cents"]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """Return the company's book."""
    with Book(tmp_path_factory.mktemp("book") / "company.book", Clock().micros) as made:
        golden_company.keep(made)
        yield made


@pytest.fixture(scope="module", params=profiles.names())
def exported(request: pytest.FixtureRequest, book: Book, tmp_path_factory: pytest.TempPathFactory) -> ExportedFiles:
    """Return the company's files of a profile; its account is in the profile's country."""
    profile = profiles.load(str(request.param))
    account = msgspec.structs.replace(golden_company.ACCOUNT, iban=statements.IBANS[country_of(profile)])
    asked = Export(
        Journal(book, CONNECTOR, golden_company.BERLIN),
        profile,
        between(golden_company.FIRST, golden_company.LAST),
        lambda _: ledger_of(profile),
        Destinations(tmp_path_factory.mktemp(profile.name)),
    )
    (done,), _ = export(asked, [account])
    files = []
    for number, one in enumerate(done.batches, 1):
        assert one.path
        name = f"{profile.name}{f'_{number}' if number > 1 else ''}{profile.suffix}"
        totals = ReaderTotals(one.rows, one.sum_in + one.sum_out, one.opening, one.closing)
        files.append(File(one.path, GOLDEN / name, totals))
    return ExportedFiles(profile, files)


def test_the_golden_files(exported: ExportedFiles, request: pytest.FixtureRequest) -> None:
    """The bytes are those of the golden file; ``--update-goldens`` rewrites it, for review."""
    for file in exported.files:
        content = file.path.read_bytes()
        if request.config.getoption("--update-goldens"):
            file.golden.write_bytes(content)
        assert file.golden.exists(), f"run pytest --update-goldens, then read {file.golden}"
        assert _parts(content) == _parts(file.golden.read_bytes())


def _parts(content: bytes) -> dict[str, bytes]:
    """Return the content of a file: of a workbook its parts, since the compression depends on the machine."""
    if not content.startswith(b"PK"):
        return {"": content}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_golden_file_has_a_profile() -> None:
    """Every golden file belongs to a profile."""
    names = {file.stem.removesuffix("_2") for file in GOLDEN.iterdir() if file.is_file()}
    assert names == {*profiles.names()}


def test_the_totals_are_those_of_the_bank(exported: ExportedFiles) -> None:
    """Number and sum of the exported rows are those of the bank, and balances continue from file to file."""
    totals = [file.reported for file in exported.files]
    amounts = [cents for _, cents in exported.truth]
    assert (sum(one.rows for one in totals), sum(one.total for one in totals)) == (len(amounts), sum(amounts))
    for one, after in zip(
        totals, [one.opening for one in totals[1:]] + [golden_company.ACCOUNT.balance], strict=True
    ):
        assert one.opening is not None
        assert one.closing == one.opening + one.total == after


def test_independent_programs_read_the_files(exported: ExportedFiles) -> None:
    """Each program that the profile names finds the reported number of rows, sum and balances."""
    readers = READERS.get(exported.profile.format, {})
    assert exported.profile.verified == (", ".join(readers) or "rules only")
    for file in exported.files:
        for reader in readers.values():
            seen = reader(file.path)
            stated = [place for place, value in enumerate(seen) if value is not None]
            assert [seen[place] for place in stated] == [file.reported[place] for place in stated]


def test_a_csv_is_read_as_its_tool_documents(exported: ExportedFiles) -> None:
    """A CSV, read as its tool documents it, has the bank's days and cents in the bank's order."""
    if exported.profile.format == "csv":
        layout = LAYOUTS[exported.profile.name]
        assert [
            layout.day_and_cents(row) for file in exported.files for row in layout.rows(file.path.read_bytes())
        ] == exported.truth


def test_datev_ascii_is_read_as_csv(exported: ExportedFiles) -> None:
    """A CSV reader finds the number and the sum of the rows in DATEV's ASCII file."""
    if exported.profile.format == "datev_ascii":
        [file] = exported.files
        assert datev_ascii.arrow(file.path) == (*file.reported[:2], None, None)
