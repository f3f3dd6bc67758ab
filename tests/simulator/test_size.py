"""Large banks: they start fast, need little memory, and serve the last page as fast as the first."""

import tracemalloc
from time import process_time

from tests.simulator.api_client import EVERY_STATUS, OpenClient, Params


def test_twenty_thousand_rows(open_client: OpenClient) -> None:
    """20,000 rows are ready within seconds and need less than 4 MB; late pages are served in less than 50 ms."""
    started = process_time()
    tracemalloc.start()
    client = open_client(size=20_000)
    client.list_transactions()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert process_time() - started < 8
    asked: Params = {"status[]": EVERY_STATUS, "sort_by": "created_at:asc"}
    last = client.list_transactions(asked).json()["meta"]["total_pages"]
    started = process_time()
    for page in range(last - 20, last):
        client.list_transactions({**asked, "page": page})
    assert (process_time() - started) / 20 < 0.05


def test_rows_are_streamed(open_client: OpenClient) -> None:
    """The bank's own rows of a large account are streamed, with less than 2 MB of memory."""
    client = open_client(size=20_000)
    truth = client.bank.truth(client.main)
    next(truth)
    tracemalloc.start()
    for _ in zip(range(2_000), truth, strict=False):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_sizes_are_exact(open_client: OpenClient) -> None:
    """A bank has exactly `size` rows, those of the closed and the external account included."""
    for size in (0, 1, 119, 120, 399, 400, 20_000):
        bank = open_client(size=size).bank
        assert sum(bank.count(account) for account in bank.account_ids()) == size


def test_many_threads(open_client: OpenClient) -> None:
    """Threads that send requests at the same time each receive the requested page."""
    from concurrent.futures import ThreadPoolExecutor

    client = open_client(size=2_000)
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda page: client.list_transactions({"page": page}).json(), [*range(1, 15)] * 4))
    assert [page["meta"]["current_page"] for page in pages] == [*range(1, 15)] * 4
    ids = [row["id"] for page in pages[:14] for row in page["transactions"]]
    assert len(set(ids)) == len(ids) == 1400
