"""What moves while somebody reads: mutators, and pending rows that fall due."""

from datetime import timedelta

import pytest

from primanota.simulator import Simulator
from tests.simulator.test_truth import chained, signed
from tests.simulator.visitor import Row, Visit, Visitor


def now_text(visitor: Visitor) -> str:
    """The clock as the bank writes it."""
    return visitor.clock.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def balance(visitor: Visitor) -> int:
    """The main account's balance in cents."""
    cents: int = visitor.get("/v2/organization").json()["organization"]["bank_accounts"][0]["balance_cents"]
    return cents


def check_chain(visitor: Visitor) -> None:
    """The main account's rows chain to its balance."""
    assert chained(list(visitor.bank.truth(visitor.main)))[-1]["settled_balance_cents"] == balance(visitor)


def pending(visitor: Visitor) -> list[Row]:
    """The main account's pending rows, the latest created first."""
    return visitor.rows({"status[]": "pending", "sort_by": "created_at:desc"})


def test_pending_completes_by_the_clock(visitor: Visitor) -> None:
    """When its time has come a pending row completes, with another amount, and the balance follows."""
    before = {row["id"]: row for row in pending(visitor)}
    visitor.clock.move(hours=31)
    done = [row for row in map(visitor.one, before) if row["status"] == "completed"]
    changed = [row for row in done if row["amount_cents"] != before[row["id"]]["amount_cents"]]
    assert changed
    assert all("2026-11-23T10:00" < row["settled_at"] == row["updated_at"] <= now_text(visitor) for row in done)
    check_chain(visitor)


def test_pending_is_declined_by_the_clock(visitor: Visitor) -> None:
    """Another is declined, its money never moves, and one waits for ever."""
    before = [row["id"] for row in pending(visitor)]
    visitor.clock.move(days=60)
    ends = [visitor.one(one)["status"] for one in before]
    assert {"declined", "pending", "completed"} == set(ends)
    assert all(visitor.one(one)["settled_at"] is None for one in before if visitor.one(one)["status"] == "declined")
    check_chain(visitor)


def test_due_in_their_order(visit: Visit) -> None:
    """Many rows that fall due together settle in the order of their due times."""
    visitor = visit(size=9000)
    visitor.clock.move(days=90)
    later = visitor.rows({"settled_at_from": "2026-11-23T10:00:00.001Z"})
    assert len(later) > 5
    check_chain(visitor)


def test_late_invoice(visitor: Visitor) -> None:
    """The invoice of the latest fee arrives a month after it and bumps updated_at."""
    fee = visitor.rows({"operation_type[]": "qonto_fee", "per_page": 1})[0]
    visitor.clock.move(days=40)
    after = visitor.one(fee["id"])
    assert len(after["attachment_ids"]) == 1
    assert after["updated_at"].startswith("2026-12-02")


def test_arrive(visitor: Visitor) -> None:
    """New rows are created now; some are pending; the chain goes on."""
    count, money = visitor.bank.count(visitor.main), balance(visitor)
    visitor.clock.move(minutes=5)
    ids = visitor.bank.arrive(9)
    rows = [visitor.one(one) for one in ids]
    assert visitor.bank.count(visitor.main) == count + 9
    assert {row["created_at"] for row in rows} == {now_text(visitor)}
    assert {row["status"] for row in rows} == {"completed", "pending"}
    assert balance(visitor) == money + sum(signed(row) for row in rows if row["status"] == "completed")
    check_chain(visitor)
    for account in visitor.bank.account_ids():
        assert len(visitor.bank.arrive(2, account)) == 2


def test_settle_and_decline(visitor: Visitor) -> None:
    """A test can complete one pending row and decline another at once; neither twice."""
    first, second, *_ = pending(visitor)
    visitor.clock.move(minutes=1)
    visitor.bank.settle(first["id"])
    visitor.bank.decline(second["id"])
    assert visitor.one(first["id"])["settled_at"] == now_text(visitor)
    assert visitor.one(second["id"])["status"] == "declined"
    assert visitor.one(second["id"])["updated_at"] == now_text(visitor)
    check_chain(visitor)
    with pytest.raises(ValueError, match="is completed, not pending"):
        visitor.bank.settle(first["id"])


