"""Every profile renders the invented company into the golden file that a human has read."""

from pathlib import Path

import pytest

from primanota import profiles
from tests import company

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", profiles.names())
def test_the_golden_file(name: str, request: pytest.FixtureRequest) -> None:
    """The bytes are those of the golden file; ``--update-goldens`` writes it anew, for a human to read."""
    profile = profiles.load(name)
    rendered = b"".join(profile.render(company.statement()))
    file = GOLDEN / f"{name}{profile.suffix}"
    if request.config.getoption("--update-goldens"):
        file.write_bytes(rendered)
    assert file.exists(), f"run pytest --update-goldens, then read {file}"
    assert rendered == file.read_bytes()


@pytest.mark.parametrize("name", profiles.names())
def test_nothing_is_lost_on_the_way(name: str) -> None:
    """Count and signed sum of the rendered rows are those of the statement, whatever stands in their texts."""
    statement = company.statement()
    headings, *rows = profiles.load(name).rows(statement)
    amounts = headings.index("Betrag")
    assert len(rows) == len(company.bodies())
    total = sum(int(row[amounts].replace(".", "").replace(",", "")) for row in rows)
    assert statement.opening is not None
    assert statement.closing is not None
    assert total == statement.closing.cents - statement.opening.cents
