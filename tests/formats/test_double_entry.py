"""The contract of beancount, hledger and ledger: entries that balance, and files that join."""

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
from tests.support import environment, statements
from tests.support.ledger_statements import with_ledger
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


def test_files_of_two_months_join(tool: Tool, tmp_path: Path) -> None:
    """A month's file that stands alone and the next month's that does not are a journal that checks."""
    first, second = _two_months()
    texts = _text(tool, first), _text(tool, second, alone=False)
    assert _checks(tool, _joined(tool, tmp_path, *texts))


def test_a_gap_between_two_files_is_found(tool: Tool, tmp_path: Path) -> None:
    """The tool reports an error if the next month does not begin with the closing balance of the last."""
    first, second = _two_months()
    assert second.opening
    assert second.closing
    later = msgspec.structs.replace(
        second, opening=Money(second.opening.cents + 1), closing=Money(second.closing.cents + 1)
    )
    texts = _text(tool, first), _text(tool, later, alone=False)
    assert not _checks(tool, _joined(tool, tmp_path, *texts))


def test_without_a_ledger_there_are_no_entries(tool: Tool) -> None:
    """Account names are not guessed: the error names the account, and where to set its ledger accounts."""
    with pytest.raises(FormatRuleViolated, match="Hauptkonto: this format writes entries") as refused:
        _text(tool, statements.make([-1_00]))
    assert "settings" in refused.value.hint


def test_an_entry_that_does_not_balance_is_named(tool: Tool) -> None:
    """Postings that do not sum to a transaction's amount stop the file."""
    lossy = Ledger("Assets:Qonto", lambda row: (Posting("Expenses:Office", row.amount.cents + 1),))
    statement = msgspec.structs.replace(statements.make([-1_00]), ledger=lossy)
    with pytest.raises(FormatRuleViolated, match=r"000000000000 of 2026-01-01 moves -1\.00 EUR"):
        _text(tool, statement)


def test_two_accounts_never_become_one(tool: Tool) -> None:
    """The second of two names that would be the same in the file is refused."""
    names = iter(["Expenses:Office;", "Expenses:Office"])
    twins = Ledger("Assets:Qonto", lambda row: (Posting(next(names), row.amount.cents),))
    statement = msgspec.structs.replace(statements.make([-1_00, -1_00]), ledger=twins)
    with pytest.raises(FormatRuleViolated, match="Two accounts would be called “Expenses:Office”"):
        _text(tool, statement)


@pytest.mark.parametrize("name", ["", ":", " : ", "-", ";"])
def test_an_account_has_a_name(tool: Tool, name: str) -> None:
    """An account whose name has no valid character is refused by the name in the settings."""
    with pytest.raises(FormatRuleViolated, match=f"“{name}”"):
        _text(tool, msgspec.structs.replace(statements.make([]), ledger=Ledger(name, lambda _: ())))


def test_an_unproven_statement_says_so_and_asserts_nothing(tool: Tool, tmp_path: Path) -> None:
    """A file of an unproven statement says that it is not proven, asserts nothing, and still checks."""
    statement = msgspec.structs.replace(with_ledger(statements.make([-1_00, -2_00])), proven=False, closing=Money(5))
    text = _text(tool, statement)
    assert "Not proven" in text
    assert " ~ 0 " not in text
    assert " = " not in text
    assert _checks(tool, _joined(tool, tmp_path, text))


def test_unknown_balances_are_not_invented(tool: Tool, tmp_path: Path) -> None:
    """Rows without balances at their ends are written as entries, without an opening balance or assertions."""
    statement = msgspec.structs.replace(with_ledger(statements.make([-1_00, 2_00])), opening=None, closing=None)
    text = _text(tool, statement)
    assert "balance" not in text.lower().replace("; ", "")
    assert _checks(tool, _joined(tool, tmp_path, text))


def test_included_files_declare_nothing(tool: Tool) -> None:
    """A file that is included in a journal leaves declarations and the opening balance to that journal."""
    text = _text(tool, with_ledger(statements.make([-1_00])), alone=False)
    assert not {"open", "account", "commodity", "tag"} & set(text.split())
    assert "Equity" not in text


def test_each_account_is_declared_once_before_it_is_used(tool: Tool) -> None:
    """A declaration stands before the first entry of the account, with the company's name for it."""
    text = _text(tool, with_ledger(statements.make([-1_00, 2_00, -3_00])))
    for account, name in (("Expenses:Office", "Bürobedarf"), ("Income:Sales", "Erlöse")):
        assert text.index(name) < text.index(f"  {account}  ")
        assert text.count(name) == 1


def test_the_opening_balance_has_an_account_of_choice(tool: Tool) -> None:
    """The opening balance comes from the account that the profile names."""
    assert "Equity:Vortrag" in _text(tool, with_ledger(statements.make([])), equity="Equity:Vortrag")


def test_many_rows_come_in_pieces_and_the_same_ones(tool: Tool) -> None:
    """Rows are streamed, and the same statement gives the same bytes."""
    rows = [with_ledger(statements.make([-1_00] * 1234)) for _ in range(2)]
    lazy = msgspec.structs.replace(rows[0], rows=iter(rows[0].rows))
    pieces = list(tool.format.render(lazy, tool.format.options()))
    assert len(pieces) > 3
    assert b"".join(pieces) == b"".join(tool.format.render(rows[1], tool.format.options()))


def test_it_tells_what_it_shows(tool: Tool) -> None:
    """The file shows a note, labels, tax and a member, so their changes are reported."""
    shown = {name for name, _ in tool.format.shows(tool.format.options())}
    assert {"day", "amount", "counterparty", "purpose", "note", "labels", "vat", "member"} <= shown
