"""The delivered files as their tools read them, held against the bank's rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from primanota import profiles
from primanota.core.text import clean
from tests.support.files.documented_csv import LAYOUTS
from tests.support.files.independent_reading import READERS, DaysAndCents
from tests.torture.answers.company import Json, cents

_ZONE = ZoneInfo("Europe/Berlin")
# Reading them takes a second, or another program.
_SLOW = {"beancount", "hledger", "ledger", "fec"}
_FORMULA = ("=", "+", "-", "@", "'")
Cells = dict[str, str]


def rows_of(folder: Path) -> list[Cells]:
    """Return the rows of the CSV files of the invented tool in a folder, file by file the oldest first."""
    files = sorted(folder.glob("*.csv"), key=lambda file: (file.stat().st_mtime_ns, file.name))
    return [row for file in files for row in csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""))]


def day_of(row: Json) -> str:
    """Return the local day on which a row settled."""
    return f"{datetime.fromisoformat(row['settled_at']).astimezone(_ZONE).date()}"


def wrong_cells(cells: Cells, row: Json) -> Iterator[str]:
    """Yield which cells of a file differ from the bank's row."""
    amount = f"{'-' if cents(row) < 0 else ''}{abs(cents(row)) // 100}.{abs(cents(row)) % 100:02}"
    wanted = {
        "Day": day_of(row),
        "Amount": amount,
        "Who": _said(row["label"]) or _said(row["clean_counterparty_name"]),
        "What": _said(row["reference"]),
        "Note": clean(row["note"] or ""),
    }
    for name, text in wanted.items():
        if cells[name] != text and not (name in {"Who", "What", "Note"} and text.startswith(_FORMULA)):
            yield f"{name} of {row['id']} is {cells[name]!r} in a file, and {text!r} at the bank"


def _said(text: str | None) -> str:
    """Return a text of the bank; “NOTPROVIDED” is what banks write where there is nothing."""
    shown = clean(text or "")
    return "" if re.fullmatch(r"not[\s_-]?provided", shown, re.IGNORECASE) else shown


def wrong_file_of(profile: str, folder: Path, rows: Iterable[Json]) -> Iterator[str]:
    """Yield how the files of a profile differ from the bank's rows, by local days and signed cents."""
    tool = profiles.load(profile)
    if tool.format in _SLOW:
        return
    found: DaysAndCents = []
    for file in sorted(folder.iterdir()):
        if tool.format == "csv":
            layout = LAYOUTS[profile]
            found += [(f"{day}", amount) for day, amount in map(layout.day_and_cents, layout.rows(file.read_bytes()))]
        else:
            found += READERS[tool.format](file)
    wanted = Counter((day_of(row), cents(row)) for row in rows)
    if Counter(found) != wanted:
        yield f"{profile}: {Counter(found) - wanted} too much, {wanted - Counter(found)} missing"
