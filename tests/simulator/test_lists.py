"""Lists: pages, filters, orders, and the things around transactions."""

from itertools import pairwise

import pytest

from tests.simulator.visitor import EVERY_STATUS, Params, Visit, Visitor

SORTS = [
    f"{name}:{order}"
    for name in ("updated_at", "settled_at", "emitted_at", "created_at")
    for order in ("asc", "desc")
]


def test_default_is_completed(visitor: Visitor) -> None:
    """Without status[] only completed rows come, the latest settled first, 100 of them."""
    answer = visitor.ask().json()
    rows = answer["transactions"]
    assert {row["status"] for row in rows} == {"completed"}
    assert [row["settled_at"] for row in rows] == sorted((row["settled_at"] for row in rows), reverse=True)
    assert len(rows) == answer["meta"]["per_page"] == 100
    assert answer["meta"]["total_count"] == visitor.bank.count(visitor.main, "completed")


def test_meta(visitor: Visitor) -> None:
    """Pages name their neighbours, null at the ends; meta stands first and has the order of the wire."""
    first, *_, last = list(visitor.pages({"per_page": 20}))
    assert list(first) == ["meta", "transactions"]
    assert list(first["meta"]) == [
        *("total_pages", "total_count", "current_page", "per_page", "next_page", "prev_page"),
    ]
    assert (first["meta"]["prev_page"], first["meta"]["next_page"]) == (None, 2)
    assert last["meta"]["next_page"] is None
    assert last["meta"]["current_page"] == last["meta"]["total_pages"]


def test_beyond_the_end(visitor: Visitor) -> None:
    """A page after the last is answered 422."""
    assert visitor.refusal({"page": 4})[0] == 422
    assert visitor.get("/v2/labels", {"page": 2}).status_code == 422


def test_per_page_above_a_hundred(visitor: Visitor) -> None:
    """More than 100 rows are silently 100."""
    assert visitor.ask({"per_page": 500}).json()["meta"]["per_page"] == 100


@pytest.mark.parametrize("wrong", [{"page": 0}, {"page": "x"}, {"per_page": 0}, {"per_page": -1}])
def test_unreadable_pages(visitor: Visitor, wrong: dict[str, str | int]) -> None:
    """Pages that are no natural numbers are answered 422."""
    assert visitor.refusal(wrong)[0] == 422


def test_current_page_is_an_alias(visitor: Visitor) -> None:
    """`current_page` pages as well; `page` wins when both are given."""
    assert visitor.rows({"current_page": 2}) == visitor.rows({"page": 2})
    assert visitor.rows({"current_page": 3, "page": 2}) == visitor.rows({"page": 2})


@pytest.mark.parametrize("sort", SORTS)
def test_sorts(visitor: Visitor, sort: str) -> None:
    """Every documented order holds, rows without the key come last, and no row is lost or twice."""
    name, order = sort.split(":")
    rows = visitor.everything({"sort_by": sort, "per_page": 37})
    keys = [row[name] for row in rows]
    known = [key for key in keys if key]
    assert known == sorted(known, reverse=order == "desc")
    assert keys[len(known) :] == [None] * (len(keys) - len(known))
    assert len({row["id"] for row in rows}) == len(rows) == visitor.bank.count(visitor.main)


@pytest.mark.parametrize("wrong", [{"sort_by": "amount:asc"}, {"sort_by": "settled_at"}, {"status[]": "paid"}])
def test_unknown_words(visitor: Visitor, wrong: dict[str, str | int]) -> None:
    """An order, status, side or operation that does not exist is answered 400."""
    assert visitor.refusal(wrong)[0] == 400
    assert visitor.refusal({"side": "both"})[0] == 400
    assert visitor.refusal({"operation_type[]": "magic"})[0] == 400


def test_statuses_unite(visitor: Visitor) -> None:
    """Repeated status[] give the union; the scalar form works; a comma is refused; reversed cannot be asked for."""
    counts = [visitor.bank.count(visitor.main, status) for status in EVERY_STATUS]
    assert visitor.ask({"status[]": EVERY_STATUS}).json()["meta"]["total_count"] == sum(counts)
    assert visitor.ask({"status": "pending"}).json()["meta"]["total_count"] == counts[1]
    assert visitor.refusal({"status[]": "pending,declined"}) == (400, "not_in_list")
    assert visitor.refusal({"status[]": "reversed"}) == (400, "not_in_list")


