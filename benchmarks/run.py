"""Measure speed and memory; rewrites the table of docs/performance.md and prints it.

Usage: python benchmarks/run.py [sync] [export] [startup] [memory], all when none is named
"""

import sys

import export
import memory
import startup
import sync
import table

_BENCHMARKS = {
    "sync": sync.measure,
    "export": export.measure,
    "startup": startup.measure,
    "memory": memory.measure,
}


def main(chosen: list[str]) -> None:
    """Run the chosen benchmarks, one after the other."""
    if unknown := set(chosen) - set(_BENCHMARKS):
        sys.exit(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(_BENCHMARKS)}.")
    written = ""
    for name in chosen or _BENCHMARKS:
        written = table.update(_BENCHMARKS, name, _BENCHMARKS[name]())
    print(written)


if __name__ == "__main__":
    main(sys.argv[1:])
