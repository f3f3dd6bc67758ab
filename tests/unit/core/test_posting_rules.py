"""A transaction is posted to the account of the first rule that matches, whole; rules that never match are found."""

from collections.abc import Sequence
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from primanota.core.model import Account, Money, Original, Posting, Transaction, Vat
from primanota.core.posting_rules import Chart, Rule, ledger, matching_rule, unreachable
from tests.support.factories import quick, transaction

CHART = Chart(bank="1800", clearing="1370")
MAIN = Account(id="a1", name="Hauptkonto", iban="DE89370400440532013000")
_WORDS = ["", "a", "A", "ab", "b a", "ß", "é"]
_GLOBS = st.none() | st.text("ab*?", max_size=4) | st.sampled_from(_WORDS)
_CENTS = st.integers(-300, 300)
_EUROS = st.none() | st.decimals(0, 3, places=2)
_rows = st.builds(
    transaction,
    counterparty=st.sampled_from(_WORDS),
    reference=st.sampled_from(_WORDS),
    operation=st.sampled_from(_WORDS),
    category=st.sampled_from(_WORDS),
    member=st.sampled_from(_WORDS),
    labels=st.lists(st.sampled_from(_WORDS[1:]), max_size=2).map(tuple),
    amount=st.builds(Money, _CENTS, st.sampled_from(["EUR", "a"])),
    original=st.none() | st.builds(Original, st.decimals(-9, 9, places=2), st.sampled_from(["USD", "ab"])),
    vat=st.lists(st.builds(Vat, st.sampled_from([Decimal(7), Decimal("19.0"), Decimal(19)]), _CENTS, _CENTS)).map(
        tuple
    ),
)


@st.composite
def _rules(draw: st.DrawFn) -> Rule:
    names = ("counterparty", "reference", "operation", "label", "category", "member", "currency")
    said: dict[str, Any] = {name: draw(_GLOBS) for name in draw(st.sets(st.sampled_from(names), max_size=2))}
    said |= {"side": draw(st.sampled_from([None, "in", "out"])), "min": draw(_EUROS), "max": draw(_EUROS)}
    said["tax"] = draw(st.sampled_from(["", "9", {"19": "9", "7": "8"}]))
    try:
        return Rule(**said, account=draw(st.sampled_from(["1", "2"])))
    except ValueError:
        assume(condition=False)
        raise


def _matches(rule: Rule, row: Transaction) -> bool:
    return matching_rule([rule], row) == 0


def _assign(row: Transaction, *rules: Rule) -> tuple[Posting, ...]:
    return ledger(CHART, rules, MAIN).assign(row)


@quick
@given(row=_rows, rules=st.lists(_rules(), max_size=4))
def test_postings_add_up_to_the_amount(row: Transaction, rules: Sequence[Rule]) -> None:
    """For any rules and VAT parts, the postings of a transaction add up to its amount and have its sign."""
    postings = _assign(row, *rules)
    assert postings
    assert sum(posting.cents for posting in postings) == row.amount.cents
    assert all(posting.cents * row.amount.cents > 0 for posting in postings) or row.amount.cents == 0
    assert ledger(CHART, rules, MAIN).count(row) == len(postings)


@quick
@given(row=_rows, rules=st.lists(_rules(), max_size=6))
def test_the_first_rule_wins(row: Transaction, rules: Sequence[Rule]) -> None:
    """The first matching rule posts a transaction; without a matching rule it goes to the clearing account."""
    matches = [place for place, rule in enumerate(rules) if _matches(rule, row)]
    assert matching_rule(rules, row) == (matches[0] if matches else None)
    accounts = {posting.account for posting in _assign(row, *rules)}
    assert accounts == {rules[matches[0]].account if matches else "1370"}


