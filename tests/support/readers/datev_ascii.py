"""Nobody's reader of the ASCII-Weiterverarbeitungsdatei can be had here: two plain readers of CSV stand for them."""

import csv
from collections.abc import Iterable
from pathlib import Path

from pyarrow import csv as arrow_csv

from tests.support.readers import Seen

_FIELDS = 34


def python(path: Path, encoding: str = "cp1252") -> Seen:
    """What Python's own reader finds."""
    return _seen(row[6] for row in python_rows(path, encoding))


def python_rows(path: Path, encoding: str = "cp1252") -> list[list[str]]:
    """The fields of each row, as Python's own reader finds them."""
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.reader(lines, delimiter=";", strict=True))


def arrow(path: Path, encoding: str = "cp1252") -> Seen:
    """What Apache Arrow's reader finds. It reads no empty file."""
    if not path.stat().st_size:
        return Seen(0, 0)
    names = [f"{number}" for number in range(1, _FIELDS + 1)]
    table = arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(column_names=names, encoding=encoding),
        parse_options=arrow_csv.ParseOptions(delimiter=";"),
        convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, "string")),
    )
    return _seen(table["7"].to_pylist())


def _seen(amounts: Iterable[str]) -> Seen:
    cents = [int(amount.replace(",", "")) for amount in amounts]
    return Seen(len(cents), sum(cents))
