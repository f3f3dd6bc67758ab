"""Readers of JSON Lines: jq, and a validator of JSON Schema (jsonschema-rs)."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.support.readers import ReaderTotals, run

SCHEMA: dict[str, Any] = json.loads(
    resources.files("primanota.formats.writers").joinpath("jsonl.schema.json").read_text(encoding="utf-8")
)
_SUM = """
input as $head
| reduce inputs as $row ([0, 0]; [.[0] + 1, .[1] + $row.amount_cents])
| [.[0], .[1], $head.opening_cents, $head.closing_cents]
"""


def jq(path: Path) -> ReaderTotals:
    """Count and sum a file with jq."""
    found: list[int] = json.loads(run_jq(path, "-n", "-c", _SUM))
    return ReaderTotals(*found)


def run_jq(path: Path, *words: str) -> str:
    """Return the output of jq."""
    return run("jq", *words, str(path)).stdout


def mistakes(path: Path) -> list[str]:
    """Return the violations of the schema in a file; formats of dates and moments are checked."""
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    with path.open("rb") as lines:
        return [error.message for line in lines for error in validator.iter_errors(json.loads(line))]
