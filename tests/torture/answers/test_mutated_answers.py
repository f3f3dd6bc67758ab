"""Whatever the bank answers, a command ends with a documented exit code, and a proven book is the bank's."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.torture.answers.campaigns import CAMPAIGNS
from tests.torture.answers.clocks import Jump, jumps
from tests.torture.answers.mutations import Mutation, cases
from tests.torture.answers.story import Plan, broken_rules, plans
from tests.torture.campaign import Campaign, run_case

_EACH = 5

# Cases that once broke a rule: rows that are no objects, 404 for every account, one id in two accounts, a second
# answer with a balance that is a list, a count beyond all numbers, a row of one account in a page of another.
_FOUND: tuple[tuple[tuple[Mutation, ...], Plan], ...] = (
    ((Mutation("types", 6, 6, 34, 17, 373), Mutation("types", 3, 1, 42, 21, 569)), Plan()),
    ((Mutation("framing", 1, 6, 28, 11, 909),), Plan()),
    ((Mutation("ids", 12, 6, 45, 59, 721),), Plan()),
    ((Mutation("types", 6, 1, 36, 19, 309),), Plan(later=1, command=4)),
    ((Mutation("meta", 10, 6, 39, 22, 856),), Plan(later=1, command=3, reach=9, scheme=1)),
    (
        (Mutation("swaps", 7, 4, 46, 38, 895), Mutation("swaps", 4, 10, 7, 45, 255)),
        Plan(seed=2, command=5, reach=7, profile=18, other=3),
    ),
)


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.name)
def test_campaign(tmp_path: Path, campaign: Campaign) -> None:
    """The first cases of each campaign break no rule."""
    for number in range(_EACH):
        assert run_case(campaign, tmp_path / "case", 1, number) == [], number


@settings(derandomize=True, max_examples=25, deadline=None)
@given(case=cases(), plan=plans(), jumping=st.just(()) | jumps())
def test_any_case(
    tmp_path_factory: pytest.TempPathFactory, case: tuple[Mutation, ...], plan: Plan, jumping: tuple[Jump, ...]
) -> None:
    """No case breaks a rule; of one that does, the smallest is shown."""
    folder = tmp_path_factory.getbasetemp() / "any-case"
    campaign = Campaign("any", 1, lambda place, *_: broken_rules(place, case, plan, jumping))
    assert run_case(campaign, folder, 1, 1) == []


@pytest.mark.parametrize(("case", "plan"), _FOUND)
def test_cases_that_were_found(tmp_path: Path, case: tuple[Mutation, ...], plan: Plan) -> None:
    """A case that once broke a rule keeps it."""
    assert broken_rules(tmp_path, case, plan) == []
