"""The campaigns of fleets: ``python -m tests.torture --only fleet``."""

import random
from pathlib import Path

from tests.torture.campaign import Campaign
from tests.torture.fleet.campaign import Storm, raise_storm


def _killed(folder: Path, number: int, chance: random.Random) -> list[str]:  # noqa: ARG001 - the signature of all
    return raise_storm(Storm(clients=25, workers=4, jobs=3, kills=6, seed=chance.randrange(1 << 30)), folder).broken


CAMPAIGNS = [Campaign("fleet: workers and PostgreSQL killed", 20, _killed)]
