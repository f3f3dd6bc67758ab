"""CSV files, read as an accounting tool reads them."""

import csv
from pathlib import Path


def rows_of(*files: Path | None) -> list[dict[str, str]]:
    """Return the rows of CSV files; a path of None has no rows."""
    found: list[dict[str, str]] = []
    for file in filter(None, files):
        with file.open(encoding="utf-8", newline="") as lines:
            found += csv.DictReader(lines)
    return found
