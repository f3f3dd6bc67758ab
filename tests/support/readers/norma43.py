"""Who reads Norma 43: csb43, which checks strictly; aeb43, Tryton's; and aqbanking, the importer that GnuCash has."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from aeb43 import AEB43, Account
from csb43.aeb43 import read_batch
from csb43.aeb43.record.context import Aeb43Context

from tests.support import environment
from tests.support.readers import Seen, program


def csb43(path: Path) -> Seen:
    """What csb43 reads; it refuses counts, sums and balances that do not fit, and warns of odd contents."""
    account = _strictly(path)
    assert account.summary
    amounts = [row.amount for row in account.transactions or []]
    return _seen(amounts, account.initial_balance, account.summary.final_balance)


def csb43_movements(path: Path) -> list[tuple[str, int]]:
    """Days and cents, as csb43 reads them."""
    return [(f"{row.transaction_date}", int(row.amount * 100)) for row in _strictly(path).transactions or []]


def aeb43(path: Path) -> Seen:
    """What Tryton reads; it refuses counts, sums and balances that do not fit."""
    account = _account(path)
    return _seen([row.amount for row in account.transactions], account.initial_balance, account.final_balance)


def movements(path: Path) -> list[tuple[str, int]]:
    """Days and cents, as Tryton reads them."""
    return [(f"{row.transaction_date}", int(row.amount * 100)) for row in _account(path).transactions]


def texts(path: Path) -> list[list[str]]:
    """The halves of all records 23 of each row, as Tryton reads them."""
    return [row.items for row in _account(path).transactions]


def aqbanking(path: Path) -> Seen:
    """What aqbanking reads; it keeps no balances."""
    _aqbanking_import(path)
    amounts = [Decimal(amount) for amount in _aqbanking(path, "listtrans", "--template=$(valueAsString)")]
    return Seen(len(amounts), int(sum(amounts) * 100))


def aqbanking_texts(path: Path) -> list[str]:
    """What aqbanking shows of each row's records 23."""
    _aqbanking_import(path)
    return _aqbanking(path, "listtrans", "--template=$(purposeInOneLine)")


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
    _aqbanking(path, "import", "--importer=q43", "--profile=default", "-f", str(path))


def _aqbanking(path: Path, *words: str) -> list[str]:
    command = [program("aqbanking-cli"), f"--cfgdir={path.parent / 'aqbanking'}", *words]
    context = f"--ctxfile={path.parent / 'aqbanking.ctx'}"
    done = environment.run([*command, context], check=True)
    return done.stdout.splitlines()


def _seen(amounts: list[Decimal], opening: Decimal, closing: Decimal) -> Seen:
    return Seen(len(amounts), int(sum(amounts) * 100), int(opening * 100), int(closing * 100))
