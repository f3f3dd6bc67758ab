"""Checks of the faults: each has the effect that its description states, and transient ones do not recur."""

from collections.abc import Callable

import httpx2
import pytest

from tests.simulator.api_client import ApiClient, OpenClient, Params, Row
from tests.simulator.check_registry import checks_fault

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


def codes(client: ApiClient, times: int) -> list[int]:
    """Return the status codes of some requests."""
    return [client.get("/v2/labels").status_code for _ in range(times)]


def read_pages(client: ApiClient) -> list[Row]:
    """Return all rows of the main account, page by page without using next_page."""
    first = client.list_transactions(BY_CREATION).json()
    pages = first["meta"]["total_pages"]
    found = first["transactions"]
    for page in range(2, pages + 1):
        found = found + client.rows({**BY_CREATION, "page": page})
    return list(found)


def differs(client: ApiClient) -> bool:
    """Return whether reading all pages gives other rows than the bank's own."""
    return read_pages(client) != list(client.bank.truth(client.main))


def count_rows(client: ApiClient, matches: Callable[[Row], bool]) -> int:
    """Return how many rows of the main account match."""
    return sum(map(matches, read_pages(client)))


@checks_fault(*ANSWERS)
def _fifth_answer(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    status, form, text = ANSWERS[name]
    assert codes(client, 2) == [200, 200]
    failed = client.get("/v2/labels")
    assert (failed.status_code, failed.headers["Content-Type"]) == (status, form)
    assert text in failed.text
    if form == "application/json":
        assert failed.json()["trace_id"] == failed.headers["X-Tyk-Trace-Id"]
    assert failed.headers.get("Retry-After") == ("1" if name == "429-retry-after" else None)
    assert codes(client, 6) == [200, 200, 200, 200, status, 200]


@checks_fault(*BROKEN)
def _broken_connection(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    codes(client, 2)
    with pytest.raises(BROKEN[name]):
        client.get("/v2/labels")
    assert codes(client, 4) == [200] * 4
    with pytest.raises(BROKEN[name]):
        client.list_transactions()


@checks_fault("slow-start")
def _slow_start(open_client: OpenClient, name: str) -> None:
    assert codes(open_client(faults=[name]), 3) == [500, 200, 200]


@checks_fault("gateway-403")
def _gateway(open_client: OpenClient, name: str) -> None:
    answer = open_client(faults=[name]).list_transactions()
    assert answer.status_code == 403
    assert answer.json() == {"message": "Forbidden", "trace_id": answer.headers["X-Tyk-Trace-Id"]}


@checks_fault("cloudflare-1010")
def _banned_agent(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    banned = client.get("/v2/labels", headers={"User-Agent": "Python-urllib/3.12"})
    assert (banned.status_code, banned.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert "error code: 1010" in banned.text
    assert codes(client, 1) == [200]


@checks_fault("html-200")
def _html(open_client: OpenClient, name: str) -> None:
    answer = open_client(faults=[name]).list_transactions()
    assert (answer.status_code, answer.text[:9]) == (200, "<!DOCTYPE")


@checks_fault("key-revoked")
def _revoked(open_client: OpenClient, name: str) -> None:
    assert codes(open_client(faults=[name]), 7) == [200] * 5 + [401] * 2
    assert codes(open_client(faults=[name], key_revoked_after=1), 3) == [200, 401, 401]


@checks_fault("forbidden")
def _forbidden(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    assert [client.get(path).status_code for path in ("/v2/memberships", "/v2/labels")] == [403, 403]
    assert client.list_transactions().status_code == client.get("/v2/organization").status_code == 200


@checks_fault("down")
def _down(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    assert codes(client, 3) == [503] * 3
    assert client.list_transactions().status_code == 503


@checks_fault("wrong-page")
def _wrong_page_once(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    first = client.list_transactions().json()
    assert client.list_transactions({"page": 2}).json() == first
    assert client.list_transactions({"page": 2}).json() != first
    assert not differs(client)


@checks_fault("wrong-page-always")
def _wrong_page_always(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    first, second, third = (client.list_transactions({"page": page}).json() for page in (1, 2, 3))
    assert first == second == third


@checks_fault("row-missing-once", "row-twice-once", "rows-unordered-once")
def _once(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    assert client.list_transactions({"per_page": 1}).json()["transactions"]
    bad, good = (client.list_transactions(BY_CREATION).json() for _ in range(2))
    assert bad["meta"] == good["meta"]
    ids, right = ([row["id"] for row in page["transactions"]] for page in (bad, good))
    expected = {
        "row-missing-once": right[:50] + right[51:],
        "row-twice-once": right[:-1] + right[:1],
        "rows-unordered-once": right[::-1],
    }
    assert ids == expected[name]
    assert not differs(client)


@checks_fault("row-missing-always")
def _missing(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    for _ in range(2):
        assert len(read_pages(client)) == client.bank.count(client.main) - 1
    assert client.list_transactions(BY_CREATION).json()["meta"]["total_count"] == client.bank.count(client.main)


@checks_fault("row-twice-always")
def _twice(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    for _ in range(2):
        ids = [row["id"] for row in read_pages(client)]
        assert len(set(ids)) < len(ids) == client.bank.count(client.main)


@checks_fault("total-count-wrong-once", "total-count-wrong-always")
def _miscounted(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    right = client.bank.count(client.main, "completed")
    counts = [client.list_transactions().json()["meta"]["total_count"] - right for _ in range(3)]
    assert counts == ([1, 0, 0] if name.endswith("once") else [7, 7, 7])


@checks_fault("rows-outside-filter")
def _outside(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    for account in client.bank.account_ids():
        rows = client.rows(account=account)
        assert [row["bank_account_id"] == account for row in rows] == [True] * (len(rows) - 1) + [False]


@checks_fault("balance-gap")
def _gap(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    truth = {row["id"]: row for row in client.bank.truth(client.main)}
    (lost,) = truth.keys() - {row["id"] for row in read_pages(client)}
    assert client.list_transactions(BY_CREATION).json()["meta"]["total_count"] == len(truth) - 1
    assert truth[lost]["status"] == "completed"
    assert client.get(f"/v2/transactions/{lost}").status_code == 404
    client.clock.advance(days=90)
    assert lost not in {row["id"] for row in read_pages(client)}


@checks_fault("balance-wrong")
def _balance(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    inside = client.get("/v2/organization").json()["organization"]["bank_accounts"]
    listed = client.get("/v2/bank_accounts").json()["bank_accounts"]
    true = client.bank.accounts()
    for account, other, right in zip(inside, listed, true, strict=False):
        wrong = 1 if account["main"] else 0
        assert account["balance_cents"] - wrong == other["balance_cents"] - wrong == right["balance_cents"]


@checks_fault("broken-cents", "row-without-id", "amount-missing", "bad-date")
def _odd_row(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    is_faulty: dict[str, Callable[[Row], bool]] = {
        "broken-cents": lambda row: round(row["amount"] * 100) == row["amount_cents"] + 1,
        "row-without-id": lambda row: "id" not in row,
        "amount-missing": lambda row: not {"amount", "amount_cents"} & row.keys(),
        "bad-date": lambda row: (row["settled_at"] or "").startswith("2026-13"),
    }
    assert count_rows(client, is_faulty[name]) == count_rows(client, is_faulty[name]) == 1
    alone = [client.row(row["id"]) for row in client.bank.truth(client.main)]
    assert sum(map(is_faulty[name], alone)) == 1
    assert count_rows(open_client(), is_faulty[name]) == 0


@checks_fault("null-transactions")
def _null(open_client: OpenClient, name: str) -> None:
    assert open_client(faults=[name]).list_transactions().json()["transactions"] is None


@checks_fault("account-unlisted")
def _unlisted(open_client: OpenClient, name: str) -> None:
    client, savings = open_client(faults=[f"{name}:savings"]), open_client().bank.account_ids()[1]
    for path in ("/v2/organization", "/v2/bank_accounts"):
        found = client.get(path).json()
        accounts = found.get("organization", found)["bank_accounts"]
        assert (len(accounts), savings in {one["id"] for one in accounts}) == (2, False)
    assert client.list_transactions(account=savings).status_code == 200


REFUSED_ACCOUNTS = {"account-not-found": 404, "account-forbidden": 403}


@checks_fault(*REFUSED_ACCOUNTS)
def _refused_account(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[f"{name}:savings"])
    main, savings, *_ = client.bank.account_ids()
    codes = [client.list_transactions(account=one).status_code for one in (main, savings)]
    assert codes == [200, REFUSED_ACCOUNTS[name]]
    assert savings in {one["id"] for one in client.get("/v2/bank_accounts").json()["bank_accounts"]}


FILE_ANSWERS = {"file-refused": 403, "file-redirected": 302, "file-host-down": 503}
# The answer to the first download of a file; the second one is right.
FIRST_FILE_ANSWERS = {"file-expired-once": 403, "file-wrong-type-once": 200, "file-too-long-once": 200}


def _file(client: ApiClient) -> tuple[str, int, str]:
    """Return the link, the size and the type of a receipt."""
    row = client.rows({"with_attachments": "true", "includes[]": "attachments"})[0]["attachments"][0]
    return row["url"], int(row["file_size"]), row["file_content_type"]


def _downloads(client: ApiClient, times: int) -> list[httpx2.Response]:
    """Return the answers to some downloads of one file."""
    with httpx2.Client(transport=client.simulator.transport()) as http:
        return [http.get(_file(client)[0]) for _ in range(times)]


@checks_fault(*FILE_ANSWERS)
def _file_answer(open_client: OpenClient, name: str) -> None:
    assert [answer.status_code for answer in _downloads(open_client(faults=[name]), 2)] == [FILE_ANSWERS[name]] * 2


@checks_fault(*FIRST_FILE_ANSWERS)
def _first_file_answer(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    first, second = _downloads(client, 2)
    _, size, form = _file(client)
    assert first.status_code == FIRST_FILE_ANSWERS[name]
    assert (first.headers["Content-Type"], len(first.content)) != (form, size)
    assert (second.status_code, second.headers["Content-Type"], len(second.content)) == (200, form, size)


@checks_fault("file-truncated-once", "file-stalls-once")
def _broken_file(open_client: OpenClient, name: str) -> None:
    client = open_client(faults=[name])
    broken = httpx2.ReadTimeout if name == "file-stalls-once" else httpx2.RemoteProtocolError
    with pytest.raises(broken):
        _downloads(client, 1)
    assert _downloads(client, 1)[0].status_code == 200


@checks_fault("file-wrong-type")
def _wrong_type(open_client: OpenClient, name: str) -> None:
    assert {answer.text for answer in _downloads(open_client(faults=[name]), 2)} == {"This is not the file."}


@checks_fault("file-too-large")
def _too_large(open_client: OpenClient, name: str) -> None:
    assert len(_downloads(open_client(faults=[name]), 1)[0].content) == 17_000_000
