"""A book that anything but the program changed: what leaves is as before, or nothing leaves."""

import random
from pathlib import Path

import pytest

from tests.torture.books.campaigns import CAMPAIGNS
from tests.torture.campaign import Campaign, run_case


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the cases, for which one company is made."""
    return tmp_path_factory.mktemp("books") / "case"


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.name)
def test_changed_books(folder: Path, campaign: Campaign) -> None:
    """No change of a kind lets something leave that would not have left from the unchanged book."""
    for number in random.Random(campaign.name).sample(range(campaign.cases), 3):  # noqa: S311 - which case, not which secret
        assert run_case(campaign, folder, 1, number) == [], number
