"""The plan of a fleet: how long it takes, and what bounds it."""

import fleet_plan
import pytest
from fleet_plan import FleetPlan, seconds_of_budget


@pytest.mark.parametrize(
    ("requests", "at_least", "at_most"),
    [
        (0, 0, 0),
        (950, 0, 1),  # one burst
        (951, 10, 13),  # the next burst
        (9_500, 90, 120),  # all that ten minutes have
        (9_501, 600, 605),  # the next ten minutes
        (20_000, 1_200, 1_220),  # 5,000 clients with four requests each: twenty minutes
    ],
)
def test_the_budget_of_an_address(requests: int, at_least: float, at_most: float) -> None:
    """So many requests take as long as the bank's two rates demand, and hardly longer."""
    assert at_least <= seconds_of_budget(requests) <= at_most


def test_what_bounds_a_fleet() -> None:
    """5,000 clients at one address wait for the bank; on four addresses they need a fourth of that time, or cores."""
    one = FleetPlan(5_000, cores=2)
    assert one.bound == "the bank"
    assert 20 <= one.minutes <= 21
    assert FleetPlan(5_000, cores=8, egresses=4).bank_minutes < one.bank_minutes / 2
    assert FleetPlan(50_000, cores=1, egresses=16).bound == "the workers"


def test_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """The program prints a line for each fleet."""
    fleet_plan.main()
    assert len(capsys.readouterr().out.splitlines()) == 14
