"""Large banks: quick to build, small in memory, and the last page costs what the first one does."""

import tracemalloc
from time import process_time

from tests.simulator.visitor import EVERY_STATUS, Params, Visit


def test_twenty_thousand_rows(visit: Visit) -> None:
    """20,000 rows are ready within seconds and a few megabytes, and no page is slow however deep."""
    started = process_time()
    tracemalloc.start()
    visitor = visit(size=20_000)
    visitor.ask()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000
    assert process_time() - started < 8
    asked: Params = {"status[]": EVERY_STATUS, "sort_by": "created_at:asc"}
    last = visitor.ask(asked).json()["meta"]["total_pages"]
    started = process_time()
    for page in range(last - 20, last):
        visitor.ask({**asked, "page": page})
    assert (process_time() - started) / 20 < 0.05


def test_streaming_truth(visit: Visit) -> None:
    """The truth of a large account streams: its rows are never all in memory."""
    visitor = visit(size=20_000)
    truth = visitor.bank.truth(visitor.main)
    next(truth)
    tracemalloc.start()
    for _ in zip(range(2_000), truth, strict=False):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_sizes_are_exact(visit: Visit) -> None:
    """A bank has exactly as many rows as were asked for, closed and external accounts included."""
    for size in (0, 1, 119, 120, 399, 400, 20_000):
        bank = visit(size=size).bank
        assert sum(bank.count(account) for account in bank.account_ids()) == size


def test_many_threads(visit: Visit) -> None:
    """Threads may ask at the same time; each gets its own page."""
    from concurrent.futures import ThreadPoolExecutor

    visitor = visit(size=2_000)
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda page: visitor.ask({"page": page}).json(), [*range(1, 15)] * 4))
    assert [page["meta"]["current_page"] for page in pages] == [*range(1, 15)] * 4
    ids = [row["id"] for page in pages[:14] for row in page["transactions"]]
    assert len(set(ids)) == len(ids) == 1400
