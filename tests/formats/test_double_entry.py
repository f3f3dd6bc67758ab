"""What beancount, hledger and ledger are all promised: entries that balance, and files that join."""

import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Ledger, Money, Posting, Statement
from primanota.formats.templates import Cell
from primanota.formats.writers import beancount, hledger, ledger
from tests.support import environment, statements
from tests.support.ledger_statements import posted
from tests.support.readers import program


class Tool(NamedTuple):
    """A tool's format, how a file includes another, and the words that check one."""

    options: Callable[..., Any]
    render: Callable[[Statement, Any], Iterator[bytes]]
    shows: Callable[[Any], list[tuple[str, Cell]]]
    include: str
    check: Callable[[Path], list[str]]


TOOLS = {
    "beancount": Tool(
        beancount.Options,
        beancount.render,
        beancount.shows,
        'include "{}"',
        lambda path: [sys.executable, "-m", "beancount.scripts.check", str(path)],
    ),
    "hledger": Tool(
        hledger.Options,
        hledger.render,
        hledger.shows,
        "include {}",
        lambda path: [program("hledger"), "-f", str(path), "check", "--strict"],
    ),
    "ledger": Tool(
        ledger.Options,
        ledger.render,
        ledger.shows,
        "include {}",
        lambda path: [program("ledger"), "-f", str(path), "--strict", "--pedantic", "balance"],
    ),
}


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest) -> Tool:
    """Each of the three."""
    return TOOLS[str(request.param)]


def _text(tool: Tool, statement: Statement, **options: Any) -> str:  # noqa: ANN401 - whatever an option holds
    return b"".join(tool.render(statement, tool.options(**options))).decode()


def _checks(tool: Tool, path: Path) -> bool:
    return not environment.run(tool.check(path)).returncode


def _two_months() -> tuple[Statement, Statement]:
    first = posted(statements.make([-50_00, 20_00]))
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
    """A month's file that stands alone and the next one's that does not are a journal that checks."""
    first, second = _two_months()
    texts = _text(tool, first), _text(tool, second, alone=False)
    assert _checks(tool, _joined(tool, tmp_path, *texts))


def test_a_gap_between_two_files_is_found(tool: Tool, tmp_path: Path) -> None:
    """Where the next month does not begin with the balance with which the last one ended, the tool says so."""
    first, second = _two_months()
    assert second.opening
    assert second.closing
    later = msgspec.structs.replace(
        second, opening=Money(second.opening.cents + 1), closing=Money(second.closing.cents + 1)
    )
    texts = _text(tool, first), _text(tool, later, alone=False)
    assert not _checks(tool, _joined(tool, tmp_path, *texts))


def test_without_a_ledger_there_are_no_entries(tool: Tool) -> None:
    """Nobody's accounts are guessed: the account is named, and where to say what they are called."""
    with pytest.raises(FormatRuleViolated, match="Hauptkonto: this format writes entries") as refused:
        _text(tool, statements.make([-1_00]))
    assert "settings" in refused.value.hint


def test_an_entry_that_does_not_balance_is_named(tool: Tool) -> None:
    """Rules that lose a cent of a transaction stop the file."""
    lossy = Ledger("Assets:Qonto", lambda row: (Posting("Expenses:Office", row.amount.cents + 1),))
    statement = msgspec.structs.replace(statements.make([-1_00]), ledger=lossy)
    with pytest.raises(FormatRuleViolated, match=r"000000000000 of 2026-01-01 moves -1\.00 EUR"):
        _text(tool, statement)


def test_two_accounts_never_become_one(tool: Tool) -> None:
    """Where two names would be the same in the file, the second one is refused."""
    names = iter(["Expenses:Office;", "Expenses:Office"])
    twins = Ledger("Assets:Qonto", lambda row: (Posting(next(names), row.amount.cents),))
    statement = msgspec.structs.replace(statements.make([-1_00, -1_00]), ledger=twins)
    with pytest.raises(FormatRuleViolated, match="Two accounts would be called “Expenses:Office”"):
        _text(tool, statement)


@pytest.mark.parametrize("name", ["", ":", " : ", "-", ";"])
def test_an_account_has_a_name(tool: Tool, name: str) -> None:
    """An account of which nothing is left is refused, by the name that it had."""
    with pytest.raises(FormatRuleViolated, match=f"“{name}”"):
        _text(tool, msgspec.structs.replace(statements.make([]), ledger=Ledger(name, lambda _: ())))


def test_an_unproven_statement_says_so_and_asserts_nothing(tool: Tool, tmp_path: Path) -> None:
    """Somebody wanted it although rows are missing: the file says that it is not proven, and still checks."""
    statement = msgspec.structs.replace(posted(statements.make([-1_00, -2_00])), proven=False, closing=Money(5))
    text = _text(tool, statement)
    assert "Not proven" in text
    assert " ~ 0 " not in text
    assert " = " not in text
    assert _checks(tool, _joined(tool, tmp_path, text))


def test_unknown_balances_are_not_invented(tool: Tool, tmp_path: Path) -> None:
    """Rows without balances at their ends are entries all the same; nothing is brought forward, nothing asserted."""
    statement = msgspec.structs.replace(posted(statements.make([-1_00, 2_00])), opening=None, closing=None)
    text = _text(tool, statement)
    assert "balance" not in text.lower().replace("; ", "")
    assert _checks(tool, _joined(tool, tmp_path, text))


def test_included_files_declare_nothing(tool: Tool) -> None:
    """A file that is included in a journal leaves declarations and the opening balance to that journal."""
    text = _text(tool, posted(statements.make([-1_00])), alone=False)
    assert not {"open", "account", "commodity", "tag"} & set(text.split())
    assert "Equity" not in text


def test_each_account_is_declared_once_before_it_is_used(tool: Tool) -> None:
    """A declaration stands before the first entry that names the account, with what people call it."""
    text = _text(tool, posted(statements.make([-1_00, 2_00, -3_00])))
    for account, name in (("Expenses:Office", "Bürobedarf"), ("Income:Sales", "Erlöse")):
        assert text.index(name) < text.index(f"  {account}  ")
        assert text.count(name) == 1


def test_the_opening_balance_has_an_account_of_choice(tool: Tool) -> None:
    """The account that it comes from is as the profile says."""
    assert "Equity:Vortrag" in _text(tool, posted(statements.make([])), equity="Equity:Vortrag")


def test_many_rows_come_in_pieces_and_the_same_ones(tool: Tool) -> None:
    """Rows are written as they come, and the same statement is the same bytes."""
    rows = [posted(statements.make([-1_00] * 1234)) for _ in range(2)]
    lazy = msgspec.structs.replace(rows[0], rows=iter(rows[0].rows))
    pieces = list(tool.render(lazy, tool.options()))
    assert len(pieces) > 3
    assert b"".join(pieces) == b"".join(tool.render(rows[1], tool.options()))


def test_it_tells_what_it_shows(tool: Tool) -> None:
    """A note, labels, tax and a member are shown by the file, so their changes are told."""
    shown = {name for name, _ in tool.shows(tool.options())}
    assert {"day", "amount", "counterparty", "purpose", "note", "labels", "vat", "member"} <= shown
