"""Readers of Norma 43: csb43, which checks strictly; aeb43 of Tryton; and aqbanking, the importer of GnuCash."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from aeb43 import AEB43, Account
from csb43.aeb43 import read_batch
from csb43.aeb43.record.context import Aeb43Context

from tests.support.readers import ReaderTotals, StatementFacts
from tests.support.readers import aqbanking as read_by_aqbanking


def csb43(path: Path) -> ReaderTotals:
    """Read a file with csb43; it refuses counts, sums and balances that do not fit, and warns of odd contents."""
    account = _strictly(path)
    assert account.summary
    amounts = [row.amount for row in account.transactions or []]
    return _seen(amounts, account.initial_balance, account.summary.final_balance)


def csb43_movements(path: Path) -> list[tuple[str, int]]:
    """Return days and cents, as csb43 reads them."""
    return [(f"{row.transaction_date}", int(row.amount * 100)) for row in _strictly(path).transactions or []]


def aeb43(path: Path) -> ReaderTotals:
    """Read a file with Tryton's library; it refuses counts, sums and balances that do not fit."""
    account = _account(path)
    return _seen([row.amount for row in account.transactions], account.initial_balance, account.final_balance)


def movements(path: Path) -> list[tuple[str, int]]:
    """Return days and cents, as Tryton reads them."""
    return [(f"{row.transaction_date}", int(row.amount * 100)) for row in _account(path).transactions]


def texts(path: Path) -> list[list[str]]:
    """Return the halves of all records 23 of each row, as Tryton reads them."""
    return [row.items for row in _account(path).transactions]


def facts(path: Path) -> StatementFacts:
    """Return the facts of the statement, as Tryton reads them."""
    read, totals = _account(path), aeb43(path)
    return StatementFacts(
        ids=(),
        number=None,
        first=f"{read.start_date}",
        last=f"{read.end_date}",
        opening=totals.opening or 0,
        closing=totals.closing or 0,
        total=totals.total,
        keys=tuple(row.reference2 for row in read.transactions),
    )


def aqbanking(path: Path) -> ReaderTotals:
    """Read a file with aqbanking, which does not keep balances."""
    _aqbanking_import(path)
    amounts = [Decimal(amount) for amount in read_by_aqbanking(path, "listtrans", "--template=$(valueAsString)")]
    return ReaderTotals(len(amounts), int(sum(amounts) * 100))


def aqbanking_texts(path: Path) -> list[str]:
    """Return aqbanking's text of each row's records 23."""
    _aqbanking_import(path)
    return read_by_aqbanking(path, "listtrans", "--template=$(purposeInOneLine)")


def _strictly(path: Path) -> Any:  # noqa: ANN401 - it has no types
    with path.open("rb") as lines:
        batch = read_batch(lines, Aeb43Context(strict=True))
    assert batch.is_closed()
    [account] = batch.accounts or []
    return account


def _account(path: Path) -> Account:
    [account] = AEB43(str(path), encoding="latin-1").accounts
    return account


def _aqbanking_import(path: Path) -> None:
    read_by_aqbanking(path, "import", "--importer=q43", "--profile=default", "-f", str(path))


def _seen(amounts: list[Decimal], opening: Decimal, closing: Decimal) -> ReaderTotals:
    return ReaderTotals(len(amounts), int(sum(amounts) * 100), int(opening * 100), int(closing * 100))
