"""``primanota rules test`` shows which rule matches which row, and the rows that no rule matches, to the cent."""

from collections.abc import Callable
from typing import Any

import pytest

from primanota.app.reviewing.try_rules import match_rules
from primanota.core.model import Money
from primanota.core.posting_rules import Chart, Rule, ledger
from tests.support.books.book_world import World
from tests.support.screens.command_line import Terminal

_RULES = """
[organisation.LOGIN.ledger]
bank = "1800"
clearing = "1370"
banks = { "Steuerrücklage" = "1810" }

[[organisation.LOGIN.rule]] # line 7
operation = "qonto_fee"
account = "6855"

[[organisation.LOGIN.rule]] # line 11
label = "*messe*"
side = "out"
account = "6610"

[[organisation.LOGIN.rule]] # line 16
member = "Zoë *"
max = 100
account = "6640"

[[organisation.LOGIN.rule]] # line 21
currency = "JPY"
account = "6650"

[[organisation.LOGIN.rule]] # line 25
category = "fees"
side = "in"
account = "7100"
"""


@pytest.fixture
def here(terminal: Callable[..., Terminal]) -> Terminal:
    """Return a terminal whose book is up to date and whose settings have rules."""
    found = terminal()
    assert found.run("sync").code == 0
    _write(found, _RULES)
    return found


def _write(here: Terminal, rules: str) -> None:
    (here.home / "config.toml").write_text(rules.replace("LOGIN", here.simulator.login), encoding="utf-8")


def _completed(here: Terminal) -> dict[str, Any]:
    """Return the bank's completed rows of all accounts, by id."""
    bank = here.simulator.bank
    rows = (row for account in bank.account_ids() for row in bank.truth(account))
    return {str(row["id"]): row for row in rows if row["status"] == "completed"}


def test_every_row_is_counted_once(here: Terminal) -> None:
    """Each completed row of the bank is counted once, and the sums are those of the rows."""
    result = here.run("rules", "test", "--json").data
    truth = _completed(here)
    assert {row["id"]: abs(row["amount_cents"]) for row in result["rows"]} == {
        key: row["amount_cents"] for key, row in truth.items()
    }
    for rule in result["rules"]:
        own = [row["amount_cents"] for row in result["rows"] if row["rule"] == rule["rule"]]
        assert rule["rows"] == len(own)
        assert sum(one["sum_in_cents"] for one in rule["sums"]) == sum(cents for cents in own if cents > 0)
        assert sum(one["sum_out_cents"] for one in rule["sums"]) == sum(cents for cents in own if cents < 0)
    assert [rule["rule"] for rule in result["rules"]] == [1, 2, 3, 4, 5, None]
    assert [rule["line"] for rule in result["rules"]] == [7, 11, 16, 21, 25, None]
    assert [rule["account"] for rule in result["rules"]] == ["6855", "6610", "6640", "6650", "7100", "1370"]


def test_rules_see_what_the_bank_knows(here: Terminal) -> None:
    """Rules by label, member and currency match the rows that have them, and the first matching rule applies."""
    result = here.run("rules", "test", "--json").data
    truth = _completed(here)
    by_rule: dict[int | None, list[Any]] = {number: [] for number in (1, 2, 3, 4, 5, None)}
    for row in result["rows"]:
        by_rule[row["rule"]].append((row, truth[row["id"]]))
    assert all(len(by_rule[number]) for number in (1, 2, 3, 4, None))
    assert all(raw["operation_type"] == "qonto_fee" for _, raw in by_rule[1])
    assert all(any("messe" in label.lower() for label in row["labels"]) for row, _ in by_rule[2])
    assert all(row["member"] == "Zoë Łukasik" and raw["amount_cents"] <= 10000 for row, raw in by_rule[3])
    assert all(raw["local_currency"] == "JPY" for _, raw in by_rule[4])
    assert not any(raw["operation_type"] == "qonto_fee" for _, raw in by_rule[None])


def test_unmatched_rows_are_shown(here: Terminal) -> None:
    """The output shows the rows of each rule, the rows that no rule matches, and their money in and out."""
    result = here.run("rules", "test", "--period", "2026-10", "--account", "0010")
    data = here.run("rules", "test", "--period", "2026-10", "--account", "0010", "--json").data
    assert (result.code, data["since"], data["until"]) == (0, "2026-10-01", "2026-10-31")
    clearing = data["rules"][-1]
    (moved,) = clearing["sums"]
    came, went = Money(moved["sum_in_cents"]), Money(moved["sum_out_cents"])
    assert f"To clearing account 1370: {clearing['rows']} rows, {came!s} in, {went!s} out." in result.out
    table, _, fallen = result.out.partition("No rule matches:")
    assert [line.split()[:2] for line in table.splitlines()[2:4]] == [["1", "7"], ["2", "11"]]
    lines = [line for line in fallen.splitlines() if line.startswith("2026-10")]
    assert len(lines) == clearing["rows"] < len(data["rows"])
    assert all(row["reference"] in fallen for row in data["rows"] if row["rule"] is None)


