"""Measure speed and memory, rewrite the tables of docs/performance.md, and print them.

Usage: python benchmarks/run.py [sync] [export] [startup] [memory] [function] [formats], all without an argument
"""

import sys

import export
import function
import memory
import rendering
import startup
import sync
import table

_BENCHMARKS = {
    "sync": sync.measure,
    "export": export.measure,
    "startup": startup.measure,
    "memory": memory.measure,
    "function": function.measure,
}


def main(chosen: list[str]) -> None:
    """Run the chosen benchmarks, one after the other."""
    known = [*_BENCHMARKS, "formats"]
    if unknown := set(chosen) - set(known):
        sys.exit(f"Unknown benchmark: {', '.join(sorted(unknown))}. Known ones: {', '.join(known)}.")
    for name in chosen or known:
        if name == "formats":
            print(table.write(name, rendering.HEADINGS, rendering.measure()))
        else:
            print(table.update(_BENCHMARKS, name, _BENCHMARKS[name]()))


if __name__ == "__main__":
    main(sys.argv[1:])