@quick
@given(glob=st.text("abc*?[]!-.\\", max_size=8), text=st.text("abc*?[]!-.\\", max_size=8))
@example(glob="PAYPAL *SHOP", text="PAYPAL *SHOP")
@example(glob="*a*a*a*a*a*a*a*a*a*b", text="a" * 2000)
def test_globs_are_those_of_the_shell(glob: str, text: str) -> None:
    """``*`` and ``?`` match what they match in Python's own globs; brackets have no special meaning."""
    expected = fnmatchcase(text.lower(), glob.lower().replace("[", "[[]"))
    assert _matches(Rule(counterparty=glob, account="1"), transaction(counterparty=text)) == expected


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("müller gmbh", "MÜLLER GmbH"),
        ("STRASSE", "Straße"),
        ("*straße", "BAHNHOFSTRASSE"),
        ("café", "Cafe\u0301"),
        ("a b", " a\u00a0\n b "),
        ("rechnung", "Rech\u00adnung\u200b"),
        ("*zwei*", "eins\r\nZWEI\r\ndrei"),
        ("?*", "x"),
        ("", " "),
        ("", ""),
    ],
)
def test_writing_makes_no_difference(said: str, text: str) -> None:
    """Case, the encoding of an accent, blanks and invisible characters make no difference."""
    assert _matches(Rule(reference=said, account="1"), transaction(reference=text))


@pytest.mark.parametrize(("said", "text"), [("ab", "abc"), ("b*", "abc"), ("?*", ""), ("", "x"), ("a?", "a")])
def test_a_text_matches_from_end_to_end(said: str, text: str) -> None:
    """Without ``*`` the whole text must match; the empty text matches only an empty text."""
    assert not _matches(Rule(reference=said, account="1"), transaction(reference=text))


@pytest.mark.parametrize(
    ("condition", "matches", "not_matches"),
    [
        ({"counterparty": "*gmbh"}, {"counterparty": "Müller GmbH"}, {"counterparty": "Müller"}),
        ({"reference": "re-*"}, {"reference": "RE-1"}, {"reference": "1"}),
        ({"operation": "card"}, {"operation": "card"}, {"operation": "card_acquirer_payout"}),
        ({"category": "fees"}, {"category": "Fees"}, {"category": ""}),
        ({"member": "ada *"}, {"member": "Ada Lovelace"}, {"member": "Lovelace"}),
        ({"label": "büro"}, {"labels": ("Messe", "Büro")}, {"labels": ("Messe", "Büro; Möbel")}),
        ({"label": ""}, {"labels": ()}, {"labels": ("Büro",)}),
        ({"side": "in"}, {"amount": Money(1)}, {"amount": Money(-1)}),
        ({"side": "out"}, {"amount": Money(-1)}, {"amount": Money(1)}),
        ({"side": "out"}, {"amount": Money(-1)}, {"amount": Money(0)}),
        ({"min": Decimal("12.50")}, {"amount": Money(-1250)}, {"amount": Money(-1249)}),
        ({"max": Decimal("12.5")}, {"amount": Money(1250)}, {"amount": Money(1251)}),
        ({"currency": "usd"}, {"original": Original(Decimal(-1), "USD")}, {"original": None}),
        ({"currency": "EUR"}, {"original": None}, {"original": Original(Decimal(-1), "USD")}),
        ({"operation": "card", "max": Decimal(1)}, {"operation": "card", "amount": Money(-1)}, {"operation": "card"}),
    ],
)
def test_each_condition(condition: dict[str, Any], matches: dict[str, Any], not_matches: dict[str, Any]) -> None:
    """Each condition is compared with its own field, and all conditions of a rule must match."""
    rule = Rule(**condition, account="1")
    assert _matches(rule, transaction(**matches))
    assert not _matches(rule, transaction(**not_matches))


@quick
@given(row=_rows, rules=st.lists(_rules(), min_size=2, max_size=4))
def test_an_unreachable_rule_matches_nothing_more(row: Transaction, rules: Sequence[Rule]) -> None:
    """An unreachable rule matches only transactions that the earlier rule matches, too."""
    for place, before in unreachable(rules):
        assert before < place
        assert _matches(rules[before], row) or not _matches(rules[place], row)


