"""Names of files: files of different accounts, years and parts never share one."""

from datetime import date
from pathlib import Path

import pytest

from primanota import profiles
from primanota.core.model import Account, Statement
from primanota.export.filenames import FileNames
from primanota.export.select import AccountGroup
from tests.support.files.fec_ledger import LEDGER

_TWINS = [Account(key, "Compte", f"FR76{key}0116") for key in ("one", "two")]


def _statement(account: Account, last: date) -> Statement:
    return Statement(account, (), last, last, ledger=LEDGER)


@pytest.mark.parametrize("name", ["generic", "fec-fr", "camt-de"])
def test_accounts_of_one_name_and_ending(name: str, tmp_path: Path) -> None:
    """Files of two accounts of one name, whose IBANs end alike, differ, also where each is exported by itself."""
    found = set()
    for account in _TWINS:
        names = FileNames(profiles.load(name), [AccountGroup((account,))], tmp_path, known=_TWINS)
        found.add(names.path(_statement(account, date(2026, 11, 30)), "2026-11"))
    assert len(found) == 2


def test_only_files_of_one_name_are_numbered(tmp_path: Path) -> None:
    """Files of two fiscal years have names without a number; a second file of one name has one."""
    group = AccountGroup(tuple(_TWINS), every=True)
    names = FileNames(profiles.load("fec-fr"), [group], tmp_path)
    first, second = (_statement(group.account, date(year, 11, 30)) for year in (2026, 2027))
    assert [
        names.path(statement, "2026_2027", number, whole=True).name
        for statement, number in ((first, 1), (first, 2), (first, 2), (second, 3))
    ] == [
        "123456782FEC20261130.txt",
        "123456782FEC20261130_2.txt",
        "123456782FEC20261130_2.txt",
        "123456782FEC20271130.txt",
    ]
    one = FileNames(profiles.load("fec-fr"), [group], tmp_path / "one.txt")
    assert [one.path(first, "x", number).name for number in (1, 2)] == ["one.txt", "one_2.txt"]
