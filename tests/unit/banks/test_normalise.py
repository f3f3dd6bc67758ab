"""Records of the bank become transactions: signed money, local time, names; a contradiction is refused."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.banks import Names
from primanota.banks.qonto.decoding.answers import list_item
from primanota.banks.qonto.decoding.checked_rows import Unreadable, record
from primanota.banks.qonto.decoding.connector import QontoConnector
from primanota.banks.qonto.decoding.normalise import account, member_name, organisation, transaction
from primanota.core.language.purposes import purposes_in
from primanota.core.model import Account, Money, Original, Transaction
from primanota.core.period import microseconds
from tests.support.factories import quick, raw

BERLIN = ZoneInfo("Europe/Berlin")
MEMBERS = {"m1": "Ada Lovelace"}
_ABSENT: Any = ...


def _read(**changes: Any) -> Transaction:  # noqa: ANN401 - any JSON value
    body = raw(**changes)
    record(body)
    return transaction(body, BERLIN, MEMBERS)


@pytest.mark.parametrize(("side", "cents"), [("debit", -1234), ("credit", 1234)])
def test_the_side_is_the_sign(side: str, cents: int) -> None:
    """The bank's amounts are positive; a debit becomes negative, in the book and in the transaction."""
    assert record(raw(side=side)).amount == cents
    assert _read(side=side).amount == Money(cents)


@pytest.mark.parametrize("filler", ["NOTPROVIDED", "NOTPROVIDED ", "\tnotprovided", "NOT PROVIDED", "Not-Provided"])
def test_a_filler_counts_as_empty(filler: str) -> None:
    """A filler is not shown as a name, a reference, an account, a bank or a mandate; a note is a person's."""
    other = {"counterparty_account_number": filler, "counterparty_bank_identifier": filler}
    body = raw(
        reference=filler,
        label=filler,
        clean_counterparty_name=filler,
        operation_type="direct_debit",
        direct_debit={**other, "unique_mandate_reference": filler},
        note=filler,
    )
    connector, names = QontoConnector(), Names(MEMBERS, {})
    brief = connector.reader(names, BERLIN, frozenset({"purpose", "reference", "counterparty"}))(body)
    full, detailed = transaction(body, BERLIN, MEMBERS), connector.reader(names, BERLIN)(body)
    for row in (brief, full, detailed):
        assert (row.counterparty, row.clean_counterparty, row.reference) == ("", "", "")
        assert row.purpose.startswith("direct_debit")
        assert row.note == filler  # a person wrote it
    assert (detailed.counterparty_account, detailed.bic, detailed.mandate) == ("", "", "")


@pytest.mark.parametrize("text", ["NOTPROVIDED 4711", "RE NOTPROVIDED", "Nothing provided", "N", " n "])
def test_other_texts_are_not_fillers(text: str) -> None:
    """A text that says more than that there is none stays."""
    assert _read(reference=text).reference == text


def test_a_filler_gives_its_place_to_the_other_name() -> None:
    """Where the label is a filler, the cleaned-up name is the counterparty."""
    assert _read(label="NOTPROVIDED", clean_counterparty_name="Müller").counterparty == "Müller"


def test_a_refund_is_money_in() -> None:
    """A card row on the credit side is positive, its foreign amount too."""
    row = _read(operation_type="card", side="credit", local_amount=13.5, local_currency="USD")
    assert (row.amount.cents, row.operation) == (1234, "card")
    assert row.original == Original(Decimal("13.5"), "USD")


@quick
@given(cents=st.integers(min_value=0, max_value=10**12), side=st.sampled_from(["credit", "debit"]))
def test_cents_are_exact(cents: int, side: str) -> None:
    """Amounts are exact to the cent, however the bank writes the decimal number."""
    row = _read(amount=cents / 100, amount_cents=cents, side=side)
    assert row.amount.cents == (cents if side == "credit" else -cents)


