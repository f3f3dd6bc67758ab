"""Invented samples of banks and tools in four countries, and what is learnt of each of their columns.

``bank_samples.txt`` has a line for each column: its heading, two cells, the template that is learnt without answers,
and whether it is asked.
"""

import csv
import io
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).with_suffix(".txt")


class BankSample(NamedTuple):
    """A sample as the text of a file; the template of each column, and the numbers of those that are asked."""

    text: str
    templates: list[str]
    asked: list[int]


def bank_samples() -> dict[str, BankSample]:
    """Return the samples by what they are."""
    blocks = (block.strip().splitlines() for block in _FILE.read_text(encoding="utf-8").split("# ")[1:])
    return {name: _sample(lines) for name, *lines in blocks}


def _sample(lines: list[str]) -> BankSample:
    columns = [[part.strip() for part in line.split("|")] for line in lines]
    text = io.StringIO(newline="")
    headings, first, second, templates, asked = zip(*columns, strict=True)
    csv.writer(text, delimiter=";", lineterminator="\n").writerows([headings, first, second])
    return BankSample(text.getvalue(), list(templates), [number for number, word in enumerate(asked, 1) if word])
