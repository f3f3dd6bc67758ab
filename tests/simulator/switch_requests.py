"""Proofs of the switches about how requests are read: keys, accounts, statuses, orders, pages, dates."""

from tests.simulator.proofs import switch
from tests.simulator.visitor import Params, Visitor

NOBODY = "00000000-0000-4000-8000-000000000000"
SPAN = "2026-03-01T00:00:00.000Z"


def total(visitor: Visitor, params: Params | None = None) -> int:
    """How many rows of the main account a request finds."""
    answer = visitor.ask(params)
    assert answer.status_code == 200, answer.text
    count: int = answer.json()["meta"]["total_count"]
    return count


def refused_alone(on: Visitor, off: Visitor, params: Params, status: int) -> None:
    """The switch refuses what is served without it."""
    assert on.refusal(params)[0] == status
    assert off.ask(params).status_code == 200


@switch("missing-header-400")
def _missing_header(on: Visitor, off: Visitor) -> None:
    for visitor, status in ((on, 400), (off, 401)):
        del visitor.client.headers["Authorization"]
        assert visitor.get("/v2/labels").status_code == status


@switch("gateway-auth")
def _gateway_auth(on: Visitor, off: Visitor) -> None:
    answer = on.get("/v2/labels", headers={"Authorization": "x:y"})
    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthorized", "trace_id": answer.headers["x-tyk-trace-id"]}
    assert "errors" in off.get("/v2/labels", headers={"Authorization": "x:y"}).json()


@switch("secret-alone")
def _secret_alone(on: Visitor, off: Visitor) -> None:
    for visitor, status in ((on, 200), (off, 401)):
        assert visitor.get("/v2/labels", headers={"Authorization": visitor.box.secret}).status_code == status
    assert on.get("/v2/labels").status_code == 200


@switch("sandbox")
def _sandbox(on: Visitor, off: Visitor) -> None:
    answer = on.get("/v2/labels")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    right = {"X-Qonto-Staging-Token": on.box.staging_token}
    assert on.get("/v2/labels", headers=right).json() == off.get("/v2/labels").json()


@switch("sandbox-redirect")
def _sandbox_redirect(on: Visitor, _: Visitor) -> None:
    assert on.get("/v2/labels").status_code == 302
    assert "login" in on.get("/v2/labels").headers["Location"]
    right = {"X-Qonto-Staging-Token": on.box.staging_token}
    assert on.get("/v2/labels", headers=right).status_code == 200


@switch("retry-after")
def _retry_after(on: Visitor, off: Visitor) -> None:
    for visitor in (on, off):
        for _ in range(1000):
            visitor.box._state.limits.allow("127.0.0.1", visitor.bank.now())
    assert on.get("/v2/labels").headers["Retry-After"] == "10"
    assert "Retry-After" not in off.get("/v2/labels").headers


@switch("no-selector-400")
def _no_selector(on: Visitor, off: Visitor) -> None:
    assert (on.get("/v2/transactions").status_code, off.get("/v2/transactions").status_code) == (400, 422)


@switch("unknown-account-empty")
def _unknown_account(on: Visitor, off: Visitor) -> None:
    assert on.rows(account=NOBODY) == []
    assert off.ask(account=NOBODY).status_code == 404


@switch("slug-selects")
def _slug(on: Visitor, off: Visitor) -> None:
    slug = str(on.bank.accounts()[0]["slug"])
    assert on.get("/v2/transactions", {"slug": slug}).json() == on.ask().json()
    assert off.get("/v2/transactions", {"slug": slug}).status_code == 422


@switch("status-one-only")
def _one_status(on: Visitor, off: Visitor) -> None:
    both: Params = {"status[]": ["pending", "completed"]}
    assert total(on, both) == total(off, {"status[]": "pending"}) < total(off, both)


@switch("status-joined-empty")
def _joined(on: Visitor, off: Visitor) -> None:
    assert total(on, {"status[]": "completed,pending"}) == 0
    assert off.refusal({"status[]": "completed,pending"})[0] == 400


@switch("reversed-listed")
def _reversed(on: Visitor, off: Visitor) -> None:
    row = on.rows()[0]
    on.bank.reverse(row["id"])
    assert [one["id"] for one in on.rows({"status[]": "reversed"})] == [row["id"]]
    assert off.refusal({"status[]": "reversed"})[0] == 400


@switch("unstable-ties")
def _unstable(on: Visitor, off: Visitor) -> None:
    asked: Params = {"sort_by": "created_at:asc"}
    on.bank.arrive(150)
    off.bank.arrive(150)
    last: Params = {**asked, "page": off.ask(asked).json()["meta"]["total_pages"]}
    assert len({on.ask(last).content for _ in range(5)}) == 5
    assert len({off.ask(last).content for _ in range(5)}) == 1
    created = [row["created_at"] for row in on.rows({**asked, "page": 2})]
    assert created == sorted(created)


@switch("nulls-first")
def _nulls_first(on: Visitor, off: Visitor) -> None:
    asked: Params = {"status[]": ["pending", "completed"]}
    assert (on.rows(asked)[0]["settled_at"], off.everything(asked)[-1]["settled_at"]) == (None, None)


@switch("sort-ignored")
def _sort_ignored(on: Visitor, off: Visitor) -> None:
    assert on.rows({"sort_by": "created_at:asc"}) == on.rows() != off.rows({"sort_by": "created_at:asc"})


