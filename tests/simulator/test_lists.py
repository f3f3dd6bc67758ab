"""Lists: pages, filters and orders, and the objects related to transactions."""

from itertools import pairwise

import pytest

from tests.simulator.api_client import EVERY_STATUS, ApiClient, OpenClient, Params

SORTS = [
    f"{name}:{order}"
    for name in ("updated_at", "settled_at", "emitted_at", "created_at")
    for order in ("asc", "desc")
]


def test_default_is_completed(client: ApiClient) -> None:
    """Without status[] a page has 100 completed rows, the latest settled first."""
    answer = client.list_transactions().json()
    rows = answer["transactions"]
    assert {row["status"] for row in rows} == {"completed"}
    assert [row["settled_at"] for row in rows] == sorted((row["settled_at"] for row in rows), reverse=True)
    assert len(rows) == answer["meta"]["per_page"] == 100
    assert answer["meta"]["total_count"] == client.bank.count(client.main, "completed")


def test_meta(client: ApiClient) -> None:
    """Meta has the numbers of the next and previous page, or null; it is first and in the bank's order of keys."""
    first, *_, last = list(client.pages({"per_page": 20}))
    assert list(first) == ["meta", "transactions"]
    assert list(first["meta"]) == [
        *("total_pages", "total_count", "current_page", "per_page", "next_page", "prev_page"),
    ]
    assert (first["meta"]["prev_page"], first["meta"]["next_page"]) == (None, 2)
    assert last["meta"]["next_page"] is None
    assert last["meta"]["current_page"] == last["meta"]["total_pages"]


def test_beyond_the_end(client: ApiClient) -> None:
    """A page after the last is answered 422."""
    assert client.error({"page": 4})[0] == 422
    assert client.get("/v2/labels", {"page": 2}).status_code == 422


def test_per_page_above_a_hundred(client: ApiClient) -> None:
    """A per_page above 100 counts as 100."""
    assert client.list_transactions({"per_page": 500}).json()["meta"]["per_page"] == 100


@pytest.mark.parametrize("wrong", [{"page": 0}, {"page": "x"}, {"per_page": 0}, {"per_page": -1}])
def test_invalid_pages(client: ApiClient, wrong: dict[str, str | int]) -> None:
    """Pages that are not positive integers are answered 422."""
    assert client.error(wrong)[0] == 422


def test_current_page_is_an_alias(client: ApiClient) -> None:
    """`current_page` works like `page`; `page` is used when both are given."""
    assert client.rows({"current_page": 2}) == client.rows({"page": 2})
    assert client.rows({"current_page": 3, "page": 2}) == client.rows({"page": 2})


@pytest.mark.parametrize("sort", SORTS)
def test_sorts(client: ApiClient, sort: str) -> None:
    """Rows are listed once each, in each documented order, and rows without the key are last."""
    name, order = sort.split(":")
    rows = client.all_rows({"sort_by": sort, "per_page": 37})
    keys = [row[name] for row in rows]
    known = [key for key in keys if key]
    assert known == sorted(known, reverse=order == "desc")
    assert keys[len(known) :] == [None] * (len(keys) - len(known))
    assert len({row["id"] for row in rows}) == len(rows) == client.bank.count(client.main)


@pytest.mark.parametrize("wrong", [{"sort_by": "amount:asc"}, {"sort_by": "settled_at"}, {"status[]": "paid"}])
def test_unknown_values(client: ApiClient, wrong: dict[str, str | int]) -> None:
    """An unknown order, status, side or operation type is answered 400."""
    assert client.error(wrong)[0] == 400
    assert client.error({"side": "both"})[0] == 400
    assert client.error({"operation_type[]": "magic"})[0] == 400


def test_several_statuses(client: ApiClient) -> None:
    """Repeated status[] give the union, `reversed` included, and `status` works; a comma is refused."""
    counts = [client.bank.count(client.main, status) for status in EVERY_STATUS]
    assert client.list_transactions({"status[]": EVERY_STATUS}).json()["meta"]["total_count"] == sum(counts)
    assert client.list_transactions({"status": "pending"}).json()["meta"]["total_count"] == counts[1]
    assert client.error({"status[]": "pending,declined"}) == (400, "not_in_list")
    assert client.rows({"status[]": "reversed"}) == []


