"""The contract of all formats: a file or a refusal, reproducible bytes, streaming, complete ``shows``."""

import ast
import tracemalloc
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from primanota import formats
from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Ledger, Money, Original, Statement, Transaction, Vat
from primanota.core.posting_rules import Chart, LedgerSettings, Rule
from primanota.formats.writers import coda
from tests.support.files import statements
from tests.support.files.every_format import FORMAT_CASES, FormatCase
from tests.support.files.national_statements import one_row

_FOLDER = Path(formats.__file__).parent
# Fifty thousand rows are tested in each format's own tests, with independent programs.
_SMALL = sorted(statements.CASES.keys() - {"many"})
_REFUSED = {
    ("datev", "the invented company"): "one begins on 2026-01-01 between 2025-12-01 and 2026-10-31",
    ("datev", "a year change"): "one begins on 2026-01-01 between 2025-12-01 and 2026-01-31",
    ("datev", "zero amounts"): r"2026-01-01, Müller GmbH, 0.00 EUR: this would be an entry of 0.00",
    ("fec", "the invented company"): "2026-04-02, Kartenprüfung, 0.00 EUR: an entry of 0.00",
    ("fec", "zero amounts"): "2026-01-01, Müller GmbH, 0.00 EUR: an entry of 0.00",
}
# Five thousand rows of two kilobytes each are twice the memory that is allowed.
_LONG, _FAT = 5_000, "x" * 2_000
_MOST_HELD = 6_000_000
_FORBIDDEN_MODULES = {"time", "random", "secrets", "uuid", "os", "platform", "locale", "getpass", "socket"}
_FORBIDDEN_NAMES = {"now", "today", "utcnow", "fromtimestamp", "localtime"}

every_format = pytest.mark.parametrize("tested", FORMAT_CASES.values(), ids=FORMAT_CASES)


def _written_cases(tested: FormatCase) -> Iterator[str]:
    """Return the cases that the format writes."""
    return (case for case in _SMALL if (tested.format, case) not in _REFUSED)


def test_every_format_is_tested() -> None:
    """The contract is tested for every format."""
    assert {tested.format for tested in FORMAT_CASES.values()} == set(formats.FORMATS)


@every_format
@pytest.mark.parametrize("case", _SMALL)
def test_a_case_is_a_file_or_a_refusal(tested: FormatCase, case: str) -> None:
    """Every case is written, or refused with an error sentence and a hint."""
    statement = statements.CASES[case](tested.country)
    if refusal := _REFUSED.get((tested.format, case)):
        with pytest.raises(FormatRuleViolated, match=refusal) as refused:
            tested.rendered(statement)
        assert refused.value.hint
    else:
        assert all(isinstance(piece, bytes) for piece in tested.pieces(statement))


@every_format
def test_the_same_statement_is_the_same_bytes(tested: FormatCase) -> None:
    """A statement gives the same bytes twice, and with rows in a list or from an iterator."""
    for case in _written_cases(tested):
        rendered = tested.rendered(statements.CASES[case](tested.country))
        again = statements.CASES[case](tested.country)
        assert tested.rendered(msgspec.structs.replace(again, rows=iter(again.rows))) == rendered, case


