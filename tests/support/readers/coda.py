"""Reader of CODA: febelfin-coda of Tryton, which refuses counts, sums and balances that do not fit."""

from pathlib import Path

from coda import CODA, Move, Statement

from tests.support.readers import ReaderTotals, StatementFacts


def febelfin(path: Path) -> ReaderTotals:
    """Read all statements of a file, each of which must begin with the closing balance of the one before."""
    found = statements(path)
    ends = [int(statement.new_balance * 100) for statement in found]
    starts = [int(statement.old_balance * 100) for statement in found]
    assert starts[1:] == ends[:-1]
    amounts = [move.amount for statement in found for move in statement.moves]
    return ReaderTotals(len(amounts), int(sum(amounts) * 100), starts[0], ends[-1])


def statements(path: Path) -> list[Statement]:
    """Return the statements of the file, as Tryton reads them."""
    found: list[Statement] = CODA(str(path)).statements
    return found


def moves(path: Path) -> list[Move]:
    """Return the movements of all its statements, as Tryton reads them."""
    return [move for statement in statements(path) for move in statement.moves]


def facts(path: Path) -> StatementFacts:
    """Return the facts of the statement, as Tryton reads them; its number must be the same in each record."""
    [read], totals = statements(path), febelfin(path)
    assert read.old_sequence == read.new_sequence == read.coda_sequence
    return StatementFacts(
        ids=(read.file_reference,),
        number=int(read.old_sequence),
        first=f"{read.old_balance_date}",
        last=f"{read.new_balance_date}",
        opening=totals.opening or 0,
        closing=totals.closing or 0,
        total=totals.total,
        keys=tuple(move.bank_reference for move in read.moves),
    )


def movements(path: Path) -> list[tuple[str, int]]:
    """Return days and cents, as Tryton reads them."""
    return [(f"{move.entry_date}", int(move.amount * 100)) for move in moves(path)]