def test_edit(visitor: Visitor) -> None:
    """An edit changes the named fields and updated_at, nothing else."""
    row = visitor.rows()[5]
    label = visitor.get("/v2/labels").json()["labels"][2]
    visitor.clock.move(days=2)
    visitor.bank.edit(row["id"], note="Neu; „so“ 🚲", label_ids=[label["id"]], vat_amount_cents=119, vat_rate=19.0)
    after = visitor.get(f"/v2/transactions/{row['id']}", {"includes[]": "labels"}).json()["transaction"]
    assert after.pop("labels") == [label]
    edits = {"note": "Neu; „so“ 🚲", "label_ids": [label["id"]], "vat_amount_cents": 119, "vat_amount": 1.19}
    assert after == {**row, **edits, "vat_rate": 19.0, "updated_at": now_text(visitor)}
    assert visitor.rows({"sort_by": "updated_at:desc", "per_page": 1})[0]["id"] == row["id"]
    with pytest.raises(ValueError, match="has no amount"):
        visitor.bank.edit(row["id"], amount=1)


def test_mass_edit(visitor: Visitor) -> None:
    """One edit of many rows gives them one updated_at; the rows can be named or counted."""
    visitor.clock.move(hours=1)
    ids = visitor.bank.mass_edit(130)
    found = visitor.everything({"updated_at_from": now_text(visitor), "updated_at_to": now_text(visitor)})
    assert {row["id"] for row in found} == set(ids)
    assert len(ids) == 130
    visitor.clock.move(hours=1)
    assert visitor.bank.mass_edit(ids[:3]) == ids[:3]
    assert visitor.one(ids[0])["updated_at"] == now_text(visitor)


def test_reverse(visitor: Visitor) -> None:
    """A reversed row can no longer be asked for in a list, and the balances after it follow."""
    row, money = visitor.rows()[40], balance(visitor)
    visitor.clock.move(hours=1)
    visitor.bank.reverse(row["id"])
    assert row["id"] not in {one["id"] for one in visitor.everything()}
    assert (visitor.one(row["id"])["status"], visitor.one(row["id"])["settled_balance"]) == ("reversed", None)
    assert balance(visitor) == money - signed(row)
    assert visitor.bank.count(visitor.main, "reversed") == 1
    check_chain(visitor)


def test_attach(visitor: Visitor) -> None:
    """A receipt appears now, bumps updated_at, and there are never more than five."""
    row = visitor.rows({"with_attachments": "false", "per_page": 1})[0]
    visitor.clock.move(hours=1)
    ids = [visitor.bank.attach(row["id"]) for _ in range(5)]
    after = visitor.one(row["id"])
    assert (after["attachment_ids"], after["updated_at"]) == (ids, now_text(visitor))
    shown = visitor.get(f"/v2/attachments/{ids[0]}").json()["attachment"]
    assert shown["created_at"] == now_text(visitor)
    with pytest.raises(ValueError, match="5 attachments"):
        visitor.bank.attach(row["id"])


def test_remove_member(visitor: Visitor) -> None:
    """A member who leaves is on no list any more; the rows still name them."""
    members = visitor.get("/v2/memberships").json()["memberships"]
    visitor.bank.remove_member(members[2]["id"])
    assert visitor.get("/v2/memberships").json()["memberships"] == members[:2] + members[3:]
    assert members[2]["id"] in {row["initiator_id"] for row in visitor.everything()}
    with pytest.raises(ValueError, match="no such member"):
        visitor.bank.remove_member(members[2]["id"])


def test_unknown_ids(visitor: Visitor) -> None:
    """An id that the bank does not know is an error that names it."""
    with pytest.raises(ValueError, match="no such transaction: x"):
        visitor.bank.settle("x")
    with pytest.raises(ValueError, match="no such account: x"):
        visitor.bank.count("x")


def test_rows_shift_between_two_pages(visitor: Visitor) -> None:
    """A row that arrives between page 1 and page 2 pushes another one over: it is seen twice."""

    def arriving(box: Simulator, path: str) -> None:
        if "page=2" in path and "per_page" in path:
            visitor.clock.now += timedelta(seconds=1)
            box.bank.arrive(1)

    visitor.box.before_request = arriving
    ids = [row["id"] for row in visitor.everything({"per_page": 100, "sort_by": "created_at:desc"})]
    assert len(ids) == len(set(ids)) + 1


def test_truth_follows_the_clock(visitor: Visitor) -> None:
    """The truth is that of the moment at which it is asked, without any request."""
    visitor.clock.move(days=60)
    statuses = [row["status"] for row in visitor.bank.truth(visitor.main)]
    assert statuses.count("pending") == visitor.bank.count(visitor.main, "pending") == 1