@pytest.mark.parametrize("name", ["updated_at", "settled_at", "emitted_at", "created_at"])
def test_date_filters(client: ApiClient, name: str) -> None:
    """Both bounds are inclusive, to the millisecond, for each of the four dates."""
    moments = sorted(row[name] for row in client.all_rows({"status[]": "completed"}))
    low, high = moments[60], moments[150]
    rows = client.all_rows({"status[]": "completed", f"{name}_from": low, f"{name}_to": high})
    assert sorted(row[name] for row in rows) == [moment for moment in moments if low <= moment <= high]


@pytest.mark.parametrize(
    "form", ["2026-05-01", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00.000000Z", "2026-05-01T02:00:00.0+02:00"]
)
def test_date_forms(client: ApiClient, form: str) -> None:
    """A date without a time, any fraction up to microseconds and a UTC offset can express the same time."""
    expected = client.list_transactions({"settled_at_from": "2026-05-01T00:00:00.000Z"}).json()
    assert 0 < expected["meta"]["total_count"] < client.bank.count(client.main, "completed")
    assert client.list_transactions({"settled_at_from": form}).json() == expected


@pytest.mark.parametrize("wrong", ["yesterday", "01.05.2026", "2026-02-30", "2026-05-01T00:00:00", "20260501"])
def test_bad_dates(client: ApiClient, wrong: str) -> None:
    """A date that is not ISO 8601 is answered 422 with the bank's own sentence."""
    answer = client.list_transactions({"settled_at_to": wrong})
    assert answer.status_code == 422
    detail = "The datetime in settled_at_to param isn't well formatted (ISO 8601) or year is out of range"
    assert answer.json()["errors"][0]["detail"] == detail


def test_other_filters(client: ApiClient) -> None:
    """Side, operation type and attachments are filters; unknown parameters are ignored."""
    everything = client.all_rows({"status[]": "completed"})

    def same(params: dict[str, str], expected: list[str]) -> bool:
        return [row["id"] for row in client.all_rows({"status[]": "completed", **params})] == expected

    assert same({"side": "credit"}, [row["id"] for row in everything if row["side"] == "credit"])
    assert same({"operation_type[]": "card"}, [row["id"] for row in everything if row["operation_type"] == "card"])
    assert same({"operation_type": "f24"}, [])
    assert same({"with_attachments": "true"}, [row["id"] for row in everything if row["attachment_ids"]])
    assert same({"with_attachments": "false"}, [row["id"] for row in everything if not row["attachment_ids"]])
    assert same({"settled_from": "2026-01-01", "colour": "red"}, [row["id"] for row in everything])


def test_selectors(client: ApiClient) -> None:
    """An account is selected by its id or, without one, its IBAN; a missing selector is 422, an unknown one 404."""
    accounts = client.get("/v2/bank_accounts").json()["bank_accounts"]
    by_iban = client.get("/v2/transactions", {"iban": accounts[1]["iban"]}).json()
    assert by_iban == client.list_transactions(account=accounts[1]["id"]).json()
    both = client.get("/v2/transactions", {"iban": accounts[1]["iban"], "bank_account_id": client.main}).json()
    assert both == client.list_transactions().json()
    assert client.get("/v2/transactions", {"slug": "x"}).status_code == 422
    assert client.error(account="00000000-0000-4000-8000-000000000000") == (404, "not_found")


def test_includes(client: ApiClient) -> None:
    """Attachments, labels and VAT details are present only on request, and they agree with the row."""
    assert not {"attachments", "labels", "vat_details"} & client.rows()[0].keys()
    rows = client.rows({"includes[]": ["attachments", "labels", "vat_details"]})
    for row in rows:
        assert [one["id"] for one in row["attachments"]] == row["attachment_ids"]
        assert [one["id"] for one in row["labels"]] == row["label_ids"]
        assert sum(item["amount_cents"] for item in row["vat_details"]["items"]) == (row["vat_amount_cents"] or 0)
    assert any(row["labels"] for row in rows)
    assert any(row["vat_details"]["items"] for row in rows)


def test_one_transaction(client: ApiClient) -> None:
    """A row by its id is the same as in the list; a transaction_id or an unknown id is not found."""
    row = client.rows({"per_page": 1})[0]
    assert client.row(row["id"]) == row
    for wrong in (row["transaction_id"], "00000000-0000-4000-8000-000000000000", "x"):
        assert client.get(f"/v2/transactions/{wrong}").status_code == 404


def test_attachments(client: ApiClient) -> None:
    """Each attachment of a row can be requested; its size is text, and its URL has an expiry time."""
    row = client.rows({"with_attachments": "true", "per_page": 1})[0]
    shown = client.get(f"/v2/transactions/{row['id']}/attachments").json()
    assert list(shown) == ["attachments"]
    for attachment in shown["attachments"]:
        assert client.get(f"/v2/attachments/{attachment['id']}").json() == {"attachment": attachment}
        assert attachment["file_size"].isdigit()
        assert "X-Amz-Expires=1800" in attachment["url"]
    assert client.get(f"/v2/attachments/{row['id']}").status_code == 404


def test_members_and_labels(open_client: OpenClient) -> None:
    """150 members are two pages; labels have two levels; one member and one label can be requested."""
    client = open_client(size=0, members=150, labels=120)
    pages = [client.get("/v2/memberships", {"page": page}).json() for page in (1, 2)]
    assert [len(page["memberships"]) for page in pages] == [100, 50]
    assert client.get("/v2/membership").json()["membership"] == pages[0]["memberships"][0]
    labels = client.get("/v2/labels").json()
    assert labels["meta"]["total_count"] == 120
    tops = {label["id"] for label in labels["labels"] if label["parent_id"] is None}
    children = [label for label in labels["labels"] if label["parent_id"]]
    assert children
    assert {label["parent_id"] for label in children} <= tops
    assert client.get(f"/v2/labels/{children[0]['id']}").json() == {"label": children[0]}


def test_accounts(client: ApiClient) -> None:
    """Balances are numbers in the organisation and text in the list; the external account is listed on request."""
    inside = client.get("/v2/organization").json()["organization"]["bank_accounts"]
    listed = client.get("/v2/bank_accounts").json()["bank_accounts"]
    assert [account["status"] for account in inside] == ["active", "active", "closed"]
    assert [account["main"] for account in inside] == [True, False, False]
    for one, other in zip(inside, listed, strict=True):
        assert one["balance"] == float(other["balance"])
        assert isinstance(other["balance"], str)
        assert round(one["balance"] * 100) == one["balance_cents"] == other["balance_cents"]
        assert "slug" not in other
        assert client.get(f"/v2/bank_accounts/{one['id']}").json() == {"bank_account": other}
    every = client.get("/v2/organization", {"include_external_accounts": "true"}).json()["organization"]
    assert every["bank_accounts"] == client.bank.accounts()
    assert (every["bank_accounts"][3]["is_external_account"], every["bank_accounts"][3]["iban"]) == (True, "")


def test_unknown_objects(open_client: OpenClient) -> None:
    """Unknown objects are 404: accounts, labels, the member in an empty list, attachments after a row's last."""
    client = open_client(members=0, labels=0)
    row = client.rows({"with_attachments": "true", "per_page": 1})[0]
    gone = client.bank.serializer.attachments.uuid(client.bank.serializer.find(row["id"]) or 0, 7)
    for path in (f"bank_accounts/{row['id']}", f"labels/{row['id']}", "membership", f"attachments/{gone}"):
        answer = client.get(f"/v2/{path}")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


def test_order_of_equal_keys(client: ApiClient) -> None:
    """Rows with equal keys are in the same order at every request."""
    asked: Params = {"sort_by": "created_at:asc", "per_page": 100}
    assert client.list_transactions(asked).content == client.list_transactions(asked).content
    created = [row["created_at"] for row in client.all_rows(asked)]
    assert any(one == other for one, other in pairwise(created))
