"""Checks of the switches about requests: keys, accounts, statuses, orders, pages, dates."""

from tests.simulator.api_client import EVERY_STATUS, ApiClient, Params
from tests.simulator.balance_chain import ties_out_of_order
from tests.simulator.check_registry import checks_switch

UNKNOWN_ACCOUNT = "00000000-0000-4000-8000-000000000000"
A_DATE = "2026-03-01T00:00:00.000Z"


def total(client: ApiClient, params: Params | None = None) -> int:
    """Return how many rows of the main account a request finds."""
    answer = client.list_transactions(params)
    assert answer.status_code == 200, answer.text
    count: int = answer.json()["meta"]["total_count"]
    return count


def assert_refused_with_switch(on: ApiClient, off: ApiClient, params: Params, status: int) -> None:
    """Assert that the request is refused with the switch and served without it."""
    assert on.error(params)[0] == status
    assert off.list_transactions(params).status_code == 200


@checks_switch("missing-header-400")
def _missing_header(on: ApiClient, off: ApiClient) -> None:
    for client, status in ((on, 400), (off, 401)):
        del client.http.headers["Authorization"]
        assert client.get("/v2/labels").status_code == status


@checks_switch("gateway-auth")
def _gateway_auth(on: ApiClient, off: ApiClient) -> None:
    answer = on.get("/v2/labels", headers={"Authorization": "x:y"})
    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthorized", "trace_id": answer.headers["x-tyk-trace-id"]}
    assert "errors" in off.get("/v2/labels", headers={"Authorization": "x:y"}).json()


@checks_switch("secret-alone")
def _secret_alone(on: ApiClient, off: ApiClient) -> None:
    for client, status in ((on, 200), (off, 401)):
        assert client.get("/v2/labels", headers={"Authorization": client.simulator.secret}).status_code == status
    assert on.get("/v2/labels").status_code == 200


@checks_switch("sandbox")
def _sandbox(on: ApiClient, off: ApiClient) -> None:
    answer = on.get("/v2/labels")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    right = {"X-Qonto-Staging-Token": on.simulator.staging_token}
    assert on.get("/v2/labels", headers=right).json() == off.get("/v2/labels").json()


@checks_switch("sandbox-redirect")
def _sandbox_redirect(on: ApiClient, _: ApiClient) -> None:
    assert on.get("/v2/labels").status_code == 302
    assert "login" in on.get("/v2/labels").headers["Location"]
    right = {"X-Qonto-Staging-Token": on.simulator.staging_token}
    assert on.get("/v2/labels", headers=right).status_code == 200


@checks_switch("retry-after")
def _retry_after(on: ApiClient, off: ApiClient) -> None:
    for client in (on, off):
        for _ in range(1000):
            client.simulator._state.limits.allow("127.0.0.1", client.bank.now())
    assert on.get("/v2/labels").headers["Retry-After"] == "10"
    assert "Retry-After" not in off.get("/v2/labels").headers


@checks_switch("no-selector-400")
def _no_selector(on: ApiClient, off: ApiClient) -> None:
    assert (on.get("/v2/transactions").status_code, off.get("/v2/transactions").status_code) == (400, 422)


@checks_switch("unknown-account-empty")
def _unknown_account(on: ApiClient, off: ApiClient) -> None:
    assert on.rows(account=UNKNOWN_ACCOUNT) == []
    assert off.list_transactions(account=UNKNOWN_ACCOUNT).status_code == 404


@checks_switch("slug-selects")
def _slug(on: ApiClient, off: ApiClient) -> None:
    slug = str(on.bank.accounts()[0]["slug"])
    assert on.get("/v2/transactions", {"slug": slug}).json() == on.list_transactions().json()
    assert off.get("/v2/transactions", {"slug": slug}).status_code == 422


@checks_switch("status-one-only")
def _one_status(on: ApiClient, off: ApiClient) -> None:
    both: Params = {"status[]": ["pending", "completed"]}
    assert total(on, both) == total(off, {"status[]": "pending"}) < total(off, both)


@checks_switch("status-joined-empty")
def _joined(on: ApiClient, off: ApiClient) -> None:
    assert total(on, {"status[]": "completed,pending"}) == 0
    assert off.error({"status[]": "completed,pending"})[0] == 400


@checks_switch("reversed-refused")
def _reversed_refused(on: ApiClient, off: ApiClient) -> None:
    for client in (on, off):
        client.bank.reverse(client.rows()[0]["id"])
    assert on.error({"status[]": ["reversed", "completed"]}) == (400, "not_in_list")
    assert [row["status"] for row in off.rows({"status[]": "reversed"})] == ["reversed"]


