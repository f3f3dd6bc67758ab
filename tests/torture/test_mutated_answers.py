"""Whatever the bank answers, a command ends with a documented exit code, and a proven book is the bank's."""

import random
from pathlib import Path

import pytest

from tests.torture.mutations import CAMPAIGNS, Mutation, drawn
from tests.torture.oracle import broken_rules

# Cases that once broke a rule: rows that are no objects, 404 for every account, one id in two accounts.
_FOUND = (
    (Mutation("types", 6, 6, 34, 17, 373), Mutation("types", 3, 1, 42, 21, 569)),
    (Mutation("framing", 1, 6, 28, 11, 909),),
    (Mutation("ids", 12, 6, 45, 59, 721),),
)


@pytest.mark.parametrize("campaign", CAMPAIGNS)
def test_mutated_answers(tmp_path: Path, campaign: str) -> None:
    """No mutation of a campaign leads to a mistake of the program, shows the key, or proves a wrong book."""
    for number in range(12):
        case = drawn(random.Random(f"suite-{campaign}-{number}"), campaign)  # noqa: S311 - which case, not which secret
        assert broken_rules(tmp_path, case) == [], case


@pytest.mark.parametrize("case", _FOUND)
def test_cases_that_were_found(tmp_path: Path, case: tuple[Mutation, ...]) -> None:
    """A case that once broke a rule keeps it."""
    assert broken_rules(tmp_path, case) == []
