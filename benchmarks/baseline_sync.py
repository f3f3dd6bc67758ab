"""The baseline of the sync: a loop that requests one page after another, as a competent programmer writes it.

Usage: python baseline_sync.py FILE URL KEY
"""

import json
import sqlite3
import sys
from typing import Any

import httpx2

_STATUSES = ("pending", "declined", "completed")


def main(file: str, url: str, key: str) -> None:
    """Insert every account's transactions into a table, with a commit for each account."""
    book = sqlite3.connect(file)
    book.execute("CREATE TABLE bank_transaction (id TEXT PRIMARY KEY, account TEXT, status TEXT, body TEXT)")
    with httpx2.Client(base_url=url, headers={"Authorization": key}, timeout=60) as client:
        company = _get(client, "/v2/organization", (("include_external_accounts", "true"),))["organization"]
        for account in company["bank_accounts"]:
            _fetch(client, book, account["id"])
            book.commit()
    (rows,) = book.execute("SELECT count(*) FROM bank_transaction").fetchone()
    print(rows)
    book.close()


def _fetch(client: httpx2.Client, book: sqlite3.Connection, account: str) -> None:
    page: int | None = 1
    while page:
        params = [("bank_account_id", account), *(("status[]", status) for status in _STATUSES)]
        params += [("includes[]", "vat_details"), ("page", str(page)), ("per_page", "100")]
        answer = _get(client, "/v2/transactions", tuple(params))
        rows = [(row["id"], account, row["status"], json.dumps(row)) for row in answer["transactions"]]
        book.executemany("INSERT INTO bank_transaction VALUES (?, ?, ?, ?)", rows)
        page = answer["meta"]["next_page"]


def _get(client: httpx2.Client, path: str, params: tuple[tuple[str, str], ...]) -> Any:  # noqa: ANN401 - any JSON
    response = client.get(path, params=params)
    response.raise_for_status()
    return response.json()


if __name__ == "__main__":
    main(*sys.argv[1:])
