"""Every format writes any transaction into a file that reads back, or refuses it with an error sentence."""

import csv
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.errors import FormatRuleViolated
from primanota.core.model import Money, Statement, Transaction
from tests.support.factories import quick
from tests.support.files import statements
from tests.support.files.any_transaction import LAST, ROWS, TEXT
from tests.support.files.every_format import FORMAT_CASES, FormatCase
from tests.support.files.independent_reading import READERS, DaysAndCents


def _csv(encoding: str, delimiter: str) -> Callable[[Path], DaysAndCents]:
    def read(path: Path) -> DaysAndCents:
        with path.open(encoding=encoding, newline="") as lines:
            _, *rows = csv.reader(lines, delimiter=delimiter, strict=True)
        return [(day, int(amount.replace(".", ""))) for day, amount, *_ in rows]

    return read


_CSV = {"csv": _csv("utf-8", ","), "csv as Germans write it": _csv("cp1252", ";")}
# hledger and ledger start a program for each file; their own tests read many files. A DATEV entry in another
# currency does not state the account's cents.
_UNREAD = {"hledger", "ledger", "datev in foreign money"}


def _statement(tested: FormatCase, rows: list[Transaction], name: str, *, proven: bool) -> Statement:
    """Return a statement of these rows within a fiscal year, with any names of account and company."""
    empty = statements.make([], country=tested.country)
    assert empty.opening
    return msgspec.structs.replace(
        empty,
        rows=rows,
        last=LAST.date(),
        closing=Money(empty.opening.cents + sum(row.amount.cents for row in rows)),
        account=msgspec.structs.replace(empty.account, name=name),
        company=msgspec.structs.replace(statements.COMPANY, name=name),
        proven=proven,
    )


@pytest.mark.parametrize("name", FORMAT_CASES)
@quick
@given(rows=ROWS, called=TEXT, proven=st.booleans())
def test_any_rows_are_written_or_refused(
    name: str, rows: list[Transaction], called: str, *, proven: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """For any rows, an independent program reads the same days and cents in the file, or the rows are refused."""
    tested = FORMAT_CASES[name]
    statement = _statement(tested, rows, called, proven=proven)
    file = tmp_path_factory.getbasetemp() / f"anything{tested.writer.suffix}"
    try:
        file.write_bytes(tested.rendered(statement))
    except FormatRuleViolated as refused:
        assert refused.hint  # noqa: PT017 - whether there is a refusal is not known beforehand
        return
    assert all(isinstance(cell(row), str) for _, cell in tested.shows() for row in rows)
    if name not in _UNREAD:
        reader = _CSV.get(name) or READERS[tested.format]
        assert reader(file) == [(f"{row.day}", row.amount.cents) for row in statement.rows]