def test_unreachable_globs_are_found_exactly() -> None:
    """Of two globs, the second is unreachable exactly if the first matches every short text that it matches."""
    matches = {glob: {text for text in _words("abz", 5) if fnmatchcase(text, glob)} for glob in _words("ab*?", 3)}
    rules = {glob: Rule(counterparty=glob, account="1") for glob in matches}
    for wide, narrow in product(matches, repeat=2):
        assert bool(list(unreachable([rules[wide], rules[narrow]]))) == (matches[narrow] <= matches[wide]), (
            wide,
            narrow,
        )


def _words(signs: str, longest: int) -> list[str]:
    """Return all words of these characters, up to a length."""
    return ["".join(word) for length in range(longest + 1) for word in product(signs, repeat=length)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"counterparty": "x"}),
        ({"counterparty": "*bahn*"}, {"counterparty": "Deutsche Bahn?AG"}),
        ({"counterparty": "x"}, {"counterparty": "X", "side": "out"}),
        ({"min": Decimal(1), "max": Decimal(9)}, {"min": Decimal(2), "max": Decimal(3)}),
        ({"min": Decimal("0.01")}, {"side": "in"}),
        ({"label": "*"}, {"operation": "card"}),
    ],
)
def test_unreachable_rules(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A rule after one whose conditions are all wider is unreachable, and not the other way round."""
    wide, narrow = Rule(**before, account="1"), Rule(**after, account="2")
    assert list(unreachable([Rule(member="z", account="3"), wide, narrow])) == [(2, 1)]
    assert not list(unreachable([narrow, wide])) or not before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"counterparty": "x"}, {"reference": "x"}),
        ({"counterparty": "x*"}, {"counterparty": "*x"}),
        ({"side": "in"}, {}),
        ({"min": Decimal("0.01")}, {}),
        ({"label": "?*"}, {"operation": "card"}),
        ({"max": Decimal(5)}, {"min": Decimal(5)}),
    ],
)
def test_rules_that_are_reachable(before: dict[str, Any], after: dict[str, Any]) -> None:
    """A rule that could match a transaction which the earlier one does not match is reachable."""
    assert not list(unreachable([Rule(**before, account="1"), Rule(**after, account="2")]))


def test_a_row_is_split_by_its_rates() -> None:
    """A transaction of several VAT rates gets a posting for each, with the tax key of that rate."""
    parts = (
        Vat(Decimal(19), -11900, -1900),
        Vat(Decimal(7), -5350, -350),
        Vat(Decimal("19.00"), -1, 0),
        Vat(Decimal(0), 0, 0),
    )
    rule = Rule(account="6815", tax={"19": "9", "7.0": "8"}, cost_centre="BERLIN", text="Büro")
    assert _assign(transaction(amount=Money(-17251), vat=parts), rule) == (
        Posting("6815", -11901, "9", "BERLIN", "Büro"),
        Posting("6815", -5350, "8", "BERLIN", "Büro"),
    )


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (Vat(Decimal(19), -11900, -1900),),
        (Vat(Decimal(19), -11900, -1900), Vat(Decimal(7), -5349, -350)),
        (Vat(Decimal(19), -27250, -1900), Vat(Decimal(7), 10000, 350)),
        (Vat(Decimal(19), 0, 0),),
    ],
)
def test_incomplete_vat_parts_are_not_split(parts: tuple[Vat, ...]) -> None:
    """If the bank's VAT parts are not the whole amount, there is one posting, without a rate's tax key."""
    row = transaction(amount=Money(-17250), vat=parts)
    assert _assign(row, Rule(account="1", tax={"19": "9", "7": "8"})) == (Posting("1", -17250),)
    assert _assign(row, Rule(account="1", tax="9")) == (Posting("1", -17250, "9"),)


@pytest.mark.parametrize(("rate", "key"), [("19", "9"), ("19.00", "9"), ("5.5", ""), ("0", "")])
def test_a_row_of_one_rate(rate: str, key: str) -> None:
    """One rate for the whole amount gets its tax key; a rate without a key gets an empty one."""
    row = transaction(amount=Money(-11900), vat=(Vat(Decimal(rate), -11900, -1900),))
    assert _assign(row, Rule(account="1", tax={"19": "9"})) == (Posting("1", -11900, key),)


def test_a_transaction_of_zero_has_a_posting() -> None:
    """A transaction of 0.00 has one posting of 0.00; the format decides whether it is written."""
    row = transaction(amount=Money(0), vat=(Vat(Decimal(19), 0, 0),))
    assert _assign(row) == (Posting("1370", 0),)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "it has no account"),
        ({"account": " "}, "it has no account"),
        ({"min": Decimal(2), "max": Decimal(1)}, "it can never match"),
        ({"side": "in", "max": Decimal(0)}, "it can never match"),
        ({"min": Decimal(-1)}, "min: “-1” is not an amount without a sign"),
        ({"max": Decimal("12.505")}, "max: “12.505” is not an amount"),
        ({"max": Decimal("NaN")}, "max: “NaN” is not an amount"),
        ({"min": Decimal("1e999999")}, "min: “1E\\+999999” is not an amount"),
        ({"tax": {"neunzehn": "9"}}, "tax: “neunzehn” is not a rate"),
        ({"tax": {"Infinity": "9"}}, "tax: “Infinity” is not a rate"),
        ({"tax": {"19": "9", "19.0": "8"}}, "names a rate twice"),
    ],
)
def test_an_invalid_rule_is_refused(said: dict[str, Any], sentence: str) -> None:
    """A rule without an account, with an invalid amount or rate, or that can never match is refused in a sentence."""
    with pytest.raises(ValueError, match=sentence):
        Rule(**({"account": "1"} if said else {}) | said)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"bank": ""}, "must not be empty"),
        ({"clearing": " "}, "must not be empty"),
        ({"year_start": "02-29"}, "“02-29” is not a day that every year has"),
        ({"year_start": "1-1"}, "“1-1” is not a day"),
        ({"year_start": "W05-1"}, "“W05-1” is not a day"),
        ({"chart": "SKR04"}, "“SKR04” is not two digits"),
        ({"siren": "123 456 789"}, "is not nine digits"),
    ],
)
def test_an_invalid_chart_is_refused(said: dict[str, Any], sentence: str) -> None:
    """Empty accounts, days that some years lack, and an invalid chart or SIREN are refused in a sentence."""
    with pytest.raises(ValueError, match=sentence):
        Chart(**{"bank": "1800", "clearing": "1370"} | said)


@pytest.mark.parametrize(
    ("name", "account", "number"),
    [
        ("hauptkonto", MAIN, "1810"),
        ("DE89 3704 0044 0532 0130 00", MAIN, "1810"),
        ("de89370400440532013000", MAIN, "1810"),
        ("Haupt*", MAIN, "1800"),
        ("", Account(id="a2", name="Extern"), "1800"),
    ],
)
def test_each_bank_account_has_its_ledger_account(name: str, account: Account, number: str) -> None:
    """A bank account's ledger account is found by its name or IBAN, in any notation; the others have the default."""
    chart = msgspec.structs.replace(CHART, banks={name: "1810"})
    assert ledger(chart, (), account).bank == number
    assert chart.unknown_banks([account]) == ([] if number == "1810" else [name])


def test_a_ledger_has_the_values_of_the_settings() -> None:
    """The values of the settings are in the ledger that formats get."""
    chart = Chart(
        bank="512000",
        clearing="471000",
        names={"627000": "Services bancaires"},
        year_start="04-01",
        account_length=6,
        consultant=29098,
        client=55003,
        chart="04",
        siren="123456789",
        journal="BNQ",
    )
    found = ledger(chart, (), MAIN)
    assert (found.bank, found.names, found.year_start) == ("512000", {"627000": "Services bancaires"}, (4, 1))
    assert (found.account_length, found.consultant, found.client) == (6, 29098, 55003)
    assert (found.chart, found.siren, found.journal) == ("04", "123456789", "BNQ")


def test_a_rule_is_described_in_words() -> None:
    """The conditions of a rule are described in words, as ``rules test`` shows them."""
    assert str(Rule(account="1")) == "everything"
    said = Rule(counterparty="*Telekom*", side="out", max=Decimal("99.90"), account="6805")
    assert str(said) == "counterparty = *Telekom*, side = out, max = 99.90"
