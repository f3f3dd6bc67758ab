"""The benchmark of an import: the program and the script read the same rows from its file."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import baseline_import
import pytest
from statement_file import statement_file

from tests.support.books.book_of_files import FilesCompany
from tests.support.clock import Clock

_COLUMNS = "ref, day, cents, name, iban, bic, purpose"


def test_both_read_the_same_rows(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """References, days, amounts, counterparties and purposes of both are equal, and so is the closing balance."""
    monkeypatch.setenv("PRIMANOTA_HOME", str(tmp_path))
    file, database = statement_file(tmp_path / "statement.xml", 200), tmp_path / "script.db"
    company = FilesCompany(tmp_path, clock, capsys)
    (account,) = company.run("import", str(file.path), "--json").data["accounts"]
    assert (account["rows"], account["balance_cents"], account["proof"]) == (200, file.closing, "proven")
    for _ in range(2):  # the same file again adds nothing
        baseline_import.main(str(file.path), str(database))
        assert capsys.readouterr().out == f"200 {file.closing}\n"
    with sqlite3.connect(database) as script:
        theirs = sorted(script.execute(f"SELECT {_COLUMNS} FROM row"))  # noqa: S608 - our own columns
    assert company.run("export", "jsonl", "--period", "2025", "--to", f"{tmp_path / 'rows.jsonl'}").code == 0
    _, *lines = (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert sorted(_cells(json.loads(line)) for line in lines) == theirs
    assert len(theirs) == 200


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    names = ("number", "day", "amount_cents", "counterparty", "counterparty_account", "bic", "purpose")
    return tuple(row[name] for name in names)
