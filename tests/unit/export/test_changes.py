"""Rows that changed since they were exported: their postings, by the settings of the export, and their names."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota import profiles
from primanota.app.exporting.export import export
from primanota.banks.qonto.decoding.checked_rows import record
from primanota.book import ACCOUNT, LABEL, MEMBER, Batches, Book
from primanota.book.batches import LEDGER
from primanota.core.model import Posting, RawRecord
from primanota.core.period import between
from primanota.core.posting_rules import Chart, LedgerSettings, Rule, ledger, parse_settings
from primanota.core.results import Batch, Difference
from primanota.core.selection import Changed, Selection
from primanota.export.changes import Changes, changes_without_file
from primanota.export.destinations import Destinations
from primanota.export.ledgers import Ledgers, no_ledger
from primanota.export.select import Export
from primanota.formats.statement_fields import SHOWN_OF_FULL_POSTING, shown_postings
from tests.support.books.book_world import accept_rows, journal_of, mark_proven
from tests.support.clock import Clock
from tests.support.factories import keep, quick, raw

_OCTOBER = between(*(datetime(2026, 10, day, tzinfo=UTC).date() for day in (1, 31)))
_CHART = Chart("512000", "471000", consultant=29098, client=55003, siren="123456789", account_length=6)
_RULES = (
    Rule(label="*books*", account="606300", cost_centre="North"),
    Rule(category="fees", account="627000"),
    Rule(operation="card", account="625000"),
    Rule(member="Grace *", account="625100"),
    Rule(reference="*rent*", account="613000", text="Rent"),
    Rule(counterparty="*Insurance*", account="616000"),
    Rule(currency="USD", account="666000"),
    Rule(side="out", account="606000", tax={"19": "9", "7": "8"}),
)
_WITH_TAX = ["datev", "beancount", "hledger", "ledger"]
_ENTRIES = [*_WITH_TAX, "fec-fr"]
_VAT = {"vat_rate": 19, "vat_amount_cents": 197}
_TWO_RATES = {
    "vat_rate": -1,
    "vat_amount_cents": 150,
    "vat_details": {
        "items": [
            {"rate": 19, "amount_cents": 1000, "amount_excluding_vat_cents": 840},
            {"rate": 7, "amount_cents": 234, "amount_excluding_vat_cents": 219},
        ]
    },
}


class Desk:
    """A book with one account, its ledger settings, and a folder for files."""

    def __init__(self, book: Book, folder: Path) -> None:
        self.book, self.folder = book, folder
        self.rules: Sequence[Rule] = _RULES
        self.chart = _CHART
        self._edits = 0

    @property
    def ledger_of(self) -> Ledgers:
        """Return the ledger of the present settings."""
        return lambda account: ledger(self.chart, self.rules, account)

    def keep(self, **changes: Any) -> None:  # noqa: ANN401 - the fields have different types
        """Store the row t1, or a newer version of it; ``id`` may name another row."""
        self._edits += 1
        updated = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=self._edits)
        fields = {"id": "t1", "settled_balance_cents": None, "updated_at": f"{updated:%Y-%m-%dT%H:%M:%SZ}"}
        assert keep(self.book, [record(raw(**fields | changes))]).same == 0

    def name(self, kind: str, key: str, **fields: str) -> None:
        """Store a member or a label, or a newer version of it."""
        with self.book.writing():
            self.book.append(kind, [RawRecord(key, json.dumps({"id": key, **fields}).encode())])

    def export(self, tool: str, selection: Selection = _OCTOBER) -> list[Batch]:
        """Export to a file; return the batches."""
        text = profiles.load(tool).text
        if tool == "beancount":  # it asks where accounts that are numbers belong
            text += 'roots = { "4" = "Liabilities", "5" = "Assets", "6" = "Expenses" }\n'
        profile = profiles.parse(tool, text, tool)
        journal = journal_of(self.book)
        request = Export(journal, profile, selection, self.ledger_of, Destinations(self.folder))
        return [batch for one in export(request, journal.accounts())[0] for batch in one.batches]

    def changed(self) -> list[list[Difference]]:
        """Return the differences of each changed row."""
        return [one.differences for one in Changes(journal_of(self.book), self.ledger_of).all()]

    def posted(self) -> list[Difference]:
        """Return the differences of the one changed row in what its postings show."""
        (found,) = self.changed()
        names = {name for name, _ in SHOWN_OF_FULL_POSTING} | {"split by VAT rate"}
        return [one for one in found if one.name in names]


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    """Return a desk with two members and a label, and without transactions."""
    with Book(tmp_path / "acme.book", clock.micros) as book:
        with book.writing():
            book.append(ACCOUNT, [RawRecord("account-1", b'{"id":"account-1","name":"Main"}')])
        mark_proven(book)
        made = Desk(book, tmp_path / "files")
        made.name(MEMBER, "m1", first_name="Ada", last_name="Lovelace")
        made.name(MEMBER, "m2", first_name="Grace", last_name="Hopper")
        made.name(LABEL, "l1", name="Travel")
        made.name(LABEL, "l2", name="Books")
        yield made


@pytest.mark.parametrize("tool", _ENTRIES)
@pytest.mark.parametrize(
    ("edit", "account"),
    [
        ({"label_ids": ["l1", "l2"]}, "606300"),
        ({"cashflow_category": {"name": "Fees"}}, "627000"),
        ({"operation_type": "card"}, "625000"),
        ({"initiator_id": "m2"}, "625100"),
        ({"reference": "The rent of May"}, "613000"),
        ({"label": "Acme Insurance"}, "616000"),
        ({"clean_counterparty_name": "Acme Insurance", "label": " "}, "616000"),
        ({"local_currency": "USD", "local_amount": 11.0}, "666000"),
        ({"side": "credit"}, "471000"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value,
)
def test_a_row_that_is_posted_elsewhere_is_changed(desk: Desk, tool: str, edit: dict[str, Any], account: str) -> None:
    """A row changed in whatever a rule looks at is changed for every file of entries: to which account, it says."""
    desk.keep()
    desk.export(tool)
    assert desk.changed() == []
    desk.keep(**edit)
    assert Difference("ledger account", "606000", account) in desk.posted()


@pytest.mark.parametrize("tool", _WITH_TAX)
def test_a_corrected_vat_rate_is_another_tax_key(desk: Desk, tool: str) -> None:
    """A corrected VAT rate is changed: the tax key before and now; several rates are named with their parts."""
    desk.keep(**_VAT)
    desk.export(tool)
    desk.keep(vat_rate=7, vat_amount_cents=81)
    assert desk.posted() == [Difference("tax key", "9", "8")]
    desk.keep(**_TWO_RATES)
    assert desk.posted() == [
        Difference("tax key", "9", "9 + 8"),
        Difference("split by VAT rate", "", "-10.00 + -2.34"),
    ]
    assert [batch.rows for batch in desk.export(tool, Changed())] == [1]
    assert desk.changed() == []
    desk.keep(**_VAT)
    assert Difference("tax key", "9 + 8", "9") in desk.posted()


def test_the_cost_centre_and_the_text_of_a_posting_are_shown(desk: Desk) -> None:
    """All that a file of entries shows of a posting is compared, and named."""
    desk.keep(**_VAT)
    desk.export("datev")
    desk.keep(**_VAT, label_ids=["l2"])
    assert desk.posted() == [
        Difference("ledger account", "606000", "606300"),
        Difference("tax key", "9", ""),
        Difference("cost centre", "", "North"),
    ]
    desk.keep(**_VAT, reference="rent")
    assert Difference("posting text", "", "Rent") in desk.posted()


def test_what_a_file_does_not_show_is_not_a_change(desk: Desk) -> None:
    """A FEC shows no tax keys and no cost centres; a statement shows no postings at all."""
    desk.rules = [Rule(label="books", account="606000", cost_centre="North"), *_RULES[-1:]]
    desk.keep(**_VAT)
    desk.export("fec-fr")
    desk.export("lexware")
    desk.keep(label_ids=["l2"], vat_rate=7, vat_amount_cents=81)
    assert desk.changed() == []
    assert [batch.ledger_digest != "" for batch in Batches(desk.book).all()] == [True, False]


@pytest.mark.parametrize("tool", _ENTRIES)
def test_changed_settings_are_not_a_changed_row(desk: Desk, tool: str) -> None:
    """Rows are compared by the rules of their export; new rules do not change a row, nor hide that it changed."""
    desk.keep(**_VAT)
    desk.export(tool)
    desk.rules = [Rule(account="658000")]
    desk.chart = Chart("512000", "999999", consultant=29098, client=55003, siren="123456789", account_length=6)
    assert (desk.changed(), desk.export(tool, Changed())) == ([], [])
    desk.keep(**_VAT, note="seen")
    assert [one for found in desk.changed() for one in found if one.name != "note"] == []
    desk.keep(**_VAT, operation_type="card")
    assert Difference("ledger account", "606000", "625000") in desk.posted()


def test_a_corrected_file_is_made_by_the_present_rules(desk: Desk) -> None:
    """``Changed`` writes a changed row by the present rules; from then on it is compared by those."""
    desk.keep()
    desk.export("datev")
    desk.rules = [Rule(operation="card", account="658000"), Rule(operation="income", account="700000")]
    desk.keep(operation_type="card")
    (batch,) = desk.export("datev", Changed())
    assert batch.path
    assert ";658000;" in batch.path.read_text(encoding="cp1252")
    assert desk.changed() == []
    desk.keep(operation_type="income")
    assert Difference("ledger account", "658000", "700000") in desk.posted()


def test_a_row_exported_again_is_compared_by_the_newest_file(desk: Desk) -> None:
    """If an unchanged row is in a later file, by other rules, it is compared by the rules of that file."""
    desk.keep()
    desk.export("datev")
    desk.rules = [Rule(operation="card", account="658000")]
    desk.export("datev")
    desk.keep(operation_type="card")
    assert Difference("ledger account", "471000", "658000") in desk.posted()


@pytest.mark.parametrize("text", ["", '{"chart":{"bank":"1","clearing":"2","moon":"3"},"rules":[]}'])
def test_an_older_export_is_compared_by_the_present_rules(desk: Desk, text: str) -> None:
    """Where the book lacks the settings of an export, or cannot read them, the present ones count on both sides."""
    desk.keep()
    (batch,) = desk.export("datev")
    with desk.book.writing():
        digest = Batches(desk.book).record_ledger(text)
        Batches(desk.book).save(msgspec.structs.replace(batch, state="delivered", ledger_digest=digest))
    desk.rules = [Rule(operation="card", account="658000")]
    assert desk.changed() == []
    desk.keep(operation_type="card")
    assert desk.posted() == [Difference("ledger account", "471000", "658000")]
    assert list(Changes(journal_of(desk.book), no_ledger).all()) == []


def test_the_settings_are_stored_once(desk: Desk) -> None:
    """The book has the ledger settings of each export, each text once, under its SHA-256."""
    desk.keep()
    for tool in ("datev", "beancount", "lexware"):
        desk.export(tool)
    first, second, third = (batch.ledger_digest for batch in Batches(desk.book).all())
    assert (first == second != "", third) == (True, "")
    assert desk.book.bodies(LEDGER).keys() == {first}
    settings = parse_settings(Batches(desk.book).ledger_text(first))
    assert settings == LedgerSettings(_CHART, _RULES)
    assert journal_of(desk.book).verify() == ""


def test_an_accepted_posting_is_not_a_change(desk: Desk) -> None:
    """An accepted row is not changed, and not in a corrected file, until it is posted elsewhere again."""
    desk.keep()
    desk.export("datev")
    desk.keep(operation_type="card")
    with pytest.raises(Exception, match="No row has an id"):
        accept_rows(desk.book, ["t2"], desk.ledger_of)
    accept_rows(desk.book, ["t1"], desk.ledger_of)
    assert (desk.changed(), desk.export("datev", Changed())) == ([], [])
    desk.keep(operation_type="card", label_ids=["l2"])
    assert desk.posted() == [
        Difference("ledger account", "625000", "606300"),
        Difference("cost centre", "", "North"),
    ]


def test_a_vanished_row_is_named_as_before(desk: Desk) -> None:
    """A row that vanished after it was exported as an entry is reported apart."""
    desk.keep()
    desk.export("datev")
    desk.keep(status="reversed")
    journal = journal_of(desk.book)
    (found,) = changes_without_file(journal, "datev", journal.accounts(), desk.ledger_of)
    assert found.differences == [Difference("status", "completed", "reversed")]


# --- names -----------------------------------------------------------------------------------------------------


def test_a_renamed_label_is_a_change(desk: Desk) -> None:
    """A label renamed after the export changes each row that has it: for files that show labels or post by them."""
    desk.keep(id="t1", label_ids=["l1"])
    desk.keep(id="t2")
    for tool in ("datev", "beancount", "lexware"):
        desk.export(tool)
    desk.name(LABEL, "l1", name="Books of travel")
    entry = [Difference("ledger account", "606000", "606300"), Difference("cost centre", "", "North")]
    assert desk.changed() == [entry, [Difference("labels", "Travel", "Books of travel"), *entry]]
    assert [batch.rows for batch in desk.export("datev", Changed())] == [1]
    assert len(desk.changed()) == 1
    accept_rows(desk.book, ["t1"], desk.ledger_of)
    assert desk.changed() == []
    desk.name(LABEL, "l1", name="Travel")
    assert len(desk.changed()) == 2
    accept_rows(desk.book, ["t1"], desk.ledger_of)
    assert desk.changed() == []


def test_a_label_that_was_unknown_is_a_change(desk: Desk) -> None:
    """A label that was read only after the export changes the rows that have it."""
    desk.keep(label_ids=["l3"])
    desk.export("datev")
    desk.name(LABEL, "l3", name="Books")
    assert Difference("ledger account", "606000", "606300") in desk.posted()


def test_a_renamed_member_counts_where_the_postings_change(desk: Desk) -> None:
    """A member with a new name is the same person: only another posting that follows from the name is a change."""
    desk.keep(id="t1", reference="", initiator_id="m2")
    desk.keep(id="t2", reference="", initiator_id="m1")
    desk.export("datev")
    desk.export("lexware")
    desk.name(MEMBER, "m1", first_name="Ada", last_name="King")
    assert desk.changed() == []
    desk.name(MEMBER, "m2", first_name="G.", last_name="Hopper")
    assert desk.changed() == [[Difference("ledger account", "625100", "606000")]]


# --- what is shown of postings ---------------------------------------------------------------------------------

_POSTINGS = st.lists(
    st.builds(Posting, *[st.sampled_from(["1", "2"]), st.integers(-2, 2), *[st.sampled_from(["", "a"])] * 3]),
    min_size=1,
    max_size=3,
)


@quick
@given(_POSTINGS, _POSTINGS)
def test_other_postings_are_shown_otherwise(one: list[Posting], other: list[Posting]) -> None:
    """Two lists of postings of one amount are shown alike if and only if they are the same, in any order."""
    if sum(posting.cents for posting in one) == sum(posting.cents for posting in other):
        shown = [shown_postings(SHOWN_OF_FULL_POSTING, found) for found in (one, other)]
        same = sorted(map(repr, one)) == sorted(map(repr, other))
        assert (shown[0] == shown[1]) is same


def test_unreadable_names_are_none(desk: Desk) -> None:
    """A row whose labels have an unknown shape has no names that could change."""
    connector = journal_of(desk.book).connector
    assert list(connector.name_ids(raw(label_ids=["l1"]))) == ["m1", "l1"]
    assert list(connector.name_ids(raw(label_ids={"l1": 1}))) == []
    assert list(connector.name_ids(raw(label_ids=None, initiator_id=None))) == []


@pytest.mark.parametrize("tool", ["lexware-template", "sevdesk", "italia", "datev", "fec-fr"])
def test_a_language_of_purposes_is_not_a_change_of_the_row(desk: Desk, tool: str) -> None:
    """A row whose file was written before its profile said purposes in a language has not changed by that."""
    desk.keep(reference=None, operation_type="card", initiator_id="m1")
    before = re.sub(r"(?m)^purpose_language.*\n", "", profiles.load(tool).text)
    assert before != profiles.load(tool).text
    journal = journal_of(desk.book)
    profile = profiles.parse(tool, before, tool)
    ((done, *_), _) = export(
        Export(journal, profile, _OCTOBER, desk.ledger_of, Destinations(desk.folder)), journal.accounts()
    )
    (batch,) = done.batches
    desk.keep(reference=None, operation_type="card", initiator_id="m1")
    assert desk.changed() == []
    assert Batches(desk.book).profile_text(batch.digest) == before
    desk.keep(reference="RE-7", operation_type="card", initiator_id="m1")
    [differences] = desk.changed()
    assert {"card Ada Lovelace" in one.was for one in differences if "RE-7" in one.now} == {True}


def test_a_filler_that_the_bank_removes_is_not_a_change(desk: Desk) -> None:
    """NOTPROVIDED counts as empty on both sides: that the bank leaves it out, or adds it, changes no file."""
    desk.keep(reference="NOTPROVIDED", operation_type="card")
    desk.export("lexware")
    for reference in (None, "", "not provided", "NOTPROVIDED "):
        desk.keep(reference=reference, operation_type="card")
        assert desk.changed() == []
    desk.keep(reference="RE-7", operation_type="card")
    [[difference]] = desk.changed()
    assert (difference.name, difference.now) == ("Verwendungszweck", "RE-7")
    assert journal_of(desk.book).verify() == ""
