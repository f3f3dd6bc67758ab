"""Reader of CODA: febelfin-coda of Tryton, which refuses counts, sums and balances that do not fit."""

from pathlib import Path

from coda import CODA, Move, Statement

from tests.support.readers import ReaderTotals


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


def movements(path: Path) -> list[tuple[str, int]]:
    """Return days and cents, as Tryton reads them."""
    return [(f"{move.entry_date}", int(move.amount * 100)) for move in moves(path)]
