"""Whatever is put in (a profile, settings, a sample, a backup, a name, a place, a mail server), the promises hold."""

from pathlib import Path

import pytest

from tests.torture.campaign import run_case
from tests.torture.inputs.campaigns import CAMPAIGNS

_CASES = {
    "inputs: profiles": 16,
    "inputs: places of profiles": 5,
    "inputs: samples": 3,
    "inputs: backups": 13,
    "inputs: settings": 10,
    "inputs: places": 13,
    "inputs: names": 3,
    "inputs: mails": 10,
    "inputs: mail servers": 8,
}
_BY_NAME = {campaign.name: campaign for campaign in CAMPAIGNS}
# So many parts, so that each of several processes has a share.
_PARTS = 3


@pytest.mark.parametrize("name", _CASES)
@pytest.mark.parametrize("part", range(_PARTS))
def test_hostile_inputs(tmp_path: Path, name: str, part: int) -> None:
    """No hostile input leads to a mistake of the program, shows the key, or changes anything outside of the place."""
    for number in range(part, _CASES[name], _PARTS):
        assert run_case(_BY_NAME[name], tmp_path / "case", 20261128, number) == [], number


def test_every_campaign_is_in_the_suite() -> None:
    """Each campaign has a share of the suite."""
    assert _CASES.keys() == _BY_NAME.keys()
