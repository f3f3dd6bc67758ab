"""Neighbouring files by the command line: statements whose numbers go on, journals without contradictions, holes."""

from pathlib import Path
from typing import Any

import pytest

from primanota import profiles
from tests.support.files.file_series import main_journal, read_statement
from tests.support.files.profile_inputs import country_of
from tests.support.files.statements import IBANS
from tests.support.readers import beancount, journals
from tests.support.screens.command_line import Terminal

_STATEMENTS = ["camt-de", "camt-legacy", "mt940", "datev-mt940", "coda-be", "cfonb-fr", "norma43-es", "ofx"]
_JOURNALS = {"beancount": beancount.loader, "hledger": journals.hledger, "ledger": journals.ledger}
_DAYS = ["2026-11-23", "2026-11-24", "2026-11-25"]
_SINCE = ("--new", "--since", _DAYS[0])
_LEDGER = """
[organisation.{login}.ledger]
bank = "Assets:Qonto"
clearing = "Expenses:Office"
"""


def _written(desk: Terminal, *words: str) -> list[dict[str, Any]]:
    """Run a command that writes files; return them as its JSON has them."""
    result = desk.run(*words, "--json")
    assert result.code == 0, result
    return [file for file in result.data["files"] if file["path"]]


def _move_to(desk: Terminal, country: str) -> None:
    """Give the main account an IBAN of a country."""
    main, *others = desk.simulator.bank.account_details
    desk.simulator.bank.account_details = (main._replace(iban=IBANS[country]), *others)
    desk.sync()


@pytest.mark.parametrize("name", _STATEMENTS)
def test_two_statements_of_a_day(name: str, desk: Terminal) -> None:
    """``run --new`` twice on a day writes two statements that go on, and ``batches`` has their numbers."""
    profile = profiles.load(name)
    _move_to(desk, country_of(profile))
    desk.arrive(2)
    files = _written(desk, "run", name, *_SINCE)
    desk.arrive(1)
    files += _written(desk, "run", name, "--new")
    first, second = (read_statement(profile, Path(file["path"])) for file in files)
    assert first.closing == second.opening == files[0]["closing_cents"]
    assert first.last == second.first == second.last == _DAYS[0]
    assert not set(first.ids) & set(second.ids)
    assert [one["statement"] for one in desk.run("batches", "--json").data["batches"]] == [1, 2]
    assert [first.number, second.number] in ([1, 2], [None, None])


@pytest.mark.parametrize("name", _JOURNALS)
def test_two_journals_of_a_day(name: str, desk: Terminal) -> None:
    """``run --new`` twice on a day writes two files that a journal includes without a failed assertion."""
    (desk.home / "config.toml").write_text(_LEDGER.format(login=desk.simulator.login), encoding="utf-8")
    own = desk.home / "own.toml"
    own.write_text(profiles.load(name).text.replace("alone = true", "alone = false"), encoding="utf-8")
    desk.arrive(2)
    files = _written(desk, "run", str(own), *_SINCE)
    desk.arrive(1)
    files += _written(desk, "run", str(own), "--new")
    main = main_journal(name, 0, [Path(file["path"]) for file in files], desk.home)
    assert _JOURNALS[name](main).rows == 3


@pytest.mark.parametrize("name", _STATEMENTS)
def test_statements_around_a_hole(name: str, desk: Terminal) -> None:
    """A day that was exported before divides the new rows: two statements, exit code 0, and no row is left."""
    profile = profiles.load(name)
    _move_to(desk, country_of(profile))
    for _ in _DAYS:
        desk.arrive(2)
        desk.clock.advance(days=1)
    [middle] = _written(desk, "export", name, "--period", _DAYS[1])
    before, after = _written(desk, "run", name, *_SINCE)
    found = [read_statement(profile, Path(file["path"])) for file in (before, middle, after)]
    assert [len(one.keys) for one in found] == [2, 2, 2]
    assert [found[0].closing, found[1].closing] == [found[1].opening, found[2].opening]
    assert _written(desk, "run", name, "--new") == []


def test_a_month_that_is_not_over(desk: Terminal) -> None:
    """The head of JSON Lines has the last day that is proven: today, later another one, and at last the month's."""
    ends = []
    for days in (0, 3, 20):
        desk.clock.advance(days=days)
        desk.sync()
        desk.arrive(1)
        [file] = _written(desk, "export", "jsonl", "--period", "2026-11")
        ends.append(Path(file["path"]).read_text(encoding="utf-8").split('"last":"')[1][:10])
    assert ends == ["2026-11-23", "2026-11-26", "2026-11-30"]
