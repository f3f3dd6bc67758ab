"""Accounts of a company, and several of them in one file."""

import pytest

from primanota.core.model import Account, joint_account

_FILED, _READ = Account("f", "Sparkasse", from_files=True), Account("q", "Hauptkonto")


@pytest.mark.parametrize(
    ("accounts", "from_files"), [([_FILED, _FILED], True), ([_READ, _FILED], False), ([_READ, _READ], False)]
)
def test_accounts_in_one_file_are_of_files_if_all_are(accounts: list[Account], from_files: bool) -> None:  # noqa: FBT001 - a case
    """A file of several accounts is one of imported statements only if none of its accounts was read at a bank."""
    assert joint_account(accounts).from_files is from_files
