"""Reader of FEC: fec-parser (ETCLD), which computes income statements from it."""

from io import BytesIO
from pathlib import Path

from fec_parser.parser import FECEcriture, FECParser

from tests.support.readers import ReaderTotals


def fec_parser(path: Path, bank: str) -> ReaderTotals:
    """Read the bank's account with fec-parser; the file has no balances."""
    found = movements(path, bank)
    return ReaderTotals(len(found), sum(cents for _, cents in found))


def movements(path: Path, bank: str) -> list[tuple[str, int]]:
    """Return days and cents of the bank's account, as fec-parser reads them."""
    lines = _lines(path)
    assert sum(line.debit - line.credit for line in lines) == 0
    return [
        (f"{line.ecriture_date}", int((line.debit - line.credit) * 100)) for line in lines if line.compte_num == bank
    ]


def _lines(path: Path) -> list[FECEcriture]:
    return list(FECParser.from_bytesio(BytesIO(path.read_bytes())).get_ecritures())
