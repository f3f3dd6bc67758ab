"""Readers of JSON Lines: jq, and a validator of JSON Schema (jsonschema-rs)."""

import json
import subprocess
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.support.readers import Seen, program

SCHEMA: dict[str, Any] = json.loads(
    resources.files("primanota.formats.writers").joinpath("jsonl.schema.json").read_text(encoding="utf-8")
)
_SUM = """
input as $head
| reduce inputs as $row ([0, 0]; [.[0] + 1, .[1] + $row.amount_cents])
| [.[0], .[1], $head.opening_cents, $head.closing_cents]
"""


def jq(path: Path) -> Seen:
    """Count and sum a file with jq."""
    found: list[int] = json.loads(run_jq(path, "-n", "-c", _SUM))
    return Seen(*found)


def run_jq(path: Path, *words: str) -> str:
    """Return the output of jq."""
    done = subprocess.run([program("jq"), *words, str(path)], capture_output=True, encoding="utf-8", check=True)  # noqa: S603 - our own words
    return done.stdout


def mistakes(path: Path) -> list[str]:
    """Return the violations of the schema in a file; formats of dates and moments are checked."""
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    with path.open("rb") as lines:
        return [error.message for line in lines for error in validator.iter_errors(json.loads(line))]
