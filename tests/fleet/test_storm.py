"""A small fleet whose workers and database are killed at random; ``tests/torture/fleet`` has the large ones."""

from pathlib import Path

from tests.torture.fleet.campaign import Storm, raise_storm


def test_a_small_storm(tmp_path: Path) -> None:
    """After random kills of workers and PostgreSQL, files, letters and report are right, and the bank said no 429."""
    found = raise_storm(Storm(clients=5, workers=2, jobs=3, kills=2, seed=2), tmp_path, patience=120)
    assert found.broken == []
    assert found.numbers["answers of 429 by the bank's limits"] == 0
