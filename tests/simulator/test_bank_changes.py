"""Changes of the bank while a client reads: those made by a test, and those due at a time."""

from datetime import timedelta

import pytest

from primanota.simulator import Simulator
from tests.simulator.api_client import ApiClient, OpenClient, Row
from tests.simulator.balance_chain import balance_chain, signed_cents


def now_text(client: ApiClient) -> str:
    """Return the clock's time in the bank's form."""
    return client.clock.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def balance(client: ApiClient) -> int:
    """Return the main account's balance in cents."""
    cents: int = client.get("/v2/organization").json()["organization"]["bank_accounts"][0]["balance_cents"]
    return cents


def check_chain(client: ApiClient) -> None:
    """Assert that the balances of the main account's rows lead to its balance."""
    assert balance_chain(list(client.bank.truth(client.main)))[-1]["settled_balance_cents"] == balance(client)


def pending(client: ApiClient) -> list[Row]:
    """Return the main account's pending rows, the latest created first."""
    return client.rows({"status[]": "pending", "sort_by": "created_at:desc"})


def test_pending_completes_by_the_clock(client: ApiClient) -> None:
    """A pending row completes when it is due, possibly with another amount, and the balances stay consistent."""
    before = {row["id"]: row for row in pending(client)}
    client.clock.advance(hours=31)
    done = [row for row in map(client.row, before) if row["status"] == "completed"]
    changed = [row for row in done if row["amount_cents"] != before[row["id"]]["amount_cents"]]
    assert changed
    assert all("2026-11-23T10:00" < row["settled_at"] == row["updated_at"] <= now_text(client) for row in done)
    check_chain(client)


def test_pending_is_declined_by_the_clock(client: ApiClient) -> None:
    """Of the pending rows, one is declined when it is due, without being settled, and one stays pending."""
    before = [row["id"] for row in pending(client)]
    client.clock.advance(days=60)
    ends = [client.row(one)["status"] for one in before]
    assert {"declined", "pending", "completed"} == set(ends)
    assert all(client.row(one)["settled_at"] is None for one in before if client.row(one)["status"] == "declined")
    check_chain(client)


def test_the_order_of_due_times(open_client: OpenClient) -> None:
    """Rows that are due at the same request settle in the order of their due times."""
    client = open_client(size=9000)
    client.clock.advance(days=90)
    later = client.rows({"settled_at_from": "2026-11-23T10:00:00.001Z"})
    assert len(later) > 5
    check_chain(client)


def test_the_invoice_of_a_fee_is_attached_later(client: ApiClient) -> None:
    """The invoice of the latest fee is attached a month later, which changes ``updated_at``."""
    fee = client.rows({"operation_type[]": "qonto_fee", "per_page": 1})[0]
    client.clock.advance(days=40)
    after = client.row(fee["id"])
    assert len(after["attachment_ids"]) == 1
    assert after["updated_at"].startswith("2026-12-02")


def test_new_rows_arrive(client: ApiClient) -> None:
    """New rows are created at the clock's time, some of them pending, and the balances continue."""
    count, money = client.bank.count(client.main), balance(client)
    client.clock.advance(minutes=5)
    ids = client.bank.arrive(9)
    rows = [client.row(one) for one in ids]
    assert client.bank.count(client.main) == count + 9
    assert {row["created_at"] for row in rows} == {now_text(client)}
    assert {row["status"] for row in rows} == {"completed", "pending"}
    assert balance(client) == money + sum(signed_cents(row) for row in rows if row["status"] == "completed")
    check_chain(client)
    for account in client.bank.account_ids():
        assert len(client.bank.arrive(2, account)) == 2


def test_pending_rows_are_settled_and_declined(client: ApiClient) -> None:
    """A test can complete or decline a pending row; any other row is refused."""
    first, second, *_ = pending(client)
    client.clock.advance(minutes=1)
    client.bank.settle(first["id"])
    client.bank.decline(second["id"])
    assert client.row(first["id"])["settled_at"] == now_text(client)
    assert client.row(second["id"])["status"] == "declined"
    assert client.row(second["id"])["updated_at"] == now_text(client)
    check_chain(client)
    with pytest.raises(ValueError, match="is completed, not pending"):
        client.bank.settle(first["id"])