@checks_switch("reversed-ignored")
def _reversed_ignored(on: ApiClient, off: ApiClient) -> None:
    for client in (on, off):
        client.bank.reverse(client.rows()[0]["id"])
    assert on.rows({"status[]": "reversed"}) == on.rows()
    assert on.rows({"status[]": ["reversed", "pending"]}) == on.rows({"status[]": "pending"})
    assert total(off, {"status[]": ["reversed", "pending"]}) == 1 + total(off, {"status[]": "pending"})


@checks_switch("pending-released")
def _released(on: ApiClient, off: ApiClient) -> None:
    before = [row["id"] for row in on.rows({"status[]": "pending", "operation_type[]": "card"})]
    on.clock.advance(hours=31)
    released = [row for row in map(on.row, before) if row["status"] == "reversed"]
    assert {row["id"] for row in released} == {
        one for one in before if off.row(one)["status"] not in {"pending", "declined"}
    }
    assert released
    assert all(row["settled_at"] is row["settled_balance"] is None for row in released)


@checks_switch("pending-disappears")
def _disappears(on: ApiClient, off: ApiClient) -> None:
    before = [row["id"] for row in on.rows({"status[]": "pending", "operation_type[]": "card"})]
    on.clock.advance(hours=31)
    gone = [one for one in before if on.get(f"/v2/transactions/{one}").status_code == 404]
    assert gone == [one for one in before if off.row(one)["status"] not in {"pending", "declined"}] != []
    assert not {row["id"] for row in on.all_rows({"status[]": [*EVERY_STATUS, "reversed"]})} & set(gone)


@checks_switch("ties-unlike-balances")
def _ties(on: ApiClient, off: ApiClient) -> None:
    for sort_by in ("settled_at", "created_at"):
        served = [client.all_rows({"sort_by": f"{sort_by}:asc", "status[]": "completed"}) for client in (on, off)]
        assert {row["id"] for row in served[0]} == {row["id"] for row in served[1]}
        assert [row[sort_by] for row in served[0]] == [row[sort_by] for row in served[1]]
        assert [ties_out_of_order(rows, sort_by) for rows in served] == [True, False]


@checks_switch("unstable-ties")
def _unstable(on: ApiClient, off: ApiClient) -> None:
    asked: Params = {"sort_by": "created_at:asc"}
    on.bank.arrive(150)
    off.bank.arrive(150)
    last: Params = {**asked, "page": off.list_transactions(asked).json()["meta"]["total_pages"]}
    assert len({on.list_transactions(last).content for _ in range(5)}) == 5
    assert len({off.list_transactions(last).content for _ in range(5)}) == 1
    created = [row["created_at"] for row in on.rows({**asked, "page": 2})]
    assert created == sorted(created)


@checks_switch("nulls-first")
def _nulls_first(on: ApiClient, off: ApiClient) -> None:
    asked: Params = {"status[]": ["pending", "completed"]}
    assert (on.rows(asked)[0]["settled_at"], off.all_rows(asked)[-1]["settled_at"]) == (None, None)


@checks_switch("sort-ignored")
def _sort_ignored(on: ApiClient, off: ApiClient) -> None:
    assert on.rows({"sort_by": "created_at:asc"}) == on.rows() != off.rows({"sort_by": "created_at:asc"})


@checks_switch("sort-refused")
def _sort_refused(on: ApiClient, off: ApiClient) -> None:
    assert_refused_with_switch(on, off, {"sort_by": "updated_at:asc"}, 400)
    assert on.rows({"sort_by": "settled_at:desc"}) == off.rows()


@checks_switch("created-at-sort-refused")
def _created_sort_refused(on: ApiClient, off: ApiClient) -> None:
    assert_refused_with_switch(on, off, {"sort_by": "created_at:asc"}, 400)
    assert total(on, {"created_at_from": A_DATE}) == total(off, {"created_at_from": A_DATE})


@checks_switch("current-page-ignored")
def _current_page_ignored(on: ApiClient, off: ApiClient) -> None:
    assert on.rows({"current_page": 2}) == on.rows() != off.rows({"current_page": 2})


@checks_switch("current-page-422")
def _current_page_refused(on: ApiClient, off: ApiClient) -> None:
    assert_refused_with_switch(on, off, {"current_page": 1}, 422)


@checks_switch("bad-page-default")
def _bad_page(on: ApiClient, off: ApiClient) -> None:
    assert on.list_transactions({"page": 0, "per_page": "many"}).json() == on.list_transactions().json()
    assert off.error({"page": 0})[0] == 422


@checks_switch("beyond-last-empty")
def _beyond(on: ApiClient, off: ApiClient) -> None:
    assert on.rows({"page": 9}) == []
    assert off.error({"page": 9})[0] == 422


@checks_switch("empty-zero-pages")
def _zero_pages(on: ApiClient, off: ApiClient) -> None:
    nothing: Params = {"operation_type[]": "f24"}
    assert on.list_transactions(nothing).json()["meta"]["total_pages"] == 0
    assert off.list_transactions(nothing).json()["meta"]["total_pages"] == 1