@pytest.mark.parametrize(
    "amount", ["12.34", "12.340", "1234e-2", '"12.34"', "12.340000000000"], ids=["plain", "long", "exp", "text", "0s"]
)
def test_amounts_in_any_spelling(amount: str) -> None:
    """An amount is read exactly, however many digits it is written with."""
    assert record(raw().replace(b'"amount": 12.34,', f'"amount": {amount},'.encode())).amount == -1234


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": 12.35}, "amount 12.35 and amount_cents 1234 disagree"),
        ({"amount": 12.341}, "amount 12.341 and amount_cents 1234 disagree"),
        ({"amount": 1234}, "amount 1234 and amount_cents 1234 disagree"),
        ({"amount": -12.34, "amount_cents": -1234}, "amount -12.34 and amount_cents -1234 disagree"),
        ({"amount": -12.34}, "amount -12.34 and amount_cents 1234 disagree"),
        ({"side": "sideways"}, "side is “sideways”"),
        ({"settled_at": None}, "it is completed, but has no settled_at"),
        ({"settled_at": _ABSENT}, "it is completed, but has no settled_at"),
    ],
)
def test_a_contradiction_is_refused(changes: dict[str, Any], said: str) -> None:
    """A row whose fields contradict each other is not booked; the sentence names the row and the fields."""
    with pytest.raises(Unreadable) as refused:
        record(raw(**changes))
    assert str(refused.value).startswith("transaction t1: ")
    assert said in str(refused.value)


@pytest.mark.parametrize("field", ["id", "status", "side", "amount", "amount_cents", "emitted_at", "updated_at"])
@pytest.mark.parametrize("said", [_ABSENT, None, []], ids=["absent", "null", "list"])
def test_a_missing_field_is_named(field: str, said: object) -> None:
    """A row without a required field is refused, and the sentence names the field."""
    with pytest.raises(Unreadable) as refused:
        record(raw(**{field: said}))
    assert field in str(refused.value)
    assert ("t1" in str(refused.value)) == (field != "id")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'"t1"'])
def test_json_that_is_not_a_transaction_is_refused(body: bytes) -> None:
    """JSON that is not a transaction is refused with a sentence."""
    with pytest.raises(Unreadable, match="transaction without id: "):
        record(body)


@pytest.mark.parametrize("stamp", ["soon", "2026-10-05", "2026-13-05T08:30:00Z", 1791189000])
def test_an_invalid_timestamp_is_named(stamp: object) -> None:
    """A timestamp that is not valid is refused, and the sentence names the field."""
    with pytest.raises(Unreadable, match="settled_at"):
        record(raw(settled_at=stamp))


@pytest.mark.parametrize("digits", range(7))
def test_stamps_have_up_to_six_digits_of_a_second(digits: int) -> None:
    """A timestamp is read exactly with zero to six digits after the second."""
    fraction = "123456"[:digits]
    stamp = f"2026-10-05T08:30:00{'.' if digits else ''}{fraction}Z"
    moment = datetime(2026, 10, 5, 8, 30, 0, int(fraction.ljust(6, "0")), tzinfo=UTC)
    assert record(raw(settled_at=stamp)).settled == microseconds(moment)
    assert _read(settled_at=stamp).booked == moment


def test_a_stamp_may_name_its_zone() -> None:
    """A timestamp with an offset is the same moment in UTC."""
    assert record(raw(settled_at="2026-10-05T10:30:00+02:00")).settled == record(raw()).settled


def test_the_day_is_the_local_one() -> None:
    """Days are local: half an hour before midnight in UTC is the new year in Berlin."""
    row = _read(settled_at="2026-12-31T23:30:00.000Z", emitted_at="2026-06-30T22:30:00Z")
    assert f"{row.booked:%Y-%m-%d %H:%M}" == "2027-01-01 00:30"
    assert f"{row.emitted:%Y-%m-%d %H:%M}" == "2026-07-01 00:30"


def test_a_pending_row_has_no_day() -> None:
    """A row that has not moved the balance has neither a day of booking nor a balance."""
    changes = {"status": "pending", "settled_at": None, "settled_balance_cents": None}
    kept, row = record(raw(**changes)), _read(**changes)
    assert (kept.settled, kept.balance, kept.status) == (None, None, "pending")
    assert (row.booked, row.balance) == (None, None)


def test_a_balance_of_zero_is_a_balance() -> None:
    """A balance of zero is stored as zero; an absent balance is stored as None."""
    assert record(raw(settled_balance_cents=0)).balance == 0
    assert _read(settled_balance_cents=0).balance == Money(0)
    assert record(raw(settled_balance_cents=_ABSENT)).balance is None


@pytest.mark.parametrize(
    ("changes", "details"),
    [
        ({}, ""),
        ({"note": "for Ada"}, "for Ada"),
        ({"local_amount": 13.5, "local_currency": "USD"}, "13.50 USD"),
        ({"local_amount": 2000, "local_currency": "JPY"}, "2000 JPY"),
        ({"local_amount": 4.125, "local_currency": "KWD", "note": "hotel"}, "4.125 KWD, hotel"),
        ({"local_amount": 13.5, "local_currency": "USD", "side": "credit"}, "13.50 USD"),
        ({"local_amount": None, "local_currency": "USD"}, ""),
        ({"local_amount": _ABSENT, "local_currency": _ABSENT}, ""),
    ],
)
def test_a_foreign_amount_is_in_the_details(changes: dict[str, Any], details: str) -> None:
    """The details are the amount in the foreign currency, without the sign that the amount has, then the note."""
    assert _read(**changes).details == details


