"""Measure speed and memory, rewrite the tables of docs/performance.md, and print them.

Usage: python benchmarks/run.py [--full] [--quick] [NAME...]

Without a NAME it runs all benchmarks; with --full, those that depend on the size of a book, up to a million
transactions. With --quick the books are tiny: it shows that the benchmarks run, and writes nothing.
"""

import sys
import time
from collections.abc import Callable

import dlt_sync
import export
import exports
import function
import growth
import importing
import page
import receipts
import rendering
import startup
import sync
import table
import transport
from measure import note
from result import Result
from scale import FULL, QUICK, USUAL, Scale

_BENCHMARKS: dict[str, Callable[[Scale], Result]] = {
    "sync": sync.measure,
    "transport": transport.measure,
    "dlt": dlt_sync.measure,
    "growth": growth.measure,
    "page": page.measure,
    "import": importing.measure,
    "receipts": receipts.measure,
    "export": export.measure,
    "exports": exports.measure,
    "startup": startup.measure,
    "function": function.measure,
    "formats": rendering.measure,
}
_OF_ANY_SIZE = ["growth", "exports"]


def main(words: list[str]) -> None:
    """Run the chosen benchmarks, one after the other."""
    chosen = [word for word in words if not word.startswith("--")]
    unknown = set(chosen) - _BENCHMARKS.keys() | set(words) - set(chosen) - {"--full", "--quick"}
    if unknown:
        sys.exit(f"Unknown: {', '.join(sorted(unknown))}. Known benchmarks: {', '.join(_BENCHMARKS)}.")
    is_quick = "--quick" in words
    scale = QUICK if is_quick else FULL if "--full" in words else USUAL
    for name in chosen or (_OF_ANY_SIZE if scale is FULL else list(_BENCHMARKS)):
        started = time.monotonic()
        result = _BENCHMARKS[name](scale)
        print(table.shown(name, result) if is_quick else table.Pages().write(_BENCHMARKS, name, result), flush=True)
        note(f"{name} took {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