@switch("sort-refused")
def _sort_refused(on: Visitor, off: Visitor) -> None:
    refused_alone(on, off, {"sort_by": "updated_at:asc"}, 400)
    assert on.rows({"sort_by": "settled_at:desc"}) == off.rows()


@switch("created-at-sort-refused")
def _created_sort_refused(on: Visitor, off: Visitor) -> None:
    refused_alone(on, off, {"sort_by": "created_at:asc"}, 400)
    assert total(on, {"created_at_from": SPAN}) == total(off, {"created_at_from": SPAN})


@switch("current-page-ignored")
def _current_page_ignored(on: Visitor, off: Visitor) -> None:
    assert on.rows({"current_page": 2}) == on.rows() != off.rows({"current_page": 2})


@switch("current-page-422")
def _current_page_refused(on: Visitor, off: Visitor) -> None:
    refused_alone(on, off, {"current_page": 1}, 422)


@switch("bad-page-default")
def _bad_page(on: Visitor, off: Visitor) -> None:
    assert on.ask({"page": 0, "per_page": "many"}).json() == on.ask().json()
    assert off.refusal({"page": 0})[0] == 422


@switch("beyond-last-empty")
def _beyond(on: Visitor, off: Visitor) -> None:
    assert on.rows({"page": 9}) == []
    assert off.refusal({"page": 9})[0] == 422


@switch("empty-zero-pages")
def _zero_pages(on: Visitor, off: Visitor) -> None:
    nothing: Params = {"operation_type[]": "f24"}
    assert on.ask(nothing).json()["meta"]["total_pages"] == 0
    assert off.ask(nothing).json()["meta"]["total_pages"] == 1


@switch("deep-cap-422")
def _deep_422(on: Visitor, off: Visitor) -> None:
    refused_alone(on, off, {"per_page": 50, "page": 4}, 422)
    assert on.ask({"per_page": 50, "page": 3}).status_code == 200


@switch("deep-cap-400")
def _deep_400(on: Visitor, off: Visitor) -> None:
    refused_alone(on, off, {"per_page": 50, "page": 4}, 400)
    assert on.ask({"per_page": 50, "page": 3}).status_code == 200


@switch("result-cap-422")
def _result_cap(on: Visitor, off: Visitor) -> None:
    assert on.refusal({"per_page": 1}) == (422, "search_limit_reached")
    assert on.ask({"settled_at_from": "2026-08-01"}).status_code == off.ask().status_code == 200


@switch("per-page-50")
def _per_page(on: Visitor, off: Visitor) -> None:
    answer = on.ask({"per_page": 100}).json()
    assert (len(answer["transactions"]), answer["meta"]["per_page"]) == (50, 50)
    assert len(off.rows()) == 100


@switch("next-page-missing")
def _no_next(on: Visitor, off: Visitor) -> None:
    assert off.ask().json()["meta"].keys() - on.ask().json()["meta"].keys() == {"next_page", "prev_page"}


@switch("to-exclusive")
def _exclusive(on: Visitor, off: Visitor) -> None:
    last = off.rows()[0]["settled_at"]
    assert total(on, {"settled_at_to": last}) == total(off, {"settled_at_to": last}) - 1


@switch("to-truncates-seconds")
def _truncates(on: Visitor, off: Visitor) -> None:
    row = next(row for row in off.rows() if not row["settled_at"].endswith(".000Z"))
    asked: Params = {"settled_at_from": row["settled_at"], "settled_at_to": row["settled_at"]}
    assert (total(on, asked), total(off, asked)) == (0, 1)


@switch("to-date-whole-day")
def _whole_day(on: Visitor, off: Visitor) -> None:
    day: Params = {"settled_at_from": "2026-11-01", "settled_at_to": "2026-11-01"}
    assert total(on, day) > total(off, day) == 0


@switch("bad-date-400")
def _bad_date(on: Visitor, off: Visitor) -> None:
    assert (on.refusal({"settled_at_to": "x"})[0], off.refusal({"settled_at_to": "x"})[0]) == (400, 422)


@switch("future-year-refused")
def _future(on: Visitor, off: Visitor) -> None:
    refused_alone(on, off, {"settled_at_to": "2027-01-01T00:00:00.000Z"}, 422)
    assert on.ask({"settled_at_to": "2026-12-31T23:59:59.999Z"}).status_code == 200


@switch("created-at-ignored")
def _created_ignored(on: Visitor, off: Visitor) -> None:
    assert total(on, {"created_at_from": SPAN, "created_at_to": SPAN}) == total(off)
    assert total(on, {"settled_at_from": SPAN}) < total(off)


@switch("created-at-refused")
def _created_refused(on: Visitor, off: Visitor) -> None:
    refused_alone(on, off, {"created_at_from": SPAN}, 400)
    refused_alone(on, off, {"sort_by": "created_at:asc"}, 400)


@switch("emitted-at-ignored")
def _emitted_ignored(on: Visitor, off: Visitor) -> None:
    assert total(on, {"emitted_at_to": SPAN}) == total(off) > total(off, {"emitted_at_to": SPAN})


@switch("emitted-at-refused")
def _emitted_refused(on: Visitor, off: Visitor) -> None:
    refused_alone(on, off, {"emitted_at_to": SPAN}, 400)
    refused_alone(on, off, {"sort_by": "emitted_at:asc"}, 400)


@switch("date-filters-ignored")
def _dates_ignored(on: Visitor, off: Visitor) -> None:
    for name in ("settled_at", "updated_at", "emitted_at", "created_at"):
        assert total(on, {f"{name}_from": SPAN, f"{name}_to": SPAN}) == total(off)