@pytest.mark.parametrize(("side", "amount"), [("debit", "-13.50"), ("credit", "13.50")])
def test_a_foreign_amount_has_the_sign_of_its_side(side: str, amount: str) -> None:
    """The foreign amount has the sign of the amount."""
    row = _read(local_amount=13.5, local_currency="USD", side=side)
    assert row.original == Original(Decimal(amount), "USD")
    assert (row.amount.cents < 0) == amount.startswith("-")


@pytest.mark.parametrize(
    ("changes", "purpose"),
    [
        ({"reference": "Invoice 7"}, "Invoice 7"),
        ({"reference": None}, "transfer Ada Lovelace"),
        ({"reference": ""}, "transfer Ada Lovelace"),
        ({"reference": " \n"}, "transfer Ada Lovelace"),
        ({"reference": None, "initiator_id": "who left"}, "transfer"),
        ({"reference": None, "initiator_id": None, "operation_type": "qonto_fee"}, "qonto_fee"),
        ({"reference": _ABSENT, "initiator_id": _ABSENT}, "transfer"),
        ({"reference": None, "operation_type": "teleport"}, "teleport Ada Lovelace"),
    ],
)
def test_a_purpose_is_never_empty(changes: dict[str, Any], purpose: str) -> None:
    """Without a reference the purpose is the operation type and the name of the initiating member."""
    assert _read(**changes).purpose == purpose


@pytest.mark.parametrize(
    ("label", "name"), [("Müller", "Müller"), ("", "Clean Ltd"), (" ", "Clean Ltd"), (None, "Clean Ltd")]
)
def test_a_blank_label_is_not_a_name(label: str | None, name: str) -> None:
    """A blank label is replaced by the bank's cleaned name."""
    assert _read(label=label, clean_counterparty_name="Clean Ltd").counterparty == name
    assert _read(label=_ABSENT, clean_counterparty_name=_ABSENT).counterparty == ""


@pytest.mark.parametrize("field", ["operation_type", "status", "subject_type", "category"])
def test_unknown_values_are_accepted(field: str) -> None:
    """A value or a key that is unknown to this version is kept, and is not an error."""
    body = raw(**{field: "never_heard_of"}, brand_new={"deep": [1]})
    assert record(body).body == body
    row = transaction(body, BERLIN, {})
    assert "never_heard_of" in {row.operation, row.status} or field in {"subject_type", "category"}


@pytest.mark.parametrize("key", ["transfer", "income", "swift_income", "direct_debit", "direct_debit_collection"])
def test_the_counterpartys_account_is_found(key: str) -> None:
    """The counterparty's account is read from the object of each operation type."""
    assert _read(**{key: {"counterparty_account_number": "DE02"}}).counterparty_account == "DE02"


@pytest.mark.parametrize("said", [_ABSENT, None, {}, {"counterparty_account_number": None}])
def test_without_an_object_there_is_no_account(said: object) -> None:
    """The object of an operation type may be absent, null, or empty: the account is then empty."""
    assert _read(transfer=said, income=said).counterparty_account == ""
    assert _read(transfer=said, income={"counterparty_account_number": "FR76"}).counterparty_account in {"", "FR76"}
    assert _read(transfer=None, income={"counterparty_account_number": "FR76"}).counterparty_account == "FR76"


def test_the_banks_bytes_are_kept() -> None:
    """A record has the bank's own bytes, and the facts that they state."""
    body = raw(created_at="2026-10-05T08:29:00Z", updated_at="2026-10-06T00:00:00Z")
    kept = record(msgspec.Raw(body))
    assert (kept.id, kept.body, kept.account, kept.status) == ("t1", body, "account-1", "completed")
    assert (kept.balance, kept.emitted - kept.created) == (10000, 60_000_000)
    assert kept.updated == microseconds(datetime(2026, 10, 6, tzinfo=UTC))


def test_old_rows_have_no_created_at() -> None:
    """A row without a time of creation was created when it was emitted."""
    assert record(raw(created_at=_ABSENT)).created == record(raw()).emitted
    assert record(raw(bank_account_id=_ABSENT)).account == ""


