"""Recorded sessions in terminals of 60, 80 and 120 columns: the first hour, and two Mondays, in German as well.

Each is a file in ``tests/golden/sessions``, to be read by a person: ``--update-goldens`` records it anew.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from primanota.simulator import Simulator
from tests.support import environment
from tests.support.banks.simulator_server import served, variables_of
from tests.support.clock import Clock
from tests.support.screens.pseudo_terminal import folder_of_known_length
from tests.support.screens.recorded_session import Recording

GOLDEN = Path(__file__).parents[1] / "golden" / "sessions"
WIDTHS = (60, 80, 120)
_GERMAN = "zwei_montage"  # one width is enough to read it
_RUN = "primanota run lexware --new"


def _first_hour(told: Recording, simulator: Simulator, _: Clock) -> None:
    told.type("primanota demo")
    told.type("primanota login", ("Login", simulator.login), ("Secret", simulator.secret))
    told.type("primanota status", code=3)
    told.type(_RUN, ("First day", ""), ("Begin", "y"))
    told.type("primanota status")
    told.type("primanota batches")
    told.type("primanota list --text café")
    told.type("primanota review")
    told.type("primanota batches imported 1 2")


def _two_mondays(told: Recording, simulator: Simulator, clock: Clock) -> None:
    told.type(_RUN, ("First day", "1.11.2026"), ("Begin", "y"))
    _go_on(told, simulator, clock)


def _zwei_montage(told: Recording, simulator: Simulator, clock: Clock) -> None:
    told.type(_RUN, ("Erster Tag", "1.11.2026"), ("beginnen", "j"))
    _go_on(told, simulator, clock)


def _go_on(told: Recording, simulator: Simulator, clock: Clock) -> None:
    """Go on from the first run to the next Monday."""
    told.type("primanota batches imported 1 2")
    clock.advance(days=3)
    simulator.bank.arrive(3)
    simulator.bank.edit(_newest(simulator), note="Werkzeug für die Messe")
    clock.advance(days=4)
    told.type(_RUN)
    told.type("primanota review")
    told.type("primanota batches imported 3")
    told.type("primanota status")


def _newest(simulator: Simulator) -> str:
    rows = simulator.bank.truth(simulator.bank.account_ids()[0])
    settled = [row for row in rows if row["status"] == "completed" and str(row["settled_at"]) < "2026-11-23"]
    return str(max(settled, key=lambda row: str(row["settled_at"]))["id"])


SESSIONS: dict[str, Callable[[Recording, Simulator, Clock], None]] = {
    "first_hour": _first_hour,
    "two_mondays": _two_mondays,
    _GERMAN: _zwei_montage,
}


@pytest.mark.parametrize(
    ("name", "columns"),
    [(name, columns) for name in SESSIONS for columns in WIDTHS if name != _GERMAN or columns == 80],
)
def test_what_a_person_sees(name: str, columns: int, clock: Clock, request: pytest.FixtureRequest) -> None:
    """A terminal shows what the recording has, which a person has read; no line of a table is wider than it."""
    with folder_of_known_length() as folder, Simulator(clock=clock) as simulator, served(simulator) as url:
        variables = {
            **(environment.plain() if name == "first_hour" else variables_of(simulator, url, folder)),
            "PRIMANOTA_HOME": str(folder / "home"),
            "PRIMANOTA_API_URL": url,
            "PRIMANOTA_LANGUAGE": "de" if name == _GERMAN else "en",
        }
        told = Recording(columns, folder, clock, variables)
        SESSIONS[name](told, simulator, clock)
    golden = GOLDEN / f"{name}_{columns}.txt"
    if request.config.getoption("--update-goldens"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(told.text, encoding="utf-8")
    assert told.wrapped == []
    assert told.text == golden.read_text(encoding="utf-8")