@every_format
def test_the_size_of_pieces_has_no_effect(tested: FormatCase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file does not depend on how many rows are written at once, and a cell is never split between two pieces."""
    statement = statements.make([-1_00, 2_00] * 5, country=tested.country)
    rendered = tested.rendered(statement)
    for name in ("writers.csv", "double_entry", "fixed_width", "writers.jsonl"):
        module = import_module(f"primanota.formats.{name}")
        for size in ("_ROWS_AT_ONCE", "_LINES_AT_ONCE"):
            if hasattr(module, size):
                monkeypatch.setattr(module, size, 3)
    pieces = list(tested.pieces(statement))
    assert b"".join(pieces) == rendered
    if read_back := tested.writer.read_back:
        assert len(pieces) > 1
        assert [row for piece in pieces for row in read_back(piece, tested.parsed_options)] == read_back(
            rendered, tested.parsed_options
        )


@every_format
def test_shown_values_have_names_and_texts(tested: FormatCase) -> None:
    """Each shown value has a unique name, and a text for every row."""
    shows = tested.shows()
    assert len({name for name, _ in shows}) == len(shows)
    assert all(name for name, _ in shows)
    for case in _SMALL:
        for row in statements.CASES[case](tested.country).rows:
            assert {type(cell(row)) for _, cell in shows} == {str}


def _known(country: str) -> Statement:
    """Return a row in which every field is known."""
    return one_row(
        country,
        -119_00,
        operation="card",
        details="99.00 USD, before",
        note="before",
        original=Original(Decimal("-99.00"), "USD"),
        bic="QNTOFRP1XXX",
        mandate="M-1",
        card="1234",
        category="office",
        labels=("one",),
        vat=(Vat(Decimal(19), -119_00, -19_00),),
        receipts=1,
    )


_CHANGED: dict[str, dict[str, Any]] = {
    "number": {"number": "erfunden-1-1-transaction-9"},
    "account": {"account_id": "another"},
    "status": {"status": "reversed"},
    "operation": {"operation": "transfer"},
    "amount": {"amount": Money(-238_00), "vat": ()},
    "counterparty": {"counterparty": "Somebody else"},
    "their account": {"counterparty_account": "FR7616958000014321785632116"},
    "purpose": {"reference": "RE-2027", "purpose": "RE-2027"},
    "note": {"note": "after", "details": "99.00 USD, after"},
    "member": {"member": "Grace Hopper"},
    "original amount": {"original": Original(Decimal("-98.00"), "USD"), "details": "98.00 USD, before"},
    "balance": {"balance": Money(1)},
    "bank": {"bic": "COBADEFFXXX"},
    "mandate": {"mandate": "M-2"},
    "card": {"card": "9999"},
    "category": {"category": "travel"},
    "labels": {"labels": ("two",)},
    "vat": {"vat": (Vat(Decimal(19), -119_00, -18_00),)},
    "receipts": {"receipts": 2},
    "clean name": {"clean_counterparty": "Somebody clean"},
    "subcategory": {"subcategory": "trains"},
    "subject": {"subject_type": "Card"},
    "created": {"created": datetime(2026, 1, 1, tzinfo=UTC)},
    "updated": {"updated": datetime(2026, 1, 1, tzinfo=UTC)},
    "member's id": {"member_id": "m9"},
    "labels' ids": {"label_ids": ("l9",)},
    "receipts' ids": {"attachment_ids": ("a9",)},
}


# Every rule that one of these changes could match, and what follows from it.
_RULES = {
    "operation": Rule(operation="transfer", account="{}1"),
    "counterparty": Rule(counterparty="Somebody *", account="{}2"),
    "purpose": Rule(reference="RE-2027", account="{}3"),
    "member": Rule(member="Grace *", account="{}4"),
    "original amount": Rule(currency="USD", account="{}", text="Dollars"),
    "category": Rule(category="travel", account="{}5", cost_centre="Sales"),
    "labels": Rule(label="two", account="{}", tax="8"),
    "vat": Rule(account="{}", tax={"19": "9"}),
}


def _posting(ledger: Ledger | None, row: Transaction, rules: Iterable[Rule]) -> Ledger | None:
    """Return a ledger with rules, whose accounts are beginnings of those that the ledger has for the row."""
    if ledger is None:
        return None
    account = ledger.assign(row)[0].account
    made = [msgspec.structs.replace(rule, account=rule.account.format(account)) for rule in rules]
    settings = LedgerSettings(Chart("1800", account), tuple(made))
    return msgspec.structs.replace(ledger, assign=settings.assign)


@every_format
@pytest.mark.parametrize("with_rule", [False, True])
@pytest.mark.parametrize("field", _CHANGED)
def test_a_change_is_shown_if_it_changes_the_file(tested: FormatCase, field: str, *, with_rule: bool) -> None:
    """A changed field is a shown value, of the row or of its postings, if and only if it changes the file."""
    statement = _known(tested.country)
    [before] = statement.rows
    after = msgspec.structs.replace(before, **_CHANGED[field])
    rules = [_RULES[field]] if with_rule and field in _RULES else []
    same = msgspec.structs.replace(tested, ledger=_posting(tested.ledger, before, rules))
    other_file = same.rendered(msgspec.structs.replace(statement, rows=[after])) != same.rendered(statement)
    assert (same.shown(before) != same.shown(after)) is other_file


def _fat_rows(rows: int, country: str) -> Iterator[Transaction]:
    [row] = one_row(country, counterparty="Hans Meier").rows
    for place in range(rows):
        moment = (row.booked or row.emitted) + timedelta(seconds=place)
        yield msgspec.structs.replace(
            row,
            id=f"00000000-0000-4000-8000-{place:012}",
            account_id=f"{place}{_FAT}",
            amount=Money(-1 - place),
            booked=moment,
            reference=f"RE-{place} Beratung",
            purpose=f"RE-{place} Beratung",
        )


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_long_statement_is_streamed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of many rows is written with the memory of a few rows."""
    module, _, _ = formats.FORMATS[name].partition(":")
    assert "treaming" in (import_module(f"primanota.formats.writers.{module}").__doc__ or "")
    # A CODA statement is dated by its last row, so that two statements are held in memory: here two short ones.
    monkeypatch.setattr(coda, "_MOST_MOVEMENTS", 499)
    tested = FORMAT_CASES[name]
    empty = statements.make([], country=tested.country)
    rows = _fat_rows(_LONG, tested.country)
    tracemalloc.start()
    try:
        for _ in tested.pieces(msgspec.structs.replace(empty, rows=rows)):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < _MOST_HELD
    assert not empty.text_changes


@pytest.mark.parametrize("path", sorted(_FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_no_format_uses_a_clock(path: Path) -> None:
    """No module of the formats uses a clock, random numbers, or settings of the machine."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not imported & _FORBIDDEN_MODULES
    assert not used & _FORBIDDEN_NAMES
