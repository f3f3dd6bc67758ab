"""Limits of ``import``: what the balances prove is imported, and what cannot be right is refused with its place."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from primanota.app.workspace import Workspace
from primanota.cli import main
from tests.support.banks.camt_files import Booked, document, statement
from tests.support.clock import Clock
from tests.support.screens.command_line import CommandResult

_DAY = date(2026, 10, 5)
_NEXT = _DAY + timedelta(days=1)
_COLLECTED = [Booked(_DAY, cents, "FI-Kort", ref="FISAM.POST") for cents in (100_00, 50_00)]
_FEE = Booked(_DAY, -9_90, "Gebühr", name="Bank")


class Import:
    """Imports statements into the book of a home, each with a file of its own."""

    def __init__(self, home: Path, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
        self._home = home
        self._workspace = partial(Workspace, clock=clock)
        self._capsys = capsys

    def __call__(self, *statements: str) -> CommandResult:
        """Import statements in a file each."""
        paths = []
        for number, one in enumerate(statements, 1):
            path = self._home / f"{number}.xml"
            path.write_bytes(document(one))
            paths.append(str(path))
        code = main(["import", *paths, "--book", str(self._home / "a.book")], self._workspace)
        return CommandResult(code, *self._capsys.readouterr())


@pytest.fixture
def imports(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Import:
    """Return imports into a new book."""
    monkeypatch.setenv("PRIMANOTA_HOME", str(tmp_path))
    monkeypatch.setenv("PRIMANOTA_LOGIN", "acme")
    return Import(tmp_path, clock, capsys)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("at_once", [True, False])
def test_one_reference_of_several_entries_of_a_day(imports: Import, order: tuple[int, int], *, at_once: bool) -> None:
    """A bank may book two entries with one reference on a day in two statements: the balances prove both."""
    parts = [
        statement(_COLLECTED[:1], 0, _DAY, _DAY, name="A"),
        statement(_COLLECTED[1:], 100_00, _NEXT, _NEXT, name="B"),
    ]
    chosen = [parts[place] for place in order]
    last = imports(*chosen) if at_once else [imports(one) for one in chosen][-1]
    assert (last.code, last.err, "150.00" in last.out) == (0, "", True)
    assert "nothing new" in imports(*parts).out


@pytest.mark.parametrize("more", [[Booked(_DAY, 7_00, "B")], []])
def test_equal_rows_in_parts_of_a_day_are_refused(imports: Import, more: list[Booked]) -> None:
    """Equal entries without a reference in two statements of a day are refused with place and advice, not kept."""
    first = statement([_COLLECTED[0], _FEE], 0, _DAY, _DAY, name="A")
    assert imports(first).code == 0
    refused = imports(statement([_FEE, *more], 90_10, _DAY, _DAY, name="B"))
    assert (refused.code, refused.out) == (2, "")
    assert "1.xml, line 4: an earlier statement has this row with another balance" in refused.err
    assert "Import a statement of the whole day or month" in refused.err
    assert "nothing new" in imports(first).out


def test_a_gap_elsewhere_makes_no_contradiction(imports: Import) -> None:
    """A statement with the rows of a day in another order is imported also while a statement before it is missing."""
    later = [row._replace(day=_DAY + timedelta(days=20), ref=f"R{place}") for place, row in enumerate(_COLLECTED)]
    last = later[0].day
    first = statement([_FEE], 100_00, _DAY, _DAY, name="A")
    assert imports(first, statement(later, 40_10, last, last, name="C")).code == 6
    other = imports(statement(later[::-1], 40_10, last, last + timedelta(days=1), name="D"))
    assert (other.code, "-50.00 are missing" in other.out + other.err) == (6, True)
    missing = statement([Booked(_NEXT, -50_00, "Miete")], 90_10, _NEXT, _NEXT, name="B")
    assert imports(missing).code == 0


@pytest.mark.parametrize(
    ("currency", "code", "sentence"),
    [("TND", 2, "1.xml, line 4: an account is in TND, whose amounts have three decimals"), ("JPY", 0, "")],
)
def test_an_account_of_thousandths_is_refused_at_once(
    imports: Import, currency: str, code: int, sentence: str
) -> None:
    """An account in dinars is refused also while all amounts end with a zero; one without decimals is read."""
    done = imports(statement([_FEE], 100_00, _DAY, _DAY, currency=currency))
    assert (done.code, sentence in done.err) == (code, True)


@pytest.mark.parametrize(
    ("zone", "code"),
    [("Pacific/Kiritimati", 3), ("Pacific/Pago_Pago", 3), ("Pacific/Tongatapu", 0), ("Pacific/Honolulu", 0)],
)
def test_a_time_zone_that_would_move_days_is_refused(
    imports: Import, monkeypatch: pytest.MonkeyPatch, zone: str, code: int
) -> None:
    """In a time zone in which the bank's days would be others nothing is imported; all others keep them."""
    monkeypatch.setenv("PRIMANOTA_TIMEZONE", zone)
    done = imports(statement([_FEE], 100_00, _DAY, _DAY))
    assert (done.code, zone in done.err) == (code, code != 0)
