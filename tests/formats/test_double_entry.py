"""The contract of beancount, hledger and ledger: balanced entries, and files that can be joined."""

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Ledger, Money, Posting, Statement
from primanota.formats import Format
from primanota.formats.writers import beancount, plain_text
from tests.support import environment
from tests.support.files import statements
from tests.support.files.ledger_statements import with_ledger
from tests.support.readers import program


class Tool(NamedTuple):
    """A tool's format, its directive that includes a file, and the command that checks one."""

    format: Format
    include: str
    check: Callable[[Path], list[str]]


TOOLS = {
    "beancount": Tool(
        beancount.FORMAT,
        'include "{}"',
        lambda path: [sys.executable, "-m", "beancount.scripts.check", str(path)],
    ),
    "hledger": Tool(
        plain_text.HLEDGER,
        "include {}",
        lambda path: [program("hledger"), "-f", str(path), "check", "--strict"],
    ),
    "ledger": Tool(
        plain_text.LEDGER,
        "include {}",
        lambda path: [program("ledger"), "-f", str(path), "--strict", "--pedantic", "balance"],
    ),
}


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest) -> Tool:
    """Each of the three tools."""
    return TOOLS[str(request.param)]


def _text(tool: Tool, statement: Statement, **options: Any) -> str:  # noqa: ANN401 - the fields have different types
    return b"".join(tool.format.render(statement, tool.format.options(**options))).decode()


def _checks(tool: Tool, path: Path) -> bool:
    return not environment.run(tool.check(path)).returncode


def _two_months() -> tuple[Statement, Statement]:
    first = with_ledger(statements.make([-50_00, 20_00]))
    closing = first.closing
    assert closing
    rows = [
        msgspec.structs.replace(row, id=f"f{row.id}", booked=row.booked and row.booked.replace(month=2))
        for row in statements.make([-7_00, 3_00]).rows
    ]
    second = msgspec.structs.replace(
        first,
        rows=rows,
        first=date(2026, 2, 1),
        last=date(2026, 2, 28),
        opening=closing,
        closing=Money(closing.cents - 4_00),
    )
    return first, second


def _joined(tool: Tool, folder: Path, *texts: str) -> Path:
    for place, text in enumerate(texts):
        (folder / f"{place}.txt").write_text(text, encoding="utf-8")
    book = folder / "book.txt"
    included = (f"{tool.include.format(f'{place}.txt')}\n" for place in range(len(texts)))
    book.write_text("".join(included), encoding="utf-8")
    return book


def test_files_of_two_months_can_be_joined(tool: Tool, tmp_path: Path) -> None:
    """The file of a month, and that of the next month with ``alone = false``, are a valid journal."""
    first, second = _two_months()
    texts = _text(tool, first), _text(tool, second, alone=False)
    assert _checks(tool, _joined(tool, tmp_path, *texts))


def test_files_are_included_in_any_order_of_days(tool: Tool, tmp_path: Path) -> None:
    """A file may come before one of earlier days, up to the last day before it; ledger goes by the order of files."""
    first, second = _two_months()
    rows = [msgspec.structs.replace(row, booked=row.booked and row.booked.replace(day=28)) for row in second.rows]
    march = date(2026, 3, 1)
    third = msgspec.structs.replace(second, rows=[], first=march, last=march, opening=second.closing)
    files = third, msgspec.structs.replace(second, rows=rows)
    texts = (_text(tool, first), *(_text(tool, one, alone=False) for one in files))
    assert _checks(tool, _joined(tool, tmp_path, *texts)) == (tool is not TOOLS["ledger"])


def test_a_gap_between_two_files_is_reported(tool: Tool, tmp_path: Path) -> None:
    """The tool reports an error if the next month does not begin with the closing balance of the last."""
    first, second = _two_months()
    assert second.opening
    assert second.closing
    later = msgspec.structs.replace(
        second, opening=Money(second.opening.cents + 1), closing=Money(second.closing.cents + 1)
    )
    texts = _text(tool, first), _text(tool, later, alone=False)
    assert not _checks(tool, _joined(tool, tmp_path, *texts))


def test_a_statement_without_a_ledger_is_refused(tool: Tool) -> None:
    """A statement without ledger accounts is refused; the error names the account and the settings."""
    with pytest.raises(FormatRuleViolated, match="Hauptkonto: this format writes entries") as refused:
        _text(tool, statements.make([-1_00]))
    assert "settings" in refused.value.hint


