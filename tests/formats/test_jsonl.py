"""JSON Lines: every field of the statement, exactly, by a schema with a version number."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from primanota.core.model import Money, Original, Statement, Vat
from primanota.formats import NoOptions
from primanota.formats.writers.jsonl import FORMAT, render, shows
from tests.support.factories import quick, statement, transaction
from tests.support.files import statements
from tests.support.files.ledger_statements import STATEMENTS
from tests.support.readers import ReaderTotals, jsonl


def _write(wanted: Statement, folder: Path) -> Path:
    path = folder / f"book{FORMAT.suffix}"
    path.write_bytes(b"".join(render(wanted, NoOptions())))
    return path


def _lines(wanted: Statement) -> list[dict[str, object]]:
    return [json.loads(line) for line in b"".join(render(wanted, NoOptions())).split(b"\n")[:-1]]


@pytest.mark.parametrize("case", statements.CASES)
def test_jq_reads_the_statement(case: str, tmp_path: Path) -> None:
    """The program jq finds the same number of rows, sum and balances."""
    wanted = statements.CASES[case]("DE")
    rows = statements.rows_of(wanted)
    assert wanted.opening
    assert wanted.closing
    total = sum(row.amount.cents for row in rows)
    truth = ReaderTotals(len(rows), total, wanted.opening.cents, wanted.closing.cents)
    assert jsonl.jq(_write(wanted, tmp_path)) == truth


@pytest.mark.parametrize("case", statements.CASES)
def test_every_line_is_valid_by_the_schema(case: str, tmp_path: Path) -> None:
    """A JSON Schema validator reports no mistake in a file."""
    assert not jsonl.mistakes(_write(statements.CASES[case]("DE"), tmp_path))


def test_the_schema_is_valid() -> None:
    """The schema is valid by the draft that it names, and everything in it has a type or a reference."""
    jsonschema_rs.meta.validate(jsonl.SCHEMA)
    assert jsonl.SCHEMA["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("kind", ["statement", "transaction"])
def test_the_schema_names_every_field(kind: str) -> None:
    """The schema describes the fields that are written, and no others."""
    described = jsonl.SCHEMA["$defs"][kind]
    line = next(line for line in _lines(statements.invented_company()) if line["kind"] == kind)
    assert list(described["properties"]) == list(line) == described["required"]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("amount_cents", 12.5),
        ("amount_cents", "1250"),
        ("day", "2026-02-30"),
        ("booked", "yesterday"),
        ("currency", "euro"),
        ("id", ""),
        ("kind", "payment"),
        ("labels", "Office"),
    ],
)
def test_the_schema_refuses_wrong_values(field: str, wrong: object, tmp_path: Path) -> None:
    """The validator reports a line with a wrong value."""
    head, row = _lines(statement([transaction()]))
    path = tmp_path / "book.jsonl"
    path.write_text("\n".join(map(json.dumps, (head, row | {field: wrong}))), encoding="utf-8")
    assert jsonl.mistakes(path)


def test_the_first_line_is_the_statement() -> None:
    """The first line has the schema's number, the account, the period, both balances and the proof."""
    wanted = msgspec.structs.replace(statements.make([-3_50]), proven=False, proof="doubtful", opening=None)
    assert _lines(wanted)[0] == {
        "kind": "statement",
        "schema": 1,
        "account": {
            "id": "11111111-1111-4111-8111-111111111111",
            "name": "Hauptkonto",
            "iban": "DE89370400440532013000",
            "currency": "EUR",
        },
        "first": "2026-01-01",
        "last": "2026-01-31",
        "opening_cents": None,
        "closing_cents": 99650,
        "proven": False,
        "proof": "doubtful",
    }


def test_a_transaction_in_full() -> None:
    """A line has the fields of its transaction, with amounts in cents or as exact decimals."""
    row = transaction(
        original=Original(Decimal("-1234.500"), "KWD"),
        vat=(Vat(Decimal("19.0"), -119_00, -19_00),),
        labels=("Office", "Büro"),
        receipts=2,
        card="1234",
        clean_counterparty="Müller",
        subcategory="Trains",
        subject_type="Card",
        created=datetime(2026, 10, 4, 8, 30, tzinfo=UTC),
        updated=datetime(2026, 10, 6, 8, 30, tzinfo=UTC),
        member_id="m1",
        label_ids=("l1", "l2"),
        attachment_ids=("a1", "a2"),
    )
    found = _lines(statement([row]))[1]
    assert found["original"] == {"amount": "-1234.500", "currency": "KWD"}
    assert found["vat"] == [{"rate": "19.0", "gross_cents": -11900, "tax_cents": -1900}]
    assert (found["labels"], found["receipts"], found["card"]) == (["Office", "Büro"], 2, "1234")
    assert (found["amount_cents"], found["balance_cents"], found["currency"]) == (-123450, 500000, "EUR")
    assert (found["clean_counterparty"], found["subcategory"], found["subject_type"]) == ("Müller", "Trains", "Card")
    assert (found["created"], found["updated"]) == ("2026-10-04T08:30:00Z", "2026-10-06T08:30:00Z")
    assert (found["member_id"], found["label_ids"], found["attachment_ids"]) == ("m1", ["l1", "l2"], ["a1", "a2"])
    assert (found["day"], found["booked"]) == ("2026-10-05", "2026-10-05T08:30:00Z")


@quick
@given(wanted=STATEMENTS)
def test_texts_and_amounts_are_read_back(wanted: Statement) -> None:
    """For any rows, the texts, amounts and moments in the lines are those of the rows."""
    _, *lines = _lines(wanted)
    for line, row in zip(lines, wanted.rows, strict=True):
        assert (line["counterparty"], line["purpose"], line["note"]) == (row.counterparty, row.purpose, row.note)
        assert (line["amount_cents"], line["day"]) == (row.amount.cents, f"{row.day}")
        assert datetime.fromisoformat(str(line["booked"])) == row.booked


def test_jq_reads_difficult_texts(tmp_path: Path) -> None:
    """The program jq reads difficult texts unchanged."""
    wanted = statements.nasty_texts()
    found = jsonl.run_jq(_write(wanted, tmp_path), "-n", "-c", "[inputs | .note // empty]")
    assert json.loads(found) == [row.note for row in wanted.rows]


@quick
@given(texts=st.lists(st.text(max_size=20), max_size=5))
def test_a_row_is_a_line(texts: list[str]) -> None:
    """A text cannot add a line to the file."""
    rows = [transaction(note=text) for text in texts]
    assert len(b"".join(render(statement(rows), NoOptions())).splitlines()) == len(texts) + 1


def test_many_rows_come_in_pieces() -> None:
    """Rows are streamed in pieces of whole lines."""
    pieces = list(render(statement(iter([transaction()] * 1234)), NoOptions()))
    assert len(pieces) > 3
    assert all(piece.endswith(b"\n") for piece in pieces)


def test_the_shown_values() -> None:
    """The values that the file shows are the fields of a line, in their JSON form."""
    row = transaction(labels=("a", "b"), balance=Money(1))
    line = _lines(statement([row]))[1]
    shown = {name: cell(row) for name, cell in shows(NoOptions())}
    assert shown.keys() == line.keys() - {"kind"}
    assert (shown["labels"], shown["balance_cents"], shown["day"]) == ('["a","b"]', "1", '"2026-10-05"')
