"""Proofs of the switches about the shape of answers."""

from tests.simulator.proofs import switch
from tests.simulator.visitor import Params, Row, Visitor

DETAILS: Params = {"includes[]": ["vat_details"]}


def vat_details(visitor: Visitor) -> list[Row]:
    """The vat_details of the rows that have VAT."""
    return [row["vat_details"] for row in visitor.rows(DETAILS) if row["vat_amount_cents"]]


@switch("subobjects-null")
def _null(on: Visitor, off: Visitor) -> None:
    row, plain = on.rows()[0], off.rows()[0]
    assert all(row[key] is None for key in row.keys() - plain.keys())
    assert row.keys() - plain.keys() >= {"swift_income", "check"}
    assert {key: row[key] for key in plain} == plain


@switch("meta-last")
def _last(on: Visitor, off: Visitor) -> None:
    answer = on.ask().json()
    assert list(answer) == ["transactions", "meta"]
    assert next(iter(answer["meta"])) == "current_page"
    assert answer == off.ask().json()


@switch("meta-shuffled")
def _shuffled(on: Visitor, off: Visitor) -> None:
    answers = [on.ask({"per_page": 3}).json() for _ in range(8)]
    assert all(answer == off.ask({"per_page": 3}).json() for answer in answers)
    assert len({tuple(answer) for answer in answers}) == 2
    assert len({tuple(answer["meta"]) for answer in answers}) > 2
    assert len({tuple(answer["transactions"][0]) for answer in answers}) > 2


@switch("whole-numbers-bare")
def _bare(on: Visitor, off: Visitor) -> None:
    asked: Params = {"operation_type[]": "qonto_fee", "per_page": 1}
    assert '"amount":29,' in on.ask(asked).text
    assert '"amount":29.0,' in on.ask(asked).text
    assert all('"amount":29.0,' in off.ask(asked).text for _ in range(2))


@switch("ampersand-escaped")
def _escaped(on: Visitor, off: Visitor) -> None:
    asked: Params = {"includes[]": "attachments"}
    assert "&" not in on.ask(asked).text
    assert on.ask(asked).json() == off.ask(asked).json()
    assert "&" in off.ask(asked).text


@switch("fraction-microseconds")
def _micros(on: Visitor, off: Visitor) -> None:
    assert on.rows()[0]["settled_at"] == off.rows()[0]["settled_at"][:-1] + "000Z"


@switch("fraction-none")
def _no_fraction(on: Visitor, off: Visitor) -> None:
    assert on.rows()[0]["settled_at"] == off.rows()[0]["settled_at"][:-5] + "Z"


@switch("updated-before-created")
def _earlier(on: Visitor, off: Visitor) -> None:
    assert any(row["updated_at"] < row["created_at"] for row in on.everything())
    assert not any(row["updated_at"] < row["created_at"] for row in off.everything())


@switch("yen-times-hundred")
def _yen(on: Visitor, off: Visitor) -> None:
    yen = [next(row for row in one.everything() if row["local_currency"] == "JPY") for one in (on, off)]
    assert yen[0]["local_amount_cents"] == 100 * yen[1]["local_amount_cents"]
    assert yen[0]["local_amount"] == yen[1]["local_amount"]


@switch("vat-details-strings")
def _strings(on: Visitor, off: Visitor) -> None:
    assert all(
        isinstance(value, str) for details in vat_details(on) for item in details["items"] for value in item.values()
    )
    assert all(isinstance(item["amount_cents"], int) for details in vat_details(off) for item in details["items"])


@switch("vat-details-null")
def _no_details(on: Visitor, off: Visitor) -> None:
    assert [row["vat_details"] for row in on.rows(DETAILS)] == [None] * 100
    assert vat_details(off)


@switch("vat-details-status")
def _status(on: Visitor, off: Visitor) -> None:
    assert all(details["status"] == "computed" for details in vat_details(on))
    assert not any("status" in details for details in vat_details(off))


@switch("errors-object")
def _object(on: Visitor, off: Visitor) -> None:
    for params in ({"page": 99}, {"bank_account_id": "x"}):
        one, other = (
            visitor.get("/v2/transactions", {"bank_account_id": visitor.main, **params}) for visitor in (on, off)
        )
        assert one.json()["errors"].keys() == {"code", "detail", "status", "message", "source"}
        assert one.json()["errors"]["code"] == other.json()["errors"][0]["code"]
    assert isinstance(on.ask({"sort_by": "x"}).json()["errors"], list)


@switch("no-trace-id")
def _no_trace(on: Visitor, off: Visitor) -> None:
    answer = on.get("/v2/nowhere")
    assert "trace_id" not in answer.json()
    assert "X-Tyk-Trace-Id" not in answer.headers
    assert "trace_id" in off.get("/v2/nowhere").json()


@switch("accounts-include-external")
def _external(on: Visitor, off: Visitor) -> None:
    listed = [visitor.get("/v2/bank_accounts").json()["bank_accounts"] for visitor in (on, off)]
    assert [len(accounts) for accounts in listed] == [4, 3]


@switch("accounts-no-meta")
def _no_meta(on: Visitor, off: Visitor) -> None:
    assert list(on.get("/v2/bank_accounts").json()) == ["bank_accounts"]
    assert "meta" in off.get("/v2/bank_accounts").json()


@switch("balance-number")
def _number(on: Visitor, off: Visitor) -> None:
    for key in ("balance", "authorized_balance"):
        one, other = (visitor.get("/v2/bank_accounts").json()["bank_accounts"][0][key] for visitor in (on, off))
        assert isinstance(one, float)
        assert f"{one:.2f}" == other


@switch("organization-balance-string")
def _organization_string(on: Visitor, off: Visitor) -> None:
    one, other = (
        visitor.get("/v2/organization").json()["organization"]["bank_accounts"][0]["balance"] for visitor in (on, off)
    )
    assert one == f"{other:.2f}"


@switch("hidden-fields")
def _hidden(on: Visitor, off: Visitor) -> None:
    assert on.get("/v2/bank_accounts").json()["bank_accounts"][0].keys() == {
        *("id", "name", "status", "main", "organization_id"),
    }
    assert "iban" in off.get("/v2/bank_accounts").json()["bank_accounts"][0]


@switch("attachments-meta")
def _attachments_meta(on: Visitor, off: Visitor) -> None:
    row = on.rows({"with_attachments": "true"})[0]
    path = f"/v2/transactions/{row['id']}/attachments"
    assert on.get(path).json()["meta"]["total_count"] == len(row["attachment_ids"])
    assert "meta" not in off.get(path).json()


@switch("slug-id-400")
def _slug_id(on: Visitor, off: Visitor) -> None:
    path = f"/v2/transactions/{on.rows()[0]['transaction_id']}"
    assert (on.get(path).status_code, off.get(path).status_code) == (400, 404)