@checks_switch("empty-422")
def _empty_422(on: ApiClient, off: ApiClient) -> None:
    nothing: Params = {"operation_type[]": "f24"}
    assert [client.list_transactions(nothing).status_code for client in (on, off)] == [422, 200]
    assert on.list_transactions().status_code == 200


@checks_switch("deep-cap-422")
def _deep_422(on: ApiClient, off: ApiClient) -> None:
    assert_refused_with_switch(on, off, {"per_page": 50, "page": 4}, 422)
    assert on.list_transactions({"per_page": 50, "page": 3}).status_code == 200


@checks_switch("deep-cap-400")
def _deep_400(on: ApiClient, off: ApiClient) -> None:
    assert_refused_with_switch(on, off, {"per_page": 50, "page": 4}, 400)
    assert on.list_transactions({"per_page": 50, "page": 3}).status_code == 200


@checks_switch("result-cap-422")
def _result_cap(on: ApiClient, off: ApiClient) -> None:
    assert on.error({"per_page": 1}) == (422, "search_limit_reached")
    assert (
        on.list_transactions({"settled_at_from": "2026-08-01"}).status_code
        == off.list_transactions().status_code
        == 200
    )


@checks_switch("per-page-50")
def _per_page(on: ApiClient, off: ApiClient) -> None:
    answer = on.list_transactions({"per_page": 100}).json()
    assert (len(answer["transactions"]), answer["meta"]["per_page"]) == (50, 50)
    assert len(off.rows()) == 100


@checks_switch("next-page-missing")
def _no_next(on: ApiClient, off: ApiClient) -> None:
    assert off.list_transactions().json()["meta"].keys() - on.list_transactions().json()["meta"].keys() == {
        "next_page",
        "prev_page",
    }


@checks_switch("to-exclusive")
def _exclusive(on: ApiClient, off: ApiClient) -> None:
    last = off.rows()[0]["settled_at"]
    assert total(on, {"settled_at_to": last}) == total(off, {"settled_at_to": last}) - 1


@checks_switch("to-truncates-seconds")
def _truncates(on: ApiClient, off: ApiClient) -> None:
    row = next(row for row in off.rows() if not row["settled_at"].endswith(".000Z"))
    asked: Params = {"settled_at_from": row["settled_at"], "settled_at_to": row["settled_at"]}
    assert (total(on, asked), total(off, asked)) == (0, 1)


@checks_switch("to-date-whole-day")
def _whole_day(on: ApiClient, off: ApiClient) -> None:
    day: Params = {"settled_at_from": "2026-11-01", "settled_at_to": "2026-11-01"}
    assert total(on, day) > total(off, day) == 0


@checks_switch("bad-date-400")
def _bad_date(on: ApiClient, off: ApiClient) -> None:
    assert (on.error({"settled_at_to": "x"})[0], off.error({"settled_at_to": "x"})[0]) == (400, 422)


@checks_switch("future-year-refused")
def _future(on: ApiClient, off: ApiClient) -> None:
    assert_refused_with_switch(on, off, {"settled_at_to": "2027-01-01T00:00:00.000Z"}, 422)
    assert on.list_transactions({"settled_at_to": "2026-12-31T23:59:59.999Z"}).status_code == 200


@checks_switch("created-at-ignored")
def _created_ignored(on: ApiClient, off: ApiClient) -> None:
    assert total(on, {"created_at_from": A_DATE, "created_at_to": A_DATE}) == total(off)
    assert total(on, {"settled_at_from": A_DATE}) < total(off)


@checks_switch("created-at-refused")
def _created_refused(on: ApiClient, off: ApiClient) -> None:
    assert_refused_with_switch(on, off, {"created_at_from": A_DATE}, 400)
    assert_refused_with_switch(on, off, {"sort_by": "created_at:asc"}, 400)


@checks_switch("emitted-at-ignored")
def _emitted_ignored(on: ApiClient, off: ApiClient) -> None:
    assert total(on, {"emitted_at_to": A_DATE}) == total(off) > total(off, {"emitted_at_to": A_DATE})


@checks_switch("emitted-at-refused")
def _emitted_refused(on: ApiClient, off: ApiClient) -> None:
    assert_refused_with_switch(on, off, {"emitted_at_to": A_DATE}, 400)
    assert_refused_with_switch(on, off, {"sort_by": "emitted_at:asc"}, 400)


@checks_switch("date-filters-ignored")
def _dates_ignored(on: ApiClient, off: ApiClient) -> None:
    for name in ("settled_at", "updated_at", "emitted_at", "created_at"):
        assert total(on, {f"{name}_from": A_DATE, f"{name}_to": A_DATE}) == total(off)
