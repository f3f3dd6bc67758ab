"""A statement of a period that is not over ends where the book is proven, and the person is told."""

import re
from pathlib import Path

from tests.support.clock import NOON
from tests.support.screens.command_line import CommandResult, Terminal

_TODAY = NOON.date()
_MONTH = f"{_TODAY:%Y-%m}"


def _export(desk: Terminal) -> tuple[CommandResult, str]:
    result = desk.run("export", "camt-de", "--period", _MONTH, "--account", "0010")
    (file,) = desk.exports.glob("camt-de_*.xml")
    return result, file.read_text(encoding="utf-8")


def test_a_month_that_is_not_over_ends_with_the_last_day_that_was_read(desk: Terminal) -> None:
    """The closing balance is of the day of the last sync, a note says so, and the end is that of the last row."""
    desk.arrive()
    result, text = _export(desk)
    assert (result.code, f"the statement ends on {_TODAY}, the last day that was read." in result.err) == (0, True)
    assert re.findall("<Cd>CLBD</Cd>.*?<Dt><Dt>(.*?)<", text) == [f"{_TODAY}"]
    assert re.findall("<ToDtTm>(.*?)T", text) == [f"{_TODAY}"]
    assert "T23:59:59" not in text


def test_another_end_is_another_statement(desk: Terminal) -> None:
    """The same month is another statement a day later, and the same one where it is written again on that day."""
    desk.arrive()
    ids = []
    for days in (0, 0, 1):
        desk.clock.advance(days=days)
        desk.sync()
        _, text = _export(desk)
        ids.append((*re.findall("<MsgId>(.*?)<", text), *re.findall("<ElctrncSeqNb>(.*?)<", text)))
    assert ids[0] == ids[1] != ids[2]
    assert [number for _, number in ids] == ["1", "1", "2"]


def test_a_month_that_is_over_has_no_note(desk: Terminal, tmp_path: Path) -> None:
    """A month that was read beyond its end is stated to its last day, without a note."""
    desk.arrive()
    desk.clock.advance(days=40)
    desk.sync()
    to = str(tmp_path / "month.xml")
    result = desk.run("export", "camt-de", "--period", _MONTH, "--account", "0010", "--to", to)
    text = Path(to).read_text(encoding="utf-8")
    assert (result.code, "the statement ends on" in result.err) == (0, False)
    assert re.findall("<ToDtTm>(.*?)<", text) == [f"{_MONTH}-30T23:59:59"]
