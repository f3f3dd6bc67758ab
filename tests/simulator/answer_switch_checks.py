"""Checks of the switches about the form of answers."""

import httpx2

from tests.simulator.api_client import ApiClient, Params, Row
from tests.simulator.check_registry import checks_switch

DETAILS: Params = {"includes[]": ["vat_details"]}


def vat_details(client: ApiClient) -> list[Row]:
    """Return the vat_details of the rows that have VAT."""
    return [row["vat_details"] for row in client.rows(DETAILS) if row["vat_amount_cents"]]


@checks_switch("subobjects-null")
def _null(on: ApiClient, off: ApiClient) -> None:
    row, plain = on.rows()[0], off.rows()[0]
    assert all(row[key] is None for key in row.keys() - plain.keys())
    assert row.keys() - plain.keys() >= {"swift_income", "check"}
    assert {key: row[key] for key in plain} == plain


@checks_switch("meta-last")
def _last(on: ApiClient, off: ApiClient) -> None:
    answer = on.list_transactions().json()
    assert list(answer) == ["transactions", "meta"]
    assert next(iter(answer["meta"])) == "current_page"
    assert answer == off.list_transactions().json()


@checks_switch("meta-shuffled")
def _shuffled(on: ApiClient, off: ApiClient) -> None:
    answers = [on.list_transactions({"per_page": 3}).json() for _ in range(8)]
    assert all(answer == off.list_transactions({"per_page": 3}).json() for answer in answers)
    assert len({tuple(answer) for answer in answers}) == 2
    assert len({tuple(answer["meta"]) for answer in answers}) > 2
    assert len({tuple(answer["transactions"][0]) for answer in answers}) > 2


@checks_switch("whole-numbers-bare")
def _bare(on: ApiClient, off: ApiClient) -> None:
    asked: Params = {"operation_type[]": "qonto_fee", "per_page": 1}
    assert '"amount":29,' in on.list_transactions(asked).text
    assert '"amount":29.0,' in on.list_transactions(asked).text
    assert all('"amount":29.0,' in off.list_transactions(asked).text for _ in range(2))


@checks_switch("ampersand-escaped")
def _escaped(on: ApiClient, off: ApiClient) -> None:
    asked: Params = {"includes[]": "attachments"}
    assert "&" not in on.list_transactions(asked).text
    assert on.list_transactions(asked).json() == off.list_transactions(asked).json()
    assert "&" in off.list_transactions(asked).text


@checks_switch("fraction-microseconds")
def _micros(on: ApiClient, off: ApiClient) -> None:
    assert on.rows()[0]["settled_at"] == off.rows()[0]["settled_at"][:-1] + "000Z"


@checks_switch("fraction-none")
def _no_fraction(on: ApiClient, off: ApiClient) -> None:
    assert on.rows()[0]["settled_at"] == off.rows()[0]["settled_at"][:-5] + "Z"


@checks_switch("updated-before-created")
def _earlier(on: ApiClient, off: ApiClient) -> None:
    assert any(row["updated_at"] < row["created_at"] for row in on.all_rows())
    assert not any(row["updated_at"] < row["created_at"] for row in off.all_rows())


@checks_switch("yen-times-hundred")
def _yen(on: ApiClient, off: ApiClient) -> None:
    yen = [next(row for row in one.all_rows() if row["local_currency"] == "JPY") for one in (on, off)]
    assert yen[0]["local_amount_cents"] == 100 * yen[1]["local_amount_cents"]
    assert yen[0]["local_amount"] == yen[1]["local_amount"]


@checks_switch("vat-details-strings")
def _strings(on: ApiClient, off: ApiClient) -> None:
    assert all(
        isinstance(value, str) for details in vat_details(on) for item in details["items"] for value in item.values()
    )
    assert all(isinstance(item["amount_cents"], int) for details in vat_details(off) for item in details["items"])


@checks_switch("vat-details-null")
def _no_details(on: ApiClient, off: ApiClient) -> None:
    assert [row["vat_details"] for row in on.rows(DETAILS)] == [None] * 100
    assert vat_details(off)


@checks_switch("vat-details-status")
def _status(on: ApiClient, off: ApiClient) -> None:
    assert all(details["status"] == "computed" for details in vat_details(on))
    assert not any("status" in details for details in vat_details(off))


@checks_switch("errors-object")
def _object(on: ApiClient, off: ApiClient) -> None:
    for params in ({"page": 99}, {"bank_account_id": "x"}):
        one, other = (
            client.get("/v2/transactions", {"bank_account_id": client.main, **params}) for client in (on, off)
        )
        assert one.json()["errors"].keys() == {"code", "detail", "status", "message", "source"}
        assert one.json()["errors"]["code"] == other.json()["errors"][0]["code"]
    assert isinstance(on.list_transactions({"sort_by": "x"}).json()["errors"], list)


