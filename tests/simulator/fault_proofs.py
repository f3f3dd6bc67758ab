"""Proofs of the faults: that each strikes as its sentence says, and that the transient ones pass."""

from collections.abc import Callable

import httpx2
import pytest

from tests.simulator.proofs import fault
from tests.simulator.visitor import Params, Row, Visit, Visitor

ANSWERS = {
    "429-retry-after": (429, "application/json", "too_many_requests"),
    "429-bare": (429, "text/plain; charset=utf-8", ""),
    "500-json": (500, "application/json", "internal_server_error"),
    "500-empty": (500, "text/plain; charset=utf-8", ""),
    "503-html": (503, "text/html; charset=utf-8", "Unavailable"),
}
BROKEN: dict[str, type[httpx2.TransportError]] = {
    "reset": httpx2.ReadError,
    "truncated": httpx2.RemoteProtocolError,
    "timeout": httpx2.ReadTimeout,
}
BY_CREATION: Params = {"sort_by": "created_at:asc", "status[]": ["completed", "pending", "declined"]}


def codes(visitor: Visitor, times: int) -> list[int]:
    """The statuses of some requests."""
    return [visitor.get("/v2/labels").status_code for _ in range(times)]


def walk(visitor: Visitor) -> list[Row]:
    """All rows of the main account, without believing meta's next_page."""
    first = visitor.ask(BY_CREATION).json()
    pages = first["meta"]["total_pages"]
    found = first["transactions"]
    for page in range(2, pages + 1):
        found = found + visitor.rows({**BY_CREATION, "page": page})
    return list(found)


def differs(visitor: Visitor) -> bool:
    """Whether walking through everything gives something else than the truth."""
    return walk(visitor) != list(visitor.bank.truth(visitor.main))


def odd_rows(visitor: Visitor, odd: Callable[[Row], bool]) -> int:
    """How many rows of the main account are odd."""
    return sum(map(odd, walk(visitor)))