def test_a_member_is_kept_without_private_facts() -> None:
    """Birthday, nationality and residence of a member are not stored; the name is."""
    private = ("birthdate", "nationality", "birth_country", "residence_country", "ubo")
    said = {"id": "m1", "first_name": "Ada", "last_name": "Lovelace", **dict.fromkeys(private, "Canary")}
    kept = list_item(msgspec.Raw(json.dumps(said).encode()))
    assert json.loads(kept.body) == {"id": "m1", "first_name": "Ada", "last_name": "Lovelace"}
    assert (kept.id, member_name(kept.body)) == ("m1", "Ada Lovelace")


def test_a_member_may_lack_a_name() -> None:
    """A member with half a name, or without a name, has that name without a blank around it."""
    assert member_name(b'{"id": "m1", "first_name": null, "last_name": "Lovelace"}') == "Lovelace"
    assert member_name(b'{"id": "m1"}') == ""


def test_other_items_are_kept_unchanged() -> None:
    """A label does not have private fields: its bytes are stored unchanged."""
    body = b'{ "id" : "l1",  "name":"Travel" }'
    assert list_item(msgspec.Raw(body)).body == body


def test_an_account_may_hide_almost_everything() -> None:
    """Only the id of an account is required; a field that a role hides has a default."""
    assert account(b'{"id": "a1", "name": null, "iban": null, "balance_cents": null}') == Account("a1", "a1")
    full = account(b'{"id": "a1", "name": "Main", "iban": "FR76 3000", "balance_cents": -5, "status": "closed"}')
    assert full == Account("a1", "Main", iban="FR763000", status="closed", balance=-5)
    assert account(b'{"id": "a1", "is_external_account": true}').external


def test_a_company_has_a_name_and_a_country() -> None:
    """The organisation has its legal name and its country, or its name, or its slug."""
    named = b'"legal_name": "Acme GmbH", "legal_country": "DE"'
    found = organisation(b'{"id": "o1", "slug": "acme", %b, "bank_accounts": [{"id": "a"}]}' % named)
    assert (found.name, found.country) == ("Acme GmbH", "DE")
    assert organisation(b'{"id": "o1", "slug": "acme"}').name == "acme"


@pytest.mark.parametrize(("side", "amount"), [("debit", "0.0"), ("credit", "-0.0"), ("debit", "-0.00")])
def test_an_original_amount_of_zero_has_no_sign(side: str, amount: str) -> None:
    """Nothing that was spent in another currency is 0.00, whatever the side, not -0.00."""
    body = raw(side=side, local_currency="USD").replace(
        b'"local_amount": 12.34', f'"local_amount": {amount}'.encode()
    )
    assert str(transaction(body, BERLIN, {}).original) == "0.00 USD"


@pytest.mark.parametrize("iban", ["fr76 1695 8000", "FR7616958000", "FR76\u00a01695\u202f8000 "])
def test_an_iban_has_capitals_and_no_blanks(iban: str) -> None:
    """An IBAN is the same however the bank writes its letters and groups its digits."""
    assert account(json.dumps({"id": "a", "iban": iban}).encode()).iban == "FR7616958000"


@pytest.mark.parametrize("invisible", ["\u200b", "\ufeff \u2060", "\x00", "\u2028\t"])
def test_what_cannot_be_seen_is_no_text(invisible: str) -> None:
    """A label or a reference without a visible character is empty: the other name and the operation stand."""
    row = _read(label=invisible, clean_counterparty_name="Ada", reference=invisible, initiator_id="m1")
    assert (row.counterparty, row.purpose) == ("Ada", "transfer Ada Lovelace")
    assert purposes_in("de")(row).purpose != row.purpose


@pytest.mark.parametrize(
    ("stated", "read"),
    [
        ("MT84 MALT 0110 0001 2345 MTLC AST0 01S", "MT84MALT011000012345MTLCAST001S"),
        ("de89\u00a03704 0044 0532 0130 00", "DE89370400440532013000"),
        ("DE89370400440532013000", "DE89370400440532013000"),
        ("12-34-56 12345678", "12-34-56 12345678"),
        ("12345678 ab", "12345678 ab"),
    ],
)
def test_the_iban_of_a_counterparty_is_not_grouped(stated: str, read: str) -> None:
    """An IBAN in groups has no blanks, with which it may not fit into a file; other numbers stay as they are."""
    row = _read(income={"counterparty_account_number": stated}, side="credit", operation_type="income")
    assert row.counterparty_account == read