@checks_switch("no-trace-id")
def _no_trace(on: ApiClient, off: ApiClient) -> None:
    answer = on.get("/v2/nowhere")
    assert "trace_id" not in answer.json()
    assert "X-Tyk-Trace-Id" not in answer.headers
    assert "trace_id" in off.get("/v2/nowhere").json()


@checks_switch("accounts-include-external")
def _external(on: ApiClient, off: ApiClient) -> None:
    listed = [client.get("/v2/bank_accounts").json()["bank_accounts"] for client in (on, off)]
    assert [len(accounts) for accounts in listed] == [4, 3]


@checks_switch("accounts-no-meta")
def _no_meta(on: ApiClient, off: ApiClient) -> None:
    assert list(on.get("/v2/bank_accounts").json()) == ["bank_accounts"]
    assert "meta" in off.get("/v2/bank_accounts").json()


@checks_switch("balance-number")
def _number(on: ApiClient, off: ApiClient) -> None:
    for key in ("balance", "authorized_balance"):
        one, other = (client.get("/v2/bank_accounts").json()["bank_accounts"][0][key] for client in (on, off))
        assert isinstance(one, float)
        assert f"{one:.2f}" == other


@checks_switch("organization-balance-string")
def _organization_string(on: ApiClient, off: ApiClient) -> None:
    one, other = (
        client.get("/v2/organization").json()["organization"]["bank_accounts"][0]["balance"] for client in (on, off)
    )
    assert one == f"{other:.2f}"


@checks_switch("hidden-fields")
def _hidden(on: ApiClient, off: ApiClient) -> None:
    assert on.get("/v2/bank_accounts").json()["bank_accounts"][0].keys() == {
        *("id", "name", "status", "main", "organization_id"),
    }
    assert "iban" in off.get("/v2/bank_accounts").json()["bank_accounts"][0]


@checks_switch("attachments-meta")
def _attachments_meta(on: ApiClient, off: ApiClient) -> None:
    row = on.rows({"with_attachments": "true"})[0]
    path = f"/v2/transactions/{row['id']}/attachments"
    assert on.get(path).json()["meta"]["total_count"] == len(row["attachment_ids"])
    assert "meta" not in off.get(path).json()


@checks_switch("slug-id-400")
def _slug_id(on: ApiClient, off: ApiClient) -> None:
    path = f"/v2/transactions/{on.rows()[0]['transaction_id']}"
    assert (on.get(path).status_code, off.get(path).status_code) == (400, 404)


@checks_switch("statement-size-string")
def _statement_size(on: ApiClient, off: ApiClient) -> None:
    one, other = (client.get("/v2/statements").json()["statements"][0]["file"]["file_size"] for client in (on, off))
    assert (one, type(other)) == (f"{other}", int)


@checks_switch("statement-period-date")
def _statement_period(on: ApiClient, off: ApiClient) -> None:
    one, other = (client.get("/v2/statements").json()["statements"][0]["period"] for client in (on, off))
    month, year = other.split("-")
    assert one == f"{year}-{month}-01"


def _statement_text(client: ApiClient) -> str:
    """Return the text of the main account's newest statement."""
    url = client.get("/v2/statements").json()["statements"][0]["file"]["file_url"]
    with httpx2.Client(transport=client.simulator.transport()) as http:
        return http.get(url).content.decode("latin-1")


def _stated_balance(text: str, label: str) -> float:
    """Return the balance behind a label of an English statement."""
    return float(text.partition(label)[2].partition(" EUR")[0].replace(",", ""))


@checks_switch("statement-german")
def _statement_german(on: ApiClient, off: ApiClient) -> None:
    german, english = _statement_text(on), _statement_text(off)
    assert "Anfangssaldo" in german
    assert "Opening balance" in english
    amount = german.partition("Endsaldo ")[2].partition(" EUR")[0]
    assert float(amount.replace(".", "").replace(",", ".")) == _stated_balance(english, "Closing balance ")


@checks_switch("statement-balance-wrong")
def _statement_wrong(on: ApiClient, off: ApiClient) -> None:
    one, other = (round(100 * _stated_balance(_statement_text(client), "Closing balance ")) for client in (on, off))
    assert one == other + 1


@checks_switch("statement-without-text")
def _statement_without_text(on: ApiClient, off: ApiClient) -> None:
    assert ") Tj" not in _statement_text(on)
    assert ") Tj" in _statement_text(off)
