"""Who reads JSON Lines: jq, and a validator of JSON Schema (jsonschema-rs)."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.support import environment
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
    """What jq counts and sums."""
    found: list[int] = json.loads(run_jq(path, "-n", "-c", _SUM))
    return Seen(*found)


def run_jq(path: Path, *words: str) -> str:
    """What jq says to a question."""
    done = environment.run([program("jq"), *words, path], check=True)
    return done.stdout


def mistakes(path: Path) -> list[str]:
    """What in a file is against its schema; dates and moments included."""
    validator = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)
    with path.open("rb") as lines:
        return [error.message for line in lines for error in validator.iter_errors(json.loads(line))]