@pytest.mark.parametrize("name", ["updated_at", "settled_at", "emitted_at", "created_at"])
def test_date_filters(visitor: Visitor, name: str) -> None:
    """Both ends of a span are inclusive, to the millisecond, on each of the four dates."""
    moments = sorted(row[name] for row in visitor.everything({"status[]": "completed"}))
    low, high = moments[60], moments[150]
    rows = visitor.everything({"status[]": "completed", f"{name}_from": low, f"{name}_to": high})
    assert sorted(row[name] for row in rows) == [moment for moment in moments if low <= moment <= high]


@pytest.mark.parametrize(
    "form", ["2026-05-01", "2026-05-01T00:00:00Z", "2026-05-01T00:00:00.000000Z", "2026-05-01T02:00:00.0+02:00"]
)
def test_date_forms(visitor: Visitor, form: str) -> None:
    """A bare day, any fraction up to microseconds and an offset name the same moment."""
    expected = visitor.ask({"settled_at_from": "2026-05-01T00:00:00.000Z"}).json()
    assert 0 < expected["meta"]["total_count"] < visitor.bank.count(visitor.main, "completed")
    assert visitor.ask({"settled_at_from": form}).json() == expected


@pytest.mark.parametrize("wrong", ["yesterday", "01.05.2026", "2026-02-30", "2026-05-01T00:00:00", "20260501"])
def test_bad_dates(visitor: Visitor, wrong: str) -> None:
    """What is no ISO 8601 moment is answered 422 with the bank's own sentence."""
    answer = visitor.ask({"settled_at_to": wrong})
    assert answer.status_code == 422
    detail = "The datetime in settled_at_to param isn't well formatted (ISO 8601) or year is out of range"
    assert answer.json()["errors"][0]["detail"] == detail


def test_other_filters(visitor: Visitor) -> None:
    """Side, operation type and attachments filter; unknown parameters are ignored silently."""
    everything = visitor.everything({"status[]": "completed"})

    def same(params: dict[str, str], expected: list[str]) -> bool:
        return [row["id"] for row in visitor.everything({"status[]": "completed", **params})] == expected

    assert same({"side": "credit"}, [row["id"] for row in everything if row["side"] == "credit"])
    assert same({"operation_type[]": "card"}, [row["id"] for row in everything if row["operation_type"] == "card"])
    assert same({"operation_type": "f24"}, [])
    assert same({"with_attachments": "true"}, [row["id"] for row in everything if row["attachment_ids"]])
    assert same({"with_attachments": "false"}, [row["id"] for row in everything if not row["attachment_ids"]])
    assert same({"settled_from": "2026-01-01", "colour": "red"}, [row["id"] for row in everything])


def test_selectors(visitor: Visitor) -> None:
    """An account is named by id, which wins, or by IBAN; none is 422, an unknown one 404."""
    accounts = visitor.get("/v2/bank_accounts").json()["bank_accounts"]
    by_iban = visitor.get("/v2/transactions", {"iban": accounts[1]["iban"]}).json()
    assert by_iban == visitor.ask(account=accounts[1]["id"]).json()
    both = visitor.get("/v2/transactions", {"iban": accounts[1]["iban"], "bank_account_id": visitor.main}).json()
    assert both == visitor.ask().json()
    assert visitor.get("/v2/transactions", {"slug": "x"}).status_code == 422
    assert visitor.refusal(account="00000000-0000-4000-8000-000000000000") == (404, "not_found")


def test_includes(visitor: Visitor) -> None:
    """Attachments, labels and VAT details are there only when asked for, and agree with the row."""
    assert not {"attachments", "labels", "vat_details"} & visitor.rows()[0].keys()
    rows = visitor.rows({"includes[]": ["attachments", "labels", "vat_details"]})
    for row in rows:
        assert [one["id"] for one in row["attachments"]] == row["attachment_ids"]
        assert [one["id"] for one in row["labels"]] == row["label_ids"]
        assert sum(item["amount_cents"] for item in row["vat_details"]["items"]) == (row["vat_amount_cents"] or 0)
    assert any(row["labels"] for row in rows)
    assert any(row["vat_details"]["items"] for row in rows)