def test_an_entry_that_does_not_balance_is_refused(tool: Tool) -> None:
    """Postings that do not add up to the transaction's amount are refused."""
    lossy = Ledger("Assets:Qonto", lambda row: (Posting("Expenses:Office", row.amount.cents + 1),))
    statement = msgspec.structs.replace(statements.make([-1_00]), ledger=lossy)
    with pytest.raises(
        FormatRuleViolated, match=r"2026-01-01, Müller GmbH, -1\.00 EUR \(.*000000000000\): its postings"
    ):
        _text(tool, statement)


def test_two_accounts_with_one_name_are_refused(tool: Tool) -> None:
    """Two accounts whose names are the same in the file are refused."""
    names = iter(["Expenses:Office;", "Expenses:Office"])
    twins = Ledger("Assets:Qonto", lambda row: (Posting(next(names), row.amount.cents),))
    statement = msgspec.structs.replace(statements.make([-1_00, -1_00]), ledger=twins)
    with pytest.raises(FormatRuleViolated, match="Two accounts would be called “Expenses:Office”"):
        _text(tool, statement)


@pytest.mark.parametrize("name", ["", ":", " : ", "-", ";"])
def test_an_account_without_a_name_is_refused(tool: Tool, name: str) -> None:
    """An account whose name has no valid character is refused, and the error contains that name."""
    with pytest.raises(FormatRuleViolated, match=f"“{name}”"):
        _text(tool, msgspec.structs.replace(statements.make([]), ledger=Ledger(name, lambda _: ())))


def test_an_unproven_statement_has_no_assertions(tool: Tool, tmp_path: Path) -> None:
    """The file of an unproven statement is valid, contains “Not proven”, and has no balance assertions."""
    statement = msgspec.structs.replace(with_ledger(statements.make([-1_00, -2_00])), proven=False, closing=Money(5))
    text = _text(tool, statement)
    assert "Not proven" in text
    assert " ~ 0 " not in text
    assert " = " not in text
    assert _checks(tool, _joined(tool, tmp_path, text))


def test_unknown_balances_are_left_out(tool: Tool, tmp_path: Path) -> None:
    """A statement with unknown balances is written without an opening balance and without assertions."""
    statement = msgspec.structs.replace(with_ledger(statements.make([-1_00, 2_00])), opening=None, closing=None)
    text = _text(tool, statement)
    assert "balance" not in text.lower().replace("; ", "")
    assert _checks(tool, _joined(tool, tmp_path, text))


def test_included_files_have_no_declarations(tool: Tool) -> None:
    """A file with ``alone = false`` has no declarations and no opening balance."""
    text = _text(tool, with_ledger(statements.make([-1_00])), alone=False)
    assert not {"open", "account", "commodity", "tag"} & set(text.split())
    assert "Equity" not in text


def test_each_account_is_declared_once_before_it_is_used(tool: Tool) -> None:
    """Each account is declared once, with its name, before its first entry."""
    text = _text(tool, with_ledger(statements.make([-1_00, 2_00, -3_00])))
    for account, name in (("Expenses:Office", "Bürobedarf"), ("Income:Sales", "Erlöse")):
        assert text.index(name) < text.index(f"  {account}  ")
        assert text.count(name) == 1


def test_the_account_of_the_opening_balance(tool: Tool) -> None:
    """The opening balance is posted against the account of the profile."""
    assert "Equity:Vortrag" in _text(tool, with_ledger(statements.make([])), equity="Equity:Vortrag")


def test_rows_are_streamed(tool: Tool) -> None:
    """Rows are streamed, and the same statement gives the same bytes."""
    rows = [with_ledger(statements.make([-1_00] * 1234)) for _ in range(2)]
    lazy = msgspec.structs.replace(rows[0], rows=iter(rows[0].rows))
    pieces = list(tool.format.render(lazy, tool.format.options()))
    assert len(pieces) > 3
    assert b"".join(pieces) == b"".join(tool.format.render(rows[1], tool.format.options()))


def test_the_shown_values(tool: Tool) -> None:
    """The values that the file shows include note, labels, tax and member."""
    shown = {name for name, _ in tool.format.shows(tool.format.options())}
    assert {"day", "amount", "counterparty", "purpose", "note", "labels", "vat", "member"} <= shown