def test_every_row_with_its_rule(here: Terminal) -> None:
    """With ``-v`` every row is shown, with its rule and the fields that conditions look at."""
    result = here.run("rules", "test", "--period", "2026-10", "-v")
    data = here.run("rules", "test", "--period", "2026-10", "--json").data
    lines = [line for line in result.out.splitlines() if "2026-10-" in line][1:]
    assert [line.split()[0] for line in lines] == [str(row["rule"] or "clearing") for row in data["rows"]]
    for line, row in zip(lines, data["rows"], strict=True):
        assert all(word in line for word in (row["operation"], row["category"], row["member"], *row["labels"]))


@pytest.mark.parametrize(
    ("period", "rules", "sentence"),
    [("2019", _RULES, "There are no rows."), ("2026", _RULES + 'XX\naccount = "1"\n', "A rule matches every row.")],
)
def test_every_row_has_a_rule(here: Terminal, period: str, rules: str, sentence: str) -> None:
    """If every row has a rule, one line says so, with exit code 0."""
    _write(here, rules.replace("XX", "[[organisation.LOGIN.rule]]"))
    result = here.run("rules", "test", "--period", period)
    assert (result.code, sentence in result.out, "No rule matches" in result.out) == (0, True, False)


def test_nothing_is_written(here: Terminal) -> None:
    """Trying rules changes neither settings nor book, and does not contact the bank."""
    asked = here.simulator.requests.count
    before = {file: file.read_bytes() for file in here.home.rglob("*") if file.is_file()}
    assert here.run("rules", "test").code == 0
    assert {file: file.read_bytes() for file in here.home.rglob("*") if file.is_file()} == before
    assert here.simulator.requests.count == asked


def test_a_misspelt_account_is_noted(here: Terminal) -> None:
    """A ledger account for a bank account that does not exist is reported."""
    _write(here, _RULES.replace("Steuerrücklage", "Steuerücklage"))
    result = here.run("rules", "test", "--json")
    assert (result.code, result.data["rules"][0]["rule"]) == (0, 1)
    assert "There is no account “Steuerücklage”, which the settings name under banks." in result.err


def test_a_mistake_in_the_rules_is_exit_code_3(here: Terminal) -> None:
    """A rule that can never match stops the command, with file and line."""
    _write(here, f'{_RULES}[[organisation.LOGIN.rule]]\noperation = "Qonto_*"\ncurrency = "jpy"\naccount = "1"\n')
    result = here.run("rules", "test")
    assert (result.code, result.out) == (3, "")
    assert f"{here.home / 'config.toml'}, line 29: rule 6 of {here.simulator.login}: it can never match" in result.err
    assert "because rule 4 (line 21)" in result.err


def test_without_a_ledger(terminal: Callable[..., Terminal]) -> None:
    """Without ledger accounts in the settings, the error says what to write."""
    here = terminal(size=0)
    here.run("sync")
    result = here.run("rules", "test")
    assert result.code == 3
    assert f"[organisation.{here.simulator.login}.ledger]" in result.err


def test_the_sums_are_those_of_the_file(here: Terminal) -> None:
    """All rows, matched or not, are those that an export of the same days writes."""
    data = here.run("rules", "test", "--period", "2026-09", "--account", "0010", "--json").data
    (file,) = here.run("export", "lexware", "--period", "2026-09", "--account", "0010", "--json").data["files"]
    sums = [one for rule in data["rules"] for one in rule["sums"]]
    for key in ("sum_in_cents", "sum_out_cents"):
        assert sum(one[key] for one in sums) == file[key]


def test_a_years_rows_find_their_accounts(world: Callable[..., World]) -> None:
    """Every cent of the invented company goes to an account, and rows of several VAT rates are split by them."""
    here = world()
    here.sync()
    chart = Chart(bank="1800", clearing="1370")
    rules = (Rule(side="out", account="6300", tax={"19": "9", "7": "8"}),)
    rows = list(match_rules(here.journal, rules, here.journal.accounts()))
    split = set()
    for account, row, _ in rows:
        postings = ledger(chart, rules, account).assign(row)
        assert sum(posting.cents for posting in postings) == row.amount.cents
        split.add(tuple(posting.tax for posting in postings))
    assert {("9", "8"), ("9",), ("8",), ("",)} <= split