def test_one_transaction(visitor: Visitor) -> None:
    """A row by its id is the row of the list; a readable id or an invented one is not found."""
    row = visitor.rows({"per_page": 1})[0]
    assert visitor.one(row["id"]) == row
    for wrong in (row["transaction_id"], "00000000-0000-4000-8000-000000000000", "x"):
        assert visitor.get(f"/v2/transactions/{wrong}").status_code == 404


def test_attachments(visitor: Visitor) -> None:
    """Each attachment of a row can be asked for; its size is text and its link expires."""
    row = visitor.rows({"with_attachments": "true", "per_page": 1})[0]
    shown = visitor.get(f"/v2/transactions/{row['id']}/attachments").json()
    assert list(shown) == ["attachments"]
    for attachment in shown["attachments"]:
        assert visitor.get(f"/v2/attachments/{attachment['id']}").json() == {"attachment": attachment}
        assert attachment["file_size"].isdigit()
        assert "X-Amz-Expires=1800" in attachment["url"]
    assert visitor.get(f"/v2/attachments/{row['id']}").status_code == 404


def test_people_and_labels(visit: Visit) -> None:
    """150 members are two pages; labels have two levels; one of each kind can be asked for."""
    visitor = visit(size=0, members=150, labels=120)
    pages = [visitor.get("/v2/memberships", {"page": page}).json() for page in (1, 2)]
    assert [len(page["memberships"]) for page in pages] == [100, 50]
    assert visitor.get("/v2/membership").json()["membership"] == pages[0]["memberships"][0]
    labels = visitor.get("/v2/labels").json()
    assert labels["meta"]["total_count"] == 120
    tops = {label["id"] for label in labels["labels"] if label["parent_id"] is None}
    children = [label for label in labels["labels"] if label["parent_id"]]
    assert children
    assert {label["parent_id"] for label in children} <= tops
    assert visitor.get(f"/v2/labels/{children[0]['id']}").json() == {"label": children[0]}


def test_accounts(visitor: Visitor) -> None:
    """Balances are numbers inside the organisation and text in the list; the external account only on demand."""
    inside = visitor.get("/v2/organization").json()["organization"]["bank_accounts"]
    listed = visitor.get("/v2/bank_accounts").json()["bank_accounts"]
    assert [account["status"] for account in inside] == ["active", "active", "closed"]
    assert [account["main"] for account in inside] == [True, False, False]
    for one, other in zip(inside, listed, strict=True):
        assert one["balance"] == float(other["balance"])
        assert isinstance(other["balance"], str)
        assert round(one["balance"] * 100) == one["balance_cents"] == other["balance_cents"]
        assert "slug" not in other
        assert visitor.get(f"/v2/bank_accounts/{one['id']}").json() == {"bank_account": other}
    every = visitor.get("/v2/organization", {"include_external_accounts": "true"}).json()["organization"]
    assert every["bank_accounts"] == visitor.bank.accounts()
    assert (every["bank_accounts"][3]["is_external_account"], every["bank_accounts"][3]["iban"]) == (True, "")


def test_unknown_things(visit: Visit) -> None:
    """What does not exist is 404: accounts, labels, members where nobody is left, attachments beyond a row's last."""
    visitor = visit(members=0, labels=0)
    row = visitor.rows({"with_attachments": "true", "per_page": 1})[0]
    gone = visitor.bank.voucher._attachment_id(visitor.bank.voucher.number_of(row["id"]) or 0, 7)
    for path in (f"bank_accounts/{row['id']}", f"labels/{row['id']}", "membership", f"attachments/{gone}"):
        answer = visitor.get(f"/v2/{path}")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (404, "not_found")


def test_ties_have_one_order(visitor: Visitor) -> None:
    """Rows with equal keys come in the same order at every request."""
    asked: Params = {"sort_by": "created_at:asc", "per_page": 100}
    assert visitor.ask(asked).content == visitor.ask(asked).content
    created = [row["created_at"] for row in visitor.everything(asked)]
    assert any(one == other for one, other in pairwise(created))
