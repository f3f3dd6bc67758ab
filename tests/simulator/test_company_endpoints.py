"""Statements, teams, cash flow categories, and the endpoints that the bank removed."""

import re

import pytest

from tests.simulator.api_client import ApiClient, Params, Row
from tests.simulator.balance_chain import balance_chain

META = {"total_pages", "total_count", "current_page", "per_page", "next_page", "prev_page"}


def statements(client: ApiClient, params: Params | None = None) -> list[Row]:
    """Return the statements of a page."""
    answer = client.get("/v2/statements", params)
    assert answer.status_code == 200, answer.text
    found: list[Row] = answer.json()["statements"]
    return found


def test_the_form_of_a_statement(client: ApiClient) -> None:
    """A statement has the documented fields: an id, its account, its month, and the description of a PDF."""
    answer = client.get("/v2/statements", {"per_page": 5}).json()
    assert answer["meta"].keys() == META
    assert answer["meta"]["total_count"] > len(answer["statements"]) == 5
    for one in answer["statements"]:
        assert list(one) == ["id", "bank_account_id", "period", "file"]
        assert list(one["file"]) == ["file_name", "file_content_type", "file_size", "file_url"]
        assert re.fullmatch(r"(0[1-9]|1[0-2])-\d{4}", one["period"])
        assert one["file"]["file_content_type"] == "application/pdf"
        assert client.get(f"/v2/statements/{one['id']}").json() == {"statement": one}
    assert client.get("/v2/statements/nowhere").status_code == 404


def test_each_month_has_a_statement(client: ApiClient) -> None:
    """Each own account has one statement for each month; the latest appears in the first days of the next month."""
    main, savings, closed, external = client.bank.account_ids()
    found = statements(client)
    assert {one["bank_account_id"] for one in found} == {main, savings, closed} != {external}
    assert len({(one["bank_account_id"], one["period"]) for one in found}) == len(found)
    assert found[0]["period"] == "10-2026"  # on 23 November
    client.clock.advance(days=8)
    assert "11-2026" not in {one["period"] for one in statements(client)}
    client.clock.advance(days=2)
    assert {one["bank_account_id"] for one in statements(client) if one["period"] == "11-2026"} == {main, savings}


def test_statements_are_filtered(client: ApiClient) -> None:
    """Statements are selected by account, by IBAN, and by months; the order is the latest first, or the reverse."""
    main, savings = client.bank.account_details[:2]
    by_id = statements(client, {"bank_account_ids[]": [main.id]})
    assert {one["bank_account_id"] for one in by_id} == {main.id}
    assert [one["id"] for one in statements(client, {"ibans[]": [main.iban]})] == [one["id"] for one in by_id]
    both = statements(client, {"ibans[]": [main.iban, savings.iban]})
    assert {one["bank_account_id"] for one in both} == {main.id, savings.id}
    span: Params = {"bank_account_ids[]": [main.id], "period_from": "12-2025", "period_to": "02-2026"}
    assert [one["period"] for one in statements(client, span)] == ["02-2026", "01-2026", "12-2025"]
    upwards = statements(client, {**span, "sort_by": "period:asc"})
    assert [one["period"] for one in upwards] == ["12-2025", "01-2026", "02-2026"]
    assert statements(client, {"bank_account_ids[]": ["x"]}) == statements(client, {"ibans[]": [""]}) == []


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"bank_account_ids[]": "x", "ibans[]": "y"}, 422),
        ({"period_from": "2026-01"}, 422),
        ({"period_to": "13-2026"}, 422),
        ({"sort_by": "period"}, 400),
        ({"page": 99}, 422),
    ],
)
def test_refused_statements(client: ApiClient, params: Params, status: int) -> None:
    """Accounts and IBANs together, a month of another form, an unknown order, and a page too far are refused."""
    assert client.get("/v2/statements", params).status_code == status


def test_the_balances_of_a_statement(client: ApiClient) -> None:
    """The PDF of a statement names the balances at the start and the end of the month: those of its rows."""
    asked: Params = {"bank_account_ids[]": [client.main], "period_from": "05-2026", "period_to": "05-2026"}
    (one,) = statements(client, asked)
    chain = balance_chain(list(client.bank.truth(client.main)))
    closing = next(row for row in reversed(chain) if row["settled_at"] < "2026-06")["settled_balance_cents"]
    opening = next(row for row in reversed(chain) if row["settled_at"] < "2026-05")["settled_balance_cents"]
    pdf = client.http.get(one["file"]["file_url"], headers={"Authorization": ""}).request.url
    assert pdf.host == "localhost"
    found = client.bank.statements.find(one["id"], client.bank.now())
    assert found is not None
    text = client.bank.statements.pdf(found).decode("latin-1")
    assert f"(Opening balance {opening / 100:,.2f} EUR)" in text
    assert f"(Closing balance {closing / 100:,.2f} EUR)" in text


def test_teams(client: ApiClient) -> None:
    """A team has an id and a name; the members' team is one of them."""
    answer = client.get("/v2/teams").json()
    assert answer["meta"].keys() == META
    assert all(list(team) == ["id", "name"] for team in answer["teams"])
    members = client.get("/v2/memberships").json()["memberships"]
    assert {member["team_id"] for member in members} <= {team["id"] for team in answer["teams"]}


def test_cash_flow_categories(client: ApiClient) -> None:
    """Categories are not paged; they have the ids of the transactions' categories, by their English names."""
    answer = client.get("/v2/cash_flow_categories").json()
    assert list(answer) == ["cash_flow_categories"]
    listed = {category["id"]: category for category in answer["cash_flow_categories"]}
    for category in listed.values():
        assert list(category) == ["id", "name", "type", "subcategories"]
        assert category["type"] in {"CATEGORY_TYPE_INFLOW", "CATEGORY_TYPE_OUTFLOW"}
        assert all(list(one) == ["id", "name"] for one in category["subcategories"])
    rows = [row for row in client.rows() if row["cashflow_category"]]
    assert rows
    for row in rows:
        category = listed[row["cashflow_category"]["id"]]
        assert row["cashflow_subcategory"]["id"] in {one["id"] for one in category["subcategories"]}
        assert row["cashflow_category"]["name"] in {category["name"], "Verkäufe", "Personal", "Steuern"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/organizations/0",
        "/v1/transactions",
        "/v2/organizations/0",
        "/v2/organizations/%7Bid%7D",
        "/v2/organizations/a/b",
    ],
)
def test_removed_endpoints(client: ApiClient, path: str) -> None:
    """The endpoints of version 1, and /v2/organizations/{id} with any id, are answered 410."""
    answer = client.get(path)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (410, "gone")
