"""CSV profiles keep what their tools document, for any rows: header, cells, days, amounts, lengths, sizes."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings

from primanota import profiles
from primanota.app.exporting.export import export
from primanota.book import Book
from primanota.book.journal import Journal
from primanota.core.model import Account, Statement, Transaction
from primanota.core.period import between
from primanota.core.proof_state import ProofState
from primanota.core.results import Batch
from primanota.export.destinations import Destinations
from primanota.export.select import Export
from tests.support.books.book_world import CONNECTOR
from tests.support.clock import Clock
from tests.support.factories import keep, quick, raw_record
from tests.support.files import statements
from tests.support.files.documented_csv import LAYOUTS
from tests.support.files.national_statements import ROWS, days_and_cents, statement_of
from tests.support.files.profile_inputs import country_of, given_to

_CASES = sorted(statements.CASES.keys() - {"many"})
# The most rows and bytes of a file, where a tool says so; DATEV counts entries, of which a row may be several.
_LIMITS = {
    "datev": (99_999, 0),
    "lexware": (0, 5_000_000),
    "lexware-template": (0, 5_000_000),
    "quickbooks": (999, 350_000),
    "xero": (1000, 0),
    "zoho": (0, 10_000_000),
}
_SKIPPING = {"buchhaltungsbutler", "datev", "erpnext", "fec-fr", "portugal", "quickbooks", "ynab"}
_BERLIN = ZoneInfo("Europe/Berlin")
each_csv = pytest.mark.parametrize("name", LAYOUTS)


def _rows(name: str, statement: Statement) -> list[dict[str, str]]:
    """Return the rows of a file as the tool documents it, after checking every rule of each row."""
    profile, layout = profiles.load(name), LAYOUTS[name]
    wanted = given_to(profile, statement)
    rows = layout.rows(b"".join(profile.render(wanted)))
    assert [(f"{day}", cents) for day, cents in map(layout.day_and_cents, rows)] == days_and_cents(wanted)
    for row in rows:
        assert all(row[column].strip() for column in layout.filled)
        assert not layout.longest or max(map(len, row.values())) <= layout.longest
        assert min(map(len, row.values())) >= layout.shortest
    return rows


def test_every_csv_profile_has_a_documented_layout() -> None:
    """Every CSV profile has a documented layout in the tests, and requires the columns of the layout."""
    loaded = {name: profiles.load(name) for name in profiles.names()}
    assert {name for name, profile in loaded.items() if profile.format == "csv"} == {*LAYOUTS}
    for name, layout in LAYOUTS.items():
        one = layout.amounts if len(layout.amounts) == 1 else ()
        assert {*loaded[name].rules.required} == {*layout.days, *one, *layout.filled}, name


@each_csv
@pytest.mark.parametrize("case", _CASES)
def test_every_rule_is_kept(name: str, case: str) -> None:
    """Header, number of cells, days, signs and amounts are as documented, and no required cell is empty."""
    _rows(name, statements.CASES[case](country_of(profiles.load(name))))


@each_csv
@settings(quick, max_examples=30)
@given(rows=ROWS)
def test_every_rule_is_kept_for_any_text(name: str, rows: list[Transaction]) -> None:
    """The layout is kept for any texts."""
    _rows(name, statement_of(rows, country_of(profiles.load(name))))


@each_csv
def test_no_text_becomes_a_formula(name: str) -> None:
    """A text that a spreadsheet would run gets an apostrophe, unless that does harm; amounts never get one."""
    plain = statements.make([-5_00], country=country_of(profiles.load(name)))
    rows = [
        msgspec.structs.replace(row, counterparty="=A1", reference="+A1", purpose="-A1", details="@A1", note="@A1")
        for row in plain.rows
    ]
    [row] = _rows(name, msgspec.structs.replace(plain, rows=rows))
    texts = [cell for column, cell in row.items() if column not in LAYOUTS[name].amounts]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in texts)


def test_freeagent_needs_no_quotes() -> None:
    """The file has no quote mark, and no comma except the two between the cells of a line."""
    profile = profiles.load("freeagent")
    lines = b"".join(profile.render(statements.nasty_texts())).split(b"\r\n")[:-1]
    assert len(lines) == len(statements.rows_of(statements.nasty_texts()))
    assert {line.count(b",") for line in lines} == {2}
    assert not any(b'"' in line for line in lines)


def test_limits_are_those_of_the_tools() -> None:
    """Rows, bytes, fiscal years and rows of 0.00 are limited exactly for the tools that document it."""
    rules = {name: profiles.load(name).rules for name in profiles.names()}
    assert {name: (one.max_rows, one.max_bytes) for name, one in rules.items() if one.max_rows or one.max_bytes} == (
        _LIMITS
    )
    assert {name for name, one in rules.items() if one.zero == "skip"} == _SKIPPING
    assert {name for name, one in rules.items() if one.fiscal_year} == {"datev", "fec-fr"}


@pytest.fixture(scope="module")
def long_book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """Fill a book with 2,500 payments with long texts, a minute apart."""
    start = datetime(2026, 10, 1, tzinfo=_BERLIN)
    with Book(tmp_path_factory.mktemp("book") / "long.book", Clock().micros) as made:
        rows = (
            raw_record(
                f"{place:05}",
                settled_at=(start + timedelta(minutes=place)).isoformat(),
                settled_balance=-12.34 * (place + 1),
                settled_balance_cents=-1234 * (place + 1),
                reference=f"{place} " + "Beratung " * 30,
            )
            for place in range(2500)
        )
        with made.run("sync"):
            keep(made, rows)
            with made.writing():
                made.set_proof_state("account-1", ProofState("proven", made.clock(), (), made.clock()))
        yield made


@pytest.mark.parametrize(("name", "files"), [("xero", 3), ("quickbooks", 6)])
def test_files_are_split_at_the_limits(name: str, files: int, long_book: Book, tmp_path: Path) -> None:
    """No file is larger than allowed, each has the header, and together they have every row once, in order."""
    done = _exported(long_book, name, tmp_path)
    layout, found = LAYOUTS[name], []
    most_rows, most_bytes = _LIMITS[name]
    for file in done:
        assert file.path
        content = file.path.read_bytes()
        rows = layout.rows(content)
        assert len(rows) <= most_rows
        assert not most_bytes or len(content) <= most_bytes
        found += [re.findall(r"(\d+) Beratung", "|".join(row.values())) for row in rows]
    assert len(done) == files
    assert [int(numbers[0]) for numbers in found] == [*range(2500)]


def _exported(book: Book, name: str, folder: Path) -> list[Batch]:
    october = between(date(2026, 10, 1), date(2026, 10, 31))
    account = Account("account-1", "Hauptkonto", statements.IBANS["DE"])
    request = Export(
        Journal(book, CONNECTOR, _BERLIN), profiles.load(name), october, destinations=Destinations(folder)
    )
    (done,), _ = export(request, [account])
    return list(done.batches)