@fault(*ANSWERS)
def _fifth_answer(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    status, form, text = ANSWERS[name]
    assert codes(visitor, 2) == [200, 200]
    struck = visitor.get("/v2/labels")
    assert (struck.status_code, struck.headers["Content-Type"]) == (status, form)
    assert text in struck.text
    if form == "application/json":
        assert struck.json()["trace_id"] == struck.headers["X-Tyk-Trace-Id"]
    assert struck.headers.get("Retry-After") == ("1" if name == "429-retry-after" else None)
    assert codes(visitor, 6) == [200, 200, 200, 200, status, 200]


@fault(*BROKEN)
def _broken_connection(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    codes(visitor, 2)
    with pytest.raises(BROKEN[name]):
        visitor.get("/v2/labels")
    assert codes(visitor, 4) == [200] * 4
    with pytest.raises(BROKEN[name]):
        visitor.ask()


@fault("slow-start")
def _slow_start(visit: Visit, name: str) -> None:
    assert codes(visit(faults=[name]), 3) == [500, 200, 200]


@fault("gateway-403")
def _gateway(visit: Visit, name: str) -> None:
    answer = visit(faults=[name]).ask()
    assert answer.status_code == 403
    assert answer.json() == {"message": "Forbidden", "trace_id": answer.headers["X-Tyk-Trace-Id"]}


@fault("cloudflare-1010")
def _banned_agent(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    banned = visitor.get("/v2/labels", headers={"User-Agent": "Python-urllib/3.12"})
    assert (banned.status_code, banned.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert "error code: 1010" in banned.text
    assert codes(visitor, 1) == [200]


@fault("html-200")
def _html(visit: Visit, name: str) -> None:
    answer = visit(faults=[name]).ask()
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")


@fault("key-revoked")
def _revoked(visit: Visit, name: str) -> None:
    assert codes(visit(faults=[name]), 7) == [200] * 5 + [401] * 2
    assert codes(visit(faults=[name], key_revoked_after=1), 3) == [200, 401, 401]


@fault("forbidden")
def _forbidden(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    assert [visitor.get(path).status_code for path in ("/v2/memberships", "/v2/labels")] == [403, 403]
    assert visitor.ask().status_code == visitor.get("/v2/organization").status_code == 200


@fault("down")
def _down(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    assert codes(visitor, 3) == [503] * 3
    assert visitor.ask().status_code == 503


@fault("wrong-page")
def _wrong_page_once(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    first = visitor.ask().json()
    assert visitor.ask({"page": 2}).json() == first
    assert visitor.ask({"page": 2}).json() != first
    assert not differs(visitor)


@fault("wrong-page-always")
def _wrong_page_always(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    assert visitor.ask({"page": 2}).json() == visitor.ask({"page": 3}).json() == visitor.ask().json()


@fault("row-missing-once", "row-twice-once", "rows-unordered-once")
def _once(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    assert visitor.ask({"per_page": 1}).json()["transactions"]
    bad, good = (visitor.ask(BY_CREATION).json() for _ in range(2))
    assert bad["meta"] == good["meta"]
    ids, right = ([row["id"] for row in page["transactions"]] for page in (bad, good))
    expected = {
        "row-missing-once": right[:50] + right[51:],
        "row-twice-once": right[:-1] + right[:1],
        "rows-unordered-once": right[::-1],
    }
    assert ids == expected[name]
    assert not differs(visitor)


@fault("row-missing-always")
def _missing(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    for _ in range(2):
        assert len(walk(visitor)) == visitor.bank.count(visitor.main) - 1
    assert visitor.ask(BY_CREATION).json()["meta"]["total_count"] == visitor.bank.count(visitor.main)


@fault("row-twice-always")
def _twice(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    for _ in range(2):
        ids = [row["id"] for row in walk(visitor)]
        assert len(set(ids)) < len(ids) == visitor.bank.count(visitor.main)


@fault("total-count-wrong-once", "total-count-wrong-always")
def _miscounted(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    right = visitor.bank.count(visitor.main, "completed")
    counts = [visitor.ask().json()["meta"]["total_count"] - right for _ in range(3)]
    assert counts == ([1, 0, 0] if name.endswith("once") else [7, 7, 7])


@fault("rows-outside-filter")
def _outside(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    for account in visitor.bank.account_ids():
        rows = visitor.rows(account=account)
        assert [row["bank_account_id"] == account for row in rows] == [True] * (len(rows) - 1) + [False]


@fault("balance-gap")
def _gap(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    truth = {row["id"]: row for row in visitor.bank.truth(visitor.main)}
    (lost,) = truth.keys() - {row["id"] for row in walk(visitor)}
    assert visitor.ask(BY_CREATION).json()["meta"]["total_count"] == len(truth) - 1
    assert truth[lost]["status"] == "completed"
    assert visitor.get(f"/v2/transactions/{lost}").status_code == 404
    visitor.clock.move(days=90)
    assert lost not in {row["id"] for row in walk(visitor)}


@fault("balance-wrong")
def _balance(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    inside = visitor.get("/v2/organization").json()["organization"]["bank_accounts"]
    listed = visitor.get("/v2/bank_accounts").json()["bank_accounts"]
    true = visitor.bank.accounts()
    for account, other, right in zip(inside, listed, true, strict=False):
        wrong = 1 if account["main"] else 0
        assert account["balance_cents"] - wrong == other["balance_cents"] - wrong == right["balance_cents"]


@fault("broken-cents", "row-without-id", "amount-missing", "bad-date")
def _odd_row(visit: Visit, name: str) -> None:
    visitor = visit(faults=[name])
    odd: dict[str, Callable[[Row], bool]] = {
        "broken-cents": lambda row: round(row["amount"] * 100) == row["amount_cents"] + 1,
        "row-without-id": lambda row: "id" not in row,
        "amount-missing": lambda row: not {"amount", "amount_cents"} & row.keys(),
        "bad-date": lambda row: (row["settled_at"] or "").startswith("2026-13"),
    }
    assert odd_rows(visitor, odd[name]) == odd_rows(visitor, odd[name]) == 1
    alone = [visitor.one(row["id"]) for row in visitor.bank.truth(visitor.main)]
    assert sum(map(odd[name], alone)) == 1
    assert odd_rows(visit(), odd[name]) == 0


@fault("null-transactions")
def _null(visit: Visit, name: str) -> None:
    assert visit(faults=[name]).ask().json()["transactions"] is None
