"""Readers of the ASCII-Weiterverarbeitungsdatei: two plain CSV readers, for lack of one made for it."""

import csv
from collections.abc import Iterable
from pathlib import Path

from pyarrow import csv as arrow_csv

from tests.support.readers import ReaderTotals

_FIELDS = 34


def python(path: Path, encoding: str = "cp1252") -> ReaderTotals:
    """Read a file with Python's own CSV reader."""
    return _seen(row[6] for row in python_rows(path, encoding))


def python_rows(path: Path, encoding: str = "cp1252") -> list[list[str]]:
    """Return the fields of each row, as Python's own CSV reader finds them."""
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.reader(lines, delimiter=";", strict=True))


def arrow(path: Path, encoding: str = "cp1252") -> ReaderTotals:
    """Read a file with Apache Arrow's CSV reader, which cannot read an empty file."""
    if not path.stat().st_size:
        return ReaderTotals(0, 0)
    names = [f"{number}" for number in range(1, _FIELDS + 1)]
    table = arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(column_names=names, encoding=encoding),
        parse_options=arrow_csv.ParseOptions(delimiter=";"),
        convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, "string")),
    )
    return _seen(table["7"].to_pylist())


def _seen(amounts: Iterable[str]) -> ReaderTotals:
    cents = [int(amount.replace(",", "")) for amount in amounts]
    return ReaderTotals(len(cents), sum(cents))
