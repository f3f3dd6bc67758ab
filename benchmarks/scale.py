"""How large the measured books are."""

from typing import NamedTuple


class Scale(NamedTuple):
    """The sizes of books, in transactions of all accounts together.

    `sizes` are those of one growing book; `year` is a busy company's year, read at a bank's latency; `export` has
    100,000 completed transactions in the main account; every format is written from `every_format`; `rendered` rows
    are rendered from memory; `rounds` says how often most things are measured. Receipts are those of `receipt_rows`;
    a month is closed of each of `month_rows`; a file of each of `import_rows` is imported.
    """

    sizes: tuple[int, ...]
    year: int
    export: int
    every_format: int
    rendered: int
    rounds: int
    receipt_rows: int
    month_rows: tuple[int, int]
    import_rows: tuple[int, int]


USUAL = Scale((10_000, 100_000, 300_000), 36_500, 117_300, 100_000, 100_000, 3, 900, (300, 3_000), (10_000, 100_000))
FULL = USUAL._replace(sizes=(*USUAL.sizes, 1_000_000), every_format=1_000_000)
# It measures nothing that is worth showing, and tries every benchmark.
QUICK = Scale((500, 2_000), 1_000, 1_500, 2_000, 2_000, 1, 60, (30, 60), (200, 2_000))
