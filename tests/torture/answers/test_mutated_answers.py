"""Whatever the bank answers, a command ends with a documented exit code, and a proven book is the bank's."""

import random
from pathlib import Path

import pytest

from tests.torture.answers.mutations import KINDS, Mutation, drawn
from tests.torture.answers.oracle import broken_rules

# Cases that once broke a rule: rows that are no objects, 404 for every account, one id in two accounts.
_FOUND = (
    (Mutation("types", 6, 6, 34, 17, 373), Mutation("types", 3, 1, 42, 21, 569)),
    (Mutation("framing", 1, 6, 28, 11, 909),),
    (Mutation("ids", 12, 6, 45, 59, 721),),
)


@pytest.mark.parametrize("kind", KINDS)
def test_mutated_answers(tmp_path: Path, kind: str) -> None:
    """No mutation of a kind leads to a mistake of the program, shows the key, or proves a wrong book."""
    for number in range(12):
        case = drawn(random.Random(f"suite-{kind}-{number}"), kind)  # noqa: S311 - which case, not which secret
        folder = tmp_path / f"{number}"
        folder.mkdir()
        assert broken_rules(folder, case) == [], case


@pytest.mark.parametrize("case", _FOUND)
def test_cases_that_were_found(tmp_path: Path, case: tuple[Mutation, ...]) -> None:
    """A case that once broke a rule keeps it."""
    assert broken_rules(tmp_path, case) == []
