"""Beancount files: beancount reads the statement's data in them, and reports a difference of one cent."""

from pathlib import Path

import msgspec
import pytest
from beancount.core import account
from beancount.core.data import Note, Transaction
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Ledger, Posting, Statement
from primanota.core.text import clean
from primanota.formats.writers.beancount import FORMAT, Options, render, valid_name
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.ledger_statements import STATEMENTS, with_ledger
from tests.support.files.national_statements import expected
from tests.support.readers import beancount

_SMALL = sorted(statements.CASES.keys() - {"many"})


def _write(statement: Statement, folder: Path, options: Options = Options()) -> Path:  # noqa: B008 - frozen
    path = folder / f"book{FORMAT.suffix}"
    path.write_bytes(b"".join(render(statement, options)))
    return path


@pytest.mark.parametrize("case", _SMALL)
def test_beancount_reads_the_statement(case: str, tmp_path: Path) -> None:
    """Beancount reports no error, and finds the same rows, sum and balances at both ends."""
    statement = with_ledger(statements.CASES[case]("DE"))
    assert beancount.loader(_write(statement, tmp_path)) == expected(statement)


def test_many_rows_are_read(tmp_path: Path) -> None:
    """Fifty thousand rows are read, with their sum and the balances at both ends."""
    statement = with_ledger(statements.many())
    assert beancount.parser(_write(statement, tmp_path)) == expected(statement)


@pytest.mark.parametrize(("right", "wrong"), [("1000.00 ~", "1000.01 ~"), ("997.50 ~", "997.49 ~")])
def test_a_difference_of_one_cent_is_reported(right: str, wrong: str, tmp_path: Path) -> None:
    """The balances are asserted without tolerance: beancount reports a difference of one cent at either end."""
    path = _write(with_ledger(statements.make([-2_50])), tmp_path)
    text = path.read_text(encoding="utf-8")
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises(AssertionError, match="BalanceError"):
        beancount.loader(path)


@quick
@given(statement=STATEMENTS)
def test_texts_and_amounts_are_read_back(statement: Statement, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For any texts, beancount reads the same texts, day and money."""
    path = _write(statement, tmp_path_factory.mktemp("book"))
    found = [one for one in beancount.loaded(path) if isinstance(one, Transaction) and "id" in one.meta]
    assert sorted(
        (
            one.meta["id"],
            f"{one.date}",
            one.payee or "",
            one.narration,
            one.meta.get("note", ""),
            f"{one.postings[0].units}",
        )
        for one in found
    ) == sorted(
        (
            row.id,
            f"{row.day}",
            clean(row.counterparty),
            clean(row.purpose),
            clean(row.note),
            f"{row.amount!s}",
        )
        for row in statements.rows_of(statement)
    )


@quick
@given(name=st.text(max_size=20), root=st.sampled_from(["Assets", "expenses", "INCOME"]))
def test_any_account_name_is_valid_or_refused(name: str, root: str) -> None:
    """For any account name below a root, beancount accepts the written name, or the name is refused."""
    written = valid_name(f"{root}:{name}", {})
    assert not written or (account.is_valid(written) and written.startswith(root.capitalize()))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Assets:Qonto", "Assets:Qonto"),
        ("assets:bank:qonto main", "Assets:Bank:Qonto-main"),
        ("Expenses:Büro & Co.", "Expenses:Büro-Co"),
        ("Expenses:4930 Büro", "Expenses:4930-Büro"),
        ("Income:東京", "Income:X東京"),
        ("Income::ärger", "Income:Ärger"),
        ("1800", "Assets:1800"),
        ("4400", "Income:4400"),
        ("440099", "Expenses:440099"),
    ],
)
def test_account_names_are_adapted(name: str, written: str) -> None:
    """The parts of an account name begin with a capital or a digit; a number is put below the profile's root."""
    roots = {"1": "Assets", "4": "Income", "4400": "Income", "44009": "Expenses"}
    assert valid_name(name, roots) == written


def test_an_account_without_a_root_is_refused() -> None:
    """An account without a root is refused; the error names the account, and the hint the option for roots."""
    numbers = Ledger("1800", lambda row: (Posting("4930", row.amount.cents),))
    statement = msgspec.structs.replace(statements.make([-1_00]), ledger=numbers)
    with pytest.raises(FormatRuleViolated, match="the account “4930” names none of them") as refused:
        b"".join(render(statement, Options(roots={"18": "Assets"})))
    assert "“roots”" in refused.value.hint


def test_an_unknown_root_is_refused() -> None:
    """A root that beancount does not have is refused when the profile is read."""
    with pytest.raises(msgspec.ValidationError, match="“Aktiva” for accounts on “1” is not one of Assets"):
        msgspec.convert({"roots": {"1": "Aktiva"}}, Options)


def test_an_unproven_statement_has_a_note(tmp_path: Path) -> None:
    """The file of an unproven statement has a note at the account."""
    statement = msgspec.structs.replace(with_ledger(statements.make([-1_00])), proven=False)
    notes = [one for one in beancount.loaded(_write(statement, tmp_path)) if isinstance(one, Note)]
    assert [note.comment[:10] for note in notes] == ["Not proven"]
