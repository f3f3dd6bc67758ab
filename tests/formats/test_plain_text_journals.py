"""Journals of hledger and ledger: the programs read the statement's data, and report a difference of one cent."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from primanota.core.model import Ledger, Posting, Statement, Transaction
from primanota.core.text import clean
from primanota.formats import Format
from primanota.formats.writers import plain_text
from primanota.formats.writers.plain_text import valid_name
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.ledger_statements import STATEMENTS, with_ledger
from tests.support.files.national_statements import expected
from tests.support.readers import ReaderTotals, journals

# Each example starts a program.
_few = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Tool(NamedTuple):
    """A tool's name, format and reader."""

    name: str
    format: Format
    reader: Callable[[Path], ReaderTotals]


HLEDGER = Tool("hledger", plain_text.HLEDGER, journals.hledger)
LEDGER = Tool("ledger", plain_text.LEDGER, journals.ledger)
_SMALL = sorted(statements.CASES.keys() - {"many"})
_BOTH = pytest.mark.parametrize("tool", [HLEDGER, LEDGER], ids=lambda tool: tool.name)


def _write(statement: Statement, folder: Path, tool: Tool) -> Path:
    path = folder / f"book{tool.format.suffix}"
    path.write_bytes(b"".join(tool.format.render(statement, tool.format.options())))
    return path


@_BOTH
@pytest.mark.parametrize("case", _SMALL)
def test_the_tool_reads_the_statement(case: str, tool: Tool, tmp_path: Path) -> None:
    """The tool, in strict mode, reports no error and finds the same rows, sum and balances at both ends."""
    statement = with_ledger(statements.CASES[case]("DE"))
    assert tool.reader(_write(statement, tmp_path, tool)) == expected(statement)


@_BOTH
def test_many_rows_are_read(tool: Tool, tmp_path: Path) -> None:
    """Ledger, the faster of the two, reads fifty thousand rows of either file, their sum, and both balances."""
    statement = with_ledger(statements.many())
    assert journals.ledger(_write(statement, tmp_path, tool)) == expected(statement)


@pytest.mark.parametrize("case", _SMALL)
def test_each_tool_reads_the_others_file(case: str, tmp_path: Path) -> None:
    """The program hledger reads the file for ledger, and ledger the file for hledger."""
    statement = with_ledger(statements.CASES[case]("DE"))
    assert HLEDGER.reader(_write(statement, tmp_path, LEDGER)) == expected(statement)
    assert LEDGER.reader(_write(statement, tmp_path, HLEDGER)) == expected(statement)


@_BOTH
@pytest.mark.parametrize(("right", "wrong"), [("= 1000.00", "= 1000.01"), ("= 997.50", "= 997.49")])
def test_a_difference_of_one_cent_is_reported(tool: Tool, right: str, wrong: str, tmp_path: Path) -> None:
    """The tool reports a difference of one cent at either end."""
    path = _write(with_ledger(statements.make([-2_50])), tmp_path, tool)
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    assert "assertion" in journals.refusal(tool.name, path)


def _in_a_head(text: str) -> str:
    return clean(text).replace(";", ",")


def _in_hledger(row: Transaction) -> str:
    return f"{_in_a_head(row.counterparty).replace('|', '/')} | {_in_a_head(row.purpose).replace('|', '/')}".strip()


def _in_a_tag(text: str) -> str:
    return clean(text).replace(",", ";").replace("[", "(").replace("]", ")").strip()


@_few
@given(statement=STATEMENTS)
def test_hledger_reads_the_same_texts(statement: Statement, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts, hledger reads description, note, day and money as written; commas and brackets are replaced."""
    path = _write(statement, tmp_path_factory.mktemp("book"), HLEDGER)
    found = [read for read in journals.hledger_read(path) if "id" in read.metadata]
    assert [
        (read.metadata["id"], read.day, read.head, read.metadata.get("note", ""), read.lines[0]) for read in found
    ] == [
        (row.id, f"{row.day}", _in_hledger(row), _in_a_tag(row.note), (journals.BANK, row.amount.cents))
        for row in statements.rows_of(statement)
    ]
    assert not any(sum(cents for _, cents in read.lines) for read in found)


@_few
@given(statement=STATEMENTS)
def test_ledger_reads_the_same_texts(statement: Statement, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts, ledger reads payee, purpose, note, day and money as written."""
    path = _write(statement, tmp_path_factory.mktemp("book"), LEDGER)
    reads = journals.ledger_read(path, "id", "purpose", "note")
    assert [
        (read.metadata["id"], read.day, read.head, read.metadata["purpose"], read.metadata["note"], read.lines[0])
        for read in reads
        if read.metadata["id"]
    ] == [
        (
            row.id,
            f"{row.day}",
            _in_a_head(row.counterparty) or _in_a_head(row.purpose) or "<Unspecified payee>",
            _in_a_head(row.purpose),
            clean(row.note),
            (journals.BANK, row.amount.cents),
        )
        for row in statements.rows_of(statement)
    ]


@_BOTH
@_few
@given(names=st.lists(st.text(min_size=1, max_size=12).filter(valid_name), max_size=15, unique_by=valid_name))
def test_any_account_name_is_read(names: list[str], tool: Tool, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any account names, the tool knows each account by the declared name."""
    rest = iter(names)
    book = Ledger(journals.BANK, lambda row: (Posting(next(rest), row.amount.cents),))
    statement = msgspec.structs.replace(statements.make([-1_00] * len(names)), ledger=book)
    assert tool.reader(_write(statement, tmp_path_factory.mktemp("book"), tool)) == expected(statement)


@quick
@given(name=st.text(max_size=20))
def test_a_valid_name_is_unchanged(name: str) -> None:
    """A valid account name is unchanged by a second validation, and has no character that ends it."""
    written = valid_name(name)
    assert valid_name(written) == written
    assert not set(written) & set(";()[]{}\t\n")
    assert "  " not in written


@pytest.mark.parametrize("name", ["(Café) am Markt", "* Stern", "! Achtung", "=2026", "| Strich", "; Punkt"])
@_BOTH
def test_a_payee_is_read_as_a_payee(tool: Tool, name: str, tmp_path: Path) -> None:
    """A name that begins like a code, a status, a second day or a comment is read as a name."""
    statement = with_ledger(statements.make([-1_00]))
    rows = [msgspec.structs.replace(row, counterparty=name) for row in statement.rows]
    path = _write(msgspec.structs.replace(statement, rows=rows), tmp_path, tool)
    reads = journals.hledger_read(path) if tool is HLEDGER else journals.ledger_read(path, "id")
    heads = [read.head for read in reads if read.metadata.get("id")]
    written = name.replace(";", ",").replace("|", "/") if tool is HLEDGER else name.replace(";", ",")
    assert [head.split(" | ")[0] for head in heads] == [written]


def test_changed_texts_are_reported() -> None:
    """A semicolon in a payee and a comma in a note are reported with the row, before and after."""
    plain = with_ledger(statements.make([-1_00]))
    rows = [msgspec.structs.replace(row, counterparty="A; B", note="a, b") for row in plain.rows]
    statement = msgspec.structs.replace(plain, rows=rows, text_changes=[])
    b"".join(plain_text.HLEDGER.render(statement, plain_text.HLEDGER.options()))
    changes = {(change.field, change.before, change.after) for change in statement.text_changes}
    assert changes == {("counterparty", "A; B", "A, B"), ("note", "a, b", "a; b")}