def test_a_row_is_edited(client: ApiClient) -> None:
    """An edit changes only the named fields and ``updated_at``; a field of the amount is refused."""
    row = client.rows()[5]
    label = client.get("/v2/labels").json()["labels"][2]
    client.clock.advance(days=2)
    client.bank.edit(row["id"], note="Neu; „so“ 🚲", label_ids=[label["id"]], vat_amount_cents=119, vat_rate=19.0)
    after = client.get(f"/v2/transactions/{row['id']}", {"includes[]": "labels"}).json()["transaction"]
    assert after.pop("labels") == [label]
    edits = {"note": "Neu; „so“ 🚲", "label_ids": [label["id"]], "vat_amount_cents": 119, "vat_amount": 1.19}
    assert after == {**row, **edits, "vat_rate": 19.0, "updated_at": now_text(client)}
    assert client.rows({"sort_by": "updated_at:desc", "per_page": 1})[0]["id"] == row["id"]
    with pytest.raises(ValueError, match="cannot be changed: amount"):
        client.bank.edit(row["id"], amount=1)


def test_many_rows_are_edited(client: ApiClient) -> None:
    """A mass edit gives all its rows the same ``updated_at``; it takes ids or a number of rows."""
    client.clock.advance(hours=1)
    ids = client.bank.mass_edit(130)
    found = client.all_rows({"updated_at_from": now_text(client), "updated_at_to": now_text(client)})
    assert {row["id"] for row in found} == set(ids)
    assert len(ids) == 130
    client.clock.advance(hours=1)
    assert client.bank.mass_edit(ids[:3]) == ids[:3]
    assert client.row(ids[0])["updated_at"] == now_text(client)


def test_a_row_is_reversed(client: ApiClient) -> None:
    """A reversed row is not listed any more, and its amount is subtracted from the balance."""
    row, money = client.rows()[40], balance(client)
    client.clock.advance(hours=1)
    client.bank.reverse(row["id"])
    assert row["id"] not in {one["id"] for one in client.all_rows()}
    assert (client.row(row["id"])["status"], client.row(row["id"])["settled_balance"]) == ("reversed", None)
    assert balance(client) == money - signed_cents(row)
    assert client.bank.count(client.main, "reversed") == 1
    check_chain(client)


def test_a_receipt_is_attached(client: ApiClient) -> None:
    """An attached receipt changes ``updated_at``; a sixth receipt of a row is refused."""
    row = client.rows({"with_attachments": "false", "per_page": 1})[0]
    client.clock.advance(hours=1)
    ids = [client.bank.attach(row["id"]) for _ in range(5)]
    after = client.row(row["id"])
    assert (after["attachment_ids"], after["updated_at"]) == (ids, now_text(client))
    shown = client.get(f"/v2/attachments/{ids[0]}").json()["attachment"]
    assert shown["created_at"] == now_text(client)
    with pytest.raises(ValueError, match="5 attachments"):
        client.bank.attach(row["id"])


def test_a_member_is_removed(client: ApiClient) -> None:
    """A removed member is not listed any more, and rows still refer to that member."""
    members = client.get("/v2/memberships").json()["memberships"]
    client.bank.remove_member(members[2]["id"])
    assert client.get("/v2/memberships").json()["memberships"] == members[:2] + members[3:]
    assert members[2]["id"] in {row["initiator_id"] for row in client.all_rows()}
    with pytest.raises(ValueError, match="no such member"):
        client.bank.remove_member(members[2]["id"])


def test_unknown_ids_are_refused(client: ApiClient) -> None:
    """An unknown ID is an error that contains the ID."""
    with pytest.raises(ValueError, match="no such transaction: x"):
        client.bank.settle("x")
    with pytest.raises(ValueError, match="no such account: x"):
        client.bank.count("x")


def test_rows_shift_between_two_pages(client: ApiClient) -> None:
    """A row that arrives between page 1 and page 2 moves another row to page 2, which is read twice."""

    def add_row(simulator: Simulator, path: str) -> None:
        if "page=2" in path and "per_page" in path:
            client.clock.now += timedelta(seconds=1)
            simulator.bank.arrive(1)

    client.simulator.before_request = add_row
    ids = [row["id"] for row in client.all_rows({"per_page": 100, "sort_by": "created_at:desc"})]
    assert len(ids) == len(set(ids)) + 1


def test_rows_follow_the_clock(client: ApiClient) -> None:
    """The bank's own rows are those of the clock's time, even without a request."""
    client.clock.advance(days=60)
    statuses = [row["status"] for row in client.bank.truth(client.main)]
    assert statuses.count("pending") == client.bank.count(client.main, "pending") == 1
