"""Statements that DATEV does not accept are refused."""

from datetime import date
from typing import Any

import pytest

from primanota.core.errors import FileLimitReached, FormatRuleViolated
from primanota.core.model import Money, Posting
from primanota.formats.writers import datev
from tests.support.factories import transaction
from tests.support.files.datev_ledger import datev_statement, ledger_with, rendered


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ledger": None}, "name no ledger accounts"),
        ({"ledger": ledger_with(consultant=0)}, "Beraternummer.*1001 to 9999999, and it is 0"),
        ({"ledger": ledger_with(client=100_000)}, "Mandantennummer.*1 to 99999, and it is 100000"),
        ({"ledger": ledger_with(account_length=9)}, "Sachkontenlänge.*4 to 8, and it is 9"),
        ({"ledger": ledger_with(chart="SKR04")}, "“SKR04” is not a chart"),
        ({"ledger": ledger_with(bank="Bank")}, "“Bank” is not an account"),
        ({"ledger": ledger_with(bank="0000")}, "“0000” is not an account"),
        ({"ledger": ledger_with(assign=lambda row: (Posting("700001", row.amount.cents),))}, "up to 5 digits"),
        (
            {"ledger": ledger_with(assign=lambda row: (Posting("6800", row.amount.cents, tax="V19"),))},
            "“V19” is not a tax key",
        ),
        ({"ledger": ledger_with(assign=lambda row: (Posting("6800", row.amount.cents, tax="12345"),))}, "a tax key"),
        (
            {"ledger": ledger_with(assign=lambda row: (Posting("6800", row.amount.cents, cost_centre="A-1"),))},
            "“A-1” is no",
        ),
        (
            {"ledger": ledger_with(assign=lambda row: (Posting("6800", row.amount.cents, cost_centre="Łódź"),))},
            "“Łódź” is not a cost centre of DATEV: that has up to 36 letters of Windows-1252",
        ),
        (
            {"ledger": ledger_with(assign=lambda row: (Posting("6800", row.amount.cents - 1),))},
            "its postings sum to another amount",
        ),
        ({"ledger": ledger_with(assign=lambda _: ())}, "its postings sum to another amount"),
        ({"rows": [transaction(amount=Money(0))]}, r"2026-10-05, Müller GmbH, 0\.00 EUR: .*DATEV does not take"),
        ({"rows": [transaction(amount=Money(10**12))]}, "13 characters for an amount"),
        ({"first": date(2025, 12, 31)}, "begins on 2026-01-01 between 2025-12-31 and 2026-12-31"),
        ({"ledger": ledger_with(year_start=(7, 1))}, "begins on 2026-07-01 between 2026-01-01 and 2026-12-31"),
    ],
)
def test_an_unsuitable_statement_is_refused(changes: dict[str, Any], message: str) -> None:
    """A missing or invalid setting, row or period is named in the error, which has a hint."""
    with pytest.raises(FormatRuleViolated, match=message) as refused:
        rendered(datev_statement(transaction(), **changes))
    assert refused.value.hint


def test_a_posting_of_zero_is_refused() -> None:
    """A posting of 0.00 is refused as an entry, like a row of 0.00."""
    ledger = ledger_with(assign=lambda row: (Posting("6800", row.amount.cents), Posting("1406", 0)))
    with pytest.raises(FormatRuleViolated, match=r"would be an entry of 0\.00"):
        rendered(datev_statement(transaction(), ledger=ledger))


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with DATEV's maximum of entries is written; with more, the error states how many rows fit."""
    monkeypatch.setattr(datev, "_MOST_ENTRIES", 4)
    rows = [transaction(id=f"t{place}", operation="card", amount=Money(-2_00)) for place in range(3)]
    assert rendered(datev_statement(*rows[:2])).count(b"\r\n") == 2 + 4
    with pytest.raises(FileLimitReached, match="DATEV takes 4 entries") as full:
        rendered(datev_statement(*rows))
    assert full.value.fits == 2
