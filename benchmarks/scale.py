"""How large the measured books are."""

from typing import NamedTuple


class Scale(NamedTuple):
    """The sizes of books, in transactions of all accounts together.

    `sizes` are those of one growing book; `year` is a busy company's year, read at a bank's latency; `export` has
    100,000 completed transactions in the main account; every format is written from `every_format`; `rendered` rows
    are rendered from memory; `rounds` says how often most things are measured.
    """

    sizes: tuple[int, ...]
    year: int
    export: int
    every_format: int
    rendered: int
    rounds: int


USUAL = Scale((10_000, 100_000, 300_000), 36_500, 117_300, 100_000, 100_000, 3)
FULL = USUAL._replace(sizes=(*USUAL.sizes, 1_000_000), every_format=1_000_000)
# It measures nothing that is worth showing, and tries every benchmark.
QUICK = Scale((500, 2_000), 1_000, 1_500, 2_000, 2_000, 1)
