"""A first sync by dlt: its source for REST interfaces, into a DuckDB file.

Runs in an environment of its own, see dlt_sync.py. Usage: python dlt_pipeline.py WAY FOLDER URL KEY

WAY is `plain`, the source as it comes; or `tuned`: cut by hand into accounts and months, read by 32 threads,
loaded as Parquet files. Prints the number of rows.
"""

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source

_STATUSES = ["pending", "declined", "completed"]
_THREADS = 32
_FIRST, _LAST = date(2025, 5, 1), date(2026, 12, 1)  # around the history of the replaying bank


def main(way: str, folder: str, url: str, key: str) -> None:
    """Run the pipeline once."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    if way == "tuned":
        os.environ.update(EXTRACT__WORKERS=f"{_THREADS}", EXTRACT__MAX_PARALLEL_ITEMS=f"{2 * _THREADS}")
    destination = dlt.destinations.duckdb(f"{folder}/bank.duckdb")
    pipeline = dlt.pipeline("bank", pipelines_dir=folder, destination=destination, dataset_name="history")
    resources = _plain() if way == "plain" else _tuned(_accounts(url, key))
    source = rest_api_source({"client": _client(url, key), "resources": resources}, parallelized=way == "tuned")
    pipeline.run(source, loader_file_format="parquet" if way == "tuned" else None)
    with (
        pipeline.sql_client() as client,
        client.execute_query("SELECT count(DISTINCT id) FROM transactions") as found,
    ):
        print(found.fetchone()[0])


def _client(url: str, key: str) -> Any:  # noqa: ANN401 - dlt's dictionary
    paginator = {"type": "page_number", "base_page": 1, "page_param": "page", "total_path": "meta.total_pages"}
    return {"base_url": f"{url}/v2/", "headers": {"Authorization": key}, "paginator": paginator}


def _params(account: str, **more: str) -> dict[str, Any]:
    known = {"status[]": _STATUSES, "includes[]": "vat_details", "per_page": 100}
    return {"bank_account_id": account, **known, **more}


def _plain() -> list[Any]:
    accounts = {
        "path": "organization",
        "params": {"include_external_accounts": "true"},
        "data_selector": "organization.bank_accounts",
        "paginator": "single_page",
    }
    transactions = {
        "path": "transactions",
        "params": _params("{resources.bank_accounts.id}"),
        "data_selector": "transactions",
    }
    return [{"name": "bank_accounts", "endpoint": accounts}, {"name": "transactions", "endpoint": transactions}]


def _tuned(accounts: list[str]) -> list[Any]:
    months = list(_months())
    return [
        {
            "name": f"part_{account.replace('-', '')}_{since:%Y_%m}",
            "table_name": "transactions",
            "endpoint": {
                "path": "transactions",
                "params": _params(
                    account,
                    sort_by="created_at:asc",
                    created_at_from=f"{since}T00:00:00.000Z",
                    created_at_to=f"{until}T00:00:00.000Z",
                ),
                "data_selector": "transactions",
            },
        }
        for account in accounts
        for since, until in pairwise(months)
    ]


def _months() -> Iterator[date]:
    month = _FIRST
    while month <= _LAST:
        yield month
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _accounts(url: str, key: str) -> list[str]:
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{url}/v2/organization?include_external_accounts=true", headers={"Authorization": key}
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        return [account["id"] for account in json.load(answer)["organization"]["bank_accounts"]]


if __name__ == "__main__":
    main(*sys.argv[1:])
